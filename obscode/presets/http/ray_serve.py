"""Ray Serve 2.60: https://docs.ray.io/en/latest/serve/monitoring.html. All series have labels of the Ray worker."""

from __future__ import annotations

from obscode.model.metrics import Counter, Gauge, Histogram
from obscode.presets.fault_alerts import constant
from obscode.presets.http.dialect import Dialect, Restarts

_LABELS = ["application", "method", "route", "status_code"]
_DEPLOYMENT = ["application", "deployment"]
_BUCKETS = (
    *(1, 2, 5, 10, 20, 50, 100, 200, 300, 400, 500, 1000, 2000, 5000, 10_000, 60_000, 120_000, 300_000, 600_000),
)
_STATUS = "ray_serve_deployment_status"
_STARTS = "ray_serve_deployment_replica_starts_total"
_SERIES = 'application="a",deployment="d"'

RAY_SERVE = Dialect(
    "ray-serve",
    "Ray Serve",
    "2.60",
    source="https://docs.ray.io/en/latest/serve/monitoring.html",
    prefix="ray_serve_",
    catalog=(
        Counter("ray_serve_num_http_requests_total", labels=_LABELS, more_labels=True),
        Histogram("ray_serve_http_request_latency_ms", labels=_LABELS, buckets=_BUCKETS, more_labels=True),
        Gauge("ray_serve_num_ongoing_http_requests", labels=["node_id", "node_ip_address"], more_labels=True),
        Gauge(_STATUS, labels=_DEPLOYMENT, help="1 DEPLOY_FAILED, 2 UNHEALTHY, 6 HEALTHY.", more_labels=True),
        Counter(_STARTS, labels=[*_DEPLOYMENT, "replica"], more_labels=True),
    ),
    requests="ray_serve_num_http_requests_total",
    latency="ray_serve_http_request_latency_ms",
    status="status_code",
    route="route",
    in_progress="ray_serve_num_ongoing_http_requests",
    # Serve replaces replicas that die, so no series of a replica counts its restarts. The status says whether the
    # replacements fail: 0 is unknown, 1 and 2 are failures.
    restarts=Restarts(
        f"0 < max by (application, deployment) ({_STATUS}) < 3",
        f"count by (application, deployment) (count_over_time({_STARTS}[1h]))\n"
        f"-\ncount by (application, deployment) ({_STARTS})",
        "{{application}} {{deployment}}",
        "{{ $labels.deployment }}",
        fires={f"{_STATUS}{{{_SERIES}}}": constant(2)},
        quiet={f"{_STATUS}{{{_SERIES}}}": constant(6)},
        for_="10m",
    ),
    add_bound="RAY_SERVE_REQUEST_LATENCY_BUCKETS_MS=...,{bound}",
)
