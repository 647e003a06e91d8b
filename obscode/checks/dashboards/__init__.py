"""The checks of Grafana dashboards, compiled or read from files.

A check is a function with the subject ``Dashboard`` of ``obscode.reader.dashboards.model``, in a module of this
package; see ``obscode.checks``. The rules of grafana/dashboard-linter have the names that they have there.

    from obscode.checks.dashboards import lint

    for finding in lint(text, "dashboards/shop.json"):
        print(finding)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import replace
from itertools import chain
from typing import Literal

from obscode.artifacts.dashboards import Dashboard as DashboardArtifact
from obscode.artifacts.dashboards import DashboardSource
from obscode.checks import registry
from obscode.checks.check import Check, Context, Profile
from obscode.checks.dashboards.dashboard_json import dashboard_json
from obscode.checks.dashboards.finding import DashboardFinding, finding
from obscode.checks.typed_expression import TypedExpression, of_dashboard
from obscode.findings.finding import Finding
from obscode.reader.dashboards.document import DUPLICATE_JSON_KEY, Document, model_of, read
from obscode.reader.dashboards.json_source import JsonSource
from obscode.reader.dashboards.model import Dashboard

__all__ = [
    "DASHBOARD_SUBJECTS",
    "checks_of_dashboards",
    "dashboard_findings",
    "document_findings",
    "lint",
    "located",
    "rules",
]

#: The subjects of checks that run on dashboards.
DASHBOARD_SUBJECTS = (Dashboard, TypedExpression)


def checks_of_dashboards() -> list[Check]:
    """The checks that run on dashboards, also those that run on rules."""
    return [check for check in registry.checks() if check.subject in DASHBOARD_SUBJECTS]


def rules() -> list[Check]:
    """The checks of dashboards only."""
    return [check for check in registry.checks() if check.subject is Dashboard]


def lint(
    text: str,
    file: str,
    *,
    profile: Profile = "default",
    known_series: Set[str] | None = None,
    checks: Iterable[Check] | None = None,
) -> list[Finding]:
    """The findings in the dashboards of one JSON text, in its order.

    Args:
        file: for positions.
        known_series: the series that exist, for the check unknown-series.
        checks: all checks of dashboards without it.
    """
    findings = document_findings(read(text, file), Context(profile, known_series), checks)
    return sorted(map(located, findings), key=lambda finding: finding.order)


def document_findings(
    document: Document, context: Context, checks: Iterable[Check] | None = None
) -> Iterator[DashboardFinding]:
    """The findings in the dashboards of a JSON text, and why others cannot be read."""
    selected = checks_of_dashboards() if checks is None else list(checks)
    source = JsonSource(document.json)
    yield from (replace(each, source=source) for each in _unreadable(document))
    for dashboard in document.dashboards:
        yield from dashboard_findings(dashboard, context, selected)


def dashboard_findings(
    dashboard: DashboardArtifact, context: Context, checks: Iterable[Check]
) -> Iterator[DashboardFinding]:
    """The findings of the checks in one dashboard.

    In a compiled dashboard, a finding that a check of definitions reports in the definition's words is left out.
    """
    model = model_of(dashboard)
    scope: Literal["compiled", "file"] = "compiled" if dashboard.definition else "file"
    expressions = list(of_dashboard(model, context.series))
    for check in checks:
        subjects = expressions if check.subject is TypedExpression else [model]
        reported = (check.run(subject, context) for subject in subjects if check.applies_to(scope))
        for each in chain.from_iterable(reported):
            if not isinstance(each, DashboardFinding):
                raise TypeError(f"check {check.name} of dashboards yields {each!r}, which has no path")
            if scope == "file" or not each.file_only:
                yield replace(each, dashboard=dashboard.title, source=dashboard.source)


def located(finding: DashboardFinding) -> Finding:
    """The finding with the position in the file, or with the argument of the definition, that its path leads to."""
    if not isinstance(finding.source, DashboardSource):
        raise TypeError(f"{finding.code.name} has no source of a dashboard")
    source, part = finding.source.locate(finding.path, finding.characters)
    message, hint = _printable(finding.message), _printable(finding.hint)
    return replace(source.finding(finding.code, message, hint, at=part, severity=finding.severity), fix=finding.fix)


def _unreadable(parsed: Document) -> Iterator[DashboardFinding]:
    """Text that is not JSON, and JSON that is not a dashboard."""
    for syntax_error in parsed.no_json:
        hint, at = "compare it with what Grafana exports", syntax_error.at
        yield finding(dashboard_json, syntax_error.message, hint, syntax_error.path, span=(at, at + 1))
    for each in parsed.duplicates:
        message = f"key {each.key!r} is a duplicate"
        yield finding(DUPLICATE_JSON_KEY, message, "keep one of them", each.path, span=each.span)
    for mismatch in dict.fromkeys(parsed.wrong):
        hint = "name files that Grafana exports, or provisions dashboards from"
        yield finding(dashboard_json, mismatch.message, hint, mismatch.path)


def _printable(text: str) -> str:
    """Text from a dashboard, which may contain anything, as one line of a terminal."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
