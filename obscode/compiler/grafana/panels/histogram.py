"""Writes the panel type `histogram`."""

from __future__ import annotations

from obscode.compiler.grafana.json_parts import Json
from obscode.compiler.grafana.writer import LEGEND, TOOLTIP, PanelWriter, legend, query_panel
from obscode.model.numbers import shortest_number
from obscode.model.panels.histogram import Histogram

OPTIONS: Json = {"bucketCount": 30, "bucketOffset": 0, "combine": False, "legend": LEGEND, "tooltip": TOOLTIP}


def write(panel: Histogram) -> Json:
    options: Json = {"bucketCount": panel.bucket_count, "combine": panel.combine, "legend": legend(panel.legend_at)}
    if panel.bucket_size is not None:
        options["bucketSize"] = shortest_number(panel.bucket_size)
    return query_panel(panel, options, {"lineWidth": 1, "fillOpacity": panel.fill})


WRITER = PanelWriter(Histogram, OPTIONS, write)
