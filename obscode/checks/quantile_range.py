"""Quantiles are between 0 and 1.

Why: Prometheus accepts `histogram_quantile(99, ...)` and returns +Inf. A quantile below 0 is -Inf.

Bad:
    RecordingRule("job:latency_seconds:p99_rate5m",
                  "histogram_quantile(99, sum by (job, le) (rate(latency_seconds_bucket[5m])))")

Good:
    RecordingRule("job:latency_seconds:p99_rate5m",
                  "histogram_quantile(0.99, sum by (job, le) (rate(latency_seconds_bucket[5m])))")
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.typed_expression import TypedExpression
from obscode.findings.finding import Finding
from obscode.findings.fix import Fix
from obscode.promql.syntax_tree import Aggregation, Call, Node

_FUNCTIONS = ("histogram_quantile", "quantile_over_time")


@check(TypedExpression)
def quantile_range(expression: TypedExpression, context: Context) -> Iterator[Finding]:
    """Quantiles outside 0 to 1."""
    for node, _ in expression.nodes():
        name, quantile = _quantile(node)
        value = expression.type(quantile).values.constant if quantile else None
        if quantile and value is not None and not 0 <= value <= 1:
            hint = f"write {value / 100:g} for {value:g} %" if 1 < value <= 100 else "write a number from 0 to 1"
            message = f"{name} in {expression.owner} has the quantile {value:g}, which is outside 0 to 1"
            # 2 may be 0.02 or 0.2.
            fix = Fix(expression.text_of(quantile), f"{value / 100:g}") if 50 <= value <= 100 else None
            yield expression.finding(quantile_range, message, hint, quantile, fix=fix)


def _quantile(node: Node) -> tuple[str, Node | None]:
    match node:
        case Call() if node.function in _FUNCTIONS:
            return node.function, node.arguments[0]
        case Aggregation(operator="quantile"):
            return "quantile", node.parameter
    return "", None
