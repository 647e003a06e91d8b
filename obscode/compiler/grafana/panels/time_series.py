"""Writes the panel type `timeseries`."""

from __future__ import annotations

from obscode.compiler.grafana.json_parts import Json
from obscode.compiler.grafana.writer import LEGEND, TOOLTIP, PanelWriter, legend, query_panel
from obscode.model.numbers import shortest_number
from obscode.model.panels.time_series import TimeSeries

OPTIONS: Json = {"legend": LEGEND, "tooltip": TOOLTIP}


def write(panel: TimeSeries) -> Json:
    custom = {
        "axisLabel": panel.axis_title,
        "axisPlacement": panel.axis,
        "axisCenteredZero": panel.centered_zero,
        "pointSize": panel.point_size,
        "drawStyle": panel.draw,
        "lineInterpolation": panel.interpolation,
        "lineWidth": panel.line_width,
        "fillOpacity": panel.fill,
        "gradientMode": panel.gradient,
        "spanNulls": panel.connect_gaps,
        "showPoints": panel.points,
        "stacking": {"mode": panel.stack, "group": "A"},
        "scaleDistribution": {"type": "log", "log": panel.log_base} if panel.log_base else {"type": "linear"},
        "thresholdsStyle": {"mode": panel.threshold_style if panel.thresholds else "off"},
        "axisSoftMin": shortest_number(panel.soft_minimum),
        "axisSoftMax": shortest_number(panel.soft_maximum),
    }
    sort = panel.tooltip_sort if panel.tooltip == "multi" else "none"
    options = {
        "legend": legend(panel.legend_at, panel.legend_calcs),
        "tooltip": {"mode": panel.tooltip, "sort": sort},
    }
    return query_panel(panel, options, custom)


WRITER = PanelWriter(TimeSeries, OPTIONS, write)
