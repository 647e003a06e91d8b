"""Grafana's provisioning files: the datasource, and the provider of the dashboards."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts
from obscode.model import naming
from obscode.renderers.yaml_text import document

#: The folder of the dashboards in Grafana's container; mount `grafana/dashboards` there.
DASHBOARDS_PATH = "/var/lib/grafana/dashboards"


def render(artifacts: Artifacts) -> Iterator[File]:
    """Datasource and dashboard provider, a pair for each environment."""
    project = artifacts.project
    yield from _pair(artifacts, "", project.prometheus_url)
    for environment in project.environments:
        yield from _pair(artifacts, environment.name, project.prometheus_url_in(environment))


def _pair(artifacts: Artifacts, environment: str, url: str) -> Iterator[File]:
    project = artifacts.project
    datasource = {
        "name": "Prometheus",
        "uid": project.datasource_uid,
        "type": "prometheus",
        "access": "proxy",
        "url": url,
        "isDefault": True,
        "editable": False,
        # $__rate_interval is at least four times this, so it must be the scrape interval.
        "jsonData": {"httpMethod": "POST", "timeInterval": project.scrape_interval},
    }
    datasources = {"apiVersion": 1, "datasources": [datasource]}
    yield File(naming.datasource_file(environment), document(datasources, artifacts.sources(project)))
    if "classic" not in project.dashboard_formats:
        return
    provider = {
        "name": naming.DASHBOARD_PROVIDER,
        "type": "file",
        "disableDeletion": False,
        "allowUiUpdates": False,
        "updateIntervalSeconds": 10,
        # Grafana rejects a provider that names a folder and also reads folders from the disk.
        "options": {"path": DASHBOARDS_PATH, "foldersFromFilesStructure": True},
    }
    providers = {"apiVersion": 1, "providers": [provider]}
    yield File(naming.provider_file(environment), document(providers, artifacts.sources(project)))
