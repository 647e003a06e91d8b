"""Dashboards as Kubernetes ConfigMaps."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.dashboards import config_map
from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts
from obscode.model import naming
from obscode.renderers.yaml_text import document


def render(artifacts: Artifacts) -> Iterator[File]:
    """One ConfigMap for each dashboard."""
    if "configmap" in artifacts.project.dashboard_formats:
        for dashboard in artifacts.dashboards:
            content = document(config_map(dashboard), artifacts.sources(dashboard.source))
            yield File(naming.config_map_file(dashboard.uid), content)
