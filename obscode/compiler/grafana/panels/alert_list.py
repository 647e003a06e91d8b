"""Writes the panel type `alertlist`."""

from __future__ import annotations

from typing import get_args

from obscode.compiler.grafana.json_parts import Json
from obscode.compiler.grafana.writer import PanelWriter, content_panel
from obscode.model.panels.alert_list import AlertList, AlertState
from obscode.promql.tokens import label_text, quote

OPTIONS: Json = {
    "viewMode": "list",
    "groupMode": "default",
    "groupBy": [],
    "maxItems": 20,
    "sortOrder": 3,
    "dashboardAlerts": False,
    "alertName": "",
    "alertInstanceLabelFilter": "",
    "showInstances": True,
    "showInactiveAlerts": False,
    "stateFilter": {
        "firing": True,
        "pending": True,
        "recovering": False,
        "noData": False,
        "normal": False,
        "error": True,
    },
}


def write(panel: AlertList) -> Json:
    matchers = ",".join(f"{label_text(label)}={quote(value)}" for label, value in panel.labels.items())
    options = {
        "maxItems": panel.limit,
        "alertName": panel.alert,
        "alertInstanceLabelFilter": f"{{{matchers}}}" if matchers else "",
        "stateFilter": {state: state in panel.states for state in get_args(AlertState)},
    }
    return content_panel(panel, options)


WRITER = PanelWriter(AlertList, OPTIONS, write)
