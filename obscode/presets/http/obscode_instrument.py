"""`obscode.instrument`, and services that have the same two metrics, such as the tutorial's."""

from __future__ import annotations

from obscode.model.metrics import Counter, Histogram
from obscode.presets.http.dialect import Dialect, process_restarts
from obscode.presets.several_workers import PROCESS_START

OBSCODE = Dialect(
    "obscode",
    "obscode.instrument",
    "1",
    source="",
    catalog=(
        Counter("http_requests_total", labels=["path", "method", "status"]),
        Histogram("http_request_latency_seconds", labels=["path", "method"]),
        PROCESS_START,
    ),
    requests="http_requests_total",
    latency="http_request_latency_seconds",
    status="status",
    route="path",
    restarts=process_restarts(),
    add_bound="MetricsMiddleware(..., buckets=[..., {bound}])",
)
