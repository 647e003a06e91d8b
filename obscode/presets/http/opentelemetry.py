"""OpenTelemetry's HTTP servers, stable conventions: https://opentelemetry.io/docs/specs/semconv/http/http-metrics/.

In Python 0.66b2 they need OTEL_SEMCONV_STABILITY_OPT_IN=http. There is no counter of requests: the histogram's count is
one. Exporters add labels of the scope, and the address of the server if it is opted in.
"""

from __future__ import annotations

from obscode.model.metrics import Gauge, Histogram
from obscode.presets.http.dialect import Dialect, process_restarts
from obscode.presets.several_workers import PROCESS_START

_SCOPE = ["otel_scope_name", "otel_scope_schema_url", "otel_scope_version"]
_ADDRESS = ["http_request_method", "url_scheme"]

OPENTELEMETRY = Dialect(
    "opentelemetry",
    "OpenTelemetry HTTP server",
    "conventions 1.23",
    source="https://opentelemetry.io/docs/specs/semconv/http/http-metrics/",
    catalog=(
        Histogram(
            "http_server_request_duration_seconds",
            labels=[
                *_ADDRESS,
                "error_type",
                "http_response_status_code",
                "http_route",
                "network_protocol_version",
                *_SCOPE,
            ],
            more_labels=True,
        ),
        Gauge("http_server_active_requests", labels=[*_ADDRESS, *_SCOPE], more_labels=True),
        PROCESS_START,
    ),
    requests="http_server_request_duration_seconds_count",
    latency="http_server_request_duration_seconds",
    status="http_response_status_code",
    route="http_route",
    in_progress="http_server_active_requests",
    restarts=process_restarts(),
    add_bound="View(aggregation=ExplicitBucketHistogramAggregation([..., {bound}]))",
)
