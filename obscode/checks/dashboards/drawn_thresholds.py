"""Whether a panel shows the colours of its thresholds."""

from __future__ import annotations

from obscode.reader.dashboards.model import Panel


def are_drawn(panel: Panel) -> bool:
    """True if the panel shows the colours of its thresholds."""
    mode = panel.defaults.object("color").plain("mode")
    custom = panel.defaults.object("custom")
    if panel.type in ("timeseries", "barchart", "trend", "xychart", "histogram", "heatmap", "piechart"):
        style = custom.object("thresholdsStyle").plain("mode")
        return style not in (None, "off") or mode == "thresholds"
    if panel.type == "table":
        cell = custom.object("cellOptions").plain("type") or custom.plain("displayMode")
        return cell not in (None, "auto", "json-view", "image", "sparkline")
    if panel.type == "stat" and panel.options.plain("colorMode") == "none":
        return False
    gauge = panel.type == "gauge" and panel.options.plain("showThresholdMarkers") is not False
    return gauge or mode in (None, "thresholds")
