"""The options that each kind of panel has in Grafana 13, at their defaults, in the order of the output.

From the npm package @grafana/schema 13.2.3, whose types demand most of them. Grafana 11 and 12 pass over
those that they do not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: The version of Grafana's panels that the output is written for: no migration of older forms runs on it.
PLUGIN_VERSION = "13.2.2"

_LEGEND = {"showLegend": True, "displayMode": "list", "placement": "bottom", "calcs": []}
_TOOLTIP = {"mode": "single", "sort": "none"}
_REDUCE = {"calcs": ["lastNotNull"], "fields": "", "values": False}

OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "timeseries": {"legend": _LEGEND, "tooltip": _TOOLTIP},
    "stat": {
        "reduceOptions": _REDUCE,
        "orientation": "auto",
        "textMode": "auto",
        "colorMode": "value",
        "graphMode": "area",
        "justifyMode": "auto",
        "percentChangeColorMode": "standard",
        "showPercentChange": False,
        "wideLayout": True,
    },
    "gauge": {
        "reduceOptions": _REDUCE,
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
    },
    "bargauge": {
        "reduceOptions": _REDUCE,
        "orientation": "horizontal",
        "displayMode": "gradient",
        "valueMode": "color",
        "namePlacement": "auto",
        "showUnfilled": True,
        "sizing": "auto",
        "minVizWidth": 8,
        "minVizHeight": 16,
        "maxVizHeight": 300,
        "legend": {**_LEGEND, "showLegend": False},
    },
    "table": {"showHeader": True, "cellHeight": "sm", "frameIndex": 0, "sortBy": []},
    "heatmap": {
        "calculate": False,
        "color": {
            "mode": "scheme",
            "scheme": "Oranges",
            "fill": "dark-orange",
            "scale": "exponential",
            "exponent": 0.5,
            "steps": 64,
            "reverse": False,
        },
        "cellGap": 1,
        "filterValues": {"le": 1e-9},
        "rowsFrame": {"layout": "auto"},
        "showValue": "never",
        "exemplars": {"color": "rgba(255,0,255,0.7)"},
        "legend": {"show": True},
        "tooltip": {"mode": "single", "yHistogram": True, "showColorScale": True},
        "yAxis": {"axisPlacement": "left", "reverse": False},
    },
    "histogram": {"bucketCount": 30, "bucketOffset": 0, "combine": False, "legend": _LEGEND, "tooltip": _TOOLTIP},
    "logs": {
        "showTime": False,
        "showLabels": False,
        "showCommonLabels": False,
        "showLogContextToggle": False,
        "wrapLogMessage": False,
        "prettifyLogMessage": False,
        "enableLogDetails": True,
        "dedupStrategy": "none",
        "sortOrder": "Descending",
    },
    "state-timeline": {
        "mergeValues": True,
        "alignValue": "left",
        "showValue": "auto",
        "rowHeight": 0.9,
        "legend": _LEGEND,
        "tooltip": _TOOLTIP,
    },
    "status-history": {"showValue": "auto", "rowHeight": 0.9, "colWidth": 0.9, "legend": _LEGEND, "tooltip": _TOOLTIP},
    "text": {"mode": "markdown", "content": ""},
    "dashlist": {
        "tags": [],
        "query": "",
        "maxItems": 10,
        "showSearch": False,
        "showStarred": True,
        "showRecentlyViewed": False,
        "showHeadings": True,
        "showFolderNames": True,
        "includeVars": False,
        "keepTime": False,
    },
    "alertlist": {
        "viewMode": "list",
        "groupMode": "default",
        "groupBy": [],
        "maxItems": 20,
        "sortOrder": 3,
        "dashboardAlerts": False,
        "alertName": "",
        "alertInstanceLabelFilter": "",
        "showInstances": True,
        "showInactiveAlerts": False,
        "stateFilter": {
            "firing": True,
            "pending": True,
            "recovering": False,
            "noData": False,
            "normal": False,
            "error": True,
        },
    },
    "barchart": {
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
        "legend": _LEGEND,
        "tooltip": _TOOLTIP,
    },
    "piechart": {
        "reduceOptions": _REDUCE,
        "orientation": "auto",
        "pieType": "pie",
        "sort": "desc",
        "displayLabels": [],
        "legend": {**_LEGEND, "values": []},
        "tooltip": _TOOLTIP,
    },
    "candlestick": {
        "mode": "candles+volume",
        "candleStyle": "candles",
        "colorStrategy": "open-close",
        "colors": {"up": "green", "down": "red", "flat": "gray"},
        "fields": {},
        "includeAllFields": False,
        "legend": _LEGEND,
        "tooltip": _TOOLTIP,
    },
    "trend": {"legend": _LEGEND, "tooltip": _TOOLTIP},
    "xychart": {"mapping": "auto", "series": [], "legend": _LEGEND, "tooltip": _TOOLTIP},
    "annolist": {
        "limit": 10,
        "tags": [],
        "onlyFromThisDashboard": False,
        "onlyInTimeRange": False,
        "navigateToPanel": True,
        "navigateBefore": "10m",
        "navigateAfter": "10m",
        "showTags": True,
        "showTime": True,
        "showUser": True,
    },
    "news": {"showImage": True},
}

#: Field settings of one kind alone that its type demands.
CUSTOM: Mapping[str, Mapping[str, Any]] = {
    "table": {"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False},
}

#: Kinds that show no values, and have no settings for fields.
WITHOUT_FIELDS = frozenset({"text", "dashlist", "alertlist", "annolist", "news"})
#: Kinds whose colours come from thresholds unless they say otherwise.
BY_THRESHOLDS = frozenset({"stat", "gauge", "bargauge", "table"})
#: Kinds in which thresholds mean something.
WITH_THRESHOLDS = BY_THRESHOLDS | {"timeseries", "histogram", "state-timeline", "status-history", "barchart"}

#: Field settings at these values say nothing: they are what Grafana takes where there is none.
SAYS_NOTHING: Mapping[str, Any] = {
    "axisLabel": "",
    "axisPlacement": "auto",
    "axisColorMode": "text",
    "axisCenteredZero": False,
    "barAlignment": 0,
    "gradientMode": "none",
    "hideFrom": {"legend": False, "tooltip": False, "viz": False},
    "pointSize": 5,
    "scaleDistribution": {"type": "linear"},
    "stacking": {"mode": "none"},
    "thresholdsStyle": {"mode": "off"},
}
