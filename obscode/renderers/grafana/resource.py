"""Dashboards and their folders as resources of Grafana's API, for gcx, Git Sync and `/apis`."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.files import File
from obscode.artifacts.json_text import json_text
from obscode.artifacts.project import Artifacts
from obscode.model import naming


def render(artifacts: Artifacts) -> Iterator[File]:
    """One resource for each folder and one for each dashboard, which refers to its folder by uid."""
    if "resource" not in artifacts.project.dashboard_formats:
        return
    for folder in sorted({dashboard.folder for dashboard in artifacts.dashboards}):
        content = {
            "apiVersion": "folder.grafana.app/v1beta1",
            "kind": "Folder",
            "metadata": {"name": naming.folder_uid(folder)},
            "spec": {"title": folder},
        }
        yield File(naming.folder_resource_file(naming.folder_uid(folder)), json_text(content))
    for dashboard in artifacts.dashboards:
        annotations = {"grafana.app/folder": naming.folder_uid(dashboard.folder)}
        # The name is the uid; Grafana removes a uid from the spec.
        spec = {key: value for key, value in dashboard.output.items() if key != "uid"}
        content = {
            "apiVersion": "dashboard.grafana.app/v1",
            "kind": "Dashboard",
            "metadata": {"name": dashboard.uid, "annotations": annotations},
            "spec": spec,
        }
        yield File(naming.resource_file(dashboard.uid), json_text(content))
