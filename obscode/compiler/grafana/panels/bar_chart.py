"""Writes the panel type `barchart`."""

from __future__ import annotations

from obscode.compiler.grafana.json_parts import Json
from obscode.compiler.grafana.writer import LEGEND, TOOLTIP, PanelWriter, QueryFormat, joined, legend, query_panel
from obscode.model.panels.bar_chart import BarChart

OPTIONS: Json = {
    "orientation": "auto",
    "xTickLabelRotation": 0,
    "xTickLabelMaxLength": 0,
    "xTickLabelSpacing": 0,
    "showValue": "auto",
    "stacking": "none",
    "groupWidth": 0.7,
    "barWidth": 0.97,
    "barRadius": 0,
    "fullHighlight": False,
    "legend": LEGEND,
    "tooltip": TOOLTIP,
}


def write(panel: BarChart) -> Json:
    options: Json = {
        "orientation": panel.orientation,
        "xTickLabelRotation": panel.label_rotation,
        "xTickLabelMaxLength": panel.label_length,
        "showValue": panel.show_value,
        "stacking": panel.stack,
        "groupWidth": panel.group_width,
        "barWidth": panel.bar_width,
        "legend": legend(panel.legend_at, panel.legend_calcs),
        "tooltip": {"mode": panel.tooltip, "sort": "none"},
    }
    options |= {name: value for name, value in (("xField", panel.x), ("colorByField", panel.color_by)) if value}
    custom = {
        "axisLabel": panel.axis_title,
        "axisPlacement": panel.axis,
        "fillOpacity": panel.fill,
        "lineWidth": panel.line_width,
        "gradientMode": panel.gradient,
    }
    queries = QueryFormat(instant=True, format="table")
    return query_panel(panel, options, custom, queries=queries, transformations=joined(panel))


WRITER = PanelWriter(BarChart, OPTIONS, write)
