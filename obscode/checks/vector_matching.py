"""Series of both sides of an operation can match.

Why: without `on` and `ignoring`, series match if all their labels are equal. If one side always has a label that the
other cannot have, or both have different values of it, the result is empty: a record stays empty, an alert never
fires.

Bad:
    Alert("Errors", "sum by (job) (rate(errors_total[5m])) / sum by (cluster) (rate(requests_total[5m])) > 0.1",
          severity="page", summary="errors")

Good:
    Alert("Errors", "sum by (job) (rate(errors_total[5m])) / sum by (job) (rate(requests_total[5m])) > 0.1",
          severity="page", summary="errors")
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import NamedTuple

from obscode.checks.check import Context, check
from obscode.checks.typed_expression import TypedExpression
from obscode.findings.code import Severity
from obscode.findings.finding import Finding
from obscode.promql.disjoint import are_disjoint
from obscode.promql.syntax_tree import BinaryOperation, Node, value_type
from obscode.promql.types.labels import NAME, Labels
from obscode.promql.types.series import ExprType

_SCRAPED = frozenset({"job", "instance"})
_HINT = "match with on (...) or ignoring (...), or give both sides the same labels"


@check(TypedExpression)
def vector_matching(expression: TypedExpression, context: Context) -> Iterator[Finding]:
    """Operations whose sides have no series in common."""
    yield from _findings(expression, expression.tree)


def _findings(expression: TypedExpression, node: Node) -> Iterator[Finding]:
    """The findings in a part; an operation on a result that is reported as empty is not reported again."""
    inner = [finding for child in node.children for finding in _findings(expression, child)]
    yield from inner
    if not inner and isinstance(node, BinaryOperation) and (mismatch := _mismatch(expression, node)):
        effect = "removes nothing" if node.operator == "unless" else "is always empty"
        message = f"{node.operator} in {expression.owner} {effect}: {mismatch.reason}"
        severity = mismatch.severity
        yield expression.finding(vector_matching, message, _HINT, node, keyword=True, severity=severity)


class _Mismatch(NamedTuple):
    reason: str
    severity: Severity = "error"


def _mismatch(expression: TypedExpression, node: BinaryOperation) -> _Mismatch | None:
    """Why no series of both sides match; None if some may."""
    if node.operator == "or" or "scalar" in (value_type(node.left), value_type(node.right)):
        return None
    types = expression.type(node.left), expression.type(node.right)
    left, right = (type_.labels for type_ in types)
    if reason := _missing(node, left.certain, right.certain, left, right) or _different(node, left, right):
        return _Mismatch(reason)
    listed = node.matching.labels if node.matching and node.matching.on else frozenset()
    of_left, of_right = (type_.labels.expected | _declared(type_) | listed for type_ in types)
    if reason := _missing(node, of_left, of_right, left, right):
        return _Mismatch(reason, "warning")
    return None


def _declared(type_: ExprType) -> Set[str]:
    """The labels of a declared metric, with those that each scrape adds."""
    return type_.own_labels | _SCRAPED if type_.metric and type_.labels.closed else frozenset()


def _missing(node: BinaryOperation, of_left: Set[str], of_right: Set[str], left: Labels, right: Labels) -> str:
    """A label that one side has, and the other cannot have."""
    for label in sorted(_compared(node, of_left)):
        if left.can_have(label) and not right.can_have(label):
            return f"the left side has the label {label!r}, the right side cannot have it"
    for label in sorted(_compared(node, of_right)):
        if right.can_have(label) and not left.can_have(label):
            return f"the right side has the label {label!r}, the left side cannot have it"
    return ""


def _different(node: BinaryOperation, left: Labels, right: Labels) -> str:
    """Two matchers of one label that have no common value."""
    for label in sorted(_compared(node, left.certain & right.certain)):
        for one in left.values_of(label):
            for other in right.values_of(label):
                if are_disjoint(one, other):
                    return f"no value matches {one} of the left side and {other} of the right side"
    return ""


def _compared(node: BinaryOperation, labels: Set[str]) -> Set[str]:
    """Those of some labels whose values must be equal."""
    if node.matching is None:
        return labels - {NAME}
    return labels & node.matching.labels if node.matching.on else labels - node.matching.labels - {NAME}
