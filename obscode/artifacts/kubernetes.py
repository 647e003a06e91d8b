"""Kubernetes objects that contain artifacts."""

from __future__ import annotations

from typing import Any

from obscode.artifacts.dashboards import Dashboard
from obscode.model import naming


def config_map(dashboard: Dashboard) -> dict[str, Any]:
    """The ConfigMap of a dashboard, which the sidecar of Grafana's Helm chart finds by its label."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": naming.kubernetes_name(dashboard.uid),
            "labels": {"grafana_dashboard": "1"},
            "annotations": {"grafana_folder": dashboard.folder},
        },
        "data": {f"{dashboard.uid}.json": dashboard.text},
    }
