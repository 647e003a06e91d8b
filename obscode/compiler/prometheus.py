"""Prometheus configurations: one per environment, with the scrape jobs of all services."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from obscode.artifacts.prometheus import PrometheusConfig, ScrapeConfig
from obscode.model import naming
from obscode.model.definitions import Definitions
from obscode.model.project import Project
from obscode.model.scrape import ScrapeJob


def prometheus_configs(definitions: Definitions) -> Iterator[PrometheusConfig]:
    """The project's own configuration, then those of its environments."""
    project = definitions.project
    yield _config(definitions, "", project.alertmanagers)
    for environment in project.environments:
        yield _config(definitions, environment.name, project.alertmanagers_in(environment))


def _config(definitions: Definitions, environment: str, alertmanagers: Sequence[str]) -> PrometheusConfig:
    return PrometheusConfig(
        environment,
        [
            _scrape_config(name, job, environment)
            for service in definitions.services
            for name, job in service.named_jobs()
        ],
        definitions.project,
        _settings(definitions.project, alertmanagers),
    )


def _settings(project: Project, alertmanagers: Sequence[str]) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "global": {
            "scrape_interval": project.scrape_interval,
            "evaluation_interval": project.evaluation_interval,
        },
        "rule_files": [naming.RULE_FILES],
    }
    if alertmanagers:
        settings["alerting"] = {"alertmanagers": [{"static_configs": [{"targets": list(alertmanagers)}]}]}
    return settings


def _scrape_config(name: str, job: ScrapeJob, environment: str) -> ScrapeConfig:
    static: dict[str, Any] = {"targets": list(job.targets_for(environment))}
    if job.labels:
        static["labels"] = dict(job.labels)
    settings = {
        "scrape_interval": job.interval,
        "scrape_timeout": job.timeout,
        "metrics_path": job.path,
        "params": {name: list(values) for name, values in job.params.items()},
        "scheme": job.scheme if job.scheme != "http" else "",
        "static_configs": [static],
    }
    return ScrapeConfig(name, {key: value for key, value in settings.items() if value}, job)
