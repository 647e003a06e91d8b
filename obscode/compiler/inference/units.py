"""Infer the unit of an expression from its structure: seconds, bytes per second, a ratio, requests.

If the structure does not determine the unit (`bytes / 1024`), it is unknown: a wrong unit is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from obscode.compiler.inference.series import COUNT, TIMESTAMP, SeriesCatalog, name_words
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

_RATIO, _PERCENT, _NUMBER = "percentunit", "percent", "number"

# The unit of a rate, by a word of the counter's name.
_PER_SECOND: Mapping[str, str] = {
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
_COUNTS_PER_SECOND = "cps"
# A counter with one of these words counts a part of other events.
_FAILURES = {"errors", "failures", "failed", "exceptions", "timeouts", "rejected", "dropped", "hits", "misses"}
_UNIT_RATES = {"bytes": "binBps", "bits": "bps", "joule": "watt", "s": _RATIO}


@dataclass(frozen=True)
class Quantity:
    """The unit of an expression.

    Attributes:
        unit: one of Grafana's, COUNT, TIMESTAMP, or empty if unknown.
        counted_noun: the name of the metric that counts, for COUNT.
        per_second: whether it is a rate.
    """

    unit: str
    counted_noun: str = ""
    per_second: bool = False

    def grafana_unit(self) -> str:
        """The unit of Grafana's, or empty if unknown."""
        if self.unit == COUNT:
            return self._counts_per_second() if self.per_second else "short"
        if self.unit in (TIMESTAMP, _NUMBER):
            return ""
        return _UNIT_RATES.get(self.unit, "") if self.per_second else self.unit

    def _counts_per_second(self) -> str:
        last = next(
            (word for word in reversed(name_words(self.counted_noun)) if word in _PER_SECOND or word in _FAILURES), ""
        )
        return _PER_SECOND.get(last, _COUNTS_PER_SECOND)


UNKNOWN = Quantity("")
_CONSTANT = Quantity(_NUMBER)


def quantity(expr: str, known: SeriesCatalog) -> Quantity:
    """The unit of an expression without variables; unknown if it does not parse."""
    try:
        return _UnitReader(known).of(parse_tree(expr))
    except PromQLError:
        return UNKNOWN


def constant(node: Node) -> float | None:
    """The value of an expression without series: `14.4 * 0.001`."""
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

# Functions that keep the unit of an argument.
_UNIT_OF_ARGUMENT = {
    *("abs", "ceil", "floor", "round", "clamp", "clamp_min", "clamp_max", "sort", "sort_desc", "scalar", "vector"),
    *("label_replace", "label_join", "sort_by_label", "sort_by_label_desc"),
    *("avg_over_time", "min_over_time", "max_over_time", "sum_over_time", "last_over_time", "first_over_time"),
    *("stddev_over_time", "mad_over_time", "delta", "idelta", "holt_winters", "double_exponential_smoothing"),
    *("predict_linear", "increase"),
}
_UNIT_OF_SECOND_ARGUMENT = {"quantile_over_time"}
_RATES = {"rate", "irate", "deriv"}
_UNIT_OF_OBSERVATIONS = {"histogram_quantile", "histogram_avg", "histogram_stddev"}
_COUNTS = {
    *("count_over_time", "changes", "resets", "present_over_time", "absent", "absent_over_time"),
}
_UNIT_PRESERVING_AGGREGATIONS = {
    "sum",
    "avg",
    "min",
    "max",
    "topk",
    "bottomk",
    "quantile",
    "stddev",
    "limitk",
    "limit_ratio",
}
_COMPARISONS = {">", "<", ">=", "<=", "==", "!="}


@dataclass(frozen=True)
class _UnitReader:
    """Infers the unit of an expression from the outermost node; a recorded series has the unit of its rule.

    ``inside`` are the recorded series so far, to stop at rules that read each other.
    """

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
            case Aggregation() if node.operator not in _UNIT_PRESERVING_AGGREGATIONS:
                return Quantity(COUNT) if node.operator in ("count", "count_values", "group") else UNKNOWN
            case BinaryOperation():
                return self._combined(node)
        return self.of(node.children[-1]) if node.children else UNKNOWN

    def _selected(self, name: str) -> Quantity:
        if name.count(":") >= 2:
            return self._recorded(name)
        series = self.known.series(name)
        counts = series.role in ("count", "bucket", "native")
        return Quantity(COUNT if counts else series.unit, series.stem) if counts or series.unit else UNKNOWN

    def _recorded(self, name: str) -> Quantity:
        if name in self.inside or name not in self.known.recorded:
            return _by_name(name, self.known)
        try:
            node = parse_tree(self.known.recorded[name])
        except PromQLError:
            return UNKNOWN
        return _UnitReader(self.known, (*self.inside, name)).of(node)

    def _called(self, node: Call) -> Quantity:
        name, arguments = node.function, node.arguments
        if name in ("time", "timestamp"):
            return Quantity(TIMESTAMP)
        if name == "histogram_fraction":
            return Quantity(_RATIO)
        if name == "histogram_count":
            return replace(self.of(arguments[0]), unit=COUNT)
        if name in _COUNTS:
            return Quantity(COUNT)
        if name == "histogram_sum":
            return replace(self._observed(arguments[0]), per_second=self.of(arguments[0]).per_second)
        if name in _UNIT_OF_OBSERVATIONS:
            return self._observed(arguments[-1])
        if name in _RATES:
            return _per_second(self.of(arguments[0]))
        if name in _UNIT_OF_SECOND_ARGUMENT:
            return self.of(arguments[1])
        return self.of(arguments[0]) if name in _UNIT_OF_ARGUMENT and arguments else UNKNOWN

    def _observed(self, node: Node) -> Quantity:
        """The unit of a histogram's observations, from the selector of its buckets."""
        buckets = innermost(node)
        if buckets is None or buckets.metric.count(":") >= 2:
            return _by_name(buckets.metric, self.known) if buckets else UNKNOWN
        series = self.known.series(buckets.metric)
        return Quantity(series.unit, series.stem) if series.unit not in ("", COUNT) else UNKNOWN

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


