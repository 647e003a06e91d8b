"""Dashboards as GrafanaDashboard objects, which grafana-operator brings to the Grafanas it runs."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts
from obscode.model import naming
from obscode.renderers.grafana.files import dashboard_json, text
from obscode.renderers.yaml_text import document


def render(artifacts: Artifacts) -> Iterator[File]:
    """One object a dashboard, for the instances with the label `dashboards: grafana`."""
    if "operator" not in artifacts.project.dashboard_formats:
        return
    for dashboard in artifacts.dashboards:
        sources = artifacts.sources(dashboard.source)
        content = {
            "apiVersion": "grafana.integreatly.org/v1beta1",
            "kind": "GrafanaDashboard",
            "metadata": {"name": naming.kubernetes_name(dashboard.uid)},
            "spec": {
                "instanceSelector": {"matchLabels": {"dashboards": "grafana"}},
                "folder": dashboard.folder,
                "json": text(dashboard_json(dashboard, sources)),
            },
        }
        yield File(naming.operator_file(dashboard.uid), document(content, sources))
