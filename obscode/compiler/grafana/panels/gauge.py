"""Writes the panel type `gauge`."""

from __future__ import annotations

from obscode.compiler.grafana.json_parts import Json
from obscode.compiler.grafana.writer import REDUCE, PanelWriter, QueryFormat, query_panel, reduced
from obscode.model.panels.gauge import Gauge

OPTIONS: Json = {
    "reduceOptions": REDUCE,
    "orientation": "auto",
    "shape": "gauge",
    "barShape": "flat",
    "barWidthFactor": 0.5,
    "segmentCount": 1,
    "segmentSpacing": 0.3,
    "effects": {},
    "sparkline": False,
    "showThresholdLabels": False,
    "showThresholdMarkers": True,
    "sizing": "auto",
    "minVizWidth": 75,
    "minVizHeight": 75,
}


def write(panel: Gauge) -> Json:
    options = {
        "reduceOptions": reduced(panel.calc),
        "showThresholdLabels": panel.threshold_labels,
        "showThresholdMarkers": panel.threshold_markers,
    }
    return query_panel(panel, options, queries=QueryFormat(instant=True))


WRITER = PanelWriter(Gauge, OPTIONS, write)
