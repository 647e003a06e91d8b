"""A ratio of counters counts each event once per group, also across resets and missing series."""

from __future__ import annotations

from finding_text import finding_text
from promql_cases import Case, check, finite
from sli_cases import SERVICE, counts, recorded

from obscode.findings.finding import Finding
from obscode.model.metrics import Counter, Gauge, Histogram
from obscode.model.sli import Ratio
from obscode.model.sli.base import Events
from obscode.toolchain import Tool

ERRORS = Ratio(errors='req_total{status=~"5.."}', total="req_total", by=["model"])
GOOD = Ratio(good='req_total{status!~"5.."}', total="req_total", by=["model"])

REQUESTS = {
    'req_total{job="api",model="a",status="200"}': "0+9x20",
    'req_total{job="api",model="a",status="500"}': "0+1x20",
    'req_total{job="api",model="flawless",status="200"}': "0+10x20",
    'req_total{job="api",model="down",status="500"}': "0+10x20",
    'req_total{job="api",model="idle",status="200"}': "0+10x2 20x18",
    'req_total{job="api",model="restarted",status="200"}': "0+10x7 0+10x12",
    'req_total{job="api",model="gone",status="200"}': "0+10x3 stale",
    'req_total{job="other",model="a",status="500"}': "0+100x20",
}


def test_errors_are_counted_directly() -> None:
    assert ERRORS.events("5m", SERVICE) == Events(
        bad=counts(
            'sum by (model) (<req_total{status=~"5..",job="api"}>)\nor\n0 * sum by (model) (req_total{job="api"})'
        ),
        total=counts('sum by (model) (<req_total{job="api"}>)'),
        complete=True,
    )


def test_good_events_are_subtracted_from_the_total() -> None:
    assert Ratio(good='req_total{status="200"}', total="req_total").events("5m").bad == counts(
        'sum(<req_total>)\n-\n(sum(<req_total{status="200"}>) or 0 * sum(req_total))'
    )


def test_events_in_five_minutes_by_errors(promtool: Tool) -> None:
    bad, total = recorded(ERRORS)
    cases = [
        Case(total, "10m30s", _by_model(a=50, flawless=50, down=50, idle=0, restarted=37.5)),
        Case(bad, "10m30s", _by_model(a=5, flawless=0, down=50, idle=0, restarted=0)),
        finite(bad, "20m"),
        finite(total, "20m"),
    ]
    check(promtool, REQUESTS, cases)


def test_events_in_five_minutes_by_good_events(promtool: Tool) -> None:
    bad, total = recorded(GOOD)
    cases = [
        Case(bad, "10m30s", _by_model(a=5, flawless=0, down=50, idle=0, restarted=0)),
        finite(bad, "20m"),
        finite(total, "20m"),
    ]
    check(promtool, REQUESTS, cases)


def test_a_missing_total_gives_no_sample(promtool: Tool) -> None:
    typos = [
        Ratio(errors='req_totl{status=~"5.."}', total="req_totl"),
        Ratio(errors='req_total{stage="prod",status=~"5.."}', total='req_total{stage="prod"}'),
        Ratio(good='req_total{status="200"}', total="req_totl"),
    ]
    check(promtool, REQUESTS, [Case(expr, "10m30s", {}) for sli in typos for expr in recorded(sli)])


def test_errors_can_be_another_metric(promtool: Tool) -> None:
    sli = Ratio(errors='failed_total{queue="mail"}', total='tasks_total{queue="mail"}')
    series = {
        'tasks_total{job="api",queue="mail"}': "0+10x20",
        'failed_total{job="api",queue="mail"}': "0+2x20",
        'failed_total{job="api",queue="news"}': "0+7x20",
    }
    bad, total = recorded(sli)
    check(promtool, series, [Case(bad, "10m30s", {"{}": 10}), Case(total, "10m30s", {"{}": 50})])
    assert finding_text(sli.problems()) == ""


def test_errors_without_the_matchers_of_the_total_are_rejected() -> None:
    sli = Ratio(errors='req_total{status=~"5.."}', total='req_total{path="/predict"}')
    assert finding_text(sli.problems()) == (
        'error[ratio-part]: errors lacks the total\'s path="/predict",'
        " so it may count events that the total does not\n"
        """  hint: write 'req_total{status=~"5..",path="/predict"}'"""
    )


def test_errors_of_another_metric_without_the_matchers_of_the_total_are_rejected() -> None:
    sli = Ratio(good="done_total", total='tasks_total{queue="mail",tenant="x"}')
    assert finding_text(sli.problems()) == (
        'error[ratio-part]: good lacks the total\'s queue="mail", tenant="x",'
        " so it may count events that the total does not\n"
        """  hint: write 'done_total{queue="mail",tenant="x"}'"""
    )


def test_errors_equal_to_the_total_are_rejected_in_any_order_of_matchers() -> None:
    sli = Ratio(errors='req_total{a="1",b="2"}', total='req_total{b="2",a="1"}')
    assert finding_text(sli.problems()) == (
        "error[ratio-part]: errors and total select the same events\n"
        "  hint: add a matcher for bad events, such as "
        """'req_total{b="2",a="1",status=~"5.."}'"""
    )


def test_the_caret_is_under_the_errors() -> None:
    [finding] = Ratio(errors="req_total", total="req_total").problems()
    assert _under_caret(finding) == '"req_total"'


def test_a_ratio_needs_either_errors_or_good() -> None:
    text = "error[ratio-arguments]: a ratio has {} errors= {} good=\n  hint: write one of them"
    assert finding_text(Ratio(total="req_total").problems()) == text.format("neither", "nor")
    assert finding_text(Ratio(errors="x", good="y", total="req_total").problems()) == text.format("both", "and")


def test_an_invalid_selector_is_rejected() -> None:
    assert finding_text(Ratio(errors="rate(x_total[5m])", total="x_total[5m]").problems()) == (
        "error[sli-selector]: 'rate(x_total[5m])' cannot be used here: it is not a selector;"
        " obscode adds rate() and the window\n"
        """  hint: write a metric with its matchers, such as 'http_requests_total{status=~"5.."}'\n"""
        "error[sli-selector]: 'x_total[5m]' cannot be used here: it has a window;"
        " write the selector alone, obscode adds the window\n"
        """  hint: write a metric with its matchers, such as 'http_requests_total{status=~"5.."}'"""
    )


def test_metrics_other_than_counters_are_rejected() -> None:
    sli = Ratio(errors='in_flight{state="bad"}', total="latency_seconds_count")
    catalog = [Gauge("in_flight"), Counter("req_total"), Histogram("latency_seconds")]
    assert finding_text(sli.catalog_findings(catalog)) == (
        "error[sli-metric]: in_flight is a gauge\n  hint: name a counter"
    )


def _by_model(**values: float) -> dict[str, float]:
    return {f'{{model="{model}"}}': value for model, value in values.items()}


def _under_caret(finding: Finding) -> str:
    assert finding.span
    source, caret = finding.span.excerpt().splitlines()
    return source[caret.index("^") : caret.rindex("^") + 1]
