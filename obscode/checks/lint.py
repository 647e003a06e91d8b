"""Run each check with every subject of its type, and drop the findings that are ignored with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from obscode.artifacts.alertmanager import AlertmanagerConfig
from obscode.artifacts.dashboards import Dashboard as DashboardArtifact
from obscode.artifacts.kubernetes import KubernetesObject
from obscode.artifacts.project import Artifacts
from obscode.artifacts.prometheus import PrometheusConfig
from obscode.artifacts.rules import RuleFile, RuleGroup
from obscode.checks import registry
from obscode.checks.as_written import SourcesAsWritten
from obscode.checks.check import Check, Context
from obscode.checks.dashboards import DASHBOARD_SUBJECTS, dashboard_findings, located
from obscode.checks.known_series import KnownSeries
from obscode.checks.prometheus_server import KnownServer
from obscode.checks.promql_expressions import of_definitions
from obscode.checks.promql_syntax import syntax_errors
from obscode.checks.severities import Severities
from obscode.checks.typed_expression import TypedExpression, of_rule, of_templates
from obscode.compiler.inference.series_types import ProjectSeries
from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.findings.source import Source
from obscode.findings.suggestions import did_you_mean
from obscode.model.dashboard import Panel
from obscode.model.definition import Definition
from obscode.model.metrics import Counter
from obscode.promql.types import untyped
from obscode.reader.dashboards.model import Dashboard
from obscode.reader.kubernetes.servers import prometheus_configs
from obscode.routing.alerts import KnownAlerts

IGNORE = Code(
    "ignore-argument",
    "`ignore=` names a check that reports something there, and a reason.",
    why="a reader needs the reason to decide whether it still applies. An unused entry would hide the next finding.",
    bad='RecordingRule("errors", "sum(errors_total)", ignore={"rule-name": ""})',
    good='RecordingRule("errors", "sum(errors_total)", ignore={"rule-name": "the old dashboard reads it"})',
)

PROJECT_CHECK = Code(
    "project-check",
    "`Project(checks=...)` lists checks with unique names.",
    why="a finding is ignored and configured by the name of its check.",
)


def lint(
    artifacts: Artifacts,
    checks: Sequence[Check] | None = None,
    severities: Severities | None = None,
    context: Context | None = None,
) -> list[Finding]:
    """Findings of the checks in artifacts, without those that a source ignores; sorted by position.

    Without ``checks``, all run: those of obscode and those of the project. Artifacts that were read from files are
    checked as in ``lint_values``.
    """
    if not artifacts.is_compiled:
        return lint_values([*artifacts.values()], checks, severities)
    context = context or Context()
    in_files = context.beside.rule_files
    together = replace(artifacts, rule_files=[*artifacts.rule_files, *in_files]) if in_files else artifacts
    series = ProjectSeries.of_project(together) if context.series is untyped else context.series
    server, alerts = KnownServer.of(artifacts), KnownAlerts(together, series)
    context = replace(
        context,
        series=series,
        server=server,
        alerts=alerts,
        oldest_prometheus=artifacts.project.oldest_prometheus,
        oldest_alertmanager=artifacts.project.oldest_alertmanager,
    )
    selected = [*registry.checks(), *_project_checks(artifacts)] if checks is None else checks
    active = [check for check in selected if check.applies_to("compiled") and not (check.whole and context.is_partial)]
    findings = [*_run(active, subjects(artifacts), context), *_in_rules(artifacts.rule_files, active, context)]
    in_dashboards = [check for check in selected if check.subject in DASHBOARD_SUBJECTS]
    if in_dashboards and artifacts.dashboards:
        in_compiled = [check for check in in_dashboards if check in active]
        for dashboard, in_project in _with_known_series(artifacts, context):
            findings += _in_dashboards([dashboard], [] if dashboard.existing else in_compiled, in_project)
            findings += _in_files([dashboard], in_dashboards, in_project)
    findings = [
        *_style_as_written_as_notes(_not_in_rules_of(findings, in_files), artifacts),
        *_invalid_checks(artifacts),
    ]
    ignores = _Ignores(artifacts.definitions.walk(), selected)
    retained = ignores.apply(findings, unused=not context.is_partial)
    return _reported(retained, severities)


def lint_values(
    values: Sequence[object],
    checks: Sequence[Check] | None = None,
    severities: Severities | None = None,
    context: Context | None = None,
) -> list[Finding]:
    """Findings of the checks in values that were read: rule files, configurations, dashboards; sorted by position.

    Findings that their source ignores are dropped. Findings of style checks are notes, which ``severities`` may enable.
    """
    selected = registry.checks() if checks is None else checks
    active = [check for check in selected if check.applies_to("file")]
    listed, context = [*values], context or Context()
    of_definitions = context.beside.rule_files
    together = _together([*listed, *of_definitions])
    services = context.beside.services
    alerts = KnownAlerts(together, ProjectSeries.of_rules(services, together.rule_files))
    context = replace(context, server=KnownServer.of(together), alerts=alerts)
    below = [together, *(part for value in listed for part in parts(value))]
    dashboards = [value for value in below if isinstance(value, DashboardArtifact)]
    in_dashboards = [check for check in active if check.subject in DASHBOARD_SUBJECTS]
    findings = [*_run(active, below, context), *_in_dashboards(dashboards, in_dashboards, context)]
    metrics = context.catalog.metrics if context.catalog else ()
    for files in _folders(value for value in listed if isinstance(value, RuleFile)):
        series = ProjectSeries.of_files(files, metrics)
        if context.beside.is_compiled:
            series = ProjectSeries.of_rules(services, [*files, *of_definitions])
        findings += _in_rules(files, active, replace(context, series=series))
    findings = _not_in_rules_of(findings, of_definitions)
    retained = [each for each in findings if not (each.source and each.code.name in each.source.ignore)]
    return _reported(style_as_notes(retained, context), severities)


def _not_in_rules_of(findings: Iterable[Finding], files: Iterable[RuleFile]) -> list[Finding]:
    """The findings that are not in the rules of some files, which have a run of their own."""
    others = {rule.source.file for file in files for rule in file.rules()}
    return [finding for finding in findings if not (finding.span and finding.span.file in others)]


def tool_findings(artifacts: Artifacts, findings: Iterable[Finding], severities: Severities) -> list[Finding]:
    """The findings of a tool in definitions, without those that a definition ignores, with the project's severities."""
    ignores = _Ignores(artifacts.definitions.walk(), ())
    return _reported((each for each in findings if not ignores.is_ignored(each)), severities)


