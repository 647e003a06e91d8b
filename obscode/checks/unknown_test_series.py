"""The input series of an alert's test are series that a rule reads.

Why: promtool passes a test whose input series no rule reads, as long as the test expects no alert. Such a test cannot
fail.

Bad:
    Alert(
        "HighErrorRate",
        'sum(rate(http_requests_total{status=~"5.."}[5m])) > 1',
        severity="page",
        summary="too many errors",
        tests=[AlertTest("quiet with few errors", {'http_request_total{status="500"}': "0+1x20"}, quiet=["15m"])],
    )

Good:
    Alert(
        "HighErrorRate",
        'sum(rate(http_requests_total{status=~"5.."}[5m])) > 1',
        severity="page",
        summary="too many errors",
        tests=[AlertTest("quiet with few errors", {'http_requests_total{status="500"}': "0+1x20"}, quiet=["15m"])],
    )
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.project import Artifacts
from obscode.checks.check import Context, check
from obscode.checks.promql_expressions import expressions
from obscode.findings.finding import Finding
from obscode.findings.suggestions import did_you_mean
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse_selector


@check(Artifacts, scope="compiled", whole=True)
def unknown_test_series(artifacts: Artifacts, context: Context) -> Iterator[Finding]:
    """Input series of alert tests that no rule reads."""
    tests = [test for service in artifacts.services for alert in service.alerts for test in alert.tests]
    known = _series(artifacts) if tests else set()
    for test in tests:
        for i, series in enumerate(test.series):
            if problem := _problem(series, known):
                yield test.finding(unknown_test_series, *problem, at="series", item=i)


def _series(artifacts: Artifacts) -> set[str]:
    """The series that rules read, and those of the catalog."""
    read = {name for expression in expressions(artifacts) if not expression.panel for name in expression.metrics()}
    return read.union(series for metric in artifacts.catalog for series in metric.series())


def _problem(series: str, known: set[str]) -> tuple[str, str] | None:
    try:
        name = parse_selector(series).metric
    except PromQLError as error:
        return f"{series!r} is not a series: {error}", 'write name{label="value"}'
    if name in known:
        return None
    return f"no rule reads the series {name!r}", did_you_mean(name, known) or "write a series of the alert's expression"
