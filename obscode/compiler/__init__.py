"""Definitions to artifacts: a pure function."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from obscode.artifacts.dashboards import Dashboard
from obscode.artifacts.project import Artifacts
from obscode.compiler.alert_links import AlertLinks
from obscode.compiler.alert_severities import with_severities
from obscode.compiler.alertmanager import alertmanager_config
from obscode.compiler.dashboards.plans import DashboardPlan, dashboard_plans, source_link, with_inferred_defaults
from obscode.compiler.duplicates import duplicate_groups, duplicate_rule_files
from obscode.compiler.grafana.dashboard import dashboard_artifact
from obscode.compiler.grafana.existing import existing_artifact
from obscode.compiler.oldest_versions import version_findings
from obscode.compiler.panel_index import PanelIndex
from obscode.compiler.plain_settings import setting_findings
from obscode.compiler.prometheus import prometheus_configs
from obscode.compiler.receiver_settings import receiver_findings
from obscode.compiler.rules import other_rule_files, rule_file
from obscode.compiler.scrape_defaults import with_scrape_defaults
from obscode.compiler.slo_plan import SloPlan, slo_plans
from obscode.compiler.sound import without_errors
from obscode.compiler.unit_tests.suites import alert_suites, unit_test_suites
from obscode.compiler.validation import project_findings, service_findings
from obscode.findings.errors import DefinitionError
from obscode.findings.finding import Finding
from obscode.model import argument_types
from obscode.model.configs import Alertmanager, Prometheus
from obscode.model.dashboard import Dashboard as DashboardDefinition
from obscode.model.dashboard.existing import ExistingDashboard
from obscode.model.definition import Definition
from obscode.model.definitions import Definitions
from obscode.model.project import Project
from obscode.model.routing import Routing
from obscode.model.rule_group import RuleFile, RuleGroup
from obscode.model.service import Service

__all__ = ["Definitions", "compile"]


def compile(definitions: Definitions) -> Artifacts:
    """Compile definitions to rules, unit tests, configurations and dashboards.

    The result does not depend on the order of the definitions. Raises DefinitionError with all findings about invalid
    and contradictory definitions.

        from obscode import Definitions, Project, compile

        artifacts = compile(Definitions(Project("team"), services=[shop]))
        print([rule.name for rule in artifacts.rules()])
    """
    compiled = compile_sound(definitions)
    if compiled.findings:
        raise DefinitionError(compiled.findings)
    return compiled.artifacts


@dataclass(frozen=True)
class Compiled:
    """The artifacts of the definitions without errors, and the findings about the others."""

    artifacts: Artifacts
    findings: Sequence[Finding]


def compile_sound(definitions: Definitions, *, has_project: bool = True) -> Compiled:
    """Compile what has no errors, so that checks report on it, too. Without findings, that is everything.

    Without a project (``has_project``), nothing is reported that depends on its settings.
    """
    definitions = definitions.in_output_order()
    examined = [argument_types.examine(root) for root in definitions.roots()]
    findings = [finding for reported, _ in examined for finding in reported]
    sound = without_errors(_well_typed(definitions, [value for _, value in examined]), findings)
    findings += service_findings(definitions, sound)
    has_project = has_project and sound.project is definitions.project
    if has_project:
        findings += version_findings(definitions)
        findings += receiver_findings(sound)
    return _compile_without(findings, sound, has_project=has_project)


def _compile_without(findings: list[Finding], sound: Definitions, *, has_project: bool) -> Compiled:
    """Compile what none of the findings is about; again where that shows further findings."""
    while True:
        sound = without_errors(sound, findings)
        prepared = with_scrape_defaults(with_inferred_defaults(with_severities(sound)))
        plans = slo_plans(prepared.services, prepared.project)
        dashboards = list(dashboard_plans(prepared, plans))
        panels = PanelIndex(prepared.services, dashboards)
        more: list[Finding] = []
        if has_project:
            more += project_findings(prepared, plans, dashboards)
        if not findings:  # a definition with an error may hold the panel that an alert names
            more += panels.findings()
        artifacts, json_findings = _artifacts(prepared, plans, AlertLinks(prepared.project, plans, panels))
        if has_project:
            more += setting_findings(artifacts)
        more = [finding for finding in [*more, *json_findings] if finding not in findings]
        if not more:
            return Compiled(artifacts, findings)
        findings += more


def _artifacts(
    definitions: Definitions, plans: Mapping[str, Sequence[SloPlan]], links: AlertLinks
) -> tuple[Artifacts, Sequence[Finding]]:
    """The artifacts, and findings about the JSON of panels and about the names of rule files and groups."""
    files = [
        links.add_to(rule_file(service, plans[service.name], definitions.project)) for service in definitions.services
    ]
    suites = [
        suite
        for service, file in zip(definitions.services, files, strict=True)
        for suite in unit_test_suites(service, plans[service.name], file)
    ]
    others = list(other_rule_files(definitions))
    dashboards, findings = dashboard_artifacts(links.panels.dashboards, definitions)
    rule_files = [*(file for file in files if file.groups), *others]
    artifacts = Artifacts(
        rule_files=rule_files,
        test_suites=[*suites, *(suite for file in others for suite in alert_suites(file))],
        prometheus_configs=list(
            prometheus_configs(definitions, has_rules=any(file.groups for file in [*files, *others]))
        ),
        alertmanager_configs=[alertmanager_config(definitions)],
        dashboards=dashboards,
        definitions=definitions,
    )
    findings = [*findings, *duplicate_groups(artifacts.rule_files), *duplicate_rule_files(definitions.services, others)]
    return artifacts, findings


def dashboard_artifacts(
    plans: Sequence[DashboardPlan], definitions: Definitions
) -> tuple[Sequence[Dashboard], Sequence[Finding]]:
    """The dashboards as JSON, and the findings about the JSON of RawPanels in others."""
    dashboards: list[Dashboard] = []
    findings: list[Finding] = []
    for plan in plans:
        if isinstance(plan.source, ExistingDashboard):
            dashboards.append(existing_artifact(plan, plan.source, definitions.project))
            continue
        files = definitions.files(plan.source)
        try:
            dashboards.append(dashboard_artifact(plan, files, source_link(plan, definitions.project, files)))
        except DefinitionError as error:
            findings += error.findings
    return dashboards, findings


def _well_typed(definitions: Definitions, values: Iterable[Definition | None]) -> Definitions:
    """The definitions with only values of the right types; ``values`` are the roots, None for those without one."""
    project, *others = values
    routing = next((value for value in others if isinstance(value, Routing)), None)
    return replace(
        definitions,
        project=project if isinstance(project, Project) else definitions.project,
        services=[value for value in others if isinstance(value, Service)],
        dashboards=[value for value in others if isinstance(value, DashboardDefinition)],
        rules=[value for value in others if isinstance(value, RuleGroup | RuleFile)],
        configs=[value for value in others if isinstance(value, Alertmanager | Prometheus)],
        routing=routing,
    )
