"""Writes the panel type `logs`."""

from __future__ import annotations

from obscode.compiler.grafana.json_parts import Json
from obscode.compiler.grafana.writer import PanelWriter, record_panel
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
    options = {
        "showTime": panel.show_time,
        "showLabels": panel.show_labels,
        "wrapLogMessage": panel.wrap,
        "prettifyLogMessage": panel.prettify,
        "dedupStrategy": panel.deduplicate,
        "sortOrder": "Descending" if panel.newest_first else "Ascending",
    }
    return record_panel(panel, options)


WRITER = PanelWriter(Logs, OPTIONS, write)
