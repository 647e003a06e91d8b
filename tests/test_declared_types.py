"""Types, labels, buckets and units that a catalog declares, in rules and panels."""

from __future__ import annotations

import pytest

from obscode import Alert, Dashboard, RecordingRule, Row, ScrapeJob, Service, metrics, panels
from obscode.checks import lint
from obscode.compiler import compile
from obscode.findings.finding import Finding
from obscode.model.definitions import Definitions
from obscode.model.project import Project

CATALOG = [
    metrics.Counter("errors_total", labels=["code"]),
    metrics.Counter("requests_total", labels={"method": ["GET", "POST"]}),
    metrics.Counter("read_bytes_total"),
    metrics.Gauge("queue_length", labels=["queue"]),
    metrics.Gauge("queue_bytes"),
    metrics.Gauge("age_seconds"),
    metrics.Histogram("latency_seconds", buckets=[0.25, 0.5, 1, 2.5]),
    metrics.Histogram("native_seconds", native=True),
    metrics.Summary("rpc_seconds", quantiles=[0.5, 0.9]),
    metrics.Gauge("build_info", labels=["version", "commit"]),
    metrics.Gauge("backup_timestamp_seconds"),
]


def of_service(service: Service) -> list[Finding]:
    return lint(compile(Definitions(Project("p"), [service])))


def of_alert(expr: str) -> list[str]:
    """The errors and warnings for an alert of a service with the catalog, without those of policies."""
    alert = Alert("A", expr, severity="page", summary="summary")
    findings = of_service(Service("shop", scrape=ScrapeJob(["a:80"]), metrics=CATALOG, alerts=[alert]))
    return [f"{each.severity}[{each.code.name}]: {each.message}" for each in findings if each.severity != "note"]


