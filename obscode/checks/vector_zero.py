"""`or vector(0)` has the labels of the other operand.

Why: `or` adds the series of its right side that match none of the left. vector(0) has no labels, so beside
`sum by (job) (...)` it is a further series that is always there: a line at zero in a panel, a record without `job`, an
alert `< 1` that always fires. `or on () vector(0)` adds it only if the left side is empty.

Bad:
    RecordingRule("job:errors:rate5m", "sum by (job) (rate(errors_total[5m])) or vector(0)")

Good:
    RecordingRule("job:errors:rate5m", "sum by (job) (rate(errors_total[5m])) or on () vector(0)")
"""

from __future__ import annotations

from collections.abc import Iterator, Set

from obscode.checks.check import Context, check
from obscode.checks.typed_expression import TypedExpression
from obscode.findings.finding import Finding
from obscode.findings.fix import Fix
from obscode.promql.syntax_tree import Aggregation, BinaryOperation, Call, Node
from obscode.promql.types.functions import SELECTING
from obscode.promql.types.labels import NAME

# Mixins group by the cluster, also where series have no such label.
_OPTIONAL = frozenset({NAME, "cluster"})


@check(TypedExpression, severity="warning")
def vector_zero(expression: TypedExpression, context: Context) -> Iterator[Finding]:
    """A vector without labels beside series with labels, unless one sum adds them up."""
    yield from _findings(expression, expression.tree, None)


def _findings(expression: TypedExpression, node: Node, grouping: Set[str] | None) -> Iterator[Finding]:
    """The findings in a part; ``grouping`` is what an aggregation around it keeps of its labels, None for all."""
    if isinstance(node, BinaryOperation) and node.operator == "or" and not node.matching and _is_vector(node.right):
        labels = expression.type(node.left).labels.expected - _OPTIONAL
        labels = labels if grouping is None else labels & grouping
        if labels:
            message = (
                f"or in {expression.owner} always adds a series without labels: "
                f"the left side has {', '.join(sorted(labels))}"
            )
            hint, fix = "write or on () vector(...)", Fix("or", "or on ()")
            yield expression.finding(vector_zero, message, hint, node, keyword=True, fix=fix)
    if isinstance(node, Aggregation) and node.grouping != "without" and node.operator not in SELECTING:
        grouping = frozenset(node.labels)
    for child in node.children:
        yield from _findings(expression, child, grouping)


def _is_vector(node: Node) -> bool:
    return isinstance(node, Call) and node.function == "vector"
