"""A matcher on a multi-value variable uses `=~` or `!~`.

Why: Grafana interpolates several values as `(a|b)`. `job="(a|b)"` matches no job, so the panel is empty as soon as
somebody selects a second value, or All. A panel that repeats by the variable sees one value at a time and is accepted.

Bad:
    {"type": "stat", "title": "Up", "targets": [{"refId": "A", "expr": "sum(up{job='$job'})"}]}

Good:
    {"type": "stat", "title": "Up", "targets": [{"refId": "A", "expr": "sum(up{job=~'$job'})"}]}
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.finding import Finding
from obscode.findings.fix import Fix
from obscode.promql.spans import MatcherSpan, scan
from obscode.reader.dashboards.model import Dashboard, Variable
from obscode.reader.dashboards.variables import Text, queries, uses

_REGEX = {"=": "=~", "!=": "!~"}
_EQUALITY = re.compile(r"=(?!~)")


@check(Dashboard)
def multi_value_equals(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Matchers that match only one value."""
    several = {variable.name: variable for variable in dashboard.variables if variable.several}
    if not several:
        return
    for text in queries(dashboard):
        if not any(use.name in several for use in uses(text.value)):
            continue
        reported: set[str] = set()
        for written in _matchers(text):
            for use in uses(written.value):
                variable = several.get(use.name)
                if variable and use.name not in reported and not (text.panel and use.name in text.panel.repeats):
                    reported.add(use.name)
                    yield _finding(text, written, variable)


def _matchers(text: Text) -> Iterator[MatcherSpan]:
    if text.sql or not _EQUALITY.search(text.value):
        return
    for selector in scan(text.value).selectors:
        yield from (written for written in selector.matchers if written.op in _REGEX)


def _finding(text: Text, written: MatcherSpan, variable: Variable) -> Finding:
    what, verb = ("several values", "are") if variable.multi else ("All", "is")
    displayed = f'{written.label}{written.op}"{written.value}"'
    message = f"{text.what} matches {displayed}, which matches nothing when {what} of ${variable.name} {verb} selected"
    hint = f'write {written.label}{_REGEX[written.op]}"{written.value}"'
    fix = Fix(f"{written.label}{written.op}", f"{written.label}{_REGEX[written.op]}")
    return finding(multi_value_equals, message, hint, text.path, text.panel, text.target, span=written.span, fix=fix)
