"""The metrics of the feature server of Feast 0.67 that the preset reads.

https://github.com/feast-dev/feast/blob/master/sdk/python/feast/metrics.py has them. The server is started with
`feast serve --metrics`, or with `metrics: {enabled: true}` in its configuration.
"""

from __future__ import annotations

from collections.abc import Sequence

from obscode.model.metrics import Counter, Gauge, Histogram, Metric
from obscode.presets.exporter import Exporter

VERSION = "0.67"
SOURCE = "https://docs.feast.dev/reference/feature-servers/python-feature-server"

AGE = "feast_feature_freshness_seconds"
REQUESTS = "feast_feature_server_request_total"
LATENCY = "feast_feature_server_request_latency_seconds"
STORE_READ = "feast_feature_server_online_store_read_duration_seconds"
VALUES = "feast_online_features_status_total"
PUSHES = "feast_push_request_total"
RUNS = "feast_materialization_result_total"
RUN_TIME = "feast_materialization_duration_seconds"
OFFLINE = "feast_offline_store_request_total"

#: The endpoint that models call.
ONLINE = "/get-online-features"
#: The bounds of the histogram of requests, in seconds.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

CATALOG: Sequence[Metric] = (
    Gauge(AGE, labels=["feature_view", "project"], help="Seconds since the end of the last materialised interval."),
    Counter(REQUESTS, labels=["endpoint", "status"]),
    Histogram(LATENCY, labels=["endpoint", "feature_count", "feature_view_count"], buckets=BUCKETS),
    Histogram(STORE_READ, buckets=(0.001, *BUCKETS)),
    Counter(VALUES, labels=["feature_view", "status"], help="Values of features: present, or not_found."),
    Counter(PUSHES, labels=["push_source", "mode"]),
    Counter(RUNS, labels=["feature_view", "status"], help="Materialisations by the server: success, or failure."),
    Histogram(RUN_TIME, labels=["feature_view"], buckets=(1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)),
    Counter(OFFLINE, labels=["method", "status"]),
)

EXPORTER = Exporter(
    "Feast feature server", VERSION, preset="feature_store", catalog=CATALOG, marks=(REQUESTS,), source=SOURCE
)
