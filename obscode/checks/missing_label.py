"""Labels in `by`, `on` and `group_left` can exist.

Why: an inner aggregation has removed the label, or an equality with an empty value excludes it. `sum by (pod)` of a sum
without `pod` is one sum; `on (pod)` then matches everything with everything, and `group_left (pod)` removes the label.
A misspelt label of `without` or `ignoring` stays, and `x{label!="a"}` of a metric without the label excludes nothing:
warnings.

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
from obscode.findings.suggestions import did_you_mean
from obscode.promql.syntax_tree import Aggregation, BinaryOperation, Node, VectorSelector
from obscode.promql.types.labels import NAME, Labels
from obscode.promql.types.operations import sides


@check(TypedExpression)
def missing_label(expression: TypedExpression, context: Context) -> Iterator[Finding]:
    """Labels of groupings and matchings that no series has."""
    for node, _ in expression.nodes():
        match node:
            case Aggregation(grouping="by"):
                yield from _of_grouping(expression, node)
            case Aggregation(grouping="without"):
                yield from _of_removal(expression, node)
            case VectorSelector():
                yield from _of_exclusion(expression, node)
            case BinaryOperation() if node.matching:
                yield from _of_matching(expression, node)


def _of_grouping(expression: TypedExpression, node: Aggregation) -> Iterator[Finding]:
    labels = expression.type(node.expr).labels
    for label in node.labels:
        if not labels.can_have(label) and not _is_excluded(node.expr, label):
            message = f"{expression.owner} groups by {label!r}, which {_what(expression, node.expr)} does not have"
            hint = f"keep {label} in the inner expression, or remove it here"
            yield expression.finding(missing_label, message, hint, node, label=label, clauses=("by",))


def _of_removal(expression: TypedExpression, node: Aggregation) -> Iterator[Finding]:
    """Misspelt labels of `without`; others are harmless, as where the inner expression changes."""
    labels = expression.type(node.expr).labels
    for label in node.labels:
        near = "" if labels.can_have(label) else did_you_mean(label, sorted(labels.possible or ()))
        if near:
            message = (
                f"{expression.owner} removes the label {label!r}, which {_what(expression, node.expr)} does not have"
            )
            yield expression.finding(
                missing_label, message, near, node, label=label, clauses=("without",), severity="warning"
            )


def _of_exclusion(expression: TypedExpression, node: VectorSelector) -> Iterator[Finding]:
    """`x{label!="a"}` of a declared metric without the label excludes nothing."""
    selector = node.selector
    known = expression.type(node)
    for matcher in selector.matchers if known.metric else ():
        is_negative = matcher.op in ("!=", "!~") and bool(matcher.value) and matcher.matches("")
        if is_negative and not known.labels.can_have(matcher.label):
            message = f"{matcher} in {expression.owner} excludes no series: {selector.metric} has no such label"
            hint = did_you_mean(matcher.label, sorted(known.own_labels)) or "remove the matcher"
            yield expression.finding(
                missing_label, message, hint, node, label=matcher.label, clauses=("matcher",), severity="warning"
            )


def _of_matching(expression: TypedExpression, node: BinaryOperation) -> Iterator[Finding]:
    assert node.matching is not None
    left, right = expression.type(node.left).labels, expression.type(node.right).labels
    if node.matching.on:
        for label in sorted(node.matching.labels):
            if not left.can_have(label) and not right.can_have(label):
                message = f"{expression.owner} matches on {label!r}, which neither side of {node.operator} has"
                hint = f"remove {label} from on (), or keep it on both sides"
                yield expression.finding(missing_label, message, hint, node, label=label, clauses=("on",))
    else:
        yield from _of_ignoring(expression, node, left, right)
    one = sides(node.matching, left, right).one
    for label in sorted(node.matching.include):
        if not one.can_have(label) and label != NAME:
            side = node.left if one is left else node.right
            message = f"{expression.owner} copies the label {label!r}, which {_what(expression, side)} does not have"
            hint = f"keep {label} there, or remove it from group_left or group_right"
            clauses = ("group_left", "group_right")
            yield expression.finding(missing_label, message, hint, node, label=label, clauses=clauses)


def _of_ignoring(expression: TypedExpression, node: BinaryOperation, left: Labels, right: Labels) -> Iterator[Finding]:
    """Misspelt labels of `ignoring`."""
    assert node.matching is not None
    possible = sorted((left.possible or frozenset()) | (right.possible or frozenset()))
    for label in sorted(node.matching.labels):
        near = "" if left.can_have(label) or right.can_have(label) else did_you_mean(label, possible)
        if near:
            message = f"{expression.owner} ignores the label {label!r}, which neither side of {node.operator} has"
            yield expression.finding(
                missing_label, message, near, node, label=label, clauses=("ignoring",), severity="warning"
            )


def _is_excluded(node: Node, label: str) -> bool:
    """True if a selector excludes the label on purpose: `{pod=""}`."""
    selectors = (each.selector for each in node.descendants() if isinstance(each, VectorSelector))
    return any(matcher.label == label for selector in selectors for matcher in selector.matchers)


def _what(expression: TypedExpression, node: Node) -> str:
    return f"`{expression.part(node)}`"
