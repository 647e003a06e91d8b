"""LogQL has a stream selector, and its quotes and brackets are closed.

Why: a panel whose query Loki rejects shows an error. There is no offline parser for LogQL: this check looks at the
structure only, so Loki may reject a query that it accepts.

Bad:
    {"type": "logs", "title": "Errors", "datasource": {"type": "loki", "uid": "${loki_datasource}"},
     "targets": [{"refId": "A", "expr": "{job='shop' |= `error`"}]}

Good:
    {"type": "logs", "title": "Errors", "datasource": {"type": "loki", "uid": "${loki_datasource}"},
     "targets": [{"refId": "A", "expr": "{job='shop'} |= `error`"}]}
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.finding import Finding
from obscode.promql.limits import MAX_CHARACTERS
from obscode.promql.tokens import LITERAL
from obscode.reader.dashboards.model import Dashboard
from obscode.reader.dashboards.variables import uses

_TOKEN = re.compile(rf"{LITERAL}|[()\[\]{{}}]", re.DOTALL)
_CLOSING = {"(": ")", "[": "]", "{": "}"}


@check(Dashboard)
def target_logql_rule(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Queries that are not LogQL."""
    for panel, target in dashboard.targets("logql"):
        if problem := _problem(target.expr):
            message = f"{target.name} of {panel.name} is not LogQL: {problem}"
            hint = 'such as {job="shop"} |= "error"'
            yield finding(target_logql_rule, message, hint, target.query.at("expr"), panel, target)


def _problem(expr: str) -> str:
    if not expr.strip():
        return ""
    if len(expr) > MAX_CHARACTERS:
        return f"it has {len(expr)} characters, at most {MAX_CHARACTERS}"
    open_marks: list[str] = []
    for token in _TOKEN.findall(expr):
        if token in _CLOSING:
            open_marks.append(_CLOSING[token])
        elif token in (")", "]", "}"):
            if not open_marks or open_marks.pop() != token:
                return f"unexpected {token!r}"
        elif token[0] != "#" and (len(token) == 1 or token[-1] != token[0] or _is_escaped(token)):
            return f"{token[0]} is not closed"
    if open_marks:
        return f"{open_marks[-1]!r} is missing"
    return "" if "{" in expr or any(True for _ in uses(expr)) or "vector(" in expr else "it has no stream selector"


def _is_escaped(token: str) -> bool:
    """True if a backslash escapes the last quote of a string."""
    inner = token[:-1]
    return token[0] != "`" and (len(inner) - len(inner.rstrip("\\"))) % 2 == 1