def without_selectors(node: Node) -> Node:
    """The tree without names and matchers: equal for both sides of a ratio of like expressions."""
    if isinstance(node, VectorSelector):
        return replace(node, selector=Selector("", (), node.selector.window))
    return node.with_children(*map(without_selectors, node.children))


def without_windows(node: Node, ignored: Sequence[Matcher] = ()) -> Node:
    """The tree without windows and without some matchers: equal for expressions of the same values."""
    if isinstance(node, VectorSelector):
        matchers = tuple(m for m in node.selector.matchers if m not in ignored)
        return replace(node, selector=Selector(node.selector.metric, matchers))
    return node.with_children(*(without_windows(child, ignored) for child in node.children))


def innermost(node: Node) -> Selector | None:
    """The selector inside functions and aggregations, or None if there are several."""
    while node.children and not isinstance(node, BinaryOperation):
        node = node.children[-1]
    return node.selector if isinstance(node, VectorSelector) else None


# --- arithmetic --------------------------------------------------------------------------------------------------


def _per_second(quantity: Quantity) -> Quantity:
    return replace(quantity, per_second=True) if quantity.unit and not quantity.per_second else UNKNOWN


def _alike(left: Quantity, right: Quantity, operator: str) -> Quantity:
    """Both operands have the same unit, or one is a number without a unit."""
    if operator == "-" and left.unit == right.unit == TIMESTAMP:
        return Quantity("s")
    if _CONSTANT in (left, right):
        return left if right == _CONSTANT else right
    same = (left.unit, left.per_second) == (right.unit, right.per_second)
    return left if same and left.unit != TIMESTAMP else UNKNOWN


def _divided(node: BinaryOperation, left: Quantity, right: Quantity) -> Quantity:
    if right == _CONSTANT:
        return left if constant(node.right) == 1 else UNKNOWN
    if UNKNOWN in (left, right) or left == _CONSTANT or left.per_second != right.per_second:
        return UNKNOWN
    if left.unit == right.unit:
        return Quantity(_RATIO) if left.unit != COUNT or _is_subset(left, right) else UNKNOWN
    # A sum divided by a count is an average.
    return Quantity(left.unit, left.counted_noun) if right.unit == COUNT else UNKNOWN


def _is_subset(left: Quantity, right: Quantity) -> bool:
    """True if the numerator is a subset of the denominator: same metric, or its failures."""
    return left.counted_noun == right.counted_noun or bool(_FAILURES & set(name_words(left.counted_noun)))


def _multiplied(node: BinaryOperation, left: Quantity, right: Quantity) -> Quantity:
    at = 1 if right == _CONSTANT else 0
    number, other = constant(node.children[at]), (right, left)[at]
    if number == 1:
        return other
    if number == 0:
        return _CONSTANT  # `or 0 * total`: the zeros have the unit of the other operand
    if (number, other) == (100, Quantity(_RATIO)):
        return Quantity(_PERCENT)
    return Quantity("ms") if (number, other.unit, other.per_second) == (1000, "s", False) else UNKNOWN


# --- names -------------------------------------------------------------------------------------------------------


def _by_name(name: str, known: SeriesCatalog) -> Quantity:
    """The unit of a recorded series without a rule in the project, from its name `level:metric:operations`."""
    _, metric, operations = name.split(":", 2)
    operation = re.match("[a-z]*", operations)
    series = known.series(metric)
    match operation[0] if operation else "":
        case "ratio":
            return Quantity(_RATIO)
        case "rate":
            return Quantity(series.unit or COUNT, series.stem, per_second=True)
        case "p" | "mean" | "avg" | "min" | "max" | "sum" | "increase" | "quantile" if series.unit:
            return Quantity(series.unit, series.stem)
    return UNKNOWN
