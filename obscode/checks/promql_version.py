"""Expressions use the syntax of every Prometheus since 2.42.

Why: Prometheus rejects a rule file with syntax or functions that are newer, or that a feature flag has to enable. Of
some new syntax obscode has no syntax tree: it keeps the expression as text and reads its metrics and matchers, other
checks skip it, and promtool decides.

Bad:
    RecordingRule("job:requests:rate", "sum by (job) (rate(requests_total[step() + 5m]))")

Good:
    RecordingRule("job:requests:rate", "sum by (job) (rate(requests_total[5m]))")
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from obscode.artifacts.dashboards import Dashboard
from obscode.artifacts.rules import Rule
from obscode.checks.check import Context, check
from obscode.checks.promql_expressions import Expression, expressions_of
from obscode.findings.finding import Finding
from obscode.promql.grammar import Feature, GrammarError, analyse, may_have_features
from obscode.promql.parser import substitute_variables
from obscode.promql.shape import shape_of


@check((Rule, Dashboard), severity="note")
def promql_version(value: Rule | Dashboard, context: Context) -> Iterator[Finding]:
    """Syntax that not every supported Prometheus has."""
    for expression in expressions_of(value):
        for feature, span in features_of(expression):
            what = f"needs {feature.since}" if feature.since else "is kept as text"
            hint = "" if feature.is_parsed else "obscode reads only its metrics and matchers"
            yield expression.finding(promql_version, f"{expression.owner}: {feature.name} {what}", hint, span)


def features_of(expression: Expression) -> Iterator[tuple[Feature, tuple[int, int] | None]]:
    """The features that an expression uses, each once, with its first place; None among Grafana variables."""
    query = expression.query()
    if query and (query.is_opaque or _may_have_features(expression)):
        text = substitute_variables(expression.text) if expression.panel else expression.text
        first = {feature.name: feature for feature in reversed(_features(text))}
        for feature in sorted(first.values(), key=lambda feature: feature.span):
            yield feature, feature.span if text == expression.text else None


def _may_have_features(expression: Expression) -> bool:
    if not expression.panel:
        return _has_features(expression.shared or expression.text)
    return may_have_features(expression.text) and _has_features(substitute_variables(expression.text))


@lru_cache(maxsize=4096)  # the rules of SLOs are equal but for their names
def _has_features(text: str) -> bool:
    return may_have_features(text) and _shape_has_features(shape_of(text).text)


@lru_cache(maxsize=4096)
def _shape_has_features(text: str) -> bool:
    return bool(_features(text))


def _features(text: str) -> Sequence[Feature]:
    try:
        return analyse(text).features
    except (GrammarError, RecursionError):
        return ()
