"""SLIs with free PromQL: time slices and free queries."""

from __future__ import annotations

from decimal import Decimal

import pytest
from finding_text import finding_text
from promql_cases import Case, always, check, finite
from sli_cases import recorded

from obscode.model.sli import FreeQuery, Ratio, TimeSlice
from obscode.model.sli.base import Events
from obscode.toolchain import Tool

SLICES = TimeSlice("p99_seconds", below=0.5, by=["model"])
FREE = FreeQuery(
    bad='sum by (model) (increase(req_total{code="500"}[5m]))',
    total="sum by (model) (increase(req_total[5m]))",
    by=["model"],
)


# --- expressions ---------------------------------------------------------------------------------------------------


def test_a_slice_is_bad_when_the_expression_is_not_below_its_threshold() -> None:
    p99 = "histogram_quantile(0.99, sum by (le) (rate(wait_seconds_bucket[5m])))"
    assert TimeSlice(p99, below=0.5).events("5m") == Events(
        bad=f"max(({p99}) >= bool 0.5)", total=f"max(({p99}) >= bool -Inf)"
    )


def test_a_slice_is_bad_when_the_expression_is_not_above_its_threshold() -> None:
    assert TimeSlice("a or b", above=Decimal("1e-7"), by=["x"]).events("5m").bad == (
        "max by (x) ((a or b) <= bool 0.0000001)"
    )


def test_an_expression_of_several_lines_is_unchanged() -> None:
    sli = TimeSlice(
        """
        tokens_per_second  # of all replicas
          / on (model) replicas
        """,
        above=100,
        by=["model"],
    )
    assert sli.events("5m").bad == (
        """\
max by (model) ((
tokens_per_second  # of all replicas
  / on (model) replicas
) <= bool 100)"""
    )
    assert sli.reads() == ["tokens_per_second", "replicas"]


def test_a_free_query_is_unchanged() -> None:
    assert FREE.events("5m") == Events(
        bad='-Inf < (sum by (model) (increase(req_total{code="500"}[5m]))) < Inf',
        total="-Inf < (sum by (model) (increase(req_total[5m]))) < Inf",
    )
    assert FREE.reads() == ["req_total"]


def test_free_queries_with_unknown_labels_are_summed() -> None:
    sli = FreeQuery(bad="increase(a_total[5m])", total="sum(increase(b_total[5m]))")
    assert sli.events("5m").bad == "sum(-Inf < (increase(a_total[5m])) < Inf)"


# --- results -------------------------------------------------------------------------------------------------------


def test_slices_below_a_threshold(promtool: Tool) -> None:
    series = {
        'p99_seconds{job="api",model="fast"}': "0.4x20",
        'p99_seconds{job="api",model="just"}': "0.5x20",
        'p99_seconds{job="api",model="idle"}': always("NaN"),
        'p99_seconds{job="api",model="infinite"}': always("Inf"),
        'p99_seconds{job="api",model="one-of-two",pod="1"}': "0.4x20",
        'p99_seconds{job="api",model="one-of-two",pod="2"}': "0.9x20",
        'p99_seconds{job="api",model="one-idle",pod="1"}': "0.4x20",
        'p99_seconds{job="api",model="one-idle",pod="2"}': always("NaN"),
        'p99_seconds{job="api",model="gone"}': "0.9 stale",
    }
    bad, total = recorded(SLICES)
    models = ("fast", "just", "idle", "infinite", "one-of-two", "one-idle")
    cases = [
        Case(total, "10m30s", _by_model(models, [1, 1, 0, 1, 1, 1])),
        Case(bad, "10m30s", _by_model(models, [0, 1, 0, 1, 1, 0])),
        finite(bad, "20m"),
        finite(total, "20m"),
    ]
    check(promtool, series, cases)


def test_slices_above_a_threshold(promtool: Tool) -> None:
    series = {
        'tokens{job="api",model="fast"}': "101x20",
        'tokens{job="api",model="just"}': "100x20",
        'tokens{job="api",model="idle"}': always("NaN"),
        'tokens{job="api",model="minus"}': always("-Inf"),
    }
    bad, total = recorded(TimeSlice("tokens", above=100, by=["model"]))
    models = ("fast", "just", "idle", "minus")
    cases = [
        Case(total, "10m30s", _by_model(models, [1, 1, 0, 1])),
        Case(bad, "10m30s", _by_model(models, [0, 1, 0, 1])),
    ]
    check(promtool, series, cases)


def test_a_quantile_without_requests_is_no_slice(promtool: Tool) -> None:
    p99 = "histogram_quantile(0.99, sum by (le, model) (rate(wait_seconds_bucket[5m])))"
    series = {
        'wait_seconds_bucket{job="api",model="a",le="0.3"}': "0+0x20",
        'wait_seconds_bucket{job="api",model="a",le="+Inf"}': "0+10x10 100x10",
    }
    bad, total = recorded(TimeSlice(p99, below=0.2, by=["model"]))
    cases = [
        Case(total, "8m30s", _by_model(("a",), [1])),
        Case(bad, "8m30s", _by_model(("a",), [1])),
        Case(total, "18m30s", _by_model(("a",), [0])),
        Case(bad, "18m30s", _by_model(("a",), [0])),
        finite(bad, "20m"),
        finite(total, "20m"),
    ]
    check(promtool, series, cases)


