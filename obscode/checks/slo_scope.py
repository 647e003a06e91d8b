"""A service with SLOs has a scrape job or a selector, by which its series are told from those of others.

Why: obscode narrows an SLI to the service's own series, by the job of `scrape` or by `selector`. With neither, a
metric that several services expose is counted of all of them: the errors of one use up the budget of another. An
SLI whose own matchers say whose series it reads is fine.

Bad:
    Service(
        "shop",
        slos=[SLO("errors", 99.9, Ratio(errors='http_requests_total{status="500"}', total="http_requests_total"))],
    )

Good:
    Service(
        "shop",
        selector={"job": "shop"},
        slos=[SLO("errors", 99.9, Ratio(errors='http_requests_total{status="500"}', total="http_requests_total"))],
    )
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from obscode.artifacts.project import Artifacts
from obscode.findings.finding import Finding
from obscode.findings.source import Source
from obscode.model.sli.base import SLI

# What is imported has no word for it, and counts what its queries say.
_IMPORTED = (".yml", ".yaml", ".json")


def check(artifacts: Artifacts) -> Iterator[tuple[Source, Finding]]:
    """Services whose SLOs read the series of all, each as a warning."""
    for service in artifacts.services:
        if service.selector or service.scrape_jobs() or service.origin.file.endswith(_IMPORTED):
            continue
        unscoped = [slo.name for slo in service.slos if _reads_all(slo.sli)]
        if unscoped:
            message = f"SLO {unscoped[0]} counts the series of every service: {service.name} has no scrape, no selector"
            hint = f'write selector={{"job": "{service.name}"}}, or scrape=ScrapeJob(...)'
            yield service, replace(service.finding("slo-scope", message, hint, at="slos"), severity="warning")


def _reads_all(sli: SLI) -> bool:
    return any(not selector.matchers for selectors in sli.selectors().values() for selector in selectors)
