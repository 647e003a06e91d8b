"""Writes the panel type `state-timeline`."""

from __future__ import annotations

from obscode.compiler.grafana.json_parts import Json
from obscode.compiler.grafana.writer import LEGEND, TOOLTIP, PanelWriter, legend, query_panel, state_color
from obscode.model.panels.state_timeline import StateTimeline

OPTIONS: Json = {
    "mergeValues": True,
    "alignValue": "left",
    "showValue": "auto",
    "rowHeight": 0.9,
    "legend": LEGEND,
    "tooltip": TOOLTIP,
}


def write(panel: StateTimeline) -> Json:
    options = {
        "mergeValues": panel.merge,
        "showValue": panel.show_value,
        "legend": legend(panel.legend_at),
        "tooltip": {"mode": panel.tooltip, "sort": "none"},
    }
    return query_panel(panel, options, {"lineWidth": 0, "fillOpacity": 70}, color=state_color(panel))


WRITER = PanelWriter(StateTimeline, OPTIONS, write)
