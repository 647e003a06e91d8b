"""The types of expressions: the labels, samples, values and units that are inferred from the syntax tree."""

from __future__ import annotations

from math import inf

import pytest

from obscode.promql.parser import parse_tree
from obscode.promql.selector import Matcher, Selector
from obscode.promql.types import UNTYPED, ExprType, infer
from obscode.promql.types.interval import Interval, arithmetic, compare, narrowed
from obscode.promql.types.labels import Labels
from obscode.promql.types.quantity import COUNT, Quantity

SERIES = {
    "requests_total": ExprType(
        Labels(frozenset({"job", "code"}), closed=True), "counter", unit=Quantity(COUNT, "requests_total")
    ),
    "queue_length": ExprType(samples="gauge"),
    "up": ExprType(values=Interval(0, 1)),
    "latency_bucket": ExprType(samples="buckets", bounds=(0.1, 1.0), observed=Quantity("s")),
    "latency_native": ExprType(samples="native", observed=Quantity("s")),
}


def series(selector: Selector) -> ExprType:
    return SERIES.get(selector.metric, UNTYPED)


def type_of(expr: str) -> ExprType:
    return infer(parse_tree(expr), series).result


# Expression, and then the labels of a, b, c, d, e: `+` certain, `?` possible, `-` impossible.
LABELS = [
    ("x", "?????"),
    ('x{a="1"}', "+????"),
    ('x{a=~"1|2", b!="", c!~".+", d="", e=~".*"}', "++--?"),
    ('x{a=~""}', "-????"),
    ("sum(x)", "-----"),
    ("sum by (a, b) (x)", "??---"),
    ('sum by (a, b) (x{a="1", c="1"})', "+?---"),
    ('sum without (a) (x{a="1", b="1"})', "-+???"),
    ("sum by (a) (sum by (b) (x))", "-----"),
    ("topk(3, sum by (a) (x))", "?----"),
    ("topk by (a) (3, x)", "?????"),
    ('count_values("a", x)', "+----"),
    ('count_values without (b) ("a", x)', "+-???"),
    ('rate(x{a="1"}[5m])', "+????"),
    ('label_replace(sum(x), "a", "v", "", "")', "?----"),
    ('label_replace(sum(x), "a", "v", "b", "(.*)")', "+----"),
    ('label_replace(x{a="1"}, "a", "", "b", ".*")', "-????"),
    ('label_replace(x{a="1"}, "a", "", "b", "v")', "?????"),
    ('label_replace(x{a="1"}, "a", "v", "b", "v")', "+????"),
    ('label_replace(x{a="1"}, "a", "$1", "b", "(v?)")', "?????"),
    ('label_join(sum(x), "a", "-", "b", "c")', "+----"),
    ('label_join(sum(x), "a", "", "b", "c")', "?----"),
    ('label_join(sum by (b) (x{b="1"}), "a", "", "b")', "++---"),
    ('absent(x{a="1", b=~"v", c="1", c!="2"})', "+----"),
    ('absent(sum(x{a="1"}))', "-----"),
    ('absent_over_time(x{a="1"}[5m])', "+----"),
    ("vector(1)", "-----"),
    ("time()", "-----"),
    ("hour()", "-----"),
    ("hour(sum by (a) (x))", "?----"),
    ("scalar(x)", "-----"),
    ("-sum by (a) (x)", "?----"),
    ("max_over_time(sum by (a) (x)[1h:5m])", "?----"),
    ("histogram_quantile(0.9, sum by (le, a) (x))", "?----"),
    ("quantile_over_time(0.9, x[5m])", "?????"),
    ("info(sum by (a) (x))", "?????"),
    # operations
    ("sum by (a) (x) > 1", "?----"),
    ("1 < bool sum by (a) (x)", "?----"),
    ("sum by (a, b) (x) / sum by (b, c) (y)", "-?---"),
    ("sum by (a, b) (x) / y", "??---"),
    ("x / sum by (a, b) (y)", "??---"),
    ('x{a="1"} / y{b="1"}', "++???"),
    ('x{a=""} / y', "-????"),
    ("x / on (a, b) y", "??---"),
    ('x / on (a, b) y{a="1", b=""}', "+----"),
    ("sum by (a, b) (x) / ignoring (b) sum by (a) (y)", "?----"),
    ("x / ignoring (b) y", "?-???"),
    ("sum by (a, b) (x) * on (a) group_left (c) y", "???--"),
    ("sum by (a, b) (x) * on (a) group_left (b) sum by (a) (y)", "?----"),
    ('sum by (a, b) (x) * on (a) group_left (c) y{c="1"}', "??+--"),
    ("sum by (a) (y) * on (a) group_right (c) sum by (a, b) (x)", "??---"),
    ("sum by (a, b) (x) * ignoring (b) group_left (c) sum by (a, c) (y)", "??---"),
    ("sum by (a) (x) and sum by (a, b) (y)", "?----"),
    ('sum by (a, b) (x) and on (a) y{a="1"}', "+?---"),
    ("sum by (a, b) (x) and on () y", "??---"),
    ("sum by (a, b) (x) unless on (a) y", "??---"),
    ("sum by (a) (x) or sum by (b) (y)", "??---"),
    ('x{a="1"} or sum by (a, b) (y{a="1"})', "+????"),
    ('x{a="1"} or y', "?????"),
]


