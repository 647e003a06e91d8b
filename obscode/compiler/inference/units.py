"""What the values of an expression are: seconds, bytes a second, a share, requests; told by its structure.

Where the structure does not tell (`bytes / 1024`, tokens by requests), the answer is that it is unknown: a
wrong unit is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from obscode.compiler.inference.series import BUCKET, COUNT, MOMENT, NATIVE, THINGS, SeriesCatalog, words
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse_tree
from obscode.promql.selector import Matcher, Selector
from obscode.promql.syntax_tree import (
    Aggregation,
    BinaryOperation,
    Call,
    Negation,
    Node,
    NumberLiteral,
    VectorSelector,
)

_SHARE, _PERCENT, _NUMBER = "percentunit", "percent", "number"

# A second's worth of things, by what a name says that they are.
_A_SECOND: Mapping[str, str] = {
    "requests": "reqps",
    "request": "reqps",
    "operations": "ops",
    "ops": "ops",
    "reads": "rps",
    "writes": "wps",
    "messages": "mps",
    "events": "eps",
    "records": "recps",
    "rows": "rowsps",
    "packets": "pps",
    "ios": "iops",
}
_THINGS_A_SECOND = "cps"
# Counts of these are a share of other counts, whatever the names.
_FAILURES = {"errors", "failures", "failed", "exceptions", "timeouts", "rejected", "dropped", "hits", "misses"}
_UNITS_A_SECOND = {"bytes": "binBps", "bits": "bps", "joule": "watt", "s": _SHARE}


@dataclass(frozen=True)
class Quantity:
    """A unit of Grafana's, THINGS with what they are, or MOMENT; empty when it is unknown."""

    unit: str
    of: str = ""
    per_second: bool = False

    def shown(self) -> str:
        """The unit in which Grafana shows it; empty when it is unknown."""
        if self.unit == THINGS:
            return self._things_a_second() if self.per_second else "short"
        if self.unit in (MOMENT, _NUMBER):
            return ""
        return _UNITS_A_SECOND.get(self.unit, "") if self.per_second else self.unit

    def _things_a_second(self) -> str:
        last = next((word for word in reversed(words(self.of)) if word in _A_SECOND or word in _FAILURES), "")
        return _A_SECOND.get(last, _THINGS_A_SECOND)


UNKNOWN = Quantity("")
_CONSTANT = Quantity(_NUMBER)


def quantity(expr: str, known: SeriesCatalog) -> Quantity:
    """What the values of an expression without variables are; unknown also where it does not parse."""
    try:
        return _Reader(known).of(parse_tree(expr))
    except PromQLError:
        return UNKNOWN


def constant(node: Node) -> float | None:
    """The value of an expression of numbers alone: `14.4 * 0.001`."""
    match node:
        case NumberLiteral():
            return node.value
        case Negation():
            value = constant(node.expr)
            return None if value is None else -value
        case BinaryOperation():
            left, right = constant(node.left), constant(node.right)
            return None if left is None or right is None else _calculate(left, node.operator, right)
    return None


def _calculate(left: float, operator: str, right: float) -> float | None:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/" if right:
            return left / right
    return None


# --- functions ---------------------------------------------------------------------------------------------------

# What has the unit of its argument.
_SAME = {
    *("abs", "ceil", "floor", "round", "clamp", "clamp_min", "clamp_max", "sort", "sort_desc", "scalar", "vector"),
    *("label_replace", "label_join", "sort_by_label", "sort_by_label_desc"),
    *("avg_over_time", "min_over_time", "max_over_time", "sum_over_time", "last_over_time", "first_over_time"),
    *("stddev_over_time", "mad_over_time", "delta", "idelta", "holt_winters", "double_exponential_smoothing"),
    *("predict_linear", "increase"),
}
_SAME_AS_SECOND = {"quantile_over_time"}
_A_SECOND_OF = {"rate", "irate", "deriv"}
_OBSERVED = {"histogram_quantile", "histogram_avg", "histogram_stddev"}
_COUNTED = {
    *("count_over_time", "changes", "resets", "present_over_time", "absent", "absent_over_time"),
}
_AGGREGATED = {"sum", "avg", "min", "max", "topk", "bottomk", "quantile", "stddev", "limitk", "limit_ratio"}
_COMPARISONS = {">", "<", ">=", "<=", "==", "!="}


