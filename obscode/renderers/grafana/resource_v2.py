"""Dashboards as resources of version 2 of Grafana's API, with tabs, automatic grids and conditions."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.files import File
from obscode.artifacts.json_text import json_text
from obscode.artifacts.project import Artifacts
from obscode.compiler.grafana.v2.spec import v2_spec
from obscode.model import naming
from obscode.renderers.grafana.resource import folder_annotation, folders


def render(artifacts: Artifacts) -> Iterator[File]:
    """One resource for each folder and one for each dashboard, which refers to its folder by uid."""
    if "v2" not in artifacts.project.dashboard_formats:
        return
    for uid, folder in folders(artifacts):
        yield File(naming.v2_folder_file(uid), json_text(folder))
    for dashboard in artifacts.dashboards:
        content = {
            "apiVersion": "dashboard.grafana.app/v2",
            "kind": "Dashboard",
            "metadata": {"name": dashboard.uid, "annotations": folder_annotation(dashboard)},
            "spec": v2_spec(dashboard),
        }
        yield File(naming.v2_file(dashboard.uid), json_text(content))
