"""Writes the panel type `canvas`."""

from __future__ import annotations

from obscode.compiler.grafana.json_parts import Json
from obscode.compiler.grafana.writer import PanelWriter, QueryFormat, query_panel
from obscode.model.panels.canvas import Canvas

OPTIONS: Json = {
    "inlineEditing": False,
    "showAdvancedTypes": True,
    "panZoom": False,
    "zoomToContent": False,
    "tooltip": {"mode": "single"},
    "root": {"name": "Root", "type": "frame", "elements": []},
}


def write(panel: Canvas) -> Json:
    options = {
        "panZoom": panel.pan_zoom,
        "zoomToContent": panel.fit,
        "root": {"name": "Root", "type": "frame", "elements": [dict(element) for element in panel.elements]},
    }
    return query_panel(panel, options, queries=QueryFormat(instant=True))


WRITER = PanelWriter(Canvas, OPTIONS, write)
