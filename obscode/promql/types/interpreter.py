"""Infer the type of every part of an expression, from the types of the series that it selects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import isfinite

from obscode.promql.selector import Matcher, Selector
from obscode.promql.syntax_tree import (
    Aggregation,
    BinaryOperation,
    Call,
    Negation,
    Node,
    NumberLiteral,
    StringLiteral,
    Subquery,
    VectorSelector,
    value_type,
)
from obscode.promql.types import interval, operations
from obscode.promql.types.functions import AGGREGATIONS, DROPPED, FUNCTIONS, SELECTING, Function, UnitEffect
from obscode.promql.types.interval import ALL, NOT_NEGATIVE, Interval
from obscode.promql.types.labels import NAME, NONE, Labels
from obscode.promql.types.quantity import CONSTANT, COUNT, RATIO, TIMESTAMP, UNKNOWN, Quantity, per_second
from obscode.promql.types.series import UNTYPED, ExprType, Samples, SeriesTypes, untyped

_NO_FUNCTION = Function()
_NO_LABELS = ExprType(NONE)


@dataclass(frozen=True)
class Types:
    """The types of an expression and of all of its parts."""

    tree: Node
    by_node: Mapping[int, ExprType] = field(repr=False)
    pairs: Sequence[tuple[Node, ExprType]] = field(repr=False)

    @property
    def result(self) -> ExprType:
        """The type of the whole expression."""
        return self.of(self.tree)

    def of(self, node: Node) -> ExprType:
        """The type of a part of the expression: a node of its tree."""
        return self.by_node[id(node)]

    def nodes(self) -> Sequence[tuple[Node, ExprType]]:
        """Every part of the expression with its type, parents first."""
        return self.pairs


def infer(tree: Node, series: SeriesTypes = untyped) -> Types:
    """The types of an expression and of its parts; ``series`` knows the types of selected series."""
    interpreter = _Interpreter(series)
    interpreter.infer(tree)
    types = interpreter.types
    return Types(tree, types, [(node, types[id(node)]) for node in interpreter.order])


@dataclass(frozen=True)
class _Interpreter:
    series: SeriesTypes
    types: dict[int, ExprType] = field(default_factory=dict)
    order: list[Node] = field(default_factory=list)

    def infer(self, node: Node) -> ExprType:
        self.order.append(node)
        for child in node.children:
            self.infer(child)
        result = self.types[id(node)] = self._of(node)
        return result

    def _type(self, node: Node) -> ExprType:
        return self.types[id(node)]

    def _of(self, node: Node) -> ExprType:
        match node:
            case NumberLiteral():
                return ExprType(NONE, values=interval.exactly(node.value), unit=CONSTANT)
            case StringLiteral():
                return _NO_LABELS
            case VectorSelector():
                return self._selected(node)
            case Subquery():
                return self._type(node.expr)
            case Negation():
                return _negated(self._type(node.expr))
            case Aggregation():
                return self._aggregated(node)
            case Call():
                return self._called(node)
            case BinaryOperation():
                left, right = self._type(node.left), self._type(node.right)
                return operations.combine(node, left, right, self._recorded)
        return UNTYPED

    def _recorded(self, selector: Selector) -> Node | None:
        return self.series(selector).recorded

    def _selected(self, node: VectorSelector) -> ExprType:
        selector = node.selector
        known = self.series(selector)
        return known._replace(labels=_selected_labels(known.labels, selector.matchers, bool(selector.metric)))

    def _aggregated(self, node: Aggregation) -> ExprType:
        argument = self._type(node.expr)
        function = AGGREGATIONS.get(node.operator, _NO_FUNCTION)
        result = _result(function, argument, argument.labels, _summed(node.operator, argument.samples, function))
        return result if node.operator in SELECTING else result._replace(labels=_grouped(node, argument.labels))

    def _called(self, node: Call) -> ExprType:
        function = FUNCTIONS.get(node.function, _NO_FUNCTION)
        if function.labels == "absent":
            return ExprType(_of_absent(node.arguments[0]), values=interval.ONE, unit=Quantity(COUNT))
        argument = self._argument(node, function)
        if argument is None:  # time(), minute() and others without a vector
            no_argument = _NO_LABELS._replace(unit=_unit(function.unit, _NO_LABELS))
            return no_argument._replace(values=function.values if isinstance(function.values, Interval) else ALL)
        result = _result(function, argument, _labels(node, function, argument.labels), _samples(function, argument))
        return result._replace(values=self._values(node, function, argument))

    def _argument(self, node: Call, function: Function) -> ExprType | None:
        """The type of the argument that a function reads."""
        arguments = node.arguments
        if function is _NO_FUNCTION:
            vectors = [argument for argument in arguments if value_type(argument) in ("vector", "matrix")]
            return self._type(vectors[0]) if vectors else None
        return self._type(arguments[function.argument]) if len(arguments) > function.argument else None

    def _values(self, node: Call, function: Function, argument: ExprType) -> Interval:
        match node.function:
            case "histogram_quantile":
                return _quantile_values(self._type(node.arguments[0]).values, argument.bounds)
            case "abs":
                return NOT_NEGATIVE
            case "clamp" | "clamp_min" | "clamp_max":
                return self._clamped(node, argument.values)
        return _values(function, argument)

    def _clamped(self, node: Call, values: Interval) -> Interval:
        limits = [self._type(limit).values for limit in node.arguments[1:]]
        low = limits[0] if node.function != "clamp_max" else ALL
        high = limits[-1] if node.function != "clamp_min" else ALL
        result = values
        if node.function != "clamp_max":
            result = Interval(max(result.low, low.low), max(result.high, low.high))
        if node.function != "clamp_min":
            result = Interval(min(result.low, high.low), min(result.high, high.high))
        return result


def _result(function: Function, argument: ExprType, labels: Labels, samples: Samples) -> ExprType:
    """The type of a function's result; what is known of a histogram's buckets stays while they are buckets."""
    is_histogram = samples in ("buckets", "native", "rate", "native rate", "sum of counters", "")
    return ExprType(
        labels,
        samples,
        _values(function, argument),
        _unit(function.unit, argument),
        argument.observed if is_histogram else UNKNOWN,
        argument.bounds if is_histogram else (),
        {label: values for label, values in argument.label_values.items() if labels.can_have(label)},
        argument.metric,
        argument.own_labels,
    )


# --- labels ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)  # the rules and panels of a service have the same matchers
def _selected_labels(labels: Labels, matchers: tuple[Matcher, ...], has_name: bool) -> Labels:
    result = labels.select(matchers)
    return result.add(NAME, certain=True) if has_name else result


def _grouped(node: Aggregation, labels: Labels) -> Labels:
    if node.grouping == "by":
        result = labels.keep(node.labels)
    elif node.grouping == "without":
        result = labels.drop((*node.labels, NAME))
    else:
        result = NONE
    if node.operator == "count_values" and isinstance(node.parameter, StringLiteral):
        counted = node.parameter.value
        return result.drop({counted}) if _is_without(node, counted) else result.add(counted, certain=True)
    return result


def _is_without(node: Aggregation, label: str) -> bool:
    """True if an aggregation removes a label by name."""
    return node.grouping == "without" and label in node.labels


def _labels(node: Call, function: Function, labels: Labels) -> Labels:
    match function.labels:
        case "none":
            return NONE
        case "info":
            return labels.opened()
        case "replace":
            return _replaced(node, labels)
        case "join":
            return _joined(node, labels)
    return labels.drop(DROPPED[function.labels])


def _replaced(node: Call, labels: Labels) -> Labels:
    """`label_replace(v, dst, replacement, src, regex)`: series that do not match keep their value of ``dst``."""
    target, replacement, _, regex = (_text(argument) for argument in node.arguments[1:5])
    if not target:
        return labels.opened()
    if regex in (".*", "(.*)") and replacement is not None and "$" not in replacement:
        if not replacement:
            return labels.drop({target})
        return labels.add(target, certain=True, matchers=[Matcher(target, "=", replacement)])
    if replacement == "":
        stays = labels._replace(certain=labels.certain - {target})
        return stays._replace(matchers=frozenset(m for m in labels.matchers if m.label != target))
    return labels.add(target, certain=bool(replacement) and "$" not in (replacement or "") and target in labels.certain)


def _joined(node: Call, labels: Labels) -> Labels:
    """`label_join(v, dst, separator, src, ...)`."""
    target, separator, *sources = (_text(argument) for argument in node.arguments[1:])
    if not target:
        return labels.opened()
    certain = (bool(separator) and len(sources) > 1) or any(source in labels.certain for source in sources)
    return labels.add(target, certain=certain)


def _text(node: Node) -> str | None:
    return node.value if isinstance(node, StringLiteral) else None


def _of_absent(node: Node) -> Labels:
    """The labels that a selector has exactly one equality matcher for; none for other expressions."""
    matchers = node.selector.matchers if isinstance(node, VectorSelector) else ()
    labels = [matcher.label for matcher in matchers]
    usable = [m for m in matchers if m.op == "=" and m.value and labels.count(m.label) == 1]
    names = frozenset(matcher.label for matcher in usable)
    return Labels(names, True, names, names, frozenset(usable))


# --- samples, values, units --------------------------------------------------------------------------------------


def _samples(function: Function, argument: ExprType) -> Samples:
    if function.samples == "=":
        return argument.samples
    return "native rate" if function.samples == "rate" and argument.samples == "native" else function.samples


def _summed(operator: str, samples: Samples, function: Function) -> Samples:
    """The samples of an aggregation. A minimum or maximum of counters is the counter of one of several replicas."""
    if operator == "sum" and samples in ("quantile", "average"):
        return ""
    if operator in ("sum", "avg"):
        return "sum of counters" if samples in ("counter", "buckets", "native") else samples
    return samples if function.samples == "=" else function.samples


def _values(function: Function, argument: ExprType) -> Interval:
    if function.values == "=":
        return argument.values
    if function.values == "+":
        return argument.values.sum()
    return function.values or ALL


def _quantile_values(quantile: Interval, bounds: tuple[float, ...]) -> Interval:
    """A quantile lies between zero, or the lowest bucket if that is below, and the highest finite bucket."""
    if not bounds or quantile.low < 0 or quantile.high > 1 or not isfinite(quantile.low):
        return ALL
    return Interval(min(0.0, *bounds), max(bounds))


def _negated(argument: ExprType) -> ExprType:
    return argument._replace(labels=argument.labels.drop({NAME}), values=-argument.values, samples="")


def _unit(effect: UnitEffect, argument: ExprType) -> Quantity:
    match effect:
        case "argument":
            return argument.unit
        case "per second":
            return per_second(argument.unit)
        case "count":
            return Quantity(COUNT)
        case "timestamp":
            return Quantity(TIMESTAMP)
        case "observations":
            return argument.observed
        case "ratio":
            return Quantity(RATIO)
        case "events":
            return replace(argument.unit, unit=COUNT)
        case "sum of observations":
            return replace(argument.observed, per_second=argument.unit.per_second)
    return UNKNOWN
