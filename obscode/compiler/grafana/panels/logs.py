"""Writes the panel type `logs`."""

from __future__ import annotations

from obscode.compiler.grafana.datasource import LOKI
from obscode.compiler.grafana.grafanalib_panel import grafanalib_panel
from obscode.compiler.grafana.json_parts import Json, refs
from obscode.compiler.grafana.writer import PanelWriter, unindented
from obscode.model.panels.logs import Logs

OPTIONS: Json = {
    "showTime": False,
    "showLabels": False,
    "showCommonLabels": False,
    "showLogContextToggle": False,
    "wrapLogMessage": False,
    "prettifyLogMessage": False,
    "enableLogDetails": True,
    "dedupStrategy": "none",
    "sortOrder": "Descending",
}


def write(panel: Logs) -> Json:
    targets = [
        {"refId": ref, "datasource": LOKI, "editorMode": "code", "expr": unindented(query), "queryType": "range"}
        for ref, query in zip(refs(), panel.log_queries(), strict=False)
    ]
    options = {
        "showTime": panel.show_time,
        "showLabels": panel.show_labels,
        "wrapLogMessage": panel.wrap,
        "prettifyLogMessage": panel.prettify,
        "dedupStrategy": panel.deduplicate,
        "sortOrder": "Descending" if panel.newest_first else "Ascending",
    }
    return grafanalib_panel(panel, extra={"options": options}, dataSource=LOKI, targets=targets)


WRITER = PanelWriter(Logs, OPTIONS, write)
