"""Labels in `by`, `on` and `group_left` can exist.

Why: an inner aggregation has removed the label, or an equality with an empty value excludes it. `sum by (pod)` of a sum
without `pod` is one sum; `on (pod)` then matches everything with everything, and `group_left (pod)` removes the label.

Bad:
    RecordingRule("job:up:sum", "sum by (job) (sum by (instance) (up))")

Good:
    RecordingRule("job:up:sum", "sum by (job) (sum by (instance, job) (up))")
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.typed_expression import TypedExpression
from obscode.findings.finding import Finding
from obscode.promql.syntax_tree import Aggregation, BinaryOperation, Node, VectorSelector
from obscode.promql.types.labels import NAME
from obscode.promql.types.operations import sides


@check(TypedExpression)
def missing_label(expression: TypedExpression, context: Context) -> Iterator[Finding]:
    """Labels of groupings and matchings that no series has."""
    for node, _ in expression.nodes():
        match node:
            case Aggregation(grouping="by"):
                yield from _of_grouping(expression, node)
            case BinaryOperation() if node.matching:
                yield from _of_matching(expression, node)


def _of_grouping(expression: TypedExpression, node: Aggregation) -> Iterator[Finding]:
    labels = expression.type(node.expr).labels
    for label in node.labels:
        if not labels.can_have(label) and not _is_excluded(node.expr, label):
            message = f"{expression.owner} groups by {label!r}, which {_what(expression, node.expr)} does not have"
            hint = f"keep {label} in the inner expression, or remove it here"
            yield expression.finding(missing_label, message, hint, node, label=label, clauses=("by",))


def _of_matching(expression: TypedExpression, node: BinaryOperation) -> Iterator[Finding]:
    assert node.matching is not None
    left, right = expression.type(node.left).labels, expression.type(node.right).labels
    if node.matching.on:
        for label in sorted(node.matching.labels):
            if not left.can_have(label) and not right.can_have(label):
                message = f"{expression.owner} matches on {label!r}, which neither side of {node.operator} has"
                hint = f"remove {label} from on (), or keep it on both sides"
                yield expression.finding(missing_label, message, hint, node, label=label, clauses=("on",))
    one = sides(node.matching, left, right).one
    for label in sorted(node.matching.include):
        if not one.can_have(label) and label != NAME:
            side = node.left if one is left else node.right
            message = f"{expression.owner} copies the label {label!r}, which {_what(expression, side)} does not have"
            hint = f"keep {label} there, or remove it from group_left or group_right"
            clauses = ("group_left", "group_right")
            yield expression.finding(missing_label, message, hint, node, label=label, clauses=clauses)


def _is_excluded(node: Node, label: str) -> bool:
    """True if a selector excludes the label on purpose: `{pod=""}`."""
    selectors = (each.selector for each in node.descendants() if isinstance(each, VectorSelector))
    return any(matcher.label == label for selector in selectors for matcher in selector.matchers)


def _what(expression: TypedExpression, node: Node) -> str:
    return f"`{expression.part(node)}`"
