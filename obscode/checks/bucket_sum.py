"""Buckets of a histogram are not added over `le`.

Why: buckets are cumulative: an observation of 0.1 s is in every bucket from 0.1 on. The sum of all buckets counts it
once for each. `_count` is the number of observations. A test whether there are any, `> 0`, is accepted.

Bad:
    RecordingRule("job:latency_seconds:rate5m", "sum by (job) (rate(latency_seconds_bucket[5m]))")

Good:
    RecordingRule("job:latency_seconds:rate5m", "sum by (job) (rate(latency_seconds_count[5m]))")
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.typed_expression import TypedExpression
from obscode.findings.finding import Finding
from obscode.promql.syntax_tree import Aggregation, BinaryOperation, Call, Node, NumberLiteral, VectorSelector

_QUANTILES = ("histogram_quantile", "histogram_quantiles", "histogram_fraction")
_RATES = ("rate", "irate", "increase")


@check(TypedExpression)
def bucket_sum(expression: TypedExpression, context: Context) -> Iterator[Finding]:
    """Sums of all buckets; quantile-without-le reports those in quantiles."""
    for node in _quantities(expression.tree):
        if isinstance(node, Aggregation) and _adds_buckets(expression, node) and (bucket := _rated_bucket(node.expr)):
            count = bucket.removesuffix("_bucket") + "_count"
            message = f"{expression.owner} adds all buckets of {bucket}, which are cumulative"
            yield expression.finding(bucket_sum, message, f"read {count}, or keep le", node, keyword=True)


def _quantities(node: Node) -> Iterator[Node]:
    """The parts whose values matter: not those of quantiles and of tests for zero."""
    if isinstance(node, Call) and node.function in _QUANTILES:
        return
    if isinstance(node, BinaryOperation) and node.operator in (">", "==", "!=") and node.right == NumberLiteral(0):
        return
    yield node
    for child in node.children:
        yield from _quantities(child)


def _adds_buckets(expression: TypedExpression, node: Aggregation) -> bool:
    labels = expression.type(node.expr).labels
    is_selected = any(labels.values_of("le")) or not labels.can_have("le")
    return node.operator in ("sum", "avg") and not is_selected and not expression.type(node).labels.can_have("le")


def _rated_bucket(node: Node) -> str:
    """The name of the buckets whose rate, or sum of rates, a part is."""
    while isinstance(node, Aggregation):
        node = node.expr
    if isinstance(node, Call) and node.function in _RATES and isinstance(node.arguments[0], VectorSelector):
        name = node.arguments[0].selector.metric
        return name if name.endswith("_bucket") and ":" not in name else ""
    return ""
