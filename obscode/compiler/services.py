"""Compile some services of a project: their rules and dashboards, and the dashboards that all SLOs share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from obscode.artifacts.dashboards import Dashboard
from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import AlertingRule, Rule, RuleFile
from obscode.compiler import dashboard_artifacts
from obscode.compiler.alert_severities import with_severities
from obscode.compiler.alert_thresholds import are_shown
from obscode.compiler.dashboards.plans import (
    DashboardPlan,
    folder_findings,
    own_dashboard,
    service_plans,
    slo_dashboard_plans,
    with_inferred_defaults,
)
from obscode.compiler.oldest_versions import version_findings
from obscode.compiler.rules import rule_file
from obscode.compiler.scrape_defaults import with_scrape_defaults
from obscode.compiler.slo_plan import SloPlan, slo_plans
from obscode.compiler.slo_validation import slo_findings
from obscode.compiler.unit_tests.suites import unit_test_suites
from obscode.compiler.validation import service_findings
from obscode.findings.finding import Finding
from obscode.model import argument_types, naming
from obscode.model.alert import Alert
from obscode.model.dashboard import Dashboard as DashboardDefinition
from obscode.model.definitions import Definitions
from obscode.model.service import Service

#: The dashboard of each alert of a service, in the order of its rules; empty for an alert without.
Links = Sequence[str]


def compile_services(definitions: Definitions, links: Mapping[str, Links]) -> Artifacts | None:
    """The artifacts of the services with ``links``, and the dashboards of all SLOs; None if there are findings.

    Everything else of the definitions compiled without findings before, and the services have the names, the panels
    and the alerts that they had: what other services and the configurations read of them is the same. So are the
    dashboards that their alerts link to, which need the panels of all services.
    """
    definitions = definitions.in_output_order()
    own = [service for service in definitions.services if service.name in links]
    selected = replace(definitions, services=own, rules=[], dashboards=[], routing=None)
    if any(_findings(selected)):
        return None
    every = with_severities(definitions)
    selected = with_scrape_defaults(with_inferred_defaults(with_severities(selected), every.services))
    plans = {**slo_plans(every.services, every.project), **slo_plans(selected.services, every.project)}
    of_services = list(service_plans(selected, plans, every.services))
    if any(_plan_findings(selected, plans, of_services)):
        return None
    of_slos = slo_dashboard_plans([plan for service in every.services for plan in plans[service.name]], every.project)
    dashboards, findings = dashboard_artifacts([*of_services, *of_slos], selected)
    return None if findings else _artifacts(selected, plans, links, dashboards)


def are_shown_elsewhere(alerts: Iterable[Alert], service: Service, definitions: Definitions) -> bool:
    """Whether a panel of another service, or of none, shows an expression that an alert of a service compares."""
    others = (each for each in definitions.services if each is not service)
    dashboards = chain(definitions.dashboards, *map(_dashboards, others))
    return are_shown(alerts, chain.from_iterable(dashboard.rows for dashboard in dashboards))


def _dashboards(service: Service) -> list[DashboardDefinition]:
    dashboard = own_dashboard(service)
    return [*([dashboard] if dashboard else []), *service.dashboards]


def _findings(selected: Definitions) -> Iterator[Finding]:
    for service in selected.services:
        yield from argument_types.problems(service)
    yield from service_findings(selected, selected)
    yield from version_findings(selected)


def _plan_findings(
    selected: Definitions, plans: Mapping[str, Sequence[SloPlan]], dashboards: Sequence[DashboardPlan]
) -> Iterator[Finding]:
    for plan in chain.from_iterable(plans[service.name] for service in selected.services):
        yield from slo_findings(plan)
    yield from folder_findings(selected.services, dashboards)


def _artifacts(
    selected: Definitions,
    plans: Mapping[str, Sequence[SloPlan]],
    links: Mapping[str, Links],
    dashboards: Sequence[Dashboard],
) -> Artifacts | None:
    files = [rule_file(service, plans[service.name], selected.project) for service in selected.services]
    if any(len(alerts_of(file)) != len(links[file.name]) for file in files):
        return None
    files = [_with_links(file, links[file.name]) for file in files]
    suites = [
        suite
        for service, file in zip(selected.services, files, strict=True)
        for suite in unit_test_suites(service, plans[service.name], file)
    ]
    files = [file for file in files if file.groups]
    return Artifacts(rule_files=files, test_suites=suites, dashboards=dashboards, definitions=selected)


def alerts_of(file: RuleFile) -> list[AlertingRule]:
    """The alerts of a rule file, in the order of its rules."""
    return [rule for rule in file.rules() if isinstance(rule, AlertingRule)]


def _with_links(file: RuleFile, links: Links) -> RuleFile:
    rest = iter(links)

    def linked(rule: Rule) -> Rule:
        url = next(rest) if isinstance(rule, AlertingRule) else ""
        if not url or not isinstance(rule, AlertingRule):
            return rule
        return replace(rule, annotations={**rule.annotations, naming.DASHBOARD_URL: url})

    return replace(file, groups=[replace(group, rules=[linked(rule) for rule in group.rules]) for group in file.groups])