MISTAKES = {
    "rate(queue_length[5m]) > 1": "error[sample-type]: rate in alert A reads `queue_length[5m]`, a gauge",
    "deriv(errors_total[5m]) > 1": "error[sample-type]: deriv in alert A reads `errors_total[5m]`, a counter",
    "predict_linear(sum(errors_total)[1h:], 60) > 1": (
        "error[sample-type]: predict_linear in alert A reads `sum(errors_total)[1h:]`, a counter"
    ),
    "errors_total > 100": "error[sample-type]: alert A compares `errors_total`, a counter since its process started",
    "sum(errors_total) > 0.1 * sum(requests_total)": (
        "warning[sample-type]: alert A compares `sum(errors_total)` with `0.1 * sum(requests_total)`, "
        "counters since their processes started"
    ),
    "100 < sum by (code) (errors_total)": (
        "error[sample-type]: alert A compares `sum by (code) (errors_total)`, a counter since its process started"
    ),
    "histogram_quantile(0.9, queue_length) > 1": (
        "error[sample-type]: histogram_quantile in alert A reads `queue_length`, a gauge"
    ),
    "histogram_count(latency_seconds_bucket) > 1": (
        "error[sample-type]: histogram_count in alert A reads `latency_seconds_bucket`, which is no native histogram"
    ),
    "histogram_quantile(0.9, native_seconds) > 1": (
        "error[sample-type]: histogram_quantile in alert A reads `native_seconds`, "
        "which counts since the process started"
    ),
    'sum(rate(latency_seconds_bucket{le="0.3"}[5m])) > 1': (
        "error[bucket-bound]: latency_seconds_bucket in alert A has no le '0.3'"
    ),
    'sum(rate(latency_seconds_bucket{le=~"0.3|0.7"}[5m])) > 1': (
        "error[bucket-bound]: latency_seconds_bucket in alert A has no le '0.3|0.7'"
    ),
    'rpc_seconds{quantile="0.99"} > 1': "error[bucket-bound]: rpc_seconds in alert A has no quantile '0.99'",
    "sum by (method) (rate(errors_total[5m])) > 1": (
        "error[missing-label]: alert A groups by 'method', which `rate(errors_total[5m])` does not have"
    ),
    "histogram_quantile(0.9, sum by (le) (rate(latency_seconds_bucket[5m]))) > 500": (
        "error[constant-condition]: the condition "
        "`histogram_quantile(0.9, sum by (le) (rate(latency_seconds...` of alert A is never true: "
        "the values of the left side are in [0, 2.5]"
    ),
    "rate(native_seconds_count[5m]) > 1": (
        "error[empty-selector]: native_seconds_count in alert A matches no series: "
        "native_seconds is a native histogram, which is one series"
    ),
    "histogram_sum(rate(latency_seconds_bucket[5m])) > 1": (
        "error[sample-type]: histogram_sum in alert A reads `rate(latency_seconds_bucket[5m])`, "
        "which is no native histogram"
    ),
    "histogram_fraction(0, 0.5, sum by (le) (rate(latency_seconds_bucket[5m]))) < 0.9": (
        "error[sample-type]: histogram_fraction in alert A reads `sum by (le) (rate(latency_seconds_bucket[5m]))`, "
        "classic buckets, which needs Prometheus 3.4, but oldest_prometheus is 2.42"
    ),
    "rate(errors_created[5m]) > 1": "error[sample-type]: rate in alert A reads `errors_created[5m]`, a gauge",
    'requests_total{method="PUT"} == 0': "error[bucket-bound]: requests_total in alert A has no method 'PUT'",
    "age_seconds / on (job, instance) queue_length > 1": (
        "warning[ambiguous-matching]: / in alert A matches several series of `queue_length`: they differ in queue"
    ),
    "queue_length * on (job) group_left () errors_total == 0": (
        "warning[ambiguous-matching]: * in alert A matches several series of `errors_total`: they differ in code"
    ),
    "queue_length / ignoring (queue) age_seconds > 1": (
        "warning[ambiguous-matching]: / in alert A matches several series of `queue_length`: they differ in queue"
    ),
    'queue_length{queu="a"} > 1': (
        "error[empty-selector]: queue_length in alert A matches no series: its series have no label 'queu'"
    ),
    'queue_length{queu!="a"} > 1': (
        'warning[missing-label]: queu!="a" in alert A excludes no series: queue_length has no such label'
    ),
    "sum without (queu) (queue_length) > 1": (
        "warning[missing-label]: alert A removes the label 'queu', which `queue_length` does not have"
    ),
    "sum by (queue) (queue_length) / ignoring (queu) sum by (queue) (queue_length offset 1h) > 1": (
        "warning[missing-label]: alert A ignores the label 'queu', which neither side of / has"
    ),
    "queue_length / rate(errors_total[5m]) > 1": (
        "warning[vector-matching]: / in alert A is always empty: "
        "the left side has the label 'queue', the right side cannot have it"
    ),
    "queue_bytes / sum by (job) (queue_bytes) > 0.5": (
        "warning[vector-matching]: / in alert A is always empty: "
        "the left side has the label 'instance', the right side cannot have it"
    ),
    "histogram_quantile(0.9, sum by (le) (latency_seconds_bucket)) > 1": (
        "error[sample-type]: histogram_quantile in alert A reads `sum by (le) (latency_seconds_bucket)`, "
        "which counts since the process started"
    ),
    "backup_timestamp_seconds > 86400": (
        "error[unit-mismatch]: alert A compares `backup_timestamp_seconds`, a Unix time, with a number of seconds"
    ),
    "queue_bytes + age_seconds > 1": "error[unit-mismatch]: alert A adds different units: bytes + s",
    "rate(read_bytes_total[5m]) > queue_bytes": (
        "error[unit-mismatch]: alert A compares different units: bytes per second > bytes"
    ),
}


@pytest.mark.parametrize(("expr", "message"), MISTAKES.items())
def test_a_contradiction_of_the_catalog_is_reported_once(expr: str, message: str) -> None:
    assert of_alert(expr) == [message]


