"""The checks of dashboards on compiled dashboards: their findings point at definitions.

Each dashboard is rendered, and its JSON is read as that of a file. Checks with the scope `file` are left out: a
definition cannot be wrong there, or a check of definitions reports it in the definition's words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from obscode.artifacts.project import Artifacts, DashboardFile
from obscode.artifacts.rules import RecordingRule
from obscode.checks.check import Check, Context
from obscode.checks.dashboards import dashboard_findings
from obscode.checks.dashboards.finding import DashboardFinding
from obscode.checks.dashboards.template_label_promql_rule import template_label_promql_rule
from obscode.checks.promql_expressions import expressions
from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.findings.suggestions import closest_typo
from obscode.model.dashboard import Panel, RawPanel, Row
from obscode.model.dashboard.panel_ids import ids
from obscode.model.definition import Definition
from obscode.reader.dashboards import classic
from obscode.reader.dashboards.json_cursor import Node
from obscode.reader.dashboards.model import Dashboard

# The argument that a key of the JSON comes from, by the last name in the path of a finding.
_ARGUMENTS = {"legendFormat": "legend", "expr": "queries", "repeat": "repeat", "title": "title", "unit": "unit"}


def findings(artifacts: Artifacts, checks: Sequence[Check]) -> Iterator[Finding]:
    """The findings of the checks in all compiled dashboards; each has the definition as its source."""
    if not checks:
        return
    context = Context(known_series=_known_series(artifacts))
    for file in artifacts.dashboards:
        dashboard, origins = _rendered(file, artifacts)
        for each in dashboard_findings(dashboard, context, checks):
            if not _reported_by_other_check(each):
                yield _located(each, origins.definition(each))


def _known_series(artifacts: Artifacts) -> Set[str]:
    """The series that dashboards read, except likely typos of known series.

    A catalog rarely lists every series of an exporter. unknown-recording-rule checks recorded series.
    """
    known = {series for metric in artifacts.catalog for series in metric.series()}
    known |= {rule.name for rule in artifacts.rules() if isinstance(rule, RecordingRule)}
    read = {s.metric for e in expressions(artifacts) if e.panel and (q := e.parse_or_none()) for s in q.selectors}
    plain = {name for name in known if ":" not in name}
    typos = {name for name in read - known if ":" not in name and closest_typo(name, plain)}
    return known | (read - typos)


@dataclass(frozen=True)
class _Origins:
    """The definitions that the parts of a dashboard's JSON come from."""

    panels: Mapping[int, Panel]
    variables: Sequence[Definition]
    annotations: Sequence[Definition]
    file: DashboardFile

    def definition(self, finding: DashboardFinding) -> Definition:
        """The definition that a finding is about."""
        panel = self.panels.get(finding.panel.id or 0) if finding.panel else None
        if panel:
            queries = panel.all_queries()
            # A Query(...) has a position of its own; queries of JSON are not in the order of the targets.
            if finding.target and not isinstance(panel, RawPanel) and finding.target.index < len(queries):
                query = queries[finding.target.index]
                return panel if query.origin is panel.origin else query
            return panel
        match finding.path:
            case ("annotations", "list", int(index), *_) if index < len(self.annotations):
                return self.annotations[index]
            case ("templating", "list", int(index), *_):
                return self.variables[index]
        return self.file.source


def _rendered(file: DashboardFile, artifacts: Artifacts) -> tuple[Dashboard, _Origins]:
    from obscode.renderers import dashboard_json  # grafanalib takes 60 ms to import

    value = dashboard_json(file, artifacts.sources(file.source))
    own = {variable.name: variable for variable in file.variables}
    origins = _Origins(
        panels=_panels_by_id(file.rows),
        variables=[own.get(variable["name"], file.source) for variable in value["templating"]["list"]],
        annotations=file.annotations,
        file=file,
    )
    return classic.dashboard(Node(value), "classic"), origins


def _panels_by_id(rows: Sequence[Row]) -> dict[int, Panel]:
    numbers = (number for of_row in ids(rows) for number in of_row.panels)
    return dict(zip(numbers, (panel for row in rows for panel in row.panels), strict=True))


def _reported_by_other_check(finding: DashboardFinding) -> bool:
    """True for PromQL that does not parse, which promql-syntax reports."""
    return finding.code == template_label_promql_rule.name and "is no PromQL" in finding.message


def _located(finding: DashboardFinding, definition: Definition) -> Finding:
    names = [step for step in finding.path if isinstance(step, str)]
    at = "thresholds" if "thresholds" in names else _ARGUMENTS.get(names[-1] if names else "", "")
    if at == "queries" and not isinstance(definition, Panel):
        at = "expr"
    code = Code(finding.code, "")
    return definition.finding(code, finding.message, finding.hint, at=at, severity=finding.severity)
