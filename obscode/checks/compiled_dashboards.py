"""The rules on dashboards of anybody, on those that were compiled: what they find points at definitions.

What a definition could not be wrong about is left out, and so is what a check of definitions tells already, in
better words. The rest comes from queries, from JSON that was passed through, and from what is missing between both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from types import ModuleType

from obscode.artifacts.project import Artifacts, DashboardFile
from obscode.artifacts.rules import RecordingRule
from obscode.checks import Told, check_name
from obscode.checks.dashboards import (
    angular_panel,
    dashboard_json,
    dropped_legend_label,
    duplicate_ref_id,
    missing_ref_id,
    multi_value_equals,
    null_threshold_base,
    panel_datasource_rule,
    panel_no_targets_rule,
    percentunit_threshold,
    rate_of_sum,
    target_counter_agg_rule,
    target_instance_rule,
    target_job_rule,
    target_logql_rule,
    target_rate_interval_rule,
    template_label_promql_rule,
    threshold_order,
    undefined_variable,
    unknown_series,
    unused_variable,
)
from obscode.checks.dashboards import lint_dashboard as found_by
from obscode.checks.dashboards.result import LintOptions, LintResult
from obscode.checks.promql_expressions import expressions
from obscode.findings.finding import Finding
from obscode.findings.suggestions import closest_typo
from obscode.model.dashboard import Panel, RawPanel, Row
from obscode.model.dashboard.panel_ids import ids
from obscode.model.definition import Definition
from obscode.reader.dashboards import classic
from obscode.reader.dashboards.json_cursor import Node

RULES: tuple[ModuleType, ...] = (
    panel_datasource_rule,
    panel_no_targets_rule,
    template_label_promql_rule,
    target_logql_rule,
    target_rate_interval_rule,
    target_job_rule,
    target_instance_rule,
    target_counter_agg_rule,
    missing_ref_id,
    duplicate_ref_id,
    undefined_variable,
    unused_variable,
    multi_value_equals,
    rate_of_sum,
    dropped_legend_label,
    unknown_series,
    percentunit_threshold,
    threshold_order,
    null_threshold_base,
    angular_panel,
    dashboard_json,
)

# The arguments that become what a rule points at, by the last name in its path.
_ARGUMENTS = {"legendFormat": "legend", "expr": "queries", "repeat": "repeat", "title": "title", "unit": "unit"}


def dashboard_rules(artifacts: Artifacts) -> dict[str, Sequence[Told]]:
    """What each rule finds in the compiled dashboards, and the definitions that may ignore it."""
    told: dict[str, list[Told]] = {check_name(module): [] for module in RULES}
    asked = LintOptions(known=_known(artifacts))
    for file in artifacts.dashboards:
        for rule, definition, found in _found_in(file, artifacts, asked):
            told[rule].append((definition, _finding(rule, definition, found)))
    return {**told}


def _known(artifacts: Artifacts) -> Set[str]:
    """The series that dashboards read, but for those whose names are slips of the pen.

    Nobody lists all that exporters expose. Recorded series are looked at by a check of their own.
    """
    known = {series for metric in artifacts.catalog for series in metric.series()}
    known |= {rule.name for rule in artifacts.rules() if isinstance(rule, RecordingRule)}
    read = {s.metric for e in expressions(artifacts) if e.panel and (q := e.parse_or_none()) for s in q.selectors}
    plain = {name for name in known if ":" not in name}
    slips = {name for name in read - known if ":" not in name and closest_typo(name, plain)}
    return known | (read - slips)


@dataclass(frozen=True)
class _Shown:
    """Where the parts of a dashboard's JSON came from."""

    panels: Mapping[int, Panel]
    variables: Mapping[str, Definition]
    annotations: Sequence[Definition]
    file: DashboardFile

    def source(self, found: LintResult) -> Definition:
        """The definition that a finding is about."""
        panel = self.panels.get(found.panel.id or 0) if found.panel else None
        if panel:
            queries = panel.all_queries()
            # A query that was written on its own is pointed at; those of JSON are not in the order of its targets.
            if found.target and not isinstance(panel, RawPanel) and found.target.index < len(queries):
                query = queries[found.target.index]
                return panel if query.origin is panel.origin else query
            return panel
        match found.path:
            case ("annotations", "list", int(index), *_) if index < len(self.annotations):
                return self.annotations[index]
            case ("templating", "list", int(index), *_):
                return list(self.variables.values())[index]
        return self.file.source


def _found_in(
    file: DashboardFile, artifacts: Artifacts, asked: LintOptions
) -> Iterator[tuple[str, Definition, LintResult]]:
    from obscode.renderers import dashboard_json as compiled  # renders, and grafanalib takes 60 ms to import

    value = compiled(file, artifacts.sources(file.source))
    own = {variable.name: variable for variable in file.variables}
    shown = _Shown(
        panels=_by_id(file.rows),
        variables={v["name"]: own.get(v["name"], file.source) for v in value["templating"]["list"]},
        annotations=file.annotations,
        file=file,
    )
    for rule, found in found_by(classic.dashboard(Node(value), "classic"), asked, RULES):
        if not _told_elsewhere(rule, found):
            yield rule, shown.source(found), found


def _by_id(rows: Sequence[Row]) -> dict[int, Panel]:
    numbers = (number for of_row in ids(rows) for number in of_row.panels)
    return dict(zip(numbers, (panel for row in rows for panel in row.panels), strict=True))


def _told_elsewhere(rule: str, found: LintResult) -> bool:
    """PromQL that does not parse is told by the check promql-syntax."""
    return rule == check_name(template_label_promql_rule) and "is no PromQL" in found.message


def _finding(rule: str, definition: Definition, found: LintResult) -> Finding:
    names = [step for step in found.path if isinstance(step, str)]
    at = "thresholds" if "thresholds" in names else _ARGUMENTS.get(names[-1] if names else "", "")
    if at == "queries" and not isinstance(definition, Panel):
        at = "expr"
    finding = definition.finding(rule, found.message, found.hint, at=at)
    return replace(finding, severity=found.severity)
