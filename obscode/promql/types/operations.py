"""The type of a binary operation, from the types of its sides."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

from obscode.promql.syntax_tree import (
    BinaryOperation,
    Matching,
    Node,
    VectorSelector,
    value_type,
)
from obscode.promql.types.interval import ALL, COMPARISONS, UNIT, Interval, arithmetic, narrowed
from obscode.promql.types.labels import NAME, NONE, Labels
from obscode.promql.types.parts import Recorded, part_values
from obscode.promql.types.quantity import CONSTANT, UNKNOWN, Quantity, added, divided, multiplied
from obscode.promql.types.series import ExprType, Samples

_T = TypeVar("_T")

_ONE_TO_ONE = Matching()
_SETS = ("and", "or", "unless")


class Sides(NamedTuple):
    """The sides of a vector matching: ``many`` has the labels of the result, ``one`` the labels of `group_...`."""

    many: Labels
    one: Labels


def combine(node: BinaryOperation, left: ExprType, right: ExprType, recorded: Recorded) -> ExprType:
    """The type of an operation; ``recorded`` knows the expressions of recorded series."""
    if node.operator in _SETS:
        return _of_set(node, left, right)
    if node.operator in COMPARISONS:
        return _compared(node, left, right)
    return ExprType(
        _labels(node, left, right).drop({NAME}),
        _samples(node, left, right),
        part_values(node, recorded) or _values(node, left, right),
        _unit(node, left, right),
        _same(left.observed, right.observed, UNKNOWN),
        _same(left.bounds, right.bounds, ()),
    )


def shared_labels(matching: Matching | None, one: Labels, other: Labels) -> Labels:
    """The labels of the series of ``one`` that match a series of ``other``."""
    matching = matching or _ONE_TO_ONE
    if matching.on:
        return one.matched_with(other, matching.labels)
    ignored = matching.labels | {NAME}
    shared = one.drop(ignored).matched_with(other.drop(ignored))
    # Ignored labels stay as they are.
    listed = frozenset(label for label in ignored if one.can_have(label))
    names = shared.names | listed if shared.closed else shared.names - listed
    certain = shared.certain | one.certain & ignored
    matchers = shared.matchers | {matcher for matcher in one.matchers if matcher.label in ignored}
    return Labels(names, shared.closed, certain, shared.expected | one.expected & ignored, matchers)


def _of_set(node: BinaryOperation, left: ExprType, right: ExprType) -> ExprType:
    if node.operator == "and":
        return left._replace(labels=shared_labels(node.matching, left.labels, right.labels))
    if node.operator == "unless":
        return left
    return ExprType(
        left.labels.union(right.labels),
        _same(left.samples, right.samples, ""),
        left.values.union(right.values),
        added("or", left.unit, right.unit),
        _same(left.observed, right.observed, UNKNOWN),
        _same(left.bounds, right.bounds, ()),
        left.label_values if left.label_values == right.label_values else {},
        _same(left.metric, right.metric, ""),
    )


def _compared(node: BinaryOperation, left: ExprType, right: ExprType) -> ExprType:
    labels = _labels(node, left, right)
    if node.returns_bool:
        return ExprType(labels.drop({NAME}), values=UNIT)
    if value_type(node.left) == "scalar":
        # `5 < x` is a filter on the vector, whose samples stay.
        return right._replace(labels=labels, values=narrowed(_mirrored(node.operator), right.values, left.values))
    unit = left.unit if left.unit != CONSTANT else right.unit
    return left._replace(labels=labels, values=narrowed(node.operator, left.values, right.values), unit=unit)


def _mirrored(operator: str) -> str:
    return operator.translate(str.maketrans("<>", "><"))


# --- labels ------------------------------------------------------------------------------------------------------


def _labels(node: BinaryOperation, left: ExprType, right: ExprType) -> Labels:
    types = value_type(node.left), value_type(node.right)
    if types == ("scalar", "scalar"):
        return NONE
    if "scalar" in types:
        return right.labels if types[0] == "scalar" else left.labels
    return _matched(node.matching or _ONE_TO_ONE, left.labels, right.labels)


def _matched(matching: Matching, left: Labels, right: Labels) -> Labels:
    if matching.cardinality in ("many-to-one", "one-to-many"):
        return _grouped(matching, *sides(matching, left, right))
    shared = shared_labels(matching, left, right)
    return shared.keep(matching.labels) if matching.on else shared.drop(matching.labels)


def sides(matching: Matching, left: Labels, right: Labels) -> Sides:
    """The sides by their role; the left one has the labels of a one-to-one matching."""
    return Sides(right, left) if matching.cardinality == "one-to-many" else Sides(left, right)


def _grouped(matching: Matching, many: Labels, one: Labels) -> Labels:
    result, one = shared_labels(matching, many, one), shared_labels(matching, one, many)
    for label in sorted(matching.include):
        if one.can_have(label):
            result = result.add(label, certain=label in one.certain, matchers=one.values_of(label))
        else:
            result = result.drop({label})
    return result


# --- samples, values, units --------------------------------------------------------------------------------------


def _samples(node: BinaryOperation, left: ExprType, right: ExprType) -> Samples:
    if node.operator in ("*", "/") and value_type(node.right) == "scalar":
        return left.samples
    if node.operator == "*" and value_type(node.left) == "scalar":
        return right.samples
    if node.operator == "/" and _is_average(node.left, node.right):
        return "average"
    if node.operator == "+" and left.samples == right.samples == "counter":
        return "sum of counters"
    return ""


def _is_average(sum_: Node, count: Node) -> bool:
    """True for the rate of a histogram's `_sum` divided by the rate of its `_count`."""
    names = [[n.selector.metric for n in side.descendants() if isinstance(n, VectorSelector)] for side in (sum_, count)]
    if not all(len(side) == 1 for side in names):
        return False
    (left,), (right,) = names
    return left.endswith("_sum") and right.endswith("_count") and left[:-4] == right[:-6]


def _values(node: BinaryOperation, left: ExprType, right: ExprType) -> Interval:
    return arithmetic(node.operator, left.values, right.values) if node.operator != "atan2" else ALL


def _unit(node: BinaryOperation, left: ExprType, right: ExprType) -> Quantity:
    match node.operator:
        case "+" | "-":
            return added(node.operator, left.unit, right.unit)
        case "/":
            return divided(left.unit, right.unit, right.values.constant)
        case "*":
            return multiplied(left.unit, right.unit, (left.values.constant, right.values.constant))
    return UNKNOWN


def _same(left: _T, right: _T, otherwise: _T) -> _T:
    return left if left == right else otherwise
