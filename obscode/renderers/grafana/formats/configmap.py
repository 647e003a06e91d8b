"""Dashboards as Kubernetes ConfigMaps, which the sidecar of Grafana's chart finds by their label."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts, DashboardFile
from obscode.model import naming
from obscode.renderers.grafana.files import dashboard_json, text
from obscode.renderers.yaml_text import document

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def render(artifacts: Artifacts) -> Iterator[File]:
    """One ConfigMap a dashboard."""
    if "configmap" not in artifacts.project.dashboard_formats:
        return
    for dashboard in artifacts.dashboards:
        sources = artifacts.sources(dashboard.source)
        content = document(_config_map(dashboard, artifacts), sources)
        yield File(naming.config_map_file(dashboard.uid), content)


def applied_size(dashboard: DashboardFile, artifacts: Artifacts) -> int:
    """Bytes of the annotations of a ConfigMap after `kubectl apply`, which stores the object in one of them."""
    return _annotations_size(_config_map(dashboard, artifacts))


def _config_map(dashboard: DashboardFile, artifacts: Artifacts) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": naming.kubernetes_name(dashboard.uid),
            "labels": {"grafana_dashboard": "1"},
            "annotations": {"grafana_folder": dashboard.folder},
        },
        "data": {f"{dashboard.uid}.json": text(dashboard_json(dashboard, artifacts.sources(dashboard.source)))},
    }


def _annotations_size(config_map: dict[str, Any]) -> int:
    # As kubectl writes it: without spaces, and with the characters of HTML escaped, as Go does.
    applied = json.dumps(config_map, ensure_ascii=False, separators=(",", ":"))
    escaped = sum(applied.count(character) for character in "<>&") * len("u003c")
    own = sum(len(name) + len(value) for name, value in config_map["metadata"]["annotations"].items())
    return len(applied.encode()) + escaped + len(_LAST_APPLIED) + len("\n") + own