def _together(values: Sequence[object]) -> Artifacts:
    """The rule files and configurations among some values, for checks that compare them with each other."""
    objects = [value for value in values if isinstance(value, KubernetesObject)]
    configs = [value for value in values if isinstance(value, PrometheusConfig)]
    return Artifacts(
        rule_files=[value for value in values if isinstance(value, RuleFile)],
        prometheus_configs=[*configs, *prometheus_configs(objects)],
        alertmanager_configs=[value for value in values if isinstance(value, AlertmanagerConfig)],
        objects=objects,
    )


def style_as_notes(findings: Iterable[Finding], context: Context) -> Iterator[Finding]:
    """The findings in files, with those of style as notes; the profile `mixin` enforces the style of dashboards."""
    style = {
        check.name for check in registry.checks() if check.style and not (context.mixin and check.subject is Dashboard)
    }
    for finding in findings:
        yield replace(finding, severity="note") if finding.code.name in style else finding


def _style_as_written_as_notes(findings: Iterable[Finding], artifacts: Artifacts) -> Iterator[Finding]:
    """The findings, with those of style in rules and dashboards that are emitted as written as notes."""
    sources = SourcesAsWritten(artifacts)
    style = {check.name for check in registry.checks() if check.style}
    for finding in findings:
        is_note = finding.code.name in style and finding.source in sources
        yield replace(finding, severity="note") if is_note else finding


def _in_dashboards(
    dashboards: Iterable[DashboardArtifact], checks: Sequence[Check], context: Context
) -> Iterator[Finding]:
    for dashboard in dashboards:
        yield from map(located, dashboard_findings(dashboard, context, checks))


def _in_files(dashboards: Iterable[DashboardArtifact], checks: Sequence[Check], context: Context) -> Iterator[Finding]:
    """The findings in the dashboards that a project keeps in files; the definitions that name them can ignore them."""
    for dashboard in dashboards:
        if dashboard.existing:
            runs = [check for check in checks if not (check.whole and context.is_partial)]
            findings = map(located, dashboard_findings(dashboard, context, runs))
            yield from (replace(each, source=dashboard.existing) for each in style_as_notes(findings, context))


def _with_known_series(artifacts: Artifacts, context: Context) -> Iterator[tuple[DashboardArtifact, Context]]:
    """The dashboards of a project, each with the series that its panels may read."""
    counters = {metric.name for metric in artifacts.catalog if isinstance(metric, Counter)}
    context = replace(context, counters=counters)
    if context.absent_series is None:
        yield from ((dashboard, replace(context, known_series=None)) for dashboard in artifacts.dashboards)
        return
    known = KnownSeries(artifacts, context.other_series, context.absent_series)
    for dashboard, series in known.of_dashboards(artifacts.dashboards):
        yield dashboard, replace(context, known_series=series)


def _folders(files: Iterable[RuleFile]) -> Iterable[Sequence[RuleFile]]:
    """The files of each folder, which one Prometheus loads.

    A Prometheus that federates the series of another one adds labels, such as the cluster.
    """
    folders: dict[str, list[RuleFile]] = {}
    for file in files:
        folders.setdefault(file.source.file.rpartition("/")[0], []).append(file)
    return folders.values()


def _in_rules(files: Iterable[RuleFile], checks: Sequence[Check], context: Context) -> Iterator[Finding]:
    typed = [check for check in checks if check.subject is TypedExpression]
    for rule in (rule for file in files for rule in file.rules()):
        if typed:
            expression = of_rule(rule, context.series)
            below = of_templates(rule, context.series)
            yield from _run(typed, [*([expression] if expression else []), *below], context)


