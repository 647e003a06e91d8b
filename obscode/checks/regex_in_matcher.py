"""A matcher with `=` or `!=` of a selector has a value, not a regular expression.

Why: `code="500|502"` selects the series whose code is the text `500|502`. No series has it: the result is empty.

Bad:
    Alert("Errors", 'rate(http_requests_total{code="500|502"}[5m]) > 1', severity="page", summary="errors")

Good:
    Alert("Errors", 'rate(http_requests_total{code=~"500|502"}[5m]) > 1', severity="page", summary="errors")
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import replace

from obscode.checks.check import Context, check
from obscode.checks.typed_expression import TypedExpression
from obscode.findings.finding import Finding
from obscode.findings.fix import Fix
from obscode.promql import go_regex
from obscode.promql.selector import Matcher
from obscode.promql.syntax_tree import VectorSelector

_REGEX = re.compile(r"\w\|\w|\.[*+]|^[1-5]\.\.$|^[1-5]\[0-9\]")


@check(TypedExpression, severity="warning")
def regex_in_matcher(expression: TypedExpression, context: Context) -> Iterator[Finding]:
    """Equality matchers with a regular expression; Grafana variables are not known."""
    for node, type_ in expression.nodes():
        for matcher in node.selector.matchers if isinstance(node, VectorSelector) else ():
            if is_regex(matcher):
                message = (
                    f"{matcher} in {expression.owner} is compared with the whole text, not as a regular expression"
                )
                hint = f"write {replace(matcher, op='=~' if matcher.op == '=' else '!~')}"
                fix = _fix(matcher, type_.label_values.get(matcher.label, frozenset()))
                yield expression.finding(
                    regex_in_matcher, message, hint, node, label=matcher.label, clauses=("matcher",), fix=fix
                )


def _fix(matcher: Matcher, declared: Set[str]) -> Fix | None:
    """The operator of a regular expression, where declared values match it and none is its text."""
    regex = replace(matcher, op="=~")
    is_certain = matcher.value not in declared and any(regex.matches(value) for value in declared)
    operators = {"=": "=~", "!=": "!~"}
    before = f"{matcher.label}{matcher.op}"
    return Fix(before, f"{matcher.label}{operators[matcher.op]}") if is_certain else None


def is_regex(matcher: Matcher) -> bool:
    """Whether an equality matcher has a regular expression."""
    is_value = matcher.op not in ("=", "!=") or "$" in matcher.value or not _REGEX.search(matcher.value)
    return not is_value and go_regex.syntax_error(matcher.value) is None
