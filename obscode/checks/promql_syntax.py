"""PromQL in rules and panels parses, and its result is a vector or a number.

Why: if one expression does not parse, Prometheus rejects the whole rule file at the next reload. A panel with
such an expression stays empty.

Bad:
    Alert("HighErrorRate", "sum(rate(http_requests_total[5m]) > 0.05", severity="page", summary="too many errors")

Good:
    Alert("HighErrorRate", "sum(rate(http_requests_total[5m])) > 0.05", severity="page", summary="too many errors")
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from obscode.artifacts.dashboards import Dashboard
from obscode.artifacts.rules import Rule
from obscode.checks.check import Context, check
from obscode.checks.promql_expressions import Expression, expressions_of
from obscode.findings.finding import Finding
from obscode.promql.errors import PromQLError


@check((Rule, Dashboard))
def promql_syntax(value: Rule | Dashboard, context: Context) -> Iterable[Finding]:
    """Expressions that do not parse."""
    if isinstance(value, Dashboard) and value.existing:
        return ()  # target-promql-rule reports it
    return syntax_errors(expressions_of(value))


def syntax_errors(expressions: Iterable[Expression]) -> Iterator[Finding]:
    """A finding for each expression that does not parse."""
    for expression in expressions:
        try:
            expression.check_syntax()
        except PromQLError as error:
            hint = f"the expression is {_shortened(expression.text)!r}"
            if error.kind == "grafana-variable":
                hint = "write the window, such as [5m]: Grafana variables work in panels only"
            yield expression.finding(promql_syntax, f"{expression.owner}: {error}", hint, error.span)


def _shortened(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= 100 else one_line[:97] + "..."
