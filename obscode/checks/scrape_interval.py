"""Targets are scraped more often than every five minutes.

Why: an expression finds the last sample of a series if it is younger than five minutes, the look-back delta. With a
longer interval, series come and go, and alerts resolve between scrapes. If Prometheus has another
`--query.lookback-delta`, ignore the check with this reason.

Bad:
    Service("shop", scrape=ScrapeJob(["shop:8000"], interval="10m"))

Good:
    Service("shop", scrape=ScrapeJob(["shop:8000"], interval="2m"))
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.prometheus import PrometheusConfig
from obscode.checks.check import Context, check
from obscode.findings.finding import Finding
from obscode.promql import duration

_LOOK_BACK = 5 * 60_000
_KEY = "scrape_interval"


@check(PrometheusConfig, severity="warning")
def scrape_interval(config: PrometheusConfig, context: Context) -> Iterator[Finding]:
    """Scrape intervals of five minutes or more."""
    of_all = config.settings.get("global")
    places = [(job.settings, job.source, f"job {job.job}") for job in config.scrape_configs]
    if isinstance(of_all, dict):
        places.append((of_all, config.source, "the default job"))
    for settings, source, owner in places:
        value = str(settings.get(_KEY) or "")
        if value and not duration.validate_duration(value) and duration.milliseconds(value) >= _LOOK_BACK:
            message = f"{owner} scrapes every {value}, but expressions find samples of the last 5m only"
            yield source.finding(scrape_interval, message, "write 4m or less", at=_KEY)