def test_free_queries_count_events(promtool: Tool) -> None:
    series = {
        'req_total{job="api",model="a",code="200"}': "0+9x20",
        'req_total{job="api",model="a",code="500"}': "0+1x20",
        'req_total{job="api",model="flawless",code="200"}': "0+10x20",
        'req_total{job="api",model="idle",code="200"}': "10x20",
    }
    bad, total = recorded(FREE)
    models = ("a", "flawless", "idle")
    cases = [
        Case(total, "10m30s", _by_model(models, [50, 50, 0])),
        Case(bad, "10m30s", _by_model(models, [5, 0, 0])),
        finite(bad, "20m"),
        finite(total, "20m"),
    ]
    check(promtool, series, cases)


def test_free_queries_that_divide_by_zero_are_finite(promtool: Tool) -> None:
    """The number of bad events computed from a ratio, which is NaN without requests."""
    share = "sum(increase(failed_total[5m])) / sum(increase(req_total[5m]))"
    sli = FreeQuery(bad=f"{share} * sum(increase(req_total[5m]))", total=f"10 / ({share})")
    bad, total = recorded(sli)
    series = {'req_total{job="api"}': "0+10x5 50x15", 'failed_total{job="api"}': "0+1x5 5x15"}
    cases = [Case(bad, "18m30s", {}), Case(total, "18m30s", {}), finite(bad, "20m"), finite(total, "20m")]
    check(promtool, series, cases)


def test_free_queries_drop_infinities(promtool: Tool) -> None:
    series = {'plus{job="api"}': always("Inf"), 'minus{job="api"}': always("-Inf")}
    for expr in ("sum(plus)", "sum(minus)"):
        bad, total = recorded(FreeQuery(bad=expr, total=expr))
        check(promtool, series, [Case(bad, "10m30s", {}), Case(total, "10m30s", {})])


def test_missing_series_give_no_sample(promtool: Tool) -> None:
    kinds = [SLICES, FREE, FreeQuery(bad="increase(a_total[5m])", total="increase(b_total[5m])")]
    check(promtool, {}, [Case(expr, "10m30s", {}) for sli in kinds for expr in recorded(sli)])


# --- findings ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sli", "message"),
    [
        (
            TimeSlice("x"),
            "error[time-slice-threshold]: a time slice has neither below= nor above=\n"
            "  hint: write one of them, such as below=0.5",
        ),
        (
            TimeSlice("x", below=1, above=2),
            "error[time-slice-threshold]: a time slice has both below= and above=\n"
            "  hint: write one of them, such as below=0.5",
        ),
        (
            TimeSlice("x", below=float("nan")),
            "error[time-slice-threshold]: below=nan is not a number\n"
            "  hint: write a number in the unit of the expression, such as 0.5",
        ),
        (
            TimeSlice("sum(x", below=1),
            "error[sli-promql]: expr: unclosed left parenthesis\n  hint: write valid PromQL",
        ),
        (TimeSlice(" ", below=1), "error[sli-promql]: ' ' is not PromQL\n  hint: write an expression"),
        (
            TimeSlice("vector(1)", below=1),
            "error[sli-expression]: expr reads no series\n  hint: write an expression with a metric",
        ),
        (
            TimeSlice("time() - scalar(x)", below=1),
            "error[sli-expression]: expr yields a number, not a vector\n"
            "  hint: leave out scalar(), or write vector(...) around it",
        ),
        (
            TimeSlice("sum by (job) (x)", below=1, by=["model"]),
            "error[sli-labels]: expr yields label job, but by has label model\n  hint: aggregate it by (model)",
        ),
        (TimeSlice("sum by (job, model) (x)", below=1, by=["model"]), ""),
        (TimeSlice("rate(x_total[5m])", below=1, by=["model"]), ""),
    ],
)
def test_invalid_time_slices_are_rejected(sli: TimeSlice, message: str) -> None:
    assert finding_text(sli.problems()) == message


@pytest.mark.parametrize(
    ("bad", "total", "by", "message"),
    [
        (
            "sum(increase(a_total[5m]))",
            "sum by (model, job) (increase(b_total[5m]))",
            ["model"],
            "error[sli-labels]: bad yields no labels, but by has label model\n"
            "  hint: write 'sum by (model) (...)', or by=[]\n"
            "error[sli-labels]: total yields labels job, model, but by has label model\n"
            "  hint: write 'sum by (model) (...)', or by=['job', 'model']",
        ),
        (
            "sum(a_total[5m])",
            "42",
            [],
            "error[sli-promql]: bad: expected type instant vector in aggregation expression, got range vector\n"
            "  hint: write valid PromQL\n"
            "error[sli-expression]: total reads no series\n"
            "  hint: write an expression with a metric",
        ),
        ("increase(a_total[5m])", "count(up)", [], ""),
    ],
)
def test_invalid_free_queries_are_rejected(bad: str, total: str, by: list[str], message: str) -> None:
    assert finding_text(FreeQuery(bad=bad, total=total, by=by).problems()) == message


def test_a_free_query_counts_in_the_base_window() -> None:
    sli = FreeQuery(bad="sum(increase(a_total[5m]))", total="sum(increase(b_total[1h]) + rate(c_total[90s]))")
    assert finding_text(sli.window_problems("5m")) == (
        "error[free-query-window]: total has the window 1h, but the base window is 5m\n"
        "  hint: write [5m]\n"
        "error[free-query-window]: total has the window 1m30s, but the base window is 5m\n"
        "  hint: write [5m]"
    )
    assert finding_text(FREE.window_problems("5m")) == ""
    assert finding_text(Ratio(errors='x{a="1"}', total="x").window_problems("5m")) == ""


def _by_model(models: tuple[str, ...], values: list[float]) -> dict[str, float]:
    return {f'{{model="{model}"}}': value for model, value in zip(models, values, strict=True)}
