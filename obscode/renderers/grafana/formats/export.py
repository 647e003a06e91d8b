"""Dashboards in the form of "Export for sharing externally": who imports one is asked for the datasource.

Grafana.com takes no other: https://github.com/weaveworks/grafanalib/issues/549.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts
from obscode.model import naming
from obscode.renderers.grafana.datasource import LOKI, PROMETHEUS
from obscode.renderers.grafana.files import dashboard_json, text
from obscode.renderers.grafana.json_parts import Json

_INPUTS = {
    PROMETHEUS["uid"]: ("DS_PROMETHEUS", "Prometheus", PROMETHEUS["type"]),
    LOKI["uid"]: ("DS_LOKI", "Loki", LOKI["type"]),
}
#: The oldest Grafana that shows all of a dashboard as it is meant.
_OLDEST = "11.0.0"
_PANELS = {
    "alertlist": "Alert list",
    "bargauge": "Bar gauge",
    "dashlist": "Dashboard list",
    "gauge": "Gauge",
    "heatmap": "Heatmap",
    "histogram": "Histogram",
    "logs": "Logs",
    "stat": "Stat",
    "state-timeline": "State timeline",
    "status-history": "Status history",
    "table": "Table",
    "text": "Text",
    "timeseries": "Time series",
}


def render(artifacts: Artifacts) -> Iterator[File]:
    """One file a dashboard."""
    if "export" not in artifacts.project.dashboard_formats:
        return
    for dashboard in artifacts.dashboards:
        classic = dashboard_json(dashboard, artifacts.sources(dashboard.source))
        yield File(naming.export_file(dashboard.uid), text(exported(classic)))


def exported(dashboard: Json) -> Json:
    """The classic form with inputs in the place of the datasource variables."""
    asked = [variable for variable in dashboard["templating"]["list"] if variable["type"] == "datasource"]
    used = [_INPUTS[f"${{{variable['name']}}}"] for variable in asked]
    rest = [variable for variable in dashboard["templating"]["list"] if variable not in asked]
    return {
        "__inputs": [_input(*given) for given in used],
        "__elements": {},
        "__requires": list(_requires(dashboard, used)),
        "id": None,
        **_with_inputs({**dashboard, "templating": {"list": rest}}),
    }


def _input(name: str, label: str, kind: str) -> Json:
    return {
        "name": name,
        "label": label,
        "description": "",
        "type": "datasource",
        "pluginId": kind,
        "pluginName": label,
    }


def _requires(dashboard: Json, used: list[tuple[str, str, str]]) -> Iterator[Json]:
    yield {"type": "grafana", "id": "grafana", "name": "Grafana", "version": _OLDEST}
    for _, label, kind in used:
        yield {"type": "datasource", "id": kind, "name": label, "version": "1.0.0"}
    panels = [inside for panel in dashboard["panels"] for inside in (panel, *panel.get("panels", ()))]
    for kind in sorted({panel["type"] for panel in panels} - {"row"}):
        yield {"type": "panel", "id": kind, "name": _PANELS.get(kind, kind), "version": ""}


def _with_inputs(value: Any) -> Any:
    if isinstance(value, Mapping):
        if value.get("uid") in _INPUTS and "type" in value:
            return {**value, "uid": f"${{{_INPUTS[value['uid']][0]}}}"}
        return {key: _with_inputs(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_inputs(item) for item in value]
    return value