@pytest.mark.parametrize(
    "expr",
    [
        "rate(errors_total[5m]) * on (job, instance) group_left (version) build_info > 1",
        'queue_length{queue!="a"} > 1',
        "sum without (queue, other) (queue_length) > 1",
        'rate(errors_total{code="5"}[5m]) / ignoring (code) queue_bytes > 1',
        "queue_bytes / on (job) group_left () sum by (job) (queue_bytes) > 0.5",
        "backup_timestamp_seconds > 1",
        "backup_timestamp_seconds < 1e8",
        "time() - backup_timestamp_seconds > 86400",
        "deriv(queue_length[5m]) > 1",
        "histogram_fraction(0, 0.5, sum(rate(native_seconds[5m]))) < 0.9",
        'requests_total{method=~"GET|PUT"} == 0',
        "time() - errors_created > 60",
        "histogram_sum(rate(native_seconds[5m])) > 1",
        "queue_length / on (job, instance) group_left () age_seconds > 1",
        'age_seconds / on (job, instance) queue_length{queue="a"} > 1',
        "age_seconds / on (job) sum by (job) (queue_length) > 1",
        "rate(errors_total[5m]) > 1",
        "errors_total == 0",
        "sum(errors_total) > sum(requests_total)",
        "sum(errors_total) == 0.1 * sum(requests_total)",
        "errors_total - errors_total offset 1h > 5",
        "changes(errors_total[1h]) > 1",
        "histogram_quantile(0.9, rate(native_seconds[5m])) > 500",
        "histogram_quantile(0.9, sum by (le) (rate(latency_seconds_bucket[5m]))) > 2",
        'sum(rate(latency_seconds_bucket{le="1"}[5m])) > 1',
        'sum(rate(latency_seconds_bucket{le="1.0"}[5m])) > 1',
        'sum(rate(latency_seconds_bucket{le=~"1(\\\\.0)?"}[5m])) > 1',
        'sum(rate(latency_seconds_bucket{le="+Inf"}[5m])) > 1',
        'rpc_seconds{quantile="0.9"} > 1',
        "rate(rpc_seconds_sum[5m]) / rate(rpc_seconds_count[5m]) > 1",
        "sum by (code, job, instance) (rate(errors_total[5m])) > 1",
        "time() - age_seconds > 1",
        "queue_bytes / age_seconds > 1",
        "queue_bytes > 2 * queue_bytes offset 1h",
    ],
)
def test_what_agrees_with_the_catalog_is_accepted(expr: str) -> None:
    assert of_alert(expr) == []


def test_panels_and_recording_rules_are_checked_as_alerts() -> None:
    record = RecordingRule("queue:queue_length:rate5m", "sum by (queue) (rate(queue_length[5m]))")
    panel = panels.TimeSeries("Queue", "rate(queue_length[$__rate_interval])", unit="short")
    dashboard = Dashboard("Queues", [Row("Queue", panel)])
    findings = of_service(
        Service("shop", scrape=ScrapeJob(["a:80"]), metrics=CATALOG, recording_rules=[record], dashboards=[dashboard])
    )
    assert [each.message for each in findings if each.code.name == "sample-type"] == [
        "rate in recording rule queue:queue_length:rate5m reads `queue_length[5m]`, a gauge",
        "rate in query A of panel 'Queue' reads `queue_length[$__rate_interval]`, a gauge",
    ]


@pytest.mark.parametrize(
    ("expr", "unit", "message"),
    [
        ("queue_bytes", "s", "displays seconds (s), but query A is bytes"),
        ("age_seconds", "ms", "displays milliseconds (ms), but query A is seconds"),
        ("rate(read_bytes_total[5m])", "bytes", "displays bytes (bytes), but query A is bytes per second"),
        ("rate(errors_total[5m])", "Bps", "displays bytes per second (Bps), but query A is events per second"),
        ("avg(up)", "percent", "displays percent (percent), but query A is a ratio"),
        ("100 * avg(up)", "percentunit", "displays a ratio (percentunit), but query A is percent"),
        ("queue_bytes", "decbytes", ""),
        ("rate(errors_total[5m])", "reqps", ""),
        ("rate(errors_total[5m])", "short", ""),
        ("100 * avg(up)", "percent", ""),
        ("unknown_bytes", "s", ""),
        ("age_seconds * 1000", "ms", ""),
    ],
)
def test_the_unit_of_a_panel_is_that_of_its_expression(expr: str, unit: str, message: str) -> None:
    panel = panels.TimeSeries("Panel", expr, unit=unit, description="D")
    service = Service(
        "shop", scrape=ScrapeJob(["a:80"]), metrics=CATALOG, dashboards=[Dashboard("Panels", [Row("Row", panel)])]
    )
    reported = [each.message for each in of_service(service) if each.code.name == "panel-unit-mismatch"]
    assert reported == ([f"panel 'Panel' {message}"] if message else [])
