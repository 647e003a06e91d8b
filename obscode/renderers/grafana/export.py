"""Dashboards in the form of "Export for sharing externally": Grafana asks for the datasource at the import.

Grafana.com accepts no other form: https://github.com/weaveworks/grafanalib/issues/549.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from obscode.artifacts.files import File
from obscode.artifacts.json_text import json_text
from obscode.artifacts.project import Artifacts
from obscode.compiler.grafana.datasource import LOKI, PROMETHEUS
from obscode.compiler.grafana.json_parts import Json, objects
from obscode.model import naming
from obscode.model.panels.kinds import KINDS

_INPUTS = {
    PROMETHEUS["uid"]: ("DS_PROMETHEUS", "Prometheus", PROMETHEUS["type"]),
    LOKI["uid"]: ("DS_LOKI", "Loki", LOKI["type"]),
}
#: The oldest Grafana that the output is written for.
_OLDEST = "11.0.0"


def render(artifacts: Artifacts) -> Iterator[File]:
    """One file for each dashboard."""
    if "export" not in artifacts.project.dashboard_formats:
        return
    for dashboard in artifacts.dashboards:
        yield File(naming.export_file(dashboard.uid), json_text(exported(dashboard.output)))


def exported(dashboard: Mapping[str, Any]) -> Json:
    """The classic form with inputs instead of datasource variables."""
    variables = objects(dashboard.get("templating"), "list")
    datasources = [variable for variable in variables if _reference(variable) in _INPUTS]
    used = [_INPUTS[_reference(variable)] for variable in datasources]
    rest = [variable for variable in variables if variable not in datasources]
    return {
        "__inputs": [_input(*each) for each in used],
        "__elements": {},
        "__requires": list(_requires(dashboard, used)),
        "id": None,
        **_with_inputs({**dashboard, "templating": {"list": rest}}),
    }


def _reference(variable: Mapping[str, Any]) -> str:
    """How queries name the datasource that a variable selects; empty for another variable."""
    return f"${{{variable.get('name')}}}" if variable.get("type") == "datasource" else ""


def _input(name: str, label: str, kind: str) -> Json:
    return {
        "name": name,
        "label": label,
        "description": "",
        "type": "datasource",
        "pluginId": kind,
        "pluginName": label,
    }


def _requires(dashboard: Mapping[str, Any], used: list[tuple[str, str, str]]) -> Iterator[Json]:
    yield {"type": "grafana", "id": "grafana", "name": "Grafana", "version": _OLDEST}
    for _, label, kind in used:
        yield {"type": "datasource", "id": kind, "name": label, "version": "1.0.0"}
    panels = [inside for panel in objects(dashboard, "panels") for inside in (panel, *objects(panel, "panels"))]
    for kind in sorted({str(panel.get("type") or "") for panel in panels} - {"row", ""}):
        yield {"type": "panel", "id": kind, "name": KINDS[kind].name if kind in KINDS else kind, "version": ""}


def _with_inputs(value: Any) -> Any:
    if isinstance(value, Mapping):
        if isinstance(uid := value.get("uid"), str) and uid in _INPUTS and "type" in value:
            return {**value, "uid": f"${{{_INPUTS[uid][0]}}}"}
        return {key: _with_inputs(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_inputs(item) for item in value]
    return value
