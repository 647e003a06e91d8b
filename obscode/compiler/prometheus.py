"""Prometheus configurations: one per environment, with the scrape jobs of all services."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.artifacts.prometheus import PrometheusConfig, ScrapeConfig
from obscode.compiler.prometheus_settings import prometheus_settings
from obscode.compiler.shards import sharded
from obscode.model import naming
from obscode.model.configs import Prometheus
from obscode.model.definitions import Definitions
from obscode.model.scrape.configuration import configuration
from obscode.model.server.alertmanagers import Alertmanagers


def prometheus_configs(definitions: Definitions, *, has_rules: bool = True) -> Iterator[PrometheusConfig]:
    """The project's own configuration, then those of its environments, then other ones that are emitted as written.

    A configuration that is emitted as written replaces the one of its environment. ``has_rules``: there are rule files.
    """
    project = definitions.project
    as_written = {each.environment: each for each in definitions.configs if isinstance(each, Prometheus)}
    addresses = {"": project.alertmanagers}
    addresses |= {each.name: project.alertmanagers_in(each) for each in project.environments}
    for name in [*addresses, *(name for name in as_written if name not in addresses)]:
        if name in as_written:
            yield _as_written(definitions, as_written[name], has_rules=has_rules)
        else:
            yield from sharded(_config(definitions, name, addresses[name]), project.prometheus)


def _as_written(definitions: Definitions, config: Prometheus, *, has_rules: bool) -> PrometheusConfig:
    """The configuration with the rule files and the scrape jobs of the project."""
    settings = dict(config.settings)
    listed = settings.get("rule_files") or []
    if has_rules and naming.RULE_FILES not in listed:
        settings["rule_files"] = [*listed, naming.RULE_FILES]
    jobs = [ScrapeConfig(job.job_name, dict(job.settings), job) for job in config.scrape_configs]
    return PrometheusConfig(config.environment, [*jobs, *_jobs(definitions, config.environment)], config, settings)


def _jobs(definitions: Definitions, environment: str) -> list[ScrapeConfig]:
    """The scrape jobs of the services."""
    named = (pair for service in definitions.services for pair in service.named_jobs())
    return [ScrapeConfig(name, configuration(job, environment), job) for name, job in named]


def _config(
    definitions: Definitions, environment: str, alertmanagers: Sequence[str | Alertmanagers]
) -> PrometheusConfig:
    return PrometheusConfig(
        environment,
        _jobs(definitions, environment),
        definitions.project,
        prometheus_settings(definitions.project, alertmanagers),
    )
