"""Writes the panel type `traces`."""

from __future__ import annotations

from obscode.compiler.grafana.json_parts import Json
from obscode.compiler.grafana.writer import PanelWriter, record_panel
from obscode.model.panels.traces import Traces

OPTIONS: Json = {}


def write(panel: Traces) -> Json:
    return record_panel(panel, {})


WRITER = PanelWriter(Traces, OPTIONS, write)
