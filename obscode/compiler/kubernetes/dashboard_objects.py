"""Dashboards as ConfigMaps for the sidecar of Grafana's chart, or as GrafanaDashboard objects for grafana-operator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from obscode.artifacts.dashboards import Dashboard
from obscode.artifacts.project import Artifacts
from obscode.compiler.kubernetes.operator_object import OperatorObject, metadata
from obscode.model import naming
from obscode.model.targets.kubernetes import Kubernetes

#: The objects without a namespace, with the labels that Grafana's chart and grafana-operator document.
PLAIN = Kubernetes()


def objects(artifacts: Artifacts, target: Kubernetes) -> Iterator[OperatorObject]:
    """An object for each dashboard."""
    if target.dashboards == "none":
        return
    is_map = target.dashboards == "configmap"
    for dashboard in artifacts.dashboards:
        content = config_map(dashboard, target) if is_map else grafana_dashboard(dashboard, target)
        folder, kind = ("dashboards", "ConfigMap") if is_map else ("grafana-operator", "GrafanaDashboard")
        title = f"the {kind} of dashboard {dashboard.title!r}"
        yield OperatorObject(f"{folder}/{dashboard.uid}.yaml", content, dashboard.source, title)


def config_map(dashboard: Dashboard, target: Kubernetes) -> Mapping[str, Any]:
    """The ConfigMap of a dashboard, which the sidecar of Grafana's chart finds by its labels."""
    labels = target.labels_of("dashboard_labels")
    own = metadata(target, naming.kubernetes_name(dashboard.uid), labels)
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {**own, "annotations": {"grafana_folder": dashboard.folder}},
        "data": {f"{dashboard.uid}.json": dashboard.text},
    }


def grafana_dashboard(dashboard: Dashboard, target: Kubernetes) -> Mapping[str, Any]:
    """The GrafanaDashboard of a dashboard; its selector names the Grafana instances."""
    return {
        "apiVersion": "grafana.integreatly.org/v1beta1",
        "kind": "GrafanaDashboard",
        "metadata": metadata(target, naming.kubernetes_name(dashboard.uid), {}),
        "spec": {
            "instanceSelector": {"matchLabels": target.labels_of("grafana_selector")},
            "folder": dashboard.folder,
            "json": dashboard.text,
        },
    }
