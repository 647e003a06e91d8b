"""Settings of panels are inferred from expressions that determine them, and only from those."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_promql import VALID

from obscode import Dashboard, Project, RecordingRule, Row, Service, checks
from obscode.compiler import Definitions, compile
from obscode.compiler.inference.panels import with_defaults
from obscode.compiler.inference.series import SeriesCatalog
from obscode.model.dashboard import Panel, Query, QueryPanel, ValueMap
from obscode.model.metrics import Counter, Gauge, Histogram, Summary
from obscode.model.panels import BarGauge, Heatmap, Stat, StateTimeline, Table, Text, TimeSeries
from obscode.model.panels import Gauge as GaugePanel

METRICS = [
    Counter("http_requests_total", labels=["path", "status"], help="HTTP requests answered."),
    Counter("generated_tokens", labels=["model"]),
    Histogram("latency_seconds", labels=["path"], help="Time to the last byte"),
    Histogram("wait", unit="milliseconds"),
    Histogram("native_seconds", native=True),
    Summary("gc_seconds", quantiles=[0.5]),
    Gauge("queue_length", help="Jobs that wait."),
    Gauge("temperature", unit="celsius"),
]
RULES = [
    RecordingRule(
        "job:latency_seconds:p90_rate5m", "histogram_quantile(0.9, sum by (job, le) (rate(latency_seconds_bucket[5m])))"
    ),
    RecordingRule("a:loop:sum", "a:loop:sum + 1"),
    RecordingRule("a:wrong:sum", "sum("),
]
KNOWN = SeriesCatalog.of(METRICS, RULES)


def displayed(expr: str, *, panel: type[QueryPanel] = TimeSeries) -> QueryPanel:
    filled = with_defaults(panel("Title", expr), KNOWN)
    assert isinstance(filled, QueryPanel)
    return filled


# --- units -------------------------------------------------------------------------------------------------------

UNITS = {
    # names
    "latency_seconds": "s",
    "memory_bytes": "bytes",
    "cache_hit_ratio": "percentunit",
    "wait_ms": "ms",
    "temperature": "celsius",
    "gc_seconds": "s",
    "queue_length": "short",
    "queue_length_of_another": "",
    "up": "short",
    "sum(up)": "short",
    # rates
    "rate(http_requests_total[5m])": "reqps",
    "sum by (status) (irate(http_requests_total[$__rate_interval]))": "reqps",
    "rate(http_request_errors_total[5m])": "cps",
    "rate(sent_messages_total[5m])": "mps",
    "rate(generated_tokens[5m])": "cps",
    "rate(network_bytes_total[5m])": "binBps",
    "rate(cpu_seconds_total[5m])": "percentunit",
    "rate(latency_seconds_count[5m])": "cps",
    "deriv(queue_length[5m])": "cps",
    "rate(rate(http_requests_total[5m])[1h:])": "",
    # counts
    "increase(http_requests_total[1h])": "short",
    "http_requests_total": "short",
    "count by (job) (up)": "short",
    "changes(up[1h])": "short",
    "histogram_count(rate(native_seconds[5m]))": "cps",
    "histogram_sum(rate(native_seconds[5m])) / histogram_count(rate(native_seconds[5m]))": "s",
    "histogram_sum(native_seconds)": "s",
    "histogram_count(native_seconds)": "short",
    # what a histogram observes
    "histogram_quantile(0.9, sum by (le) (rate(latency_seconds_bucket[5m])))": "s",
    "histogram_quantile(0.9, rate(wait_bucket[5m]))": "ms",
    "histogram_quantile(0.9, rate(native_seconds[5m]))": "s",
    "histogram_quantile(0.9, rate(anything_bucket[5m]))": "",
    "histogram_fraction(0, 0.5, rate(native_seconds[5m]))": "percentunit",
    "rate(latency_seconds_sum[5m]) / rate(latency_seconds_count[5m])": "s",
    "quantile_over_time(0.9, memory_bytes[1h])": "bytes",
    # shares
    'sum(rate(http_requests_total{status="500"}[5m])) / sum(rate(http_requests_total[5m]))': "percentunit",
    "rate(http_errors_total[5m]) / rate(http_requests_total[5m])": "percentunit",
    "rate(http_errors_total[5m]) / rate(http_requests_total[5m]) * 100": "percent",
    "1 - avg(cache_hit_ratio)": "percentunit",
    "memory_used_bytes / memory_total_bytes": "percentunit",
    "(a_bytes - b_bytes) / a_bytes > 0.5": "percentunit",
    "rate(http_requests_total[5m]) / http_requests_total": "",
    "rate(generated_tokens[5m]) / rate(http_requests_total[5m])": "",
    "memory_bytes / 1024": "",
    "memory_bytes * 2": "",
    "latency_seconds * 1000": "ms",
    # moments
    "time() - last_success_timestamp_seconds": "s",
    "last_success_timestamp_seconds": "",
    # what keeps the unit
    "topk(5, memory_bytes)": "bytes",
    "abs(-memory_bytes)": "bytes",
    "max_over_time(memory_bytes[1h])": "bytes",
    'label_replace(memory_bytes, "a", "$1", "b", "(.*)")': "bytes",
    "memory_bytes and on () up": "bytes",
    "memory_bytes or vector(0)": "bytes",
    "sum(rate(http_requests_total[5m])) or 0 * sum(up)": "reqps",
    "a_bytes + b_seconds": "",
    "a_bytes > bool 5": "",
    "stdvar(memory_bytes)": "",
    "2 ^ memory_bytes": "",
    # recorded series, by what records them, else by their names
    "job:latency_seconds:p90_rate5m": "s",
    "path:latency_seconds:p99": "s",
    ":requests:rate5m": "reqps",
    "job:memory_bytes:sum": "bytes",
    "job:errors:ratio_rate5m": "percentunit",
    "job:anything:weird": "",
    "a:loop:sum": "",
    "a:wrong:sum": "",
    # what does not parse tells nothing
    "sum(": "",
    "$metric": "",
}


@pytest.mark.parametrize(("expr", "unit"), UNITS.items())
def test_a_unit_follows_from_names_and_functions(expr: str, unit: str) -> None:
    assert displayed(expr).unit == unit


def test_several_queries_have_a_unit_if_their_units_are_equal() -> None:
    assert shown_many("rate(a_bytes_total[5m])", "rate(b_bytes_total[5m])").unit == "binBps"
    assert shown_many("rate(a_bytes_total[5m])", "memory_bytes").unit == ""


def shown_many(*exprs: str | Query) -> QueryPanel:
    filled = with_defaults(TimeSeries("Title", exprs), KNOWN)
    assert isinstance(filled, QueryPanel)
    return filled


def test_the_unit_of_a_heatmap_is_the_unit_of_its_buckets() -> None:
    buckets = "sum by (le) (rate(latency_seconds_bucket[$__rate_interval]))"
    assert displayed(buckets, panel=Heatmap).unit == "s"
    assert displayed(buckets, panel=TimeSeries).unit == "cps"


def test_a_table_has_a_unit_if_its_values_have_equal_units() -> None:
    assert displayed("memory_bytes", panel=Table).unit == "bytes"
    joined = with_defaults(Table("Two", ["memory_bytes", "latency_seconds"]), KNOWN)
    assert isinstance(joined, Table)
    assert (joined.unit, joined.no_value) == ("", "-")


def test_mapped_values_need_no_unit() -> None:
    assert displayed("memory_bytes", panel=StateTimeline).unit == "bytes"
    assert displayed("some_state", panel=StateTimeline).unit == "none"
    mapped = with_defaults(Stat("Up", "some_state", mappings=[ValueMap(0, "empty")]), KNOWN)
    assert isinstance(mapped, Stat)
    assert mapped.unit == "none"


def test_a_gauge_of_a_ratio_ends_at_1() -> None:
    def ends(expr: str, **value: Any) -> tuple[Any, Any]:
        panel = with_defaults(GaugePanel("Gauge", expr, **value), KNOWN)
        assert isinstance(panel, GaugePanel)
        return panel.minimum, panel.maximum

    assert ends("cache_hit_ratio") == (0, 1)
    assert ends("disk_percent") == (0, 100)
    assert ends("cache_hit_ratio", maximum=2) == (None, 2)
    assert ends("memory_bytes") == (None, None)


def test_ratios_have_two_decimals() -> None:
    assert displayed("cache_hit_ratio").decimals == 2
    assert displayed("memory_bytes").decimals is None


# --- legends -----------------------------------------------------------------------------------------------------

LEGENDS = {
    "sum by (status) (rate(http_requests_total[5m]))": "{{status}}",
    "sum by (status, path) (rate(http_requests_total[5m]))": "{{status}} {{path}}",
    "max by (b) (sum by (a, b) (up))": "{{b}}",
    "topk(3, sum by (path) (up))": "{{path}}",
    "histogram_quantile(0.99, sum by (le) (rate(latency_seconds_bucket[5m])))": "P99",
    "histogram_quantile(0.999, sum by (le, path) (rate(latency_seconds_bucket[5m])))": "P99.9 {{path}}",
    "job:latency_seconds:p90_rate5m": "P90 {{job}}",
    "sum(up)": "Title",
    "vector(1)": "Title",
    "up": "",
    "sum by ($label) (up)": "",
    "histogram_quantile($q, sum by (le) (rate(latency_seconds_bucket[5m])))": "",
    "sum(": "",
}


@pytest.mark.parametrize(("expr", "legend"), LEGENDS.items())
def test_a_legend_has_the_labels_of_the_result(expr: str, legend: str) -> None:
    assert displayed(expr).all_queries()[0].legend == legend


def test_each_query_has_a_legend_and_own_legends_stay() -> None:
    quantile = "histogram_quantile({}, sum by (le) (rate(latency_seconds_bucket[5m])))"
    panel = shown_many(quantile.format(0.5), Query(quantile.format(0.9), legend="Slow"), "sum(up)")
    assert [query.legend for query in panel.all_queries()] == ["P50", "Slow", ""]


# --- descriptions ------------------------------------------------------------------------------------------------

DESCRIPTIONS = {
    "sum by (status) (rate(http_requests_total[5m]))": (
        "`http_requests_total` per second, by status. HTTP requests answered."
    ),
    "rate(other_total[5m])": "`other_total` per second.",
    'sum(rate(other_total{a="b"}[5m]))': '`other_total` with `a="b"` per second.',
    "histogram_quantile(0.9, sum by (le, path) (rate(latency_seconds_bucket[5m])))": (
        "P90 of `latency_seconds`, by path. Time to the last byte."
    ),
    'sum(rate(a_total{s="5"}[5m])) / sum(rate(a_total[5m]))': 'Share of `a_total` that has `s="5"`.',
    "rate(latency_seconds_sum[5m]) / rate(latency_seconds_count[5m])": (
        "Average of `latency_seconds`. Time to the last byte."
    ),
    "max by (job) (memory_bytes)": "Highest of `memory_bytes`, by job.",
    "sum(memory_bytes) or vector(0)": "Sum of `memory_bytes`.",
    "increase(other_total[1h])": "Increase of `other_total`.",
    "job:latency_seconds:p90_rate5m": "P90 of `latency_seconds`, by job.",
    "path:latency_seconds:p99": "P99 of `latency_seconds`.",
    "queue_length": "Jobs that wait.",
    "up": "",
    "sum(rate(a_total[5m])) / sum(rate(b_total[5m]))": "",
    'max(a{s="5"}) / min(a)': "",
    "abs(memory_bytes)": "",
    "a and b": "",
    "rate($metric[5m])": "",
}


@pytest.mark.parametrize(("expr", "description"), DESCRIPTIONS.items())
def test_simple_expressions_have_a_description(expr: str, description: str) -> None:
    assert displayed(expr).description == description


# --- what is given stays -----------------------------------------------------------------------------------------


def test_settings_of_the_definition_stay() -> None:
    value = Stat(
        "Errors",
        "sum(rate(http_requests_total[5m]))",
        legend="5xx",
        unit="percentunit",
        decimals=0,
        description="Mine.",
        no_value="0",
    )
    assert with_defaults(value, KNOWN) is value


def test_panels_have_a_text_for_no_data() -> None:
    assert displayed("up").no_value == "No data"
    assert displayed("up", panel=BarGauge).no_value == "No data"


def test_panels_without_queries_do_not_change() -> None:
    text = Text("Title", "Some words.")
    assert with_defaults(text, KNOWN) is text


@given(st.sampled_from(VALID), st.sampled_from([TimeSeries, Stat, Heatmap, Table]))
def test_inference_never_fails_and_is_idempotent(expr: str, panel: type[QueryPanel]) -> None:
    once = displayed(expr, panel=panel)
    assert with_defaults(once, KNOWN) == once
    assert list(once.problems()) == list(panel("Title", expr).problems())


def test_the_first_of_two_metrics_with_one_name_is_used() -> None:
    known = SeriesCatalog.of([Gauge("depth", unit="meters"), Gauge("depth", unit="seconds")])
    filled = with_defaults(TimeSeries("T", "depth"), known)
    assert isinstance(filled, TimeSeries)
    assert filled.unit == "lengthm"


# --- the checks --------------------------------------------------------------------------------------------------


def reported(*panels: Panel) -> list[str]:
    service = Service("shop", dashboard=[Row("Row", *panels)])
    return [str(f.message) for f in checks.lint(compile(Definitions(Project("p"), [service])))]


def test_panels_without_unit_or_description_are_reported() -> None:
    assert reported(TimeSeries("Up", "some_state")) == [
        "panel 'Up' has no description, and none can be inferred from its expression",
        "panel 'Up' has no unit, and none can be inferred from its expression",
    ]


def test_only_the_syntax_error_of_a_panel_is_reported() -> None:
    service = Service("shop", dashboard=[Row("Row", TimeSeries("Up", "up{"))])
    result = checks.lint(compile(Definitions(Project("p"), [service])))
    assert [finding.code.name for finding in result] == ["promql-syntax"]


def test_panels_that_need_no_unit_are_accepted() -> None:
    described = "Something."
    assert (
        reported(
            Table("Table", "up", description=described),
            Stat("Mapped", "up", description=described, mappings=[ValueMap(1, "Up")]),
            StateTimeline("States", "up", description=described),
            Text("Text", "Some words."),
        )
        == []
    )


def test_panels_use_the_catalogs_of_all_services() -> None:
    shop = Service("shop", metrics=METRICS)
    board = Dashboard("Board", [Row("Row", TimeSeries("Queue", "queue_length"))])
    file = next(f for f in compile(Definitions(Project("p"), [shop], [board])).dashboards if f.uid == "board")
    (panel,) = file.panels()
    assert panel.description == "Jobs that wait."
