"""PromQL in rules and panels parses, and yields a vector or a number.

Why: one expression that does not parse makes Prometheus refuse the whole rule file, at the next reload,
when nobody is looking; a panel with one stays empty.

Bad:
    Alert("HighErrorRate", "sum(rate(http_requests_total[5m]) > 0.05", summary="too many errors")

Good:
    Alert("HighErrorRate", "sum(rate(http_requests_total[5m])) > 0.05", summary="too many errors")
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from obscode.artifacts.project import Artifacts
from obscode.checks.promql_expressions import Expression, expressions
from obscode.findings.finding import Finding
from obscode.findings.source import Source
from obscode.promql.errors import PromQLError


def check(artifacts: Artifacts) -> Iterator[tuple[Source, Finding]]:
    """Expressions that do not parse."""
    return findings(expressions(artifacts))


def findings(expressions: Iterable[Expression]) -> Iterator[tuple[Source, Finding]]:
    """Those that do not parse."""
    for expression in expressions:
        try:
            expression.parse()
        except PromQLError as error:
            hint = f"the expression is {_shortened(expression.text)!r}"
            if "Grafana" in str(error):
                hint = "a rule needs a window of its own, such as [5m]; variables are for panels"
            yield expression.finding("promql-syntax", f"{expression.owner}: {error}", hint)


def _shortened(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= 100 else one_line[:97] + "..."
