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
from obscode.findings.fix import Fix
from obscode.promql.syntax_tree import Aggregation, Call, Node, VectorSelector
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
            fix = _with_le(expression, buckets)
            yield expression.finding(quantile_without_le, message, "keep le: sum by (le, ...)", buckets, fix=fix)


def _with_le(expression: TypedExpression, node: Node) -> Fix | None:
    """What keeps le in an aggregation of buckets that removes it: `sum by (job` becomes `sum by (job, le`."""
    position = expression.positions.of(node)
    if position is None or not isinstance(node, Aggregation) or node.grouping == "without" or node.parameter:
        return None
    selectors = [part for part in node.descendants() if isinstance(part, VectorSelector)]
    if not expression.type(node.expr).labels.can_have("le") or not all(map(_is_bucket, selectors)):
        return None
    start, end = position.keyword
    if node.grouping == "":
        return Fix(expression.text[start:end], f"{expression.text[start:end]} by (le)")
    end = max((end for _, end in position.labels.values()), default=0)
    before = expression.text[start:end]
    return Fix(before, f"{before}, le") if end else None


def _what(expression: TypedExpression, node: Node) -> str:
    return f"`{expression.part(node)}`"


def _is_bucket(node: Node) -> bool:
    return isinstance(node, VectorSelector) and node.selector.metric.endswith("_bucket")
