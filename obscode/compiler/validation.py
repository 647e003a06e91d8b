"""Findings between definitions; each definition validates its own arguments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from obscode.compiler import duplicates
from obscode.compiler.alert_severities import alerts_without_severity
from obscode.compiler.dashboards.plans import DashboardPlan, folder_findings
from obscode.compiler.scrape_validation import long_timeouts, unknown_environments
from obscode.compiler.slo_plan import SloPlan
from obscode.compiler.slo_validation import conflicting_matchers, slo_findings
from obscode.findings.finding import Finding
from obscode.model.definitions import Definitions


def service_findings(definitions: Definitions, valid: Definitions) -> Iterator[Finding]:
    """Findings that do not depend on the project; ``valid`` are the definitions without findings of their own."""
    yield from duplicates.duplicate_services(s for s in definitions.services if isinstance(s.name, str))
    yield from duplicates.duplicate_jobs(valid.services)
    yield from alerts_without_severity(definitions.services)
    for service in valid.services:
        for slo in service.slos:
            yield from slo.sli.catalog_findings(service.metrics)
            yield from conflicting_matchers(slo, service)


def project_findings(
    definitions: Definitions, plans: Mapping[str, Sequence[SloPlan]], dashboards: Sequence[DashboardPlan]
) -> Iterator[Finding]:
    """Findings that depend on the project: intervals, retention, environments, dashboards of all services."""
    for plan in chain.from_iterable(plans.values()):
        yield from slo_findings(plan)
    yield from duplicates.duplicate_environments(definitions.project.environments)
    yield from unknown_environments(definitions)
    yield from long_timeouts(definitions)
    yield from duplicates.duplicate_dashboards(dashboards)
    yield from folder_findings(definitions.services, dashboards)
