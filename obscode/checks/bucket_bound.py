"""Matchers select buckets, quantiles and label values that the metric has.

Why: a histogram has a series for each declared bucket only. `le="0.3"` of a histogram with the buckets 0.25 and 0.5
selects nothing; so does a quantile that the client library does not compute.

Bad:
    metrics.Histogram("latency_seconds", buckets=[0.25, 0.5, 1])
    ScrapeJob(["localhost:8000"])
    RecordingRule("job:latency_seconds_fast:rate5m", 'sum by (job) (rate(latency_seconds_bucket{le="0.3"}[5m]))')

Good:
    metrics.Histogram("latency_seconds", buckets=[0.25, 0.5, 1])
    ScrapeJob(["localhost:8000"])
    RecordingRule("job:latency_seconds_fast:rate5m", 'sum by (job) (rate(latency_seconds_bucket{le="0.25"}[5m]))')
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.typed_expression import TypedExpression
from obscode.findings.finding import Finding
from obscode.promql.selector import Matcher
from obscode.promql.syntax_tree import VectorSelector

# The last bucket of each histogram.
_INFINITE = "+Inf"


@check(TypedExpression)
def bucket_bound(expression: TypedExpression, context: Context) -> Iterator[Finding]:
    """Matchers that select none of the declared values of a label."""
    for node, type_ in expression.nodes():
        if isinstance(node, VectorSelector):
            for matcher in node.selector.matchers:
                declared = type_.label_values.get(matcher.label)
                if declared and matcher.op in ("=", "=~") and not _selects(matcher, declared):
                    message = f"{node.selector.metric} in {expression.owner} has no {matcher.label} {matcher.value!r}"
                    hint = f"it has {', '.join(sorted(declared, key=_order))}"
                    yield expression.finding(
                        bucket_bound, message, hint, node, label=matcher.label, clauses=("matcher",)
                    )


def _selects(matcher: Matcher, declared: frozenset[str]) -> bool:
    if matcher.label in ("le", "quantile"):
        texts = {text for value in declared for text in _spellings(value)} | {_INFINITE}
    else:
        texts = set(declared)
    return any(matcher.matches(text) is not False for text in texts)


def _spellings(value: str) -> set[str]:
    """The texts of a number in expositions: Prometheus 2 and clients write 1 and 1.0."""
    number = float(value)
    return {value, repr(number), f"{number:g}"}


def _order(value: str) -> tuple[float, str]:
    try:
        return float(value), value
    except ValueError:
        return 0.0, value
