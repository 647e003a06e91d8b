"""Quantiles and averages of latencies are not summed or averaged.

Why: the average of the p99 of ten pods is not the p99 of their requests, and the sum of mean latencies is no latency.
Aggregate buckets, or sums and counts, and then take the quantile or divide. The maximum of quantiles is an upper bound.
The average of a recorded average weighs a group of one series as much as a group of a hundred.

Bad:
    RecordingRule("job:latency_seconds:p99_rate5m",
                  "avg by (job) (histogram_quantile(0.99, rate(latency_seconds_bucket[5m])))")

Good:
    RecordingRule("job:latency_seconds:p99_rate5m",
                  "histogram_quantile(0.99, sum by (job, le) (rate(latency_seconds_bucket[5m])))")
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.typed_expression import TypedExpression
from obscode.findings.finding import Finding
from obscode.promql.syntax_tree import Aggregation, Node, VectorSelector

_VERBS = {"sum": "sums", "avg": "averages", "quantile": "takes a quantile of"}


@check(TypedExpression, severity="warning")
def aggregated_quantile(expression: TypedExpression, context: Context) -> Iterator[Finding]:
    """Sums and averages of quantiles, and of averages of observations."""
    for node, _ in expression.nodes():
        if isinstance(node, Aggregation) and node.operator in _VERBS:
            kind = _kind(expression, node.expr)
            if not kind and node.operator == "avg" and _is_recorded_average(node.expr, context):
                message = f"{expression.owner} averages averages: `{expression.part(node.expr)}`"
                hint = "average the series that its rule reads, or record their sum and their count"
                yield expression.finding(aggregated_quantile, message, hint, node, keyword=True)
            if kind:
                message = f"{expression.owner} {_VERBS[node.operator]} {kind}s: `{expression.part(node.expr)}`"
                hint = "aggregate the buckets first, or take max" if kind == "quantile" else _OF_AVERAGES
                yield expression.finding(aggregated_quantile, message, hint, node, keyword=True)


_OF_AVERAGES = "divide the sum of the _sum by the sum of the _count"


def _is_recorded_average(node: Node, context: Context) -> bool:
    """True for a recorded average of groups, which may have different numbers of series."""
    if not isinstance(node, VectorSelector) or not (tree := context.series(node.selector).recorded):
        return False
    return isinstance(tree, Aggregation) and tree.operator == "avg" and bool(tree.grouping)


def _kind(expression: TypedExpression, node: Node) -> str:
    samples = expression.type(node).samples
    if samples in ("quantile", "average"):
        return samples
    is_summary = isinstance(node, VectorSelector) and "quantile" in expression.type(node).labels.certain
    return "quantile" if is_summary else ""
