"""OpenTelemetry's HTTP servers, the conventions before 1.23, which the instrumentation of Python 0.66b2 has by default.

http_host has the value of the request's header: any client can create series.
"""

from __future__ import annotations

from obscode.model.metrics import Gauge, Histogram
from obscode.presets.http.dialect import Dialect, process_restarts
from obscode.presets.several_workers import PROCESS_START

_SCOPE = ["otel_scope_name", "otel_scope_schema_url", "otel_scope_version"]
_ADDRESS = ["http_flavor", "http_host", "http_method", "http_scheme", "http_server_name"]
_BUCKETS = (0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000)

OPENTELEMETRY_OLD = Dialect(
    "opentelemetry-old",
    "opentelemetry-instrumentation-fastapi",
    "0.66b2",
    source="https://opentelemetry-python-contrib.readthedocs.io/en/latest/instrumentation/fastapi/fastapi.html",
    catalog=(
        Histogram(
            "http_server_duration_milliseconds",
            labels=[*_ADDRESS, "http_status_code", "http_target", "net_host_port", *_SCOPE],
            buckets=_BUCKETS,
            more_labels=True,
        ),
        Gauge("http_server_active_requests", labels=[*_ADDRESS, *_SCOPE], more_labels=True),
        PROCESS_START,
    ),
    requests="http_server_duration_milliseconds_count",
    latency="http_server_duration_milliseconds",
    status="http_status_code",
    route="http_target",
    in_progress="http_server_active_requests",
    restarts=process_restarts(),
    add_bound="View(aggregation=ExplicitBucketHistogramAggregation([..., {bound}]))",
)
