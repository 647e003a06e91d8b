"""Codes of findings that definitions report about their own arguments."""

from obscode.findings.code import Code

METRIC_NAME = Code(
    "metric-name",
    "A metric's name has letters, digits, `_` and `:`, and does not begin with a digit.",
    why="Prometheus 2 accepts no other names; with `oldest_prometheus` of 3.0 or more, every name is accepted.",
    bad='metrics.Counter("http-requests")',
    good='metrics.Counter("http_requests_total")',
)
LABEL_NAME = Code(
    "label-name",
    "A label's name has letters, digits and `_`, is listed once, and is not one that Prometheus or obscode sets.",
    why="Prometheus 2 accepts no other names, Prometheus 3 does; a label that is set twice has one of the values.",
    bad='metrics.Counter("http_requests_total", labels=["status-code"])',
    good='metrics.Counter("http_requests_total", labels=["status_code"])',
)
DURATION = Code(
    "invalid-duration",
    "A duration has units, largest first: `30s`, `5m`, `1h30m`, `30d`.",
    why="https://prometheus.io/docs/prometheus/latest/querying/basics/#float-literals-and-time-durations",
    bad='ScrapeJob(["localhost:8000"], interval="15")',
    good='ScrapeJob(["localhost:8000"], interval="15s")',
)
URL = Code(
    "invalid-url",
    "A URL has a scheme and a host: `https://example.com/path`.",
    why="Prometheus, Alertmanager and browsers need the scheme.",
    bad='Project("shop", prometheus_url="localhost:9090")',
    good='Project("shop", prometheus_url="http://localhost:9090")',
)
ALERT_SEVERITY = Code(
    "alert-severity",
    "An alert has a severity: its own, or its service's.",
    why="Routes and inhibition rules match on it. There is no default, because `page` wakes a person.",
    bad='Alert("Down", "up == 0", summary="down")',
    good='Alert("Down", "up == 0", severity="page", summary="down")',
)
UNKNOWN_SEVERITY = Code(
    "unknown-severity",
    "A severity, of an alert or in a route, is one of the project's.",
    why="An alert with a severity that no route matches goes to the default receiver and pages nobody.",
    bad='Alert("Down", "up == 0", severity="pgae", summary="down")',
    good='Alert("Down", "up == 0", severity="page", summary="down")',
)
PROJECT_SEVERITIES = Code(
    "project-severities",
    "A project's severities have `page` and `ticket`, the most urgent first, each with a different label value.",
    why="Generated alerts are pages and tickets. A more urgent alert of an SLO inhibits the less urgent ones.",
    bad='Project("team", severities={"critical": "critical"})',
    good='Project("team", severities={"page": "critical", "ticket": "warning"})',
)
ALERT_TEST = Code(
    "alert-test",
    "A test of an alert has series with values in promtool's notation, and times at which the alert fires or is quiet.",
    why="A test without series or times passes whatever the alert does. promtool rejects other values, and with"
    " millions of values or evaluations it needs gigabytes of memory or does not end.",
    bad='AlertTest("crashes", {"up": "0x10"})',
    good='AlertTest("crashes", {"up": "0x10"}, fires=["5m"])',
)
DUPLICATE_ANNOTATION = Code(
    "duplicate-annotation",
    "An annotation is set by its argument or by `annotations`, not by both.",
    why="One value would overwrite the other.",
    bad='Alert("Down", "up == 0", severity="page", summary="down", annotations={"summary": "is down"})',
    good='Alert("Down", "up == 0", severity="page", summary="down")',
)
TIER_NAME = Code(
    "tier-name",
    "A tier's name has letters, digits, `-`, `_` and `.`.",
    why="The name is part of the names of alerts and panels.",
    bad='Tier("page fast", severity="page", budget=2, long="1h", short="5m")',
    good='Tier("page-fast", severity="page", budget=2, long="1h", short="5m")',
)
TIER_BUDGET = Code(
    "tier-budget",
    "The budget of a tier is a percentage above 0.",
    why="It is the share of the error budget that is spent when the alert fires.",
    bad='Tier("page-fast", severity="page", budget=0, long="1h", short="5m")',
    good='Tier("page-fast", severity="page", budget=2, long="1h", short="5m")',
)
TIER_WINDOWS = Code(
    "tier-windows",
    "The short window of a tier is shorter than its long window.",
    why="The short window ends the alert soon after the incident.",
    bad='Tier("page-fast", severity="page", budget=2, long="5m", short="1h")',
    good='Tier("page-fast", severity="page", budget=2, long="1h", short="5m")',
)
UNKNOWN_ALERT = Code(
    "unknown-alert",
    "`SLO(alerts=)` names severities and tiers of the SLO's policy.",
    why="A change to an alert that does not exist has no effect.",
    bad='SLO("availability", 99.9, sli.Uptime("up"), alerts={"pages": None})',
    good='SLO("availability", 99.9, sli.Uptime("up"), alerts={"page": None})',
)
SLO_POLICY = Code(
    "slo-policy",
    "A policy has at least one tier, and names each once.",
    why="To have no alerts, set each severity to None in `alerts`.",
    bad='SLO("availability", 99.9, sli.Uptime("up"), policy=[])',
    good='SLO("availability", 99.9, sli.Uptime("up"))',
)
SERVICE_NAME = Code(
    "service-name",
    "A service's name has letters, digits, `-`, `_` and `.`, at most 63.",
    why="It is part of file names and of names in Kubernetes.",
    bad='Service("my shop")',
    good='Service("my-shop")',
)
SERVICE_WHERE = Code(
    "service-where",
    "The further matchers of a service's series are a list of matchers without braces.",
    why="obscode adds them to the selectors of its SLOs and generated panels.",
    bad='Service("shop", scrape=ScrapeJob(["shop:8000"]), where="namespace=shop")',
    good="""Service("shop", scrape=ScrapeJob(["shop:8000"]), where='namespace="shop"')""",
)
SLO_NAME = Code(
    "slo-name",
    "An SLO's name has letters, digits, `-`, `_` and `.`, at most 63.",
    why="It is the value of the label `slo` and part of file names.",
    bad='SLO("checkout errors", 99.9, sli.Uptime("up"))',
    good='SLO("checkout-errors", 99.9, sli.Uptime("up"))',
)
PROJECT_NAME = Code(
    "project-name",
    "A project's name has letters, digits, `-`, `_` and `.`, at most 63.",
    why="It is part of names in Grafana and Kubernetes.",
    bad='Project("my team")',
    good='Project("my-team")',
)
ENVIRONMENT_NAME = Code(
    "environment-name",
    "An environment's name has letters, digits, `-`, `_` and `.`, at most 63.",
    why="It is part of the file name `prometheus.<name>.yml`.",
    bad='Environment("local/test")',
    good='Environment("local-test")',
)
JOB_NAME = Code(
    "job-name",
    "A scrape job's name has letters, digits, `-`, `_` and `.`, at most 63.",
    why="It is the value of the label `job`.",
    bad='ScrapeJob(["localhost:8000"], job="my shop")',
    good='ScrapeJob(["localhost:8000"], job="my-shop")',
)
RECEIVER_NAME = Code(
    "receiver-name",
    "A receiver has a name, and no other receiver has it.",
    why="Alertmanager rejects a configuration with two receivers of one name.",
    bad='Routing(receivers.Webhook("a", url="http://a/"), by_severity={"page": receivers.Webhook("a", url="http://b/")})',
    good='Routing(receivers.Webhook("a", url="http://a/"), by_severity={"page": receivers.Webhook("b", url="http://b/")})',
)
WEBHOOK_URL = Code(
    "webhook-url",
    "A webhook has `url` or `url_file`.",
    why="Alertmanager rejects a webhook with none, and one with both.",
    bad='receivers.Webhook("team")',
    good='receivers.Webhook("team", url="http://localhost:5001/alerts")',
)
INVALID_MATCHER = Code(
    "invalid-matcher",
    "A matcher is a label, an operator and a value.",
    why="Alertmanager rejects a configuration with a matcher that does not parse.",
    bad="matchers: [severity page]\n",
    good='matchers: [severity="page"]\n',
)
INHIBITION = Code(
    "inhibition",
    "An inhibition has matchers of the source and of the target.",
    why="Without a source, any alert mutes the target; without a target, the source mutes all others.",
    bad='Inhibit(source={"alertname": "ClusterDown"}, equal=["cluster"])',
    good='Inhibit(source={"alertname": "ClusterDown"}, target={"severity": "ticket"}, equal=["cluster"])',
)
GROUP_BY = Code(
    "group-by",
    "`group_by` lists each label once, or `...` alone.",
    why="Alertmanager rejects other lists.",
    bad='Routing(receivers.Webhook("team", url="http://localhost:5001/"), group_by=["service", "service"])',
    good='Routing(receivers.Webhook("team", url="http://localhost:5001/"), group_by=["service", "alertname"])',
)
SUMMARY_QUANTILE = Code(
    "summary-quantile",
    "A quantile is from 0 to 1.",
    why="The label `quantile` of a summary is a ratio, not a percentage.",
    bad='metrics.Summary("request_seconds", quantiles=[99])',
    good='metrics.Summary("request_seconds", quantiles=[0.99])',
)
HISTOGRAM_BUCKETS = Code(
    "histogram-buckets",
    "The buckets of a classic histogram ascend; there is at least one.",
    why="Without the bounds, obscode cannot validate thresholds of latency SLOs.",
    bad='metrics.Histogram("request_seconds", buckets=[1, 0.5])',
    good='metrics.Histogram("request_seconds", buckets=[0.5, 1])',
)
TARGET_ADDRESS = Code(
    "target-address",
    "An address is a host and a port: `localhost:8000`.",
    why="Prometheus rejects URLs and addresses with a path.",
    bad='ScrapeJob(["http://localhost:8000/metrics"])',
    good='ScrapeJob(["localhost:8000"])',
)
SCRAPE_PARAMETER = Code(
    "scrape-parameter",
    "A parameter of a scrape job has a name and a value.",
    why="Prometheus adds each value to the request.",
    bad='ScrapeJob(["localhost:8000"], params={"module": []})',
    good='ScrapeJob(["localhost:8000"], params={"module": ["http_2xx"]})',
)
METRICS_PATH = Code(
    "metrics-path",
    "The path of metrics begins with `/`, and has no parameters, fragment, escapes or control characters.",
    why="Prometheus appends it to the address and escapes it: `/probe?module=x` is requested as `/probe%3Fmodule=x`."
    " Parameters belong in `params`.",
    bad='ScrapeJob(["localhost:8000"], path="metrics")',
    good='ScrapeJob(["localhost:8000"], path="/metrics")',
)
SHORT_INTERVAL = Code(
    "short-interval",
    "An interval is at least one second.",
    why="An interval below a second is probably a wrong unit; SLO rules would read millions of samples.",
    bad='ScrapeJob(["localhost:8000"], interval="15ms")',
    good='ScrapeJob(["localhost:8000"], interval="15s")',
)
EVALUATION_INTERVAL = Code(
    "evaluation-interval",
    "Rules are evaluated every four minutes or more often.",
    why="Prometheus ignores samples older than five minutes; a series with fewer samples has gaps.",
    bad='Project("shop", evaluation_interval="10m")',
    good='Project("shop", evaluation_interval="1m")',
)
OLDEST_PROMETHEUS = Code(
    "oldest-prometheus",
    "`oldest_prometheus` is a version: `2.42`.",
    why="obscode reports features that this version does not support.",
    bad='Project("shop", oldest_prometheus="v2")',
    good='Project("shop", oldest_prometheus="2.42")',
)
OLDEST_ALERTMANAGER = Code(
    "oldest-alertmanager",
    "`oldest_alertmanager` is a version: `0.25`.",
    why="obscode reports features that this version does not support.",
    bad='Project("shop", oldest_alertmanager="v0")',
    good='Project("shop", oldest_alertmanager="0.25")',
)
DATASOURCE_UID = Code(
    "datasource-uid",
    "A datasource's uid has 1 to 40 letters, digits, `-` and `_`.",
    why="Grafana accepts no other uid.",
    bad='Project("shop", datasource_uid="my/prometheus")',
    good='Project("shop", datasource_uid="prometheus")',
)
SOURCE_URL = Code(
    "source-url",
    "`source_url` is a URL with `{file}` once.",
    why="obscode replaces `{file}` with the path of the definitions file.",
    bad='Project("shop", source_url="https://git.example.com/shop")',
    good='Project("shop", source_url="https://git.example.com/shop/{file}")',
)
OBJECTIVE = Code(
    "slo-objective",
    "An objective is a percentage from 1 to below 100.",
    why="100 leaves no error budget; 0.999 is probably 99.9.",
    bad='SLO("availability", 0.999, sli.Uptime("up"))',
    good='SLO("availability", 99.9, sli.Uptime("up"))',
)
MIN_EVENTS = Code(
    "min-events",
    "`min_events` and `min_bad` are counts, 0 or more.",
    why="An alert waits for this many events, so that a single bad event does not page.",
    bad='SLO("availability", 99.9, sli.Uptime("up"), min_events=-1)',
    good='SLO("availability", 99.9, sli.Uptime("up"), min_events=100)',
)
SLI_METRIC = Code(
    "sli-metric",
    "The metric of an SLI has the type that the kind of SLI reads.",
    why="The expressions of each kind of SLI are correct for one type of metric only.",
    bad='sli.Latency("http_request_seconds_bucket", under="300ms")',
    good='sli.Latency("http_request_seconds", under="300ms")',
)
SLI_LABELS = Code(
    "sli-labels",
    "The result of an SLI's PromQL has the labels of `by`.",
    why="Bad and total events are divided by group; other labels would not match.",
    bad='sli.TimeSlice("sum by (job) (queue_length)", below=100, by=["model"])',
    good='sli.TimeSlice("sum by (model) (queue_length)", below=100, by=["model"])',
)
SLI_EXPRESSION = Code(
    "sli-expression",
    "The PromQL of an SLI is an expression that has one value for each group.",
    why="An expression without series is a constant and measures nothing.",
    bad='sli.TimeSlice("time()", below=1)',
    good='sli.TimeSlice("queue_length", below=100)',
)
SELECTOR = Code(
    "sli-selector",
    "The argument is a metric with matchers, without functions, window and offset.",
    why="obscode adds `rate()`, the window and the service's matchers.",
    bad='sli.Ratio(errors="rate(errors_total[5m])", total="requests_total")',
    good='sli.Ratio(errors="errors_total", total="requests_total")',
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
    why="A slice is good on one side of one threshold.",
    bad='sli.TimeSlice("queue_length", below=100, above=1)',
    good='sli.TimeSlice("queue_length", below=100)',
)
RATIO_ARGUMENTS = Code(
    "ratio-arguments",
    "A ratio has either `errors` or `good`.",
    why="One is the total minus the other.",
    bad='sli.Ratio(total="requests_total")',
    good='sli.Ratio(errors=\'requests_total{status=~"5.."}\', total="requests_total")',
)
RATIO_PART = Code(
    "ratio-part",
    "The errors, or good events, of a ratio are a part of its total.",
    why="The ratio would be above 1 or below 0, or count events of other series.",
    bad='sli.Ratio(errors="errors_total", total=\'requests_total{job="shop"}\')',
    good="sli.Ratio(errors='errors_total{job=\"shop\"}', total='requests_total{job=\"shop\"}')",
)
DUPLICATE_SLO = Code(
    "duplicate-slo",
    "Two SLOs of a service have different names.",
    why="The names of recorded series and alerts contain the name.",
    bad='Service("shop", slos=[SLO("up", 99, sli.Uptime("up")), SLO("up", 99.9, sli.Uptime("up"))])',
    good='Service("shop", slos=[SLO("up", 99, sli.Uptime("up"))])',
)
COMPLETE_CATALOG = Code(
    "complete-catalog",
    "A service with a complete catalog lists its metrics.",
    why="with `complete=True`, every series that the catalog does not list is an error.",
    bad='Service("shop", complete=True)',
    good='Service("shop", metrics=[metrics.Counter("hits_total")], complete=True)',
)
DUPLICATE_METRIC = Code(
    "duplicate-metric",
    "A catalog has each metric once.",
    why="Two entries can contradict each other.",
    bad='Service("shop", metrics=[metrics.Counter("hits_total"), metrics.Counter("hits_total")])',
    good='Service("shop", metrics=[metrics.Counter("hits_total")])',
)
