"""The matchers of a selector can match a series.

Why: `up{job="a", job="b"}` matches nothing, and neither does a label that the recording rule has removed. The result is
empty: an alert on it never fires, a panel shows no data.

Bad:
    RecordingRule("job:up:sum", "sum by (job) (up)")
    Alert("Down", 'job:up:sum{instance="a:80"} == 0', severity="page", summary="a is down")

Good:
    RecordingRule("job:up:sum", "sum by (job) (up)")
    Alert("Down", 'job:up:sum{job="a"} == 0', severity="page", summary="a is down")
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from obscode.checks.check import Context, check
from obscode.checks.typed_expression import TypedExpression
from obscode.findings.finding import Finding
from obscode.findings.suggestions import did_you_mean
from obscode.promql.disjoint import are_disjoint
from obscode.promql.selector import Matcher
from obscode.promql.syntax_tree import VectorSelector
from obscode.promql.types.labels import Labels
from obscode.promql.types.series import ExprType


@check(TypedExpression)
def empty_selector(expression: TypedExpression, context: Context) -> Iterator[Finding]:
    """Matchers that exclude each other, or that no recorded series matches."""
    for node, _ in expression.nodes():
        if not isinstance(node, VectorSelector):
            continue
        selector = node.selector
        known = context.series(selector)
        if known.missing:
            message = f"{selector.metric} in {expression.owner} matches no series: {known.missing}"
            yield expression.finding(empty_selector, message, "read the series that it has", node, keyword=True)
            continue
        problem = _conflict(selector.matchers) or _excluded(selector.matchers, known.labels)
        if problem:
            label, reason = problem
            name = selector.metric or "the selector"
            message = f"{name} in {expression.owner} matches no series: {reason}"
            hint = "" if known.labels.can_have(label) else _declared_labels(label, known)
            hint = hint or "remove the matcher, or keep the label where the series is recorded"
            yield expression.finding(empty_selector, message, hint, node, label=label, clauses=("matcher",))


def _declared_labels(label: str, series: ExprType) -> str:
    """A hint with the labels of a declared metric; empty for other series, and for a metric without labels."""
    labels = sorted(series.own_labels)
    return did_you_mean(label, labels) or (f"it has {', '.join(labels)}" if labels else "")


def _conflict(matchers: tuple[Matcher, ...]) -> tuple[str, str] | None:
    for one, other in combinations(matchers, 2):
        if are_disjoint(one, other):
            return one.label, f"no value matches {one} and {other}"
    return None


def _excluded(matchers: tuple[Matcher, ...], labels: Labels) -> tuple[str, str] | None:
    """Why the series of a name that match no matcher: they lack its label, or have other values of it."""
    for matcher in matchers:
        if not labels.can_have(matcher.label) and matcher.matches("") is False:
            return matcher.label, f"its series have no label {matcher.label!r}"
        for known in labels.values_of(matcher.label):
            if are_disjoint(known, matcher):
                return matcher.label, f"its series have {known}"
    return None
