"""A ratio of sums, not a sum or an average of ratios.

Why: a sum of ratios is no ratio: it grows with the number of series. The average weighs a series with one request like
one with a thousand, and a series without requests is 0 / 0: the whole result is NaN.

Bad:
    Alert("Failures", "sum(rate(failed_total[5m]) / rate(requests_total[5m])) > 0.1", severity="page",
          summary="failures")

Good:
    Alert("Failures", "sum(rate(failed_total[5m])) / sum(rate(requests_total[5m])) > 0.1", severity="page",
          summary="failures")
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.typed_expression import TypedExpression
from obscode.findings.finding import Finding
from obscode.promql.syntax_tree import Aggregation, BinaryOperation, Call, Node, VectorSelector

_RATES = ("rate", "increase", "irate")
_VERBS = {"sum": "adds", "avg": "averages"}


@check(TypedExpression, severity="warning")
def summed_ratio(expression: TypedExpression, context: Context) -> Iterator[Finding]:
    """Sums and averages of a rate that is divided by a rate."""
    for node, _ in expression.nodes():
        if isinstance(node, Aggregation) and node.operator in _VERBS and _is_ratio(node.expr):
            message = f"{expression.owner} {_VERBS[node.operator]} ratios: `{expression.part(node.expr)}`"
            yield expression.finding(summed_ratio, message, "divide the sums of both sides", node.expr)


def _is_ratio(node: Node) -> bool:
    if not isinstance(node, BinaryOperation) or node.operator != "/":
        return False
    names = [_counter(side) for side in (node.left, node.right)]
    # aggregated-quantile reports averages of averages.
    is_average = names[0].endswith("_sum") and names[1].endswith("_count")
    return all(names) and not is_average


def _counter(node: Node) -> str:
    """The name of the series of which a rate is taken; empty for another expression."""
    if isinstance(node, Call) and node.function in _RATES and isinstance(node.arguments[0], VectorSelector):
        return node.arguments[0].selector.metric
    return ""
