"""Writes the panel type `stat`."""

from __future__ import annotations

from obscode.compiler.grafana.json_parts import Json
from obscode.compiler.grafana.writer import REDUCE, PanelWriter, QueryFormat, query_panel, reduced
from obscode.model.panels.stat import Stat

OPTIONS: Json = {
    "reduceOptions": REDUCE,
    "orientation": "auto",
    "textMode": "auto",
    "colorMode": "value",
    "graphMode": "area",
    "justifyMode": "auto",
    "percentChangeColorMode": "standard",
    "showPercentChange": False,
    "wideLayout": True,
}


def write(panel: Stat) -> Json:
    options = {
        "reduceOptions": reduced(panel.calc),
        "textMode": panel.text_mode,
        "colorMode": panel.color_mode,
        "graphMode": "area" if panel.sparkline else "none",
    }
    return query_panel(panel, options, queries=QueryFormat(instant=not panel.sparkline))


WRITER = PanelWriter(Stat, OPTIONS, write)
