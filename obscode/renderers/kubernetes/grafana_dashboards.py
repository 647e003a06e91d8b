"""Dashboards as GrafanaDashboard objects for grafana-operator."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts
from obscode.model import naming
from obscode.renderers.yaml_text import document


def render(artifacts: Artifacts) -> Iterator[File]:
    """One object for each dashboard; it selects the Grafana instances with the label `dashboards: grafana`."""
    if "operator" not in artifacts.project.dashboard_formats:
        return
    for dashboard in artifacts.dashboards:
        content = {
            "apiVersion": "grafana.integreatly.org/v1beta1",
            "kind": "GrafanaDashboard",
            "metadata": {"name": naming.kubernetes_name(dashboard.uid)},
            "spec": {
                "instanceSelector": {"matchLabels": {"dashboards": "grafana"}},
                "folder": dashboard.folder,
                "json": dashboard.text,
            },
        }
        yield File(naming.operator_file(dashboard.uid), document(content, artifacts.sources(dashboard.source)))
