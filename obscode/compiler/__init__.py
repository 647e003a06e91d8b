"""Definitions to artifacts: a pure function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from obscode.artifacts.dashboards import Dashboard
from obscode.artifacts.project import Artifacts
from obscode.compiler.alert_links import AlertLinks
from obscode.compiler.alert_severities import with_severities
from obscode.compiler.alertmanager import alertmanager_config
from obscode.compiler.dashboards.plans import DashboardPlan, dashboard_plans, source_link, with_inferred_defaults
from obscode.compiler.grafana.dashboard import dashboard_artifact
from obscode.compiler.oldest_versions import version_findings
from obscode.compiler.panel_index import PanelIndex
from obscode.compiler.prometheus import prometheus_configs
from obscode.compiler.rules import rule_file
from obscode.compiler.slo_plan import SloPlan, slo_plans
from obscode.compiler.unit_tests.suites import unit_test_suites
from obscode.compiler.validation import project_findings, service_findings
from obscode.findings.errors import DefinitionError
from obscode.findings.finding import Finding
from obscode.model import argument_types
from obscode.model.definitions import Definitions

__all__ = ["Definitions", "compile"]


def compile(definitions: Definitions) -> Artifacts:
    """Compile definitions to rules, unit tests, configurations and dashboards.

    The result does not depend on the order of the definitions. Raises DefinitionError with all findings about invalid
    and contradictory definitions.

        from obscode import Definitions, Project, compile

        artifacts = compile(Definitions(Project("team"), services=[shop]))
        print([rule.name for rule in artifacts.rules()])
    """
    definitions = definitions.in_output_order()
    invalid = {id(root): list(argument_types.problems(root)) for root in definitions.roots()}
    findings = [finding for result in invalid.values() for finding in result]
    valid = _without(definitions, invalid)
    findings += service_findings(definitions, valid)
    if invalid[id(definitions.project)]:
        raise DefinitionError(findings)
    findings += version_findings(definitions)
    valid = with_inferred_defaults(with_severities(valid))
    plans = slo_plans(valid.services, valid.project)
    dashboards = list(dashboard_plans(valid, plans))
    panels = PanelIndex(valid.services, dashboards)
    findings += project_findings(valid, plans, dashboards)
    if len(valid.roots()) == len(definitions.roots()):  # an invalid dashboard may hold the panel that an alert names
        findings += panels.findings()
    if findings:
        raise DefinitionError(findings)
    return _artifacts(valid, plans, AlertLinks(valid.project, plans, panels))


def _artifacts(definitions: Definitions, plans: Mapping[str, Sequence[SloPlan]], links: AlertLinks) -> Artifacts:
    files = [links.add_to(rule_file(service, plans[service.name])) for service in definitions.services]
    suites = [
        suite
        for service, file in zip(definitions.services, files, strict=True)
        for suite in unit_test_suites(service, plans[service.name], file)
    ]
    return Artifacts(
        rule_files=[file for file in files if file.groups],
        test_suites=suites,
        prometheus_configs=list(prometheus_configs(definitions)),
        alertmanager_configs=[alertmanager_config(definitions)],
        dashboards=_dashboards(links.panels.dashboards, definitions),
        definitions=definitions,
    )


def _dashboards(plans: Sequence[DashboardPlan], definitions: Definitions) -> list[Dashboard]:
    """The dashboards as JSON; raises DefinitionError with all findings about the JSON of RawPanels."""
    dashboards: list[Dashboard] = []
    findings: list[Finding] = []
    for plan in plans:
        files = definitions.files(plan.source)
        try:
            dashboards.append(dashboard_artifact(plan, files, source_link(plan, definitions.project, files)))
        except DefinitionError as error:
            findings += error.findings
    if findings:
        raise DefinitionError(findings)
    return dashboards


def _without(definitions: Definitions, invalid: Mapping[int, Sequence[Finding]]) -> Definitions:
    """The services and dashboards without findings of their own."""
    return replace(
        definitions,
        services=[service for service in definitions.services if not invalid[id(service)]],
        dashboards=[dashboard for dashboard in definitions.dashboards if not invalid[id(dashboard)]],
    )
