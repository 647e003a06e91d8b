"""A condition can be true and can be false.

Why: a rate is never negative, a quantile is at most the highest bucket, and a part of a whole is between 0 and 1. A
comparison beyond these values is always empty, so the alert never fires, or never empty, so the alert always fires.
Two conditions can exclude each other, too: `x > 5 < 3`; of `x > 5 or x <= 5` one is always true.

Bad:
    Alert("ErrorRatio", 'sum(rate(requests_total{code="500"}[5m])) / sum(rate(requests_total[5m])) > 5',
          severity="page", summary="more than 5 % of the requests fail")

Good:
    Alert("ErrorRatio", 'sum(rate(requests_total{code="500"}[5m])) / sum(rate(requests_total[5m])) > 0.05',
          severity="page", summary="more than 5 % of the requests fail")
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

from obscode.checks.check import Context, check
from obscode.checks.typed_expression import TypedExpression
from obscode.findings.finding import Finding
from obscode.promql.syntax_tree import (
    Aggregation,
    BinaryOperation,
    Call,
    Node,
    NumberLiteral,
    VectorSelector,
    value_type,
)
from obscode.promql.types.interval import COMPARISONS, UNIT, Interval, compare

_PERCENT = Interval(0, 100)
# `x != 5` has no interval.
_ORDERED = tuple(operator for operator in COMPARISONS if operator != "!=")


@check(TypedExpression)
def constant_condition(expression: TypedExpression, context: Context) -> Iterator[Finding]:
    """Comparisons that are always true or always false, and conditions that exclude or complete each other."""
    for node, _ in expression.nodes():
        if not isinstance(node, BinaryOperation):
            continue
        if node.operator in ("and", "or", "unless"):
            yield from _of_set(expression, node)
        elif node.operator in COMPARISONS and not _is_scalar(node):
            yield from _of_comparison(expression, node)


def _of_set(expression: TypedExpression, node: BinaryOperation) -> Iterator[Finding]:
    if node.operator == "unless" and node.left == node.right:
        message = f"`{expression.part(node)}` of {expression.owner} is always empty: both sides are equal"
        yield expression.finding(constant_condition, message, "compare one side with a value", node)
    if not (sides := _of_same_expression(expression, node)):
        return
    whole, left, right = sides
    if node.operator == "and" and left.intersect(right).is_empty and not left.is_empty:
        message = f"the conditions `{expression.part(node)}` of {expression.owner} exclude each other"
        yield expression.finding(constant_condition, message, "correct one of them, or write or", node)
    if node.operator == "or" and left != whole != right and left.union(right) == whole and _touch(left, right):
        message = f"one of the conditions `{expression.part(node)}` of {expression.owner} is true for every value"
        yield expression.finding(constant_condition, message, "correct one of them, or write and", node)


def _of_comparison(expression: TypedExpression, node: BinaryOperation) -> Iterator[Finding]:
    left, right = expression.type(node.left).values, expression.type(node.right).values
    outcome = _same_operands(node)
    if outcome is None:
        outcome = compare(node.operator, left, right)
    if outcome is False or (outcome and not _is_meant(node, left, right) and not _is_heartbeat(node)):
        always = "always true" if outcome else "never true"
        message = f"the condition `{expression.part(node)}` of {expression.owner} is {always}"
        if left.is_bounded and right.constant is not None:
            message += f": {_values('left', left)}"
        elif right.is_bounded and left.constant is not None:
            message += f": {_values('right', right)}"
        yield expression.finding(constant_condition, message, _hint(expression, node, left, right), node)
    elif (share := _share_of_percentage(node, left, right)) is not None:
        message = f"{expression.owner} compares a percentage with {share:g}: `{expression.part(node)}`"
        hint = f"write {100 * share:g} for {100 * share:g} %"
        yield expression.finding(constant_condition, message, hint, node, severity="warning")


def _share_of_percentage(node: BinaryOperation, left: Interval, right: Interval) -> float | None:
    """The limit of `100 * part / whole < 0.95`, which is 0.95 %; errors are compared with a small one: `> 0.5`."""
    values, limit = (left, right.constant) if node.operator in ("<", "<=") else (right, left.constant)
    is_below = node.operator in ("<", "<=", ">", ">=")
    if not is_below or values != _PERCENT or limit is None or not 0.5 <= limit < 1:
        return None
    return limit


def _is_heartbeat(node: Node) -> bool:
    """True for a condition without series, such as `vector(1) == 1` of an alert that always fires on purpose."""
    return not any(isinstance(each, VectorSelector) for each in node.descendants())


def _values(side: str, values: Interval) -> str:
    if values.constant is not None:
        return f"the {side} side is always {values.constant:g}"
    return f"the values of the {side} side are in {values}"


def _hint(expression: TypedExpression, node: BinaryOperation, left: Interval, right: Interval) -> str:
    """What to write instead of a condition that is always or never true."""
    values, limit, side = left, right.constant, node.left
    if isinstance(node.left, NumberLiteral) or limit is None:
        values, limit, side = right, left.constant, node.right
    if node.left == node.right:
        return "compare different expressions"
    if isinstance(side, Aggregation) and side.operator in ("count", "group") and limit is not None and limit <= 1:
        argument = expression.part(side.expr)
        return f"the count of no series is empty, not 0: write absent({argument})"
    if limit is not None and values == UNIT and 2 <= limit <= 100:
        return f"write {limit / 100:g} for {limit:g} %"
    if limit is not None and (values.low, values.high) == (0, 100) and limit > 100:
        return "compare with a percentage up to 100"
    ends = [end for end in (values.low, values.high) if isfinite(end)]
    if limit is None or not ends or values.constant is not None:
        return "compare with a value that occurs"
    if len(ends) == 2:
        return f"compare with a value from {ends[0]:g} to {ends[1]:g}"
    return f"compare with a value {'above' if isfinite(values.low) else 'below'} {ends[0]:g}"


def _is_meant(node: BinaryOperation, left: Interval, right: Interval) -> bool:
    """True for a condition that is always true and has a purpose: a test whether series exist, or whether one is NaN.

    `a / b >= 0` drops the NaN of 0 / 0; `a / b < 99` does not need to.
    """
    if any(map(_is_filter, node.children)):
        return True
    is_limit = right.constant in (left.low, left.high) or left.constant in (right.low, right.high)
    return (is_limit or not (left.is_bounded and right.is_bounded)) and any(map(_may_be_nan, node.children))


def _is_filter(node: Node) -> bool:
    """True for an expression that is empty where a condition is false, and for a test whether series exist.

    `count(up == 0) > 0` is always true, too, and means what it says.
    """
    match node:
        case Aggregation(operator="count" | "group" | "count_values"):
            return True
        case BinaryOperation() if node.operator in (*COMPARISONS, "and", "unless") and not node.returns_bool:
            return True
        case Call() if node.function.startswith(("absent", "present", "count_over_time")):
            return True
        case VectorSelector():
            # The rule of a recorded series may be a filter.
            return node.selector.metric.startswith("ALERTS") or ":" in node.selector.metric
    return any(map(_is_filter, node.children))


def _may_be_nan(node: Node) -> bool:
    """True for a division: `a / b >= 0` drops the NaN of 0 / 0, which no comparison but `!=` returns."""
    return any(isinstance(part, BinaryOperation) and part.operator in ("/", "%") for part in node.descendants())


def _of_same_expression(
    expression: TypedExpression, node: BinaryOperation
) -> tuple[Interval, Interval, Interval] | None:
    """For `x > 5 and x < 3`: the values of x, and those for which the left and the right condition are true."""
    sides = [side for side in node.children if isinstance(side, BinaryOperation)]
    if len(sides) < 2 or any(side.operator not in _ORDERED or side.returns_bool for side in sides):
        return None
    if sides[0].left != sides[1].left or node.matching:
        return None
    left, right = (expression.type(side).values for side in sides)
    return expression.type(sides[0].left).values, left, right


def _touch(one: Interval, other: Interval) -> bool:
    """Whether no value is between two intervals."""
    low, high = sorted((one, other), key=lambda values: (values.low, values.high))
    return low.high > high.low or (low.high == high.low and not (low.high_open and high.low_open))


def _is_scalar(node: BinaryOperation) -> bool:
    return value_type(node) == "scalar"


def _same_operands(node: BinaryOperation) -> bool | None:
    """The outcome of comparing an expression with itself; NaN is never equal."""
    if node.left != node.right or node.matching:
        return None
    return node.operator in ("==", ">=", "<=")
