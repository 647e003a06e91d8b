"""Writes the panel type `text`."""

from __future__ import annotations

from obscode.compiler.grafana.json_parts import Json
from obscode.compiler.grafana.writer import PanelWriter, content_panel, unindented
from obscode.model.panels.text import Text

OPTIONS: Json = {"mode": "markdown", "content": ""}


def write(panel: Text) -> Json:
    return content_panel(panel, {"content": unindented(panel.content), "mode": panel.mode})


WRITER = PanelWriter(Text, OPTIONS, write)
