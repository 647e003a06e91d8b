"""Writes the panel type `status-history`."""

from __future__ import annotations

from obscode.compiler.grafana.json_parts import Json
from obscode.compiler.grafana.writer import LEGEND, TOOLTIP, PanelWriter, legend, query_panel, state_color
from obscode.model.panels.status_history import StatusHistory

OPTIONS: Json = {"showValue": "auto", "rowHeight": 0.9, "colWidth": 0.9, "legend": LEGEND, "tooltip": TOOLTIP}


def write(panel: StatusHistory) -> Json:
    options = {
        "showValue": panel.show_value,
        "legend": legend(panel.legend_at),
        "tooltip": {"mode": panel.tooltip, "sort": "none"},
    }
    return query_panel(panel, options, {"fillOpacity": 70, "lineWidth": 1}, color=state_color(panel))


WRITER = PanelWriter(StatusHistory, OPTIONS, write)
