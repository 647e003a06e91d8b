"""Lint Grafana dashboards from files: JSON in, findings out.

A rule is a check with the subject ``Dashboard``, in a module of this package; see ``obscode.checks``. The rules of
grafana/dashboard-linter have the names that they have there.

    from obscode.checks.dashboards import lint

    for finding in lint(text, "dashboards/shop.json"):
        print(finding)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace

from obscode.checks import registry
from obscode.checks.check import Check, Context, Profile
from obscode.checks.dashboards.dashboard_json import dashboard_json
from obscode.checks.dashboards.finding import DashboardFinding, finding
from obscode.findings.finding import Finding
from obscode.reader.dashboards import document
from obscode.reader.dashboards.json_positions import Places
from obscode.reader.dashboards.model import Dashboard

__all__ = ["LintReport", "dashboard_findings", "lint", "lint_text", "rules"]


@dataclass(frozen=True)
class LintReport:
    """The findings in one file; their positions are resolved when they are needed.

    Attributes:
        titles: of the dashboards in the file.
        findings: as the checks yield them, with paths instead of lines.
    """

    text: str
    file: str
    titles: frozenset[str]
    findings: Sequence[DashboardFinding]

    def located(self, findings: Iterable[DashboardFinding] | None = None) -> list[Finding]:
        """All findings, or some of them, with lines and columns, in the order of the file."""
        selected = list(self.findings if findings is None else findings)
        places = Places(self.text, self.file, [each.path for each in selected])
        located = [
            Finding(
                each.code,
                _printable(each.message),
                _printable(each.hint),
                places.place(each.path, each.characters),
                each.severity,
            )
            for each in selected
        ]
        return sorted(located, key=lambda finding: finding.order)


def rules() -> list[Check]:
    """The checks of dashboards."""
    return [check for check in registry.checks() if check.subject is Dashboard]


def lint(text: str, file: str, *, profile: Profile = "default", known_series: Set[str] | None = None) -> list[Finding]:
    """The findings in the dashboards of one file, in its order.

    ``known_series`` are the series that exist, for the check unknown-series.
    """
    return lint_text(text, file, Context(profile, known_series)).located()


def lint_text(text: str, file: str, context: Context, checks: Iterable[Check] | None = None) -> LintReport:
    """The findings of the checks in one file, before any is left out."""
    parsed = document.read(text)
    active = [check for check in (rules() if checks is None else checks) if check.applies_to("file")]
    findings = [*_unreadable(parsed)]
    for dashboard in parsed.dashboards:
        findings += dashboard_findings(dashboard, context, active)
    return LintReport(text, file, frozenset(dashboard.title for dashboard in parsed.dashboards), findings)


def dashboard_findings(dashboard: Dashboard, context: Context, checks: Iterable[Check]) -> Iterator[DashboardFinding]:
    """The findings of the checks in one dashboard."""
    for check in checks:
        for each in check.run(dashboard, context):
            if not isinstance(each, DashboardFinding):
                raise TypeError(f"check {check.name} of dashboards yields {each!r}, which has no path")
            yield replace(each, dashboard=dashboard.title)


def _unreadable(parsed: document.Document) -> Iterator[DashboardFinding]:
    """Text that is not JSON, and JSON that is not a dashboard."""
    for syntax_error in parsed.no_json:
        hint, at = "compare it with what Grafana exports", syntax_error.at
        yield finding(dashboard_json, syntax_error.message, hint, syntax_error.path, span=(at, at + 1))
    for mismatch in parsed.wrong:
        hint = "name files that Grafana exports, or provisions dashboards from"
        yield finding(dashboard_json, mismatch.message, hint, mismatch.path)


def _printable(text: str) -> str:
    """Text from a dashboard, which may contain anything, as one line of a terminal."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
