"""prometheus.yml: scraping, rule files, Alertmanager; one file an environment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts, Scrape
from obscode.model import naming
from obscode.renderers.yaml_text import document


def render(artifacts: Artifacts) -> Iterator[File]:
    """The Prometheus config of every environment."""
    project = artifacts.project
    yield _file(artifacts, "", project.alertmanagers)
    for environment in project.environments:
        yield _file(artifacts, environment.name, project.alertmanagers_in(environment))


def _file(artifacts: Artifacts, environment: str, alertmanagers: Sequence[str]) -> File:
    project = artifacts.project
    config: dict[str, Any] = {
        "global": {
            "scrape_interval": project.scrape_interval,
            "evaluation_interval": project.evaluation_interval,
        },
        "rule_files": ["rules/*.yml"],
    }
    if alertmanagers:
        config["alerting"] = {"alertmanagers": [{"static_configs": [{"targets": list(alertmanagers)}]}]}
    config["scrape_configs"] = [_scrape(scrape, environment) for scrape in artifacts.scrapes]
    definitions = [project, *(scrape.definition for scrape in artifacts.scrapes)]
    return File(naming.prometheus_file(environment), document(config, artifacts.sources(*definitions)))


def _scrape(scrape: Scrape, environment: str) -> dict[str, Any]:
    job = scrape.definition
    static: dict[str, Any] = {"targets": list(job.targets_for(environment))}
    if job.labels:
        static["labels"] = dict(job.labels)
    settings = {
        "scrape_interval": job.interval,
        "scrape_timeout": job.timeout,
        "metrics_path": job.path,
        "scheme": job.scheme if job.scheme != "http" else "",
    }
    given = {name: value for name, value in settings.items() if value}
    return {"job_name": scrape.job, **given, "static_configs": [static]}
