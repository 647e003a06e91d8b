"""A target is scraped by one job.

Why: each scrape job adds its own series of the target, so that sums count it twice, and each alert on it fires twice.
Jobs with different paths, parameters, credentials or relabeling read different series.

Bad:
    Service("shop", scrape=ScrapeJob(["shop:8000"]))
    Service("checkout", scrape=ScrapeJob(["shop:8000"]))

Good:
    Service("shop", scrape=ScrapeJob(["shop:8000"]))
    Service("checkout", scrape=ScrapeJob(["checkout:8000"]))
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from obscode.artifacts.prometheus import PrometheusConfig, ScrapeConfig
from obscode.checks.check import Context, check
from obscode.compiler.scrape_defaults import DROP_CREATED
from obscode.findings.finding import Finding
from obscode.findings.source import Source
from obscode.model.definition import Definition
from obscode.reader.yaml_nodes import YamlNode

# Settings that decide which series a job reads; with relabeling, the addresses may be others.
_OTHER = frozenset({"static_configs", "scrape_interval", "scrape_timeout", "sample_limit", "metric_relabel_configs"})


class _Target(NamedTuple):
    address: str
    source: Source
    at: str
    item: int


@check(PrometheusConfig, severity="warning", whole=True)
def duplicate_target(config: PrometheusConfig, context: Context) -> Iterator[Finding]:
    """Targets that two jobs scrape, or one job twice."""
    if config.name and isinstance(config.source, Definition):
        return  # an environment has the jobs of the project
    first: dict[tuple[str, str], str] = {}
    for job in config.scrape_configs:
        if _is_relabeled(job):
            continue
        endpoint = repr(sorted((key, repr(value)) for key, value in job.settings.items() if key not in _OTHER))
        for target in _targets(job):
            key = endpoint, target.address
            if key not in first:
                first[key] = job.job
                continue
            what = "the job scrapes" if first[key] == job.job else f"job {first[key]} scrapes"
            message = f"{what} the target {target.address!r} already"
            yield target.source.finding(
                duplicate_target, message, "remove it from one of them", at=target.at, item=target.item
            )


def _is_relabeled(job: ScrapeConfig) -> bool:
    """Whether a job has relabeling that a user wrote."""
    steps = list(job.settings.get("metric_relabel_configs") or ())
    return bool(job.settings.get("relabel_configs")) or any(step != DROP_CREATED.configuration() for step in steps)


def _targets(job: ScrapeConfig) -> Iterator[_Target]:
    """The static targets with their places."""
    if isinstance(job.source, YamlNode):
        configs = job.source.get("static_configs")
        for config in configs.items if configs else ():
            targets = config.get("targets")
            for i, target in enumerate(targets.items if targets else ()):
                yield _Target(target.raw, config, "targets", i)
        return
    for static in job.settings.get("static_configs") or ():
        targets = static.get("targets") if isinstance(static, Mapping) else None
        for i, address in enumerate(targets if isinstance(targets, list | tuple) else ()):
            yield _Target(str(address), job.source, "static_configs", i)
