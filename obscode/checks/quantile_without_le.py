"""histogram_quantile reads buckets, which have the label `le`.

Why: buckets without `le` are no buckets: `histogram_quantile(0.9, sum by (job) (rate(x_bucket[5m])))` is empty, so an
alert on it never fires. Native histograms have no `le`; an expression is reported if it reads series of buckets.

Bad:
    RecordingRule(
        "job:latency_seconds:p90_rate5m", "histogram_quantile(0.9, sum by (job) (rate(latency_seconds_bucket[5m])))"
    )

Good:
    RecordingRule(
        "job:latency_seconds:p90_rate5m", "histogram_quantile(0.9, sum by (job, le) (rate(latency_seconds_bucket[5m])))"
    )
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.typed_expression import TypedExpression
from obscode.findings.finding import Finding
from obscode.promql.syntax_tree import Call, Node, VectorSelector
from obscode.promql.types.functions import FUNCTIONS

# VictoriaMetrics' histograms have vmrange: https://docs.victoriametrics.com/victoriametrics/metricsql/#histogram_quantile
_BOUNDS = ("le", "vmrange")


@check(TypedExpression)
def quantile_without_le(expression: TypedExpression, context: Context) -> Iterator[Finding]:
    """Quantiles of buckets whose label le is removed, and of sums and counts."""
    for node, _ in expression.nodes():
        if not isinstance(node, Call) or node.function not in ("histogram_quantile", "histogram_fraction"):
            continue
        buckets = node.arguments[FUNCTIONS[node.function].argument]
        argument = expression.type(buckets)
        if argument.samples in ("native", "native rate") or any(map(argument.labels.can_have, _BOUNDS)):
            continue
        if any(map(_is_bucket, buckets.descendants())) or argument.samples in ("buckets", "sum of counters"):
            message = f"{node.function} in {expression.owner} reads {_what(expression, buckets)}, which has no label le"
            yield expression.finding(quantile_without_le, message, "keep le: sum by (le, ...)", buckets)


def _what(expression: TypedExpression, node: Node) -> str:
    return f"`{expression.part(node)}`"


def _is_bucket(node: Node) -> bool:
    return isinstance(node, VectorSelector) and node.selector.metric.endswith("_bucket")
