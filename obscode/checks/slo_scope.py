"""A service with SLOs has a scrape job or a selector that distinguishes its series from those of other services.

Why: obscode adds the service's matchers to each SLI: the job of `scrape`, or `selector`. Without either, an SLI counts
the series of every service that exposes the metric, and errors of one service use the error budget of another. An SLI
with matchers of its own is accepted.

Bad:
    Service(
        "shop",
        slos=[SLO("errors", 99.9, sli.Ratio(errors='http_requests_total{status="500"}', total="http_requests_total"))],
    )

Good:
    Service(
        "shop",
        selector={"job": "shop"},
        slos=[SLO("errors", 99.9, sli.Ratio(errors='http_requests_total{status="500"}', total="http_requests_total"))],
    )
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.findings.finding import Finding
from obscode.model.service import Service
from obscode.model.sli.base import SLI

# Imported formats have no selector per service; their queries contain all matchers.
_IMPORTED = (".yml", ".yaml", ".json")


@check(Service, severity="warning", scope="compiled")
def slo_scope(service: Service, context: Context) -> Iterator[Finding]:
    """Services whose SLOs count the series of all services."""
    if service.selector or service.where or service.scrape_jobs() or service.file.endswith(_IMPORTED):
        return
    unscoped = [slo.name for slo in service.slos if _reads_all(slo.sli)]
    if unscoped:
        message = (
            f"SLO {unscoped[0]} counts the series of every service: {service.name} has neither scrape nor selector"
        )
        hint = f'write selector={{"job": "{service.name}"}}, or scrape=ScrapeJob(...)'
        yield service.finding(slo_scope, message, hint, at="slos")


def _reads_all(sli: SLI) -> bool:
    return any(not selector.matchers for selectors in sli.selectors().values() for selector in selectors)
