"""Writes the panel type `piechart`."""

from __future__ import annotations

from obscode.compiler.grafana.json_parts import Json
from obscode.compiler.grafana.writer import (
    LEGEND,
    REDUCE,
    TOOLTIP,
    PanelWriter,
    QueryFormat,
    legend,
    query_panel,
    reduced,
)
from obscode.model.panels.pie_chart import PieChart

OPTIONS: Json = {
    "reduceOptions": REDUCE,
    "orientation": "auto",
    "pieType": "pie",
    "sort": "desc",
    "displayLabels": [],
    "legend": {**LEGEND, "values": []},
    "tooltip": TOOLTIP,
}


def write(panel: PieChart) -> Json:
    as_table = {"displayMode": "table"} if panel.legend_values else {}
    options = {
        "reduceOptions": reduced(panel.calc),
        "pieType": panel.shape,
        "displayLabels": list(panel.labels),
        "legend": {**legend(panel.legend_at), **as_table, "values": list(panel.legend_values)},
    }
    color = {"mode": "palette-classic"}
    return query_panel(panel, options, queries=QueryFormat(instant=True), color=color)


WRITER = PanelWriter(PieChart, OPTIONS, write)