@pytest.mark.parametrize(("expr", "expected"), LABELS)
def test_labels(expr: str, expected: str) -> None:
    labels = type_of(expr).labels
    marks = ["-" if not labels.can_have(label) else "+" if label in labels.certain else "?" for label in "abcde"]
    assert "".join(marks) == expected


def test_values_of_labels_stay_with_their_labels() -> None:
    labels = type_of('sum by (a) (x{a="1", b="2"}) * on (a) group_left (c) y{c=~"3|4"}').labels
    assert sorted(map(str, labels.matchers)) == ['a="1"', 'c=~"3|4"']
    assert labels.value_of("a") == "1"
    assert labels.value_of("c") is None


def test_the_name_of_the_metric_is_a_label_until_the_samples_change() -> None:
    names = ["up", "up > 1", "last_over_time(up[5m])", "rate(up[5m])", "up + 1", "up > bool 1", "-up", "up * up"]
    assert [type_of(expr).labels.can_have("__name__") for expr in names] == [True] * 3 + [False] * 5


@pytest.mark.parametrize(
    ("expr", "samples"),
    [
        ("requests_total", "counter"),
        ("requests_total * 8", "counter"),
        ("2 * requests_total", "counter"),
        ("max by (job) (requests_total)", "counter"),
        ("sum(requests_total)", "sum of counters"),
        ("avg(requests_total)", "sum of counters"),
        ("requests_total + requests_total", "sum of counters"),
        ("rate(requests_total[5m])", "rate"),
        ("sum(rate(requests_total[5m]))", "rate"),
        ("rate(latency_native[5m])", "native rate"),
        ("sum(rate(latency_native[5m]))", "native rate"),
        ("queue_length", "gauge"),
        ("latency_bucket", "buckets"),
        ("sum by (le) (latency_bucket)", "sum of counters"),
        ("histogram_quantile(0.9, latency_bucket)", "quantile"),
        ("histogram_quantile(0.9, latency_bucket) * 1000", "quantile"),
        ("sum(histogram_quantile(0.9, latency_bucket))", ""),
        ("max(histogram_quantile(0.9, latency_bucket))", "quantile"),
        ("quantile(0.9, x)", "quantile"),
        ("rate(x_sum[5m]) / rate(x_count[5m])", "average"),
        ("rate(x_sum[5m]) / rate(y_count[5m])", ""),
        ("count(requests_total)", ""),
        ("requests_total or requests_total", "counter"),
        ("requests_total or x", ""),
        ("unknown_total", ""),
    ],
)
def test_samples(expr: str, samples: str) -> None:
    assert type_of(expr).samples == samples


