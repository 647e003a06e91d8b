"""prometheus.yml, one per environment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts
from obscode.artifacts.prometheus import PrometheusConfig
from obscode.model import naming
from obscode.renderers.yaml_text import document


def render(artifacts: Artifacts) -> Iterator[File]:
    """The Prometheus configuration of every environment."""
    for config in artifacts.prometheus_configs:
        sources = artifacts.sources(config.source, *(job.source for job in config.scrape_configs))
        yield File(naming.prometheus_file(config.name), prometheus_config_text(config, sources))


def prometheus_config_text(config: PrometheusConfig, sources: Sequence[str] = ()) -> str:
    """The text of one configuration; ``sources`` are the files that its first line names."""
    jobs = [{"job_name": job.job, **job.settings} for job in config.scrape_configs]
    return document({**config.settings, "scrape_configs": jobs}, sources)