@dataclass(frozen=True)
class _Reader:
    """Goes through an expression from the outside in; recorded series are read as what they record."""

    known: SeriesCatalog
    inside: tuple[str, ...] = ()

    def of(self, node: Node) -> Quantity:
        match node:
            case NumberLiteral():
                return _CONSTANT
            case VectorSelector():
                return self._selected(node.selector.metric)
            case Call():
                return self._called(node)
            case Aggregation() if node.operator not in _AGGREGATED:
                return Quantity(THINGS) if node.operator in ("count", "count_values", "group") else UNKNOWN
            case BinaryOperation():
                return self._combined(node)
        return self.of(node.children[-1]) if node.children else UNKNOWN

    def _selected(self, name: str) -> Quantity:
        if name.count(":") >= 2:
            return self._recorded(name)
        series = self.known.series(name)
        counts = series.role in (COUNT, BUCKET, NATIVE)
        return Quantity(THINGS if counts else series.unit, series.stem) if counts or series.unit else UNKNOWN

    def _recorded(self, name: str) -> Quantity:
        if name in self.inside or name not in self.known.recorded:
            return _by_name(name, self.known)
        try:
            node = parse_tree(self.known.recorded[name])
        except PromQLError:
            return UNKNOWN
        return _Reader(self.known, (*self.inside, name)).of(node)

    def _called(self, node: Call) -> Quantity:
        name, arguments = node.function, node.arguments
        if name in ("time", "timestamp"):
            return Quantity(MOMENT)
        if name == "histogram_fraction":
            return Quantity(_SHARE)
        if name == "histogram_count":
            return replace(self.of(arguments[0]), unit=THINGS)
        if name in _COUNTED:
            return Quantity(THINGS)
        if name == "histogram_sum":
            return replace(self._observed(arguments[0]), per_second=self.of(arguments[0]).per_second)
        if name in _OBSERVED:
            return self._observed(arguments[-1])
        if name in _A_SECOND_OF:
            return _a_second(self.of(arguments[0]))
        if name in _SAME_AS_SECOND:
            return self.of(arguments[1])
        return self.of(arguments[0]) if name in _SAME and arguments else UNKNOWN

    def _observed(self, node: Node) -> Quantity:
        """The unit of what a histogram observes, from the selector of its buckets."""
        buckets = innermost(node)
        if buckets is None or buckets.metric.count(":") >= 2:
            return _by_name(buckets.metric, self.known) if buckets else UNKNOWN
        series = self.known.series(buckets.metric)
        return Quantity(series.unit, series.stem) if series.unit not in ("", THINGS) else UNKNOWN

    def _combined(self, node: BinaryOperation) -> Quantity:
        left, right = self.of(node.left), self.of(node.right)
        if node.operator in _COMPARISONS:
            return UNKNOWN if node.returns_bool else (right if left == _CONSTANT else left)
        match node.operator:
            case "and" | "unless":
                return left
            case "+" | "-" | "or":
                return _alike(left, right, node.operator)
            case "/":
                return _divided(node, left, right)
            case "*":
                return _multiplied(node, left, right)
        return UNKNOWN


def skeleton(node: Node) -> Node:
    """What is done to series, whatever the series are: equal for both sides of a ratio that makes sense."""
    if isinstance(node, VectorSelector):
        return replace(node, selector=Selector("", (), node.selector.window))
    return node.with_children(*map(skeleton, node.children))


def pattern(node: Node, aside: Sequence[Matcher] = ()) -> Node:
    """What is done to which series, whatever the windows; without the matchers named."""
    if isinstance(node, VectorSelector):
        matchers = tuple(m for m in node.selector.matchers if m not in aside)
        return replace(node, selector=Selector(node.selector.metric, matchers))
    return node.with_children(*(pattern(child, aside) for child in node.children))


def innermost(node: Node) -> Selector | None:
    """The selector that functions and aggregations are wrapped around, if there is one alone."""
    while node.children and not isinstance(node, BinaryOperation):
        node = node.children[-1]
    return node.selector if isinstance(node, VectorSelector) else None


# --- arithmetic --------------------------------------------------------------------------------------------------


def _a_second(quantity: Quantity) -> Quantity:
    return replace(quantity, per_second=True) if quantity.unit and not quantity.per_second else UNKNOWN


def _alike(left: Quantity, right: Quantity, operator: str) -> Quantity:
    """Both of one kind, or one of them a number without a unit."""
    if operator == "-" and left.unit == right.unit == MOMENT:
        return Quantity("s")
    if _CONSTANT in (left, right):
        return left if right == _CONSTANT else right
    same = (left.unit, left.per_second) == (right.unit, right.per_second)
    return left if same and left.unit != MOMENT else UNKNOWN


def _divided(node: BinaryOperation, left: Quantity, right: Quantity) -> Quantity:
    if right == _CONSTANT:
        return left if constant(node.right) == 1 else UNKNOWN
    if UNKNOWN in (left, right) or left == _CONSTANT or left.per_second != right.per_second:
        return UNKNOWN
    if left.unit == right.unit:
        return Quantity(_SHARE) if left.unit != THINGS or _among(left, right) else UNKNOWN
    # A sum by how many: what one of them has on average.
    return Quantity(left.unit, left.of) if right.unit == THINGS else UNKNOWN


def _among(left: Quantity, right: Quantity) -> bool:
    """Whether what is counted is counted among others: both are of one metric, or the failures of it."""
    return left.of == right.of or bool(_FAILURES & set(words(left.of)))


def _multiplied(node: BinaryOperation, left: Quantity, right: Quantity) -> Quantity:
    at = 1 if right == _CONSTANT else 0
    number, other = constant(node.children[at]), (right, left)[at]
    if number == 1:
        return other
    if number == 0:
        return _CONSTANT  # `or 0 * total`: the zeros stand for what is on the other side of the or
    if (number, other) == (100, Quantity(_SHARE)):
        return Quantity(_PERCENT)
    return Quantity("ms") if (number, other.unit, other.per_second) == (1000, "s", False) else UNKNOWN


# --- names -------------------------------------------------------------------------------------------------------


def _by_name(name: str, known: SeriesCatalog) -> Quantity:
    """What a recorded series holds that nothing here records, by `level:metric:operations`."""
    _, metric, operations = name.split(":", 2)
    operation = re.match("[a-z]*", operations)
    series = known.series(metric)
    match operation[0] if operation else "":
        case "ratio":
            return Quantity(_SHARE)
        case "rate":
            return Quantity(series.unit or THINGS, series.stem, per_second=True)
        case "p" | "mean" | "avg" | "min" | "max" | "sum" | "increase" | "quantile" if series.unit:
            return Quantity(series.unit, series.stem)
    return UNKNOWN
