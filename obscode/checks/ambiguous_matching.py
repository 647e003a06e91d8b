"""One series of each side matches in an operation with `on` or `ignoring`.

Why: two series of a side with the same labels of `on` are an error: "many-to-many matching not allowed". Prometheus
reports it when it evaluates the rule, which then has no result. Reported where a catalog declares a label that is
neither in `on` nor selected, or that is in `ignoring`. A target has one series of an info metric.

Bad:
    metrics.Gauge("queue_length", labels=["queue"])
    metrics.Gauge("queue_workers")
    ScrapeJob(["localhost:8000"])
    Alert("Queue", "queue_length / on (job, instance) queue_workers > 10", severity="ticket", summary="long queue")

Good:
    metrics.Gauge("queue_length", labels=["queue"])
    metrics.Gauge("queue_workers")
    ScrapeJob(["localhost:8000"])
    Alert("Queue", "sum by (job, instance) (queue_length) / on (job, instance) queue_workers > 10", severity="ticket",
          summary="long queue")
"""

from __future__ import annotations

from collections.abc import Iterator, Set

from obscode.checks.check import Context, check
from obscode.checks.typed_expression import TypedExpression
from obscode.findings.finding import Finding
from obscode.promql.syntax_tree import BinaryOperation, Matching, Node, value_type

_SETS = ("and", "or", "unless")
_HINTS = ("aggregate it without the ignored labels", "aggregate it by the labels of on (...), or add them there")


@check(TypedExpression, severity="warning")
def ambiguous_matching(expression: TypedExpression, context: Context) -> Iterator[Finding]:
    """Sides of a matching that have further declared labels."""
    for node, _ in expression.nodes():
        if not isinstance(node, BinaryOperation) or node.operator in _SETS or not node.matching:
            continue
        for side in _one_sides(node):
            further = _further_labels(expression, side, node.matching)
            if further and value_type(side) != "scalar":
                message = (
                    f"{node.operator} in {expression.owner} matches several series of `{expression.part(side)}`: "
                    f"they differ in {', '.join(sorted(further))}"
                )
                hint = _HINTS[node.matching.on]
                yield expression.finding(ambiguous_matching, message, hint, side)


def _one_sides(node: BinaryOperation) -> tuple[Node, ...]:
    """The sides of which one series may match."""
    match node.matching.cardinality if node.matching else "":
        case "many-to-one":
            return (node.right,)
        case "one-to-many":
            return (node.left,)
    return node.left, node.right


def _further_labels(expression: TypedExpression, side: Node, matching: Matching) -> Set[str]:
    """Declared labels of a side that can have several values."""
    type_ = expression.type(side)
    if type_.metric.endswith("_info") and (not matching.on or "instance" in matching.labels):
        return frozenset()  # a target has one series of it
    return {
        label
        for label in type_.own_labels
        if (label in matching.labels) != matching.on
        and type_.labels.can_have(label)
        and type_.labels.value_of(label) is None
    }
