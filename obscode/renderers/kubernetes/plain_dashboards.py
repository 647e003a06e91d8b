"""Dashboards as Kubernetes ConfigMaps, without a target."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts
from obscode.compiler.kubernetes.dashboard_objects import PLAIN, config_map, grafana_dashboard
from obscode.model import naming
from obscode.model.targets.kubernetes import Kubernetes
from obscode.renderers.yaml_text import document


def render(artifacts: Artifacts) -> Iterator[File]:
    """The objects of the formats `configmap` and `operator`, unless a target writes the same files."""
    written = {t.dashboards for t in artifacts.project.targets if isinstance(t, Kubernetes) and not t.name}
    for dashboard in artifacts.dashboards:
        sources = artifacts.sources(dashboard.source)
        if "configmap" in artifacts.project.dashboard_formats and "configmap" not in written:
            yield File(naming.config_map_file(dashboard.uid), document(config_map(dashboard, PLAIN), sources))
        if "operator" in artifacts.project.dashboard_formats and "operator" not in written:
            yield File(naming.operator_file(dashboard.uid), document(grafana_dashboard(dashboard, PLAIN), sources))
