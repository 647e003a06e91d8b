"""Dashboards and their folders as resources of Grafana's API, for gcx, Git Sync and `/apis`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from obscode.artifacts.dashboards import Dashboard
from obscode.artifacts.files import File
from obscode.artifacts.json_text import json_text
from obscode.artifacts.project import Artifacts
from obscode.model import naming


def folders(artifacts: Artifacts) -> Iterator[tuple[str, dict[str, Any]]]:
    """The folders of all dashboards as resources, with their uids."""
    for folder in sorted({dashboard.folder for dashboard in artifacts.dashboards}):
        uid = naming.folder_uid(folder)
        head = {"apiVersion": "folder.grafana.app/v1beta1", "kind": "Folder"}
        yield uid, {**head, "metadata": {"name": uid}, "spec": {"title": folder}}


def folder_annotation(dashboard: Dashboard) -> dict[str, str]:
    """The annotation of a dashboard with the uid of its folder."""
    return {"grafana.app/folder": naming.folder_uid(dashboard.folder)}


def render(artifacts: Artifacts) -> Iterator[File]:
    """One resource for each folder and one for each dashboard, which refers to its folder by uid."""
    if "resource" not in artifacts.project.dashboard_formats:
        return
    for uid, folder in folders(artifacts):
        yield File(naming.folder_resource_file(uid), json_text(folder))
    for dashboard in artifacts.dashboards:
        annotations = folder_annotation(dashboard)
        # The name is the uid; Grafana removes a uid from the spec.
        spec = {key: value for key, value in dashboard.output.items() if key != "uid"}
        content = {
            "apiVersion": "dashboard.grafana.app/v1",
            "kind": "Dashboard",
            "metadata": {"name": dashboard.uid, "annotations": annotations},
            "spec": spec,
        }
        yield File(naming.resource_file(dashboard.uid), json_text(content))
