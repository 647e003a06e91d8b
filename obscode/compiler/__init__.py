"""Definitions to artifacts: a pure function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from obscode.artifacts.dashboards import Dashboard
from obscode.artifacts.project import Artifacts
from obscode.compiler import duplicates
from obscode.compiler.alert_links import AlertLinks
from obscode.compiler.alertmanager import alertmanager_config
from obscode.compiler.dashboards.plans import (
    DashboardPlan,
    dashboard_plans,
    folder_findings,
    source_link,
    with_inferred_defaults,
)
from obscode.compiler.grafana.dashboard import dashboard_artifact
from obscode.compiler.prometheus import prometheus_configs
from obscode.compiler.rules import rule_file
from obscode.compiler.scrape_validation import long_timeouts, unknown_environments
from obscode.compiler.slo_plan import SloPlan, slo_plans
from obscode.compiler.slo_validation import conflicting_matchers, slo_findings
from obscode.compiler.unit_tests.suites import unit_test_suites
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
    findings = [finding for found in invalid.values() for finding in found]
    valid = _without(definitions, invalid)
    findings += _definition_findings(definitions, valid)
    if invalid[id(definitions.project)]:
        raise DefinitionError(findings)
    valid = with_inferred_defaults(valid)
    plans = slo_plans(valid.services, valid.project)
    dashboards = list(dashboard_plans(valid, plans))
    links = AlertLinks(valid, plans, dashboards)
    findings += _project_findings(valid, plans, dashboards)
    if len(valid.roots()) == len(definitions.roots()):  # an invalid dashboard may hold the panel that an alert names
        findings += links.findings()
    if findings:
        raise DefinitionError(findings)
    return _artifacts(valid, plans, links)


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
        dashboards=_dashboards(links.dashboards, definitions),
        definitions=definitions,
    )


def _dashboards(plans: Sequence[DashboardPlan], definitions: Definitions) -> list[Dashboard]:
    """The dashboards as JSON; raises DefinitionError for every RawPanel with JSON that is no panel."""
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


def _definition_findings(definitions: Definitions, valid: Definitions) -> Iterator[Finding]:
    """Findings between definitions that do not depend on the project."""
    yield from duplicates.duplicate_services(s for s in definitions.services if isinstance(s.name, str))
    yield from duplicates.duplicate_jobs(valid.services)
    yield from duplicates.duplicate_records(valid.services)
    for service in valid.services:
        for slo in service.slos:
            yield from slo.sli.catalog_findings(service.metrics)
            yield from conflicting_matchers(slo, service)


def _project_findings(
    definitions: Definitions, plans: Mapping[str, Sequence[SloPlan]], dashboards: Sequence[DashboardPlan]
) -> Iterator[Finding]:
    """Findings between definitions and the settings of their project."""
    for plan in chain.from_iterable(plans.values()):
        yield from slo_findings(plan)
    yield from duplicates.duplicate_environments(definitions.project.environments)
    yield from unknown_environments(definitions)
    yield from long_timeouts(definitions)
    yield from duplicates.duplicate_dashboards(dashboards)
    yield from folder_findings(definitions.services, dashboards)
