"""Writes the panel type `flamegraph`."""

from __future__ import annotations

from obscode.compiler.grafana.json_parts import Json
from obscode.compiler.grafana.writer import PanelWriter, record_panel
from obscode.model.panels.flame_graph import FlameGraph

OPTIONS: Json = {}


def write(panel: FlameGraph) -> Json:
    return record_panel(panel, {})


WRITER = PanelWriter(FlameGraph, OPTIONS, write)
