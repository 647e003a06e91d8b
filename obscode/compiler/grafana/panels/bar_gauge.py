"""Writes the panel type `bargauge`."""

from __future__ import annotations

from obscode.compiler.grafana.json_parts import Json
from obscode.compiler.grafana.writer import LEGEND, REDUCE, PanelWriter, QueryFormat, query_panel, reduced
from obscode.model.panels.bar_gauge import BarGauge

OPTIONS: Json = {
    "reduceOptions": REDUCE,
    "orientation": "horizontal",
    "displayMode": "gradient",
    "valueMode": "color",
    "namePlacement": "auto",
    "showUnfilled": True,
    "sizing": "auto",
    "minVizWidth": 8,
    "minVizHeight": 16,
    "maxVizHeight": 300,
    "legend": {**LEGEND, "showLegend": False},
}


def write(panel: BarGauge) -> Json:
    options = {
        "reduceOptions": reduced(panel.calc),
        "orientation": panel.orientation,
        "displayMode": panel.display,
    }
    return query_panel(panel, options, queries=QueryFormat(instant=True))


WRITER = PanelWriter(BarGauge, OPTIONS, write)
