"""starlette_exporter 0.24: https://github.com/stephenhillier/starlette_exporter. It does not count 404 by default."""

from __future__ import annotations

from obscode.model.metrics import Counter, Gauge, Histogram
from obscode.presets.http.dialect import Dialect, process_restarts
from obscode.presets.several_workers import PROCESS_START

_LABELS = ["app_name", "method", "path", "status_code"]

STARLETTE_EXPORTER = Dialect(
    "starlette-exporter",
    "starlette_exporter",
    "0.24",
    source="https://github.com/stephenhillier/starlette_exporter",
    prefix="starlette_",
    catalog=(
        Counter("starlette_requests_total", labels=_LABELS),
        Histogram("starlette_request_duration_seconds", labels=_LABELS),
        Gauge("starlette_requests_in_progress", labels=["app_name", "method"]),
        PROCESS_START,
    ),
    requests="starlette_requests_total",
    latency="starlette_request_duration_seconds",
    status="status_code",
    route="path",
    in_progress="starlette_requests_in_progress",
    restarts=process_restarts(),
    add_bound="PrometheusMiddleware, buckets=[..., {bound}]",
)