@pytest.mark.parametrize(
    ("expr", "values"),
    [
        ("5", "[5, 5]"),
        ("-5 + 2 * 3", "[1, 1]"),
        ("2 ^ 10", "[1024, 1024]"),
        ("x", "[-inf, inf]"),
        ("up", "[0, 1]"),
        ("1 - avg(up)", "[0, 1]"),
        ("100 * avg(up)", "[0, 100]"),
        ("sum(up)", "[0, inf]"),
        ("-sum(up)", "[-inf, 0]"),
        ("count(x)", "[1, inf]"),
        ("rate(x[5m])", "[0, inf]"),
        ("x > 5", "(5, inf]"),
        ("5 < x", "(5, inf]"),
        ("x >= 5 <= 9", "[5, 9]"),
        ("x == 3", "[3, 3]"),
        ("x > bool 3", "[0, 1]"),
        ("x > 5 or x < -5", "[-inf, inf]"),
        ("up or vector(2)", "[0, 2]"),
        ("clamp_max(x, 1)", "[-inf, 1]"),
        ("clamp(x, 0, 1)", "[0, 1]"),
        ("clamp_min(up, 0.5)", "[0.5, 1]"),
        ("abs(x)", "[0, inf]"),
        ("hour()", "[0, 23]"),
        ("day_of_week(x)", "[0, 6]"),
        ("absent(x)", "[1, 1]"),
        ("histogram_quantile(0.9, rate(latency_bucket[5m]))", "[0, 1]"),
        ("histogram_quantile(9, rate(latency_bucket[5m]))", "[-inf, inf]"),
        ("histogram_quantile(0.9, rate(x_bucket[5m]))", "[-inf, inf]"),
        ('sum(rate(x{code="5"}[5m])) / sum(rate(x[5m]))', "[0, 1]"),
        ('sum(x{code="5"}) / sum(x)', "[-inf, inf]"),
        ('count(x{code="5"}) / count(x)', "[0, 1]"),
        ('sum(rate(x{code="5"}[5m])) / sum(rate(x[1h]))', "[0, inf]"),
        ('sum(rate(x{code="5"}[5m])) / sum(rate(y[5m]))', "[0, inf]"),
        ("rate(x[5m]) / 0", "[0, inf]"),
        ("up % 2", "[0, 2)"),
    ],
)
def test_values(expr: str, values: str) -> None:
    assert str(type_of(expr).values) == values


@pytest.mark.parametrize(
    ("left", "op", "right", "expected"),
    [
        (Interval(0, 1), ">", Interval(1, 1), False),
        (Interval(0, 1), ">=", Interval(1, 1), None),
        (Interval(0, 1, high_open=True), ">=", Interval(1, 1), False),
        (Interval(0), ">=", Interval(0, 0), True),
        (Interval(0), ">", Interval(0, 0), None),
        (Interval(0, inf, low_open=True), ">", Interval(0, 0), True),
        (Interval(0), "<", Interval(0, 0), False),
        (Interval(0, 1), "<=", Interval(1, 1), True),
        (Interval(2, 3), "==", Interval(0, 1), False),
        (Interval(2, 3), "!=", Interval(0, 1), True),
        (Interval(2, 2), "==", Interval(2, 2), True),
        (Interval(), ">", Interval(5, 5), None),
        (Interval(5, 3), ">", Interval(0, 0), None),
    ],
)
def test_comparisons_that_are_always_true_or_false(
    left: Interval, op: str, right: Interval, expected: bool | None
) -> None:
    assert compare(op, left, right) is expected


def test_a_contradiction_leaves_no_values() -> None:
    assert narrowed("<", narrowed(">", Interval(), Interval(5, 5)), Interval(3, 3)).is_empty
    assert not narrowed("<=", narrowed(">=", Interval(), Interval(5, 5)), Interval(5, 5)).is_empty


def test_arithmetic_with_infinite_bounds_is_no_error() -> None:
    everything = Interval()
    assert arithmetic("-", everything, everything) == everything
    assert arithmetic("*", Interval(0), Interval(0, 0)) == Interval(0, 0)
    assert arithmetic("/", Interval(0, 1), Interval(-1, 1)) == everything


def test_each_part_has_its_type() -> None:
    tree = parse_tree('sum by (job) (rate(requests_total{code="5"}[5m]))')
    types = [(type(node).__name__, str(of.samples)) for node, of in infer(tree, series).nodes()]
    assert types == [("Aggregation", "rate"), ("Call", "rate"), ("VectorSelector", "counter")]
    assert infer(tree, series).result.labels.matchers == frozenset()


def test_a_matcher_of_a_label_that_the_series_lack_excludes_nothing_else() -> None:
    labels = type_of('requests_total{code!="500", method="GET"}').labels
    assert labels.matchers >= {Matcher("code", "!=", "500"), Matcher("method", "=", "GET")}
    assert not labels.can_have("method")
