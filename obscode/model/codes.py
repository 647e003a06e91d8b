"""Codes of findings that definitions report about their own arguments."""

from obscode.findings.code import Code

METRIC_NAME = Code(
    "metric-name",
    "A metric's name has letters, digits, `_` and `:`, and does not begin with a digit.",
    why="Prometheus 2 accepts no other names.",
)
LABEL_NAME = Code(
    "label-name",
    "A label's name has letters, digits and `_`, is listed once, and is not one that Prometheus or obscode sets.",
    why="Prometheus 2 accepts no other names; a label that is set twice has one of the values.",
)
DURATION = Code(
    "invalid-duration",
    "A duration has units, largest first: `30s`, `5m`, `1h30m`, `30d`.",
    why="https://prometheus.io/docs/prometheus/latest/querying/basics/#float-literals-and-time-durations",
)
URL = Code(
    "invalid-url",
    "A URL has a scheme and a host: `https://example.com/path`.",
)
ALERT_SEVERITY = Code(
    "alert-severity",
    "An alert has a severity: its own, or its service's.",
    why="Routes and inhibition rules match on it. There is no default, because `page` wakes a person.",
    bad='Alert("Down", "up == 0", summary="down")',
    good='Alert("Down", "up == 0", severity="page", summary="down")',
)
ALERT_TEST = Code(
    "alert-test",
    "A test of an alert has series, and times at which the alert fires or is quiet.",
    why="A test without them passes whatever the alert does.",
)
DUPLICATE_ANNOTATION = Code(
    "duplicate-annotation",
    "An annotation is set by its argument or by `annotations`, not by both.",
)
TIER_NAME = Code(
    "tier-name",
    "A tier's name has letters, digits, `-`, `_` and `.`.",
)
TIER_BUDGET = Code(
    "tier-budget",
    "The budget of a tier is a percentage above 0.",
)
TIER_WINDOWS = Code(
    "tier-windows",
    "The short window of a tier is shorter than its long window.",
    why="The short window ends the alert soon after the incident.",
)
UNKNOWN_TIER = Code(
    "unknown-tier",
    "`SLO(alerts=)` names tiers of the SLO's policy.",
)
SLO_POLICY = Code(
    "slo-policy",
    "A policy has at least one tier, and names each once.",
)
SERVICE_NAME = Code(
    "service-name",
    "A service's name has letters, digits, `-`, `_` and `.`, at most 63.",
    why="It is part of file names and of names in Kubernetes.",
)
SLO_NAME = Code(
    "slo-name",
    "An SLO's name has letters, digits, `-`, `_` and `.`, at most 63.",
)
PROJECT_NAME = Code(
    "project-name",
    "A project's name has letters, digits, `-`, `_` and `.`, at most 63.",
)
ENVIRONMENT_NAME = Code(
    "environment-name",
    "An environment's name has letters, digits, `-`, `_` and `.`, at most 63.",
)
JOB_NAME = Code(
    "job-name",
    "A scrape job's name has letters, digits, `-`, `_` and `.`, at most 63.",
)
RECEIVER_NAME = Code(
    "receiver-name",
    "A receiver's name has letters, digits, `-`, `_` and `.`, and no other receiver has it.",
)
WEBHOOK_URL = Code(
    "webhook-url",
    "A webhook has `url` or `url_file`.",
    why="Alertmanager rejects a webhook with none, and one with both.",
)
ROUTE_MATCH = Code(
    "route-match",
    "A route has matchers.",
    why="Without matchers it takes every alert, and the routes below it none.",
)
GROUP_BY = Code(
    "group-by",
    "`group_by` lists each label once, or `...` alone.",
    why="Alertmanager rejects other lists.",
)
SUMMARY_QUANTILE = Code(
    "summary-quantile",
    "A quantile is from 0 to 1.",
)
HISTOGRAM_BUCKETS = Code(
    "histogram-buckets",
    "The buckets of a classic histogram ascend; there is at least one.",
)
TARGET_ADDRESS = Code(
    "target-address",
    "An address is a host and a port: `localhost:8000`.",
    why="Prometheus rejects URLs and addresses with a path.",
)
METRICS_PATH = Code(
    "metrics-path",
    "The path of metrics begins with `/`.",
)
SHORT_INTERVAL = Code(
    "short-interval",
    "An interval is at least one second.",
    why="A shorter one is a mistake of units, and the rules would read millions of samples.",
)
EVALUATION_INTERVAL = Code(
    "evaluation-interval",
    "Rules are evaluated every four minutes or more often.",
    why="A sample is current for five minutes; a series with fewer has gaps.",
)
OLDEST_PROMETHEUS = Code(
    "oldest-prometheus",
    "`oldest_prometheus` is a version: `2.42`.",
)
DATASOURCE_UID = Code(
    "datasource-uid",
    "A datasource's uid has 1 to 40 letters, digits, `-` and `_`.",
    why="Grafana accepts no other uid.",
)
SOURCE_URL = Code(
    "source-url",
    "`source_url` is a URL with `{file}` once.",
)
OBJECTIVE = Code(
    "slo-objective",
    "An objective is a percentage from 1 to below 100.",
    why="100 leaves no error budget; 0.999 is probably 99.9.",
)
MIN_EVENTS = Code(
    "min-events",
    "`min_events` and `min_bad` are counts, 0 or more.",
)
SLI_METRIC = Code(
    "sli-metric",
    "The metric of an SLI has the type that the kind of SLI reads.",
)
SLI_LABELS = Code(
    "sli-labels",
    "The result of an SLI's PromQL has the labels of `by`.",
)
SLI_EXPRESSION = Code(
    "sli-expression",
    "The PromQL of an SLI is an expression that has one value for each group.",
)
SELECTOR = Code(
    "sli-selector",
    "The argument is a metric with matchers, without functions, window and offset.",
    why="obscode adds `rate()`, the window and the service's matchers.",
)
LATENCY_BOUND = Code(
    "latency-bound",
    "`under` is a bucket bound of the histogram.",
    why="A classic histogram has no values between bounds.",
)
FREE_QUERY_WINDOW = Code(
    "free-query-window",
    "The windows of a FreeQuery are the base window of the SLO.",
    why="obscode sums the counts of base windows; others would count events twice, or not at all.",
)
TIME_SLICE_THRESHOLD = Code(
    "time-slice-threshold",
    "A time slice has either `below` or `above`, a finite number.",
)
RATIO_ARGUMENTS = Code(
    "ratio-arguments",
    "A ratio has either `errors` or `good`.",
)
RATIO_PART = Code(
    "ratio-part",
    "The errors, or good events, of a ratio are a part of its total.",
    why="Otherwise the ratio is above 1 or below 0, or counts events of others.",
)
DUPLICATE_SLO = Code("duplicate-slo", "Two SLOs of a service have different names.")
DUPLICATE_METRIC = Code("duplicate-metric", "A catalog has each metric once.")
