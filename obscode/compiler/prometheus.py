"""Prometheus configurations, with the scrape jobs of all services."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.prometheus import PrometheusConfig, ScrapeConfig
from obscode.compiler.prometheus_settings import prometheus_settings
from obscode.compiler.shards import sharded
from obscode.model import naming
from obscode.model.configs import Prometheus
from obscode.model.definitions import Definitions
from obscode.model.scrape.configuration import configuration


def prometheus_configs(definitions: Definitions, *, has_rules: bool = True) -> Iterator[PrometheusConfig]:
    """The project's configuration, unless one is emitted as written, then others that are.

    ``has_rules``: there are rule files.
    """
    as_written = {each.name: each for each in definitions.configs if isinstance(each, Prometheus)}
    if "" not in as_written:
        yield from sharded(_config(definitions), definitions.project.prometheus)
    for config in as_written.values():
        yield _as_written(definitions, config, has_rules=has_rules)


def _as_written(definitions: Definitions, config: Prometheus, *, has_rules: bool) -> PrometheusConfig:
    """The configuration with the rule files and the scrape jobs of the project."""
    settings = dict(config.settings)
    listed = settings.get("rule_files") or []
    if has_rules and naming.RULE_FILES not in listed:
        settings["rule_files"] = [*listed, naming.RULE_FILES]
    jobs = [ScrapeConfig(job.job_name, dict(job.settings), job) for job in config.scrape_configs]
    return PrometheusConfig(config.name, [*jobs, *_jobs(definitions)], config, settings)


def _jobs(definitions: Definitions) -> list[ScrapeConfig]:
    """The scrape jobs of the services."""
    named = (pair for service in definitions.services for pair in service.named_jobs())
    return [ScrapeConfig(name, configuration(job), job) for name, job in named]


def _config(definitions: Definitions) -> PrometheusConfig:
    project = definitions.project
    return PrometheusConfig("", _jobs(definitions), project, prometheus_settings(project))
