"""prometheus-fastapi-instrumentator 8.1: https://github.com/trallnag/prometheus-fastapi-instrumentator. vLLM has it."""

from __future__ import annotations

from obscode.model.metrics import Counter, Histogram
from obscode.presets.http.dialect import Dialect, process_restarts
from obscode.presets.several_workers import PROCESS_START

_FINE = (
    *(0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 7.5, 10, 30, 60),
)

FASTAPI_INSTRUMENTATOR = Dialect(
    "fastapi-instrumentator",
    "prometheus-fastapi-instrumentator",
    "8.1",
    source="https://github.com/trallnag/prometheus-fastapi-instrumentator",
    catalog=(
        # The status is a class, "5xx", unless should_group_status_codes=False.
        Counter("http_requests_total", labels=["handler", "method", "status"]),
        Histogram("http_request_duration_seconds", labels=["handler", "method"], buckets=(0.1, 0.5, 1)),
        Histogram("http_request_duration_highr_seconds", buckets=_FINE),
        PROCESS_START,
    ),
    requests="http_requests_total",
    latency="http_request_duration_seconds",
    fine_latency="http_request_duration_highr_seconds",
    status="status",
    route="handler",
    restarts=process_restarts(),
    add_bound="instrument(app, latency_lowr_buckets=[..., {bound}])",
)
