"""The samples that Prometheus reads to evaluate an expression, and the series of its result.

Samples are counted as Prometheus counts them in `totalQueryableSamples`: a selector reads one sample of each series, a
window all samples in it, and a subquery the results of its steps. A step's own samples are not counted.
https://github.com/prometheus/prometheus/blob/main/promql/engine.go
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import prod
from typing import NamedTuple

from obscode.cost.series_set import EMPTY, LabelValues, SeriesSet
from obscode.promql.selector import Selector
from obscode.promql.syntax_tree import (
    Aggregation,
    BinaryOperation,
    Call,
    Matching,
    Negation,
    Node,
    NumberLiteral,
    StringLiteral,
    Subquery,
    VectorSelector,
    value_type,
)

_COMPARISONS = {"==", "!=", ">", "<", ">=", "<="}
_K = {"topk", "bottomk", "limitk"}


class Estimate(NamedTuple):
    """The samples that an expression reads, and its result."""

    samples: float
    result: SeriesSet


#: The series of a selector, without its window.
SeriesOf = Callable[[Selector], SeriesSet]


def estimate(node: Node, series: SeriesOf, interval: float) -> Estimate:
    """The cost of an expression in a group that is evaluated every ``interval`` seconds."""
    return _Estimation(series, interval).of(node)


class _Estimation:
    def __init__(self, series: SeriesOf, interval: float) -> None:
        self.series = series
        self.interval = interval

    def of(self, node: Node) -> Estimate:
        match node:
            case NumberLiteral() | StringLiteral():
                return Estimate(0, EMPTY)
            case VectorSelector():
                return self._selected(node.selector)
            case Subquery():
                return self._subquery(node)
            case Negation():
                return self.of(node.expr)
            case Aggregation():
                return self._aggregated(node)
            case Call():
                return self._called(node)
            case BinaryOperation():
                return self._combined(node)
        return Estimate(0, EMPTY)

    def _selected(self, selector: Selector) -> Estimate:
        series = self.series(selector)
        samples = selector.window / series.step if selector.window and series.step else 1
        return Estimate(series.count * samples, series)

    def _subquery(self, node: Subquery) -> Estimate:
        result = self.of(node.expr).result
        step = node.step or self.interval
        return Estimate(result.count * (node.range / step if step else 1), replace(result, step=step))

    def _aggregated(self, node: Aggregation) -> Estimate:
        samples, result = self.of(node.expr)
        if node.operator in _K:
            limit = node.parameter.value if isinstance(node.parameter, NumberLiteral) else 1
            groups = self._groups(node, result).count
            return Estimate(samples, replace(result, count=min(result.count, groups * limit)))
        groups_of = self._groups(node, result)
        if node.operator == "count_values" and isinstance(node.parameter, StringLiteral):
            groups_of = replace(groups_of, labels={**groups_of.labels, node.parameter.value: LabelValues(1)})
        return Estimate(samples, groups_of)

    def _groups(self, node: Aggregation, result: SeriesSet) -> SeriesSet:
        if node.grouping == "without":
            return result.keep(lambda label: label not in node.labels)
        return result.keep(lambda label: label in node.labels)

    def _called(self, node: Call) -> Estimate:
        parts = [self.of(argument) for argument in node.arguments]
        samples = sum(part.samples for part in parts)
        vectors = [
            part.result
            for part, argument in zip(parts, node.arguments, strict=True)
            if value_type(argument) in ("vector", "matrix")
        ]
        result = vectors[0] if vectors else SeriesSet(1)
        if node.returns == "scalar" or node.function == "vector":
            result = SeriesSet(1)
        elif node.function in ("absent", "absent_over_time"):
            result = EMPTY  # as long as nothing is missing
        elif node.function == "histogram_quantile":
            result = result.keep(lambda label: label != "le")
        elif texts := _label_and_sources(node):
            label, *sources = texts
            count = prod(result.labels[source].count for source in sources if source in result.labels)
            result = replace(result, labels={**result.labels, label: LabelValues(count)})
        return Estimate(samples, result)

    def _combined(self, node: BinaryOperation) -> Estimate:
        left, right = self.of(node.left), self.of(node.right)
        samples = left.samples + right.samples
        if value_type(node.left) == "scalar" or value_type(node.right) == "scalar":
            vector, other = (right, node.left) if value_type(node.left) == "scalar" else (left, node.right)
            is_filter = node.operator in _COMPARISONS and not node.returns_bool
            if is_filter and not _is_guard(node.operator, other):
                return Estimate(samples, replace(vector.result, count=0))
            return Estimate(samples, vector.result)
        return Estimate(samples, _matched(node, left.result, right.result))


def _label_and_sources(node: Call) -> Sequence[str]:
    """The label that `label_replace` or `label_join` sets, and those that it is made of; empty for other functions."""
    texts = [argument.value for argument in node.arguments if isinstance(argument, StringLiteral)]
    if node.function == "label_replace":
        return texts[0], texts[2]
    return (texts[0], *texts[2:]) if node.function == "label_join" else ()


def _is_guard(operator: str, limit: Node) -> bool:
    """True for `> 0` and `== 1`, which series such as `up` pass as a rule; other conditions are those of alerts."""
    value = limit.value if isinstance(limit, NumberLiteral) else None
    return (value == 0 and operator != "==") or (operator, value) == ("==", 1)


def _matched(node: BinaryOperation, left: SeriesSet, right: SeriesSet) -> SeriesSet:
    """The result of an operation between vectors."""
    if node.operator in ("or", "and", "unless"):
        return _set_operation(node, left, right)
    if not left.count or not right.count:
        return replace(left, count=0)
    matching = node.matching
    if matching and matching.cardinality != "one-to-one":
        return left if matching.cardinality == "many-to-one" else right
    fewest = min(left.count, right.count)
    return replace(left.keep(_is_matched(matching)), count=fewest) if matching else replace(left, count=fewest)


def _set_operation(node: BinaryOperation, left: SeriesSet, right: SeriesSet) -> SeriesSet:
    """The series of `or`, `and` or `unless`: those with the same values of the labels that are matched are one."""
    is_matched = _is_matched(node.matching)
    ours, theirs = left.keep(is_matched), right.keep(is_matched)
    common = min(ours.count, theirs.count) if ours.labels.keys() == theirs.labels.keys() else 0
    share = common / ours.count if ours.count else 0
    if node.operator == "and":
        return replace(left, count=left.count * share)
    if node.operator == "unless":
        # A condition on the right is one for an exception: as a rule, no series fulfils it.
        return left if _has_condition(node.right) else replace(left, count=left.count * (1 - share))
    added = right.count * (1 - common / theirs.count) if theirs.count else 0
    return replace(left, count=left.count + added, labels={**right.labels, **left.labels})


def _is_matched(matching: Matching | None) -> Callable[[str], bool]:
    """Whether a label is one of those that are matched."""
    if matching is None:
        return lambda label: True
    return lambda label: (label in matching.labels) == matching.on


def _has_condition(node: Node) -> bool:
    """Whether an expression filters series by their value."""
    return any(
        isinstance(part, BinaryOperation) and part.operator in _COMPARISONS and not part.returns_bool
        for part in node.descendants()
    )
