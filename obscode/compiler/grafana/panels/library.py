"""Writes a reference to a library panel."""

from __future__ import annotations

from obscode.compiler.grafana.json_parts import Json
from obscode.compiler.grafana.writer import PanelWriter, content_panel
from obscode.model.panels.library import Library


def write(panel: Library) -> Json:
    return {**content_panel(panel, {}), "libraryPanel": {"uid": panel.uid, "name": panel.name or panel.title}}


WRITER = PanelWriter(Library, {}, write)
