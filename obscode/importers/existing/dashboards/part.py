"""The dashboards of a file as definitions of a module."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.dashboards import Dashboard
from obscode.artifacts.project import Artifacts
from obscode.checks.check import Context
from obscode.checks.dashboards import dashboard_findings, document_findings, located, rules
from obscode.checks.lint import lint
from obscode.compiler.dashboards.plans import DashboardPlan
from obscode.compiler.grafana.dashboard import dashboard_artifact
from obscode.findings.code import Code
from obscode.findings.errors import DefinitionError
from obscode.findings.finding import Finding
from obscode.importers.existing.dashboards.definition import definition_of
from obscode.importers.existing.dashboards.source import DashboardWriter
from obscode.importers.existing.module import Names, Part, SourceFile
from obscode.importers.existing.python_source import Call, Item, statement
from obscode.model import naming
from obscode.model.dashboard import Dashboard as Definition
from obscode.model.definitions import Definitions
from obscode.model.project import Project

CLASSIC_JSON = Code(
    "import-classic-json",
    "A dashboard that is imported is in Grafana's classic JSON, and not a resource of version 2.",
    why="obscode writes classic JSON. Grafana exports each dashboard in both forms.",
)
# The settings of the project do not matter for the checks of one dashboard.
_PROJECT = Project("import")
_REASON = "the imported dashboard has it; remove this to see where"
_STAYS_IN_FILE = "It stays in its file: no valid definition compiles to the same dashboard."


def dashboards_part(file: SourceFile, names: Names) -> Part | None:
    """The definitions of all dashboards in a file; None if it has none. Raises DefinitionError for invalid JSON."""
    if findings := list(_findings(file)):
        raise DefinitionError(findings)
    writer = DashboardWriter(names)
    statements = [text for each in file.contents.dashboards for text in _statements(each, file, writer, names)]
    return Part(writer.used, statements) if statements else None


def _findings(file: SourceFile) -> Iterator[Finding]:
    for document in file.contents.documents:
        yield from map(located, document_findings(document, Context(), checks=[]))
        for dashboard in document.dashboards:
            if dashboard.form == "v2":
                message = f"dashboard {dashboard.title!r} is a v2 resource"
                yield dashboard.source.finding(CLASSIC_JSON, message, "export it in Grafana as classic JSON")


def _with_ignored_errors(dashboard: Definition) -> Definition:
    """The dashboard with `ignore=` for its errors: otherwise, nothing is built until all of them are corrected."""
    uid = dashboard.uid or naming.dashboard_uid(dashboard.title)
    artifact = dashboard_artifact(DashboardPlan(dashboard, dashboard, uid, _PROJECT.name), [])
    findings = lint(Artifacts(dashboards=[artifact], definitions=Definitions(_PROJECT, dashboards=[dashboard])))
    codes = sorted({finding.code.name for finding in findings if finding.severity == "error"})
    return dashboard.derive(ignore=dict.fromkeys(codes, _REASON)) if codes else dashboard


def _statements(dashboard: Dashboard, file: SourceFile, writer: DashboardWriter, names: Names) -> Iterator[str]:
    body = {**dashboard.body, "uid": dashboard.uid} if dashboard.uid else dashboard.body
    if imported := definition_of(body):
        yield from writer.statements(_with_ignored_errors(imported.definition))
        return
    writer.used.add("DashboardFile")
    title = [Item(dashboard.title, "title=")] if len(file.contents.dashboards) > 1 else []
    findings = dashboard_findings(dashboard, Context(), rules())
    codes = sorted({finding.code.name for finding in findings if finding.severity == "error"})
    ignored = [Item(dict.fromkeys(codes, _REASON), "ignore=")] if codes else []
    call = Call("DashboardFile", [Item(file.reference), *title, *ignored])
    yield statement(names.new(dashboard.title, "dashboard"), call, [_STAYS_IN_FILE])
