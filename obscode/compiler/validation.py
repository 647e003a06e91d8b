"""Findings between definitions; each definition validates its own arguments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from obscode.compiler import duplicates
from obscode.compiler.alert_severities import alerts_without_severity, unknown_severities
from obscode.compiler.dashboards.plans import DashboardPlan, folder_findings
from obscode.compiler.sli_scope import unscoped_selectors
from obscode.compiler.slo_plan import SloPlan
from obscode.compiler.slo_validation import conflicting_matchers, slo_findings
from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model.definitions import Definitions
from obscode.promql import duration

SCRAPE_TIMEOUT = Code(
    "scrape-timeout",
    "A scrape timeout is not longer than the scrape interval.",
    why="Prometheus rejects the configuration otherwise.",
    bad='ScrapeJob(["localhost:8000"], interval="15s", timeout="30s")',
    good='ScrapeJob(["localhost:8000"], interval="15s", timeout="10s")',
)


def service_findings(definitions: Definitions, valid: Definitions) -> Iterator[Finding]:
    """Findings that an invalid project does not hide; ``valid`` are the definitions without findings of their own."""
    yield from duplicates.duplicate_services(s for s in definitions.services if isinstance(s.name, str))
    yield from duplicates.duplicate_jobs(valid.services)
    yield from alerts_without_severity(definitions.services)
    yield from unknown_severities(definitions)
    for service in valid.services:
        for slo in service.slos:
            yield from slo.sli.catalog_findings(service.metrics)
            yield from conflicting_matchers(slo, service)
            yield from unscoped_selectors(slo, service)


def project_findings(
    definitions: Definitions, plans: Mapping[str, Sequence[SloPlan]], dashboards: Sequence[DashboardPlan]
) -> Iterator[Finding]:
    """Findings that depend on the project: intervals, retention, environments, dashboards of all services."""
    for plan in chain.from_iterable(plans.values()):
        yield from slo_findings(plan)
    yield from duplicates.duplicate_environments(definitions.project)
    yield from duplicates.duplicate_configs(definitions.configs)
    yield from _long_timeouts(definitions)
    yield from duplicates.duplicate_dashboards(dashboards)
    yield from folder_findings(definitions.services, dashboards)


# --- scrape jobs -----------------------------------------------------------------------------------------------------


def _long_timeouts(definitions: Definitions) -> Iterator[Finding]:
    """Scrape timeouts that are longer than the interval of the job or the project."""
    for job in (job for service in definitions.services for job in service.scrape_jobs() if job.timeout):
        interval = job.interval or definitions.project.scrape_interval
        if duration.milliseconds(job.timeout) > duration.milliseconds(interval):
            message = f"the timeout {job.timeout} is longer than the scrape interval {interval}"
            yield job.finding(SCRAPE_TIMEOUT, message, f'write "{interval}" or less', at="timeout")
