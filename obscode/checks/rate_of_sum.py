"""rate, irate and increase read counters, not their sums and not other rates.

Why: `rate` corrects for a counter reset, which it detects by a decrease. In a sum of counters, the restart of one is a
small decrease that `rate` takes for a reset of the whole sum: a spike of hundreds of times the traffic. A rate goes up
and down, and each decrease counts as a reset. https://www.robustperception.io/rate-then-sum-never-sum-then-rate/

Bad:
    RecordingRule("job:requests_total:sum", "sum by (job) (requests_total)")
    RecordingRule("job:requests:rate5m", "rate(job:requests_total:sum[5m])")

Good:
    RecordingRule("job:requests:rate5m", "sum by (job) (rate(requests_total[5m]))")
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.typed_expression import TypedExpression
from obscode.findings.finding import Finding
from obscode.promql.syntax_tree import Aggregation, Call, Node, Subquery, VectorSelector
from obscode.promql.types.functions import FUNCTIONS

_RATES = frozenset(name for name, function in FUNCTIONS.items() if function.reads == "counter")
_AGGREGATES = {"sum": "a sum", "avg": "an average", "count": "a count"}
_HINT = "take the rate of each counter first: sum(rate(x[5m]))"


@check(TypedExpression)
def rate_of_sum(expression: TypedExpression, context: Context) -> Iterator[Finding]:
    """Rates of sums of counters and of rates, also of recorded ones."""
    for node, _ in expression.nodes():
        if isinstance(node, Call) and node.function in _RATES and (kind := _kind(expression, node.arguments[0])):
            message = f"{expression.owner} takes the {node.function} of {kind}"
            yield expression.finding(rate_of_sum, message, _HINT, node.arguments[0])


def _kind(expression: TypedExpression, argument: Node) -> str:
    samples = expression.type(argument).samples
    metric = argument.selector.metric if isinstance(argument, VectorSelector) else ""
    name = f"{metric!r}, " if metric else ""
    if samples in ("rate", "native rate"):
        return f"{name}a rate"
    if isinstance(argument, Subquery) and isinstance(argument.expr, Aggregation):
        return _AGGREGATES.get(argument.expr.operator, "")
    # By the naming convention level:metric:operations, for a record of another project.
    is_named_sum = metric.count(":") == 2 and metric.endswith(":sum")
    return f"{name}a sum" if samples == "sum of counters" or is_named_sum else ""