def _project_checks(artifacts: Artifacts) -> list[Check]:
    """The checks that a project adds."""
    return [check for check in artifacts.project.checks if isinstance(check, Check)]


def _invalid_checks(artifacts: Artifacts) -> Iterator[Finding]:
    names = {check.name for check in registry.checks()}
    for i, check in enumerate(artifacts.project.checks):
        if not isinstance(check, Check):
            message, hint = f"{check.name!r} is a code, not a check", "make a function a check with @check(...)"
            yield artifacts.project.finding(PROJECT_CHECK, message, hint, at="checks", item=i)
        elif check.name in names:
            message = f"there is already a check {check.name!r}"
            yield artifacts.project.finding(PROJECT_CHECK, message, "rename the function", at="checks", item=i)
        names.add(check.name)


def _reported(findings: Iterable[Finding], severities: Severities | None) -> list[Finding]:
    return sorted(set((severities or Severities()).apply(findings)), key=lambda finding: finding.order)


def syntax_findings(definitions: Iterable[Definition]) -> Iterator[Finding]:
    """PromQL that does not parse, in definitions that cannot be compiled because others have errors."""
    for finding in syntax_errors(of_definitions(definitions)):
        if not (finding.source and finding.code.name in finding.source.ignore):
            yield finding


def _run(checks: Iterable[Check], values: Iterable[object], context: Context) -> Iterator[Finding]:
    by_type: dict[type, list[Check]] = {}
    listed = list(checks)
    for value in values:
        kind = type(value)
        if kind not in by_type:
            by_type[kind] = [check for check in listed if issubclass(kind, check.subject)]
        for check in by_type[kind]:
            yield from check.run(value, context)


# --- subjects ----------------------------------------------------------------------------------------------------


def subjects(artifacts: Artifacts) -> Iterator[object]:
    """The subjects of checks in a project: the whole, then its parts; not the JSON of dashboards."""
    yield artifacts
    for value in (*artifacts.rule_files, *artifacts.prometheus_configs, *artifacts.alertmanager_configs):
        yield from parts(value)
    # Dashboards contain the panels of the definitions, with inferred units and descriptions.
    yield from (definition for definition in artifacts.definitions.walk() if not isinstance(definition, Panel))
    for dashboard in artifacts.dashboards:
        yield dashboard
        yield from dashboard.panels()


def parts(value: Any) -> Iterator[object]:
    """A value and the definitions in it, depth first."""
    yield value
    if isinstance(value, RuleFile):
        for group in value.groups:
            yield from parts(group)
    elif isinstance(value, RuleGroup):
        yield from value.rules
    elif isinstance(value, AlertmanagerConfig):
        yield from (*value.route.walk(), *value.receivers, *value.inhibit_rules)
    elif isinstance(value, PrometheusConfig):
        yield from value.scrape_configs


# --- ignore= -----------------------------------------------------------------------------------------------------


class _Ignores:
    """The `ignore=` of definitions; an entry applies to the definition and to everything in it."""

    def __init__(self, definitions: Iterable[Definition], checks: Sequence[Check]) -> None:
        self.definitions = list(definitions)
        self.known = [check.name for check in checks]
        self.by_tool = {check.name for check in checks if check.by_tool}
        self.used: set[tuple[int, str]] = set()

    @cached_property  # most builds have no findings, and need no parents
    def parents(self) -> Mapping[int, Definition]:
        """The definition that holds another one, by the id of that one."""
        return {id(child): parent for parent in self.definitions for child in parent.children()}

    def apply(self, findings: Iterable[Finding], *, unused: bool) -> Iterator[Finding]:
        """The findings that are not ignored, and findings about the entries."""
        yield from self._invalid()
        yield from [finding for finding in findings if not self.is_ignored(finding)]
        if unused:
            yield from self._unused()

    def is_ignored(self, finding: Finding) -> bool:
        """Whether the definition that a finding is about, or one that contains it, ignores it."""
        source: Source | None = finding.source
        while source:
            if finding.code.name in source.ignore:
                self.used.add((id(source), finding.code.name))
                return True
            source = self.parents.get(id(source))
        return False

    def _invalid(self) -> Iterator[Finding]:
        for definition in self.definitions:
            for i, (name, reason) in enumerate(definition.ignore.items()):
                if name not in self.known:
                    hint = did_you_mean(name, self.known) or "obscode explain lists them"
                    message = f"there is no check {name!r} to ignore"
                    if name in registry.codes():
                        message, hint = f"{name} cannot be ignored, it is an error", "correct what it reports"
                    yield definition.finding(IGNORE, message, hint, at="ignore", item=i)
                elif not reason.strip():
                    message = f"{name} is ignored without a reason"
                    yield definition.finding(IGNORE, message, "write the reason as the value", at="ignore", item=i)

    def _unused(self) -> Iterator[Finding]:
        for definition in self.definitions:
            for i, name in enumerate(definition.ignore):
                if name in self.known and name not in self.by_tool and (id(definition), name) not in self.used:
                    message = f"{name} is ignored, but reports nothing here"
                    hint = "remove it from ignore="
                    yield definition.finding(IGNORE, message, hint, at="ignore", item=i, severity="warning")
