"""Grafana's provisioning files: the datasource, and the provider of the dashboards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from typing import Any

from obscode.artifacts.dashboards import Dashboard
from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts
from obscode.model import naming
from obscode.renderers.yaml_text import document

#: The folder of the dashboards in Grafana's container; mount `grafana/dashboards` there.
DASHBOARDS_PATH = "/var/lib/grafana/dashboards"
#: The output folder in Grafana's container, for the provisioning of an environment: it reads dashboards of two folders.
OUTPUT_PATH = "/var/lib/grafana/build"


def render(artifacts: Artifacts) -> Iterator[File]:
    """Datasource and dashboard provider."""
    project = artifacts.project
    datasource = {
        "name": "Prometheus",
        "uid": project.datasource_uid,
        "type": "prometheus",
        "access": "proxy",
        "url": project.prometheus_url,
        "isDefault": True,
        "editable": False,
        # $__rate_interval is at least four times this, so it must be the scrape interval.
        "jsonData": {"httpMethod": "POST", "timeInterval": project.scrape_interval},
    }
    settings = project.datasource.content(datasource) if project.datasource else datasource
    datasources = {"apiVersion": 1, "datasources": [settings]}
    yield File(naming.datasource_file(), document(datasources, artifacts.sources(project)))
    if "classic" in project.dashboard_formats:
        yield _providers(artifacts, [_provider(DASHBOARDS_PATH)])


def environment_providers(
    environment: str, artifacts: Artifacts, shared: Iterable[Dashboard], mixed: Set[str], *, has_own: bool
) -> File:
    """The dashboard providers of an environment, whose tree is in the folder ``environment`` of `build`.

    ``shared`` are the dashboards in the tree of the project, ``mixed`` the folders with others, and ``has_own``
    whether the tree of the environment has dashboards. A provider reads a folder, or one file.
    """
    root = f"{OUTPUT_PATH}/grafana/dashboards"
    if not mixed:
        return _providers(artifacts, [_provider(root)])
    own = f"{OUTPUT_PATH}/{environment}/grafana/dashboards"
    providers = {own: _provider(own)} if has_own else {}
    for each in sorted(shared, key=lambda dashboard: (dashboard.folder, dashboard.uid)):
        if each.folder in mixed:
            path = f"{OUTPUT_PATH}/{naming.dashboard_file(each.folder, each.uid)}"
            providers[path] = _provider(path, each.folder, each.uid)
        else:
            path = f"{root}/{each.folder}"
            providers[path] = _provider(path, each.folder, each.folder)
    return _providers(artifacts, [*providers.values()])


def _provider(path: str, folder: str = "", name: str = "") -> dict[str, Any]:
    """The provider of the dashboards in a path: those of one folder of Grafana, or of a folder with folders."""
    # Grafana rejects a provider that names a folder and also reads folders from the disk.
    place = {"path": path} if folder else {"path": path, "foldersFromFilesStructure": True}
    return {
        "name": f"{naming.DASHBOARD_PROVIDER}-{name}" if name else naming.DASHBOARD_PROVIDER,
        **({"folder": folder} if folder else {}),
        "type": "file",
        "disableDeletion": False,
        "allowUiUpdates": False,
        "updateIntervalSeconds": 10,
        "options": place,
    }


def _providers(artifacts: Artifacts, providers: Sequence[dict[str, Any]]) -> File:
    content = {"apiVersion": 1, "providers": list(providers)}
    return File(naming.provider_file(), document(content, artifacts.sources(artifacts.project)))
