"""BentoML 1.4: https://docs.bentoml.com. The endpoint is the path of the request; services have several workers."""

from __future__ import annotations

from obscode.model.metrics import Counter, Gauge, Histogram
from obscode.presets.http.dialect import Dialect, counter_restarts

_LABELS = ["endpoint", "runner_name", "service_name", "service_version"]
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 180)

BENTOML = Dialect(
    "bentoml",
    "BentoML",
    "1.4",
    source="https://docs.bentoml.com/en/latest/build-with-bentoml/observability/metrics.html",
    prefix="bentoml_service_",
    catalog=(
        Counter("bentoml_service_request_total", labels=[*_LABELS, "http_response_code"]),
        Histogram(
            "bentoml_service_request_duration_seconds", labels=[*_LABELS, "http_response_code"], buckets=_BUCKETS
        ),
        Gauge("bentoml_service_request_in_progress", labels=_LABELS),
    ),
    requests="bentoml_service_request_total",
    latency="bentoml_service_request_duration_seconds",
    status="http_response_code",
    route="endpoint",
    in_progress="bentoml_service_request_in_progress",
    restarts=counter_restarts("bentoml_service_request_total"),
    add_bound='@bentoml.service(metrics={{"duration": {{"buckets": [..., {bound}]}}}})',
)
