"""Added and compared series have the same unit.

Why: bytes plus seconds is no quantity, and a ratio is never above a number of bytes. Only units that a catalog declares
and that follow from the structure (a rate of bytes, a ratio of two counts) are compared.

Bad:
    metrics.Gauge("queue_bytes")
    metrics.Gauge("queue_age_seconds")
    ScrapeJob(["localhost:8000"])
    Alert("Queue", "queue_bytes > queue_age_seconds", severity="ticket", summary="the queue is long")

Good:
    metrics.Gauge("queue_bytes")
    metrics.Gauge("queue_limit_bytes")
    ScrapeJob(["localhost:8000"])
    Alert("Queue", "queue_bytes > queue_limit_bytes", severity="ticket", summary="the queue is long")
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.typed_expression import TypedExpression
from obscode.findings.finding import Finding
from obscode.promql.syntax_tree import BinaryOperation, Node
from obscode.promql.types.interval import COMPARISONS
from obscode.promql.types.quantity import NUMBER, TIMESTAMP, Quantity

_FIRST_TIME = 1e8
_VERBS = {"+": "adds", "-": "subtracts"}


@check(TypedExpression)
def unit_mismatch(expression: TypedExpression, context: Context) -> Iterator[Finding]:
    """Sums, differences and comparisons of quantities with different units."""
    for node, _ in expression.nodes():
        if not isinstance(node, BinaryOperation) or node.operator not in {*_VERBS, *COMPARISONS}:
            continue
        left, right = expression.type(node.left).unit, expression.type(node.right).unit
        if _is_known(left) and _is_known(right) and (left.unit, left.per_second) != (right.unit, right.per_second):
            verb = _VERBS.get(node.operator, "compares")
            message = f"{expression.owner} {verb} different units: {_text(left)} {node.operator} {_text(right)}"
            yield expression.finding(unit_mismatch, message, "convert one of them", node, keyword=True)
        elif node.operator in COMPARISONS and (time := _compared_time(expression, node)):
            message = f"{expression.owner} compares `{expression.part(time)}`, a Unix time, with a number of seconds"
            yield expression.finding(unit_mismatch, message, f"write time() - {expression.part(time)}", node)


def _compared_time(expression: TypedExpression, node: BinaryOperation) -> Node | None:
    """A side that is a Unix time, if the other is a constant before 1973; 0 and 1 are a time that is not set."""
    for side, other in ((node.left, node.right), (node.right, node.left)):
        number = expression.type(other).values.constant
        if expression.type(side).unit.unit == TIMESTAMP and number is not None and 1 < number < _FIRST_TIME:
            return side
    return None


def _is_known(quantity: Quantity) -> bool:
    return quantity.unit not in ("", NUMBER, TIMESTAMP)


def _text(quantity: Quantity) -> str:
    return f"{quantity.unit} per second" if quantity.per_second else quantity.unit
