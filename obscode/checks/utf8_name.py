"""An expression has names in quotes only where every Prometheus of the project reads them.

Why: Prometheus 3 reads names with any characters, in quotes: `{"http.server.count"}`. Prometheus 2 rejects the rule
file, and answers the queries of panels with an error. `Project(oldest_prometheus=)` is the oldest version that loads
the output.
https://prometheus.io/docs/guides/utf8/

Bad:
    Alert("Busy", 'sum(rate({"http.server.count"}[5m])) > 5', severity="page", summary="many requests")

Good:
    Alert("Busy", "sum(rate(http_server_count[5m])) > 5", severity="page", summary="many requests")
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from obscode.artifacts.project import Artifacts
from obscode.checks.check import Context, check
from obscode.checks.promql_expressions import Expression, expressions
from obscode.findings.finding import Finding
from obscode.model.compatibility import PROMETHEUS, at_least
from obscode.model.slo import SLO
from obscode.promql.tokens import Token, code_tokens, unquote

_GROUPING = ("by", "without", "on", "ignoring", "group_left", "group_right")
_MATCHING = ("=", "!=", "=~", "!~")
# Most expressions have no string behind these, and need no tokens.
_MAY_BE_QUOTED = re.compile(r"[{(,]\s*[\"'`]|#")


@check(Artifacts, scope="compiled")
def utf8_name(artifacts: Artifacts, context: Context) -> Iterator[Finding]:
    """Quoted names in expressions of definitions, where the project has an older Prometheus."""
    oldest = artifacts.project.oldest_prometheus
    if at_least(oldest, PROMETHEUS.utf8_names):
        return
    for expression in _written(artifacts):
        for name in _quoted_names(expression.text):
            message = (
                f"{expression.owner} has the name {name.text}, which needs Prometheus {PROMETHEUS.utf8_names}, "
                f"but oldest_prometheus is {oldest}"
            )
            hint = f'write oldest_prometheus="{PROMETHEUS.utf8_names}" in the Project, if no older one loads the output'
            yield expression.finding(utf8_name, message, hint, (name.start, name.end))
            break


def _written(artifacts: Artifacts) -> Iterator[Expression]:
    """The expressions of definitions; of an SLO those of its SLI, not of the rules that obscode writes."""
    yield from (e for e in expressions(artifacts) if not isinstance(e.source, SLO))
    for service in artifacts.services:
        for slo in service.slos:
            for at in slo.sli.selectors():
                yield Expression(getattr(slo.sli, at), f"{service.name}/{slo.name}", False, slo.sli, at)


def _quoted_names(expr: str) -> Iterator[Token]:
    """Strings that are names: in braces those that follow no operator, and those in `by (...)`."""
    if not _MAY_BE_QUOTED.search(expr):
        return
    opened: list[str] = []  # the open brackets; a grouping's parenthesis by its keyword
    previous = ""
    for token in code_tokens(expr):
        if token.kind == "string" and _is_name(opened, previous):
            if unquote(token.text):
                yield token
        elif token.text in ("(", "{", "["):
            opened.append(previous if token.text == "(" and previous in _GROUPING else token.text)
        elif token.text in (")", "}", "]") and opened:
            opened.pop()
        previous = token.text.lower()


def _is_name(opened: list[str], previous: str) -> bool:
    innermost = opened[-1] if opened else ""
    return innermost in _GROUPING or (innermost == "{" and previous not in _MATCHING)
