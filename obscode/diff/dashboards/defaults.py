"""What Grafana assumes where the JSON of a dashboard does not say it: a default that is written changes nothing.

Of panel types, they are those of @grafana/schema and of the `defaultValue`s of the panels' editors:
https://github.com/grafana/grafana/tree/main/public/app/plugins/panel
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

Json = Mapping[str, Any]

#: Keys of a dashboard that say nothing of what it shows: its place in a database, what an import needs, old settings.
IGNORED = frozenset(
    {"id", "uid", "version", "iteration", "gnetId", "schemaVersion", "__requires", "__elements", "revision", "meta"}
    | {"hideControls", "originalTitle", "snapshot", "style", "panels", "rows", "templating", "annotations", "links"}
    | {"sharedCrosshair", "time", "tags", "title", "__inputs", "pluginVersion", "slug", "folderId", "folderUid"}
    | {"scopedMeta", "apiVersion", "overwrite", "message", "templateEnabled", "nav"}
)
DASHBOARD: Json = {
    "editable": True,
    "fiscalYearStartMonth": 0,
    "graphTooltip": 0,
    "refresh": "",
    "timezone": "browser",
    "weekStart": "",
    "timepicker": {
        "refresh_intervals": ["5s", "10s", "30s", "1m", "5m", "15m", "30m", "1h", "2h", "1d"],
        "status": "Stable",
        "type": "timepicker",
        "enable": True,
        "notice": False,
        "now": True,
        "collapse": False,
    },
}
TIME: Json = {"from": "now-6h", "to": "now"}

#: Keys of a panel that say nothing of what it shows, or that are compared by themselves.
PANEL_IGNORED = frozenset(
    {"id", "gridPos", "pluginVersion", "title", "type", "targets", "datasource", "scopedVars", "fieldConfig", "options"}
    | {"transformations", "links", "libraryPanel", "repeatIteration", "repeatPanelId", "repeatedByRow", "editable"}
    | {"error", "height", "isNew", "span", "minSpan", "renderer", "hiddenSeries", "panels", "collapsed", "x", "y"}
    | {"_configVersion", "snapshotData", "key", "hasRefresh", "cachedPluginOptions", "heatmap", "highlightCards"}
    | {"savedFromTransformations", "queryRunner", "isEditing", "inView", "fullscreen", "events", "loading"}
)
PANEL: Json = {"transparent": False, "repeatDirection": "h", "hideTimeOverride": False}

QUERY: Json = {"format": "time_series", "intervalFactor": 1, "hide": False}
#: Keys of a query for Prometheus that say nothing of its result: state of the editor, values that Grafana computes.
QUERY_IGNORED = frozenset(
    {"refId", "datasource", "expr", "instant", "range", "editorMode", "key", "useBackend", "disableTextWrap", "step"}
    | {"fullMetaSearch", "includeNullMetadata", "requestId", "utcOffsetSec", "metric", "target", "textEditor"}
    | {
        "query",
        "rawQuery",
        "queryType",
        "calculatedInterval",
        "prometheusLink",
        "errors",
        "hinting",
        "datasourceErrors",
    }
    | {"datasourceVersion", "dsType", "policy", "resultFormat", "measurement", "orderByTime", "groupBy"}
    | {
        "select",
        "tags",
        "adhocFilters",
        "scopes",
        "fromExploreMetrics",
        "valueWithRefId",
        "alias",
        "refresh",
        "application",
    }
    | {"functions", "group", "host", "item", "itemTag", "mode", "options", "showDisabledItems", "table", "trigger"}
    | {"statsType", "statType", "legendLink", "titleSize", "hideTimeFilter", "fieldMin", "interval_ms", "aggregation"}
    | {"decimals", "displayAliasType", "displayType", "displayValueWithAlias", "units", "valueHandler", "$$hashKey"}
)

_ALIGN_LEGEND: Json = {"showLegend": True, "displayMode": "list", "placement": "bottom"}
_TOOLTIP: Json = {"mode": "single", "sort": "none"}
_GRAPH_OPTIONS: Json = {"legend": _ALIGN_LEGEND, "tooltip": _TOOLTIP}
_REDUCE: Json = {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}, "orientation": "auto"}
_HIDE: Json = {"legend": False, "tooltip": False, "viz": False}
_AXIS: Json = {
    "axisPlacement": "auto",
    "axisColorMode": "text",
    "scaleDistribution": {"type": "linear"},
    "hideFrom": _HIDE,
    "thresholdsStyle": {"mode": "off"},
}
_GRAPH_FIELD: Json = {
    **_AXIS,
    "drawStyle": "line",
    "lineInterpolation": "linear",
    "lineWidth": 1,
    "fillOpacity": 0,
    "gradientMode": "none",
    "barAlignment": 0,
    "barWidthFactor": 0.6,
    "lineStyle": {"fill": "solid"},
    "showPoints": "auto",
    "pointSize": 5,
    "stacking": {"mode": "none", "group": "A"},
}
_BAR_FIELD: Json = {**_AXIS, "lineWidth": 1, "fillOpacity": 80, "gradientMode": "none"}

_OPTIONS: Mapping[str, Json] = {
    "timeseries": _GRAPH_OPTIONS,
    "trend": _GRAPH_OPTIONS,
    "xychart": {**_GRAPH_OPTIONS, "mapping": "auto"},
    "candlestick": {
        **_GRAPH_OPTIONS,
        "mode": "candles+volume",
        "candleStyle": "candles",
        "colorStrategy": "open-close",
        "colors": {"up": "green", "down": "red", "flat": "gray"},
    },
    "barchart": {
        **_GRAPH_OPTIONS,
        "orientation": "auto",
        "showValue": "auto",
        "stacking": "none",
        "groupWidth": 0.7,
        "barWidth": 0.97,
        "barRadius": 0,
        "xTickLabelRotation": 0,
        "xTickLabelMaxLength": 0,
        "xTickLabelSpacing": 0,
    },
    "histogram": {**_GRAPH_OPTIONS, "bucketCount": 30, "bucketOffset": 0},
    "state-timeline": {
        **_GRAPH_OPTIONS,
        "showValue": "auto",
        "mergeValues": True,
        "alignValue": "left",
        "rowHeight": 0.9,
        "perPage": 20,
    },
    "status-history": {**_GRAPH_OPTIONS, "showValue": "auto", "rowHeight": 0.9, "colWidth": 0.9, "perPage": 20},
    "stat": {
        **_REDUCE,
        "textMode": "auto",
        "wideLayout": True,
        "colorMode": "value",
        "graphMode": "area",
        "justifyMode": "auto",
        "percentChangeColorMode": "standard",
    },
    "gauge": {
        **_REDUCE,
        "showThresholdMarkers": True,
        "sizing": "auto",
        "minVizWidth": 75,
        "minVizHeight": 75,
        "shape": "gauge",
        "barShape": "flat",
        "barWidthFactor": 0.5,
        "segmentCount": 1,
        "segmentSpacing": 0.3,
        "endpointMarker": "point",
        "textMode": "auto",
    },
    "bargauge": {
        **_REDUCE,
        "displayMode": "gradient",
        "valueMode": "color",
        "namePlacement": "auto",
        "showUnfilled": True,
        "sizing": "auto",
        "minVizWidth": 8,
        "minVizHeight": 16,
        "maxVizHeight": 300,
        "legend": {"displayMode": "list", "placement": "bottom"},
    },
    "piechart": {**_REDUCE, **_GRAPH_OPTIONS, "pieType": "pie", "sort": "desc"},
    "table": {
        "showHeader": True,
        "cellHeight": "sm",
        "frameIndex": 0,
    },
    "heatmap": {
        "cellGap": 1,
        "color": {
            "mode": "scheme",
            "scheme": "Oranges",
            "fill": "dark-orange",
            "scale": "exponential",
            "exponent": 0.5,
            "steps": 64,
        },
        "exemplars": {"color": "rgba(255,0,255,0.7)"},
        "filterValues": {"le": 1e-9},
        "legend": {"show": True},
        "rowsFrame": {"layout": "auto"},
        "selectionMode": "x",
        "showValue": "never",
        "tooltip": {"mode": "single"},
        "yAxis": {"axisPlacement": "left"},
    },
    "text": {"mode": "markdown", "code": {"language": "plaintext"}},
    "logs": {"sortOrder": "Descending", "dedupStrategy": "none", "enableLogDetails": True},
    "alertlist": {
        "maxItems": 20,
        "sortOrder": 1,
        "stateFilter": {"firing": True, "pending": True, "noData": False, "normal": False, "error": True},
        "viewMode": "list",
        "groupMode": "default",
    },
    "dashlist": {
        "maxItems": 10,
        "showFolderNames": True,
        "showHeadings": True,
        "showStarred": True,
    },
    "annolist": {
        "limit": 10,
        "navigateAfter": "10m",
        "navigateBefore": "10m",
        "navigateToPanel": True,
        "showTags": True,
        "showTime": True,
        "showUser": True,
    },
    "news": {"showImage": True},
    "canvas": {"inlineEditing": True, "showAdvancedTypes": True, "panZoom": True, "zoomToContent": True},
}
_CUSTOM: Mapping[str, Json] = {
    "timeseries": _GRAPH_FIELD,
    "trend": _GRAPH_FIELD,
    "candlestick": _GRAPH_FIELD,
    "xychart": {**_AXIS, "show": "points", "fillOpacity": 50, "pointSize": {"fixed": 5}, "pointShape": "circle"},
    "barchart": _BAR_FIELD,
    "histogram": {**_BAR_FIELD, "stacking": {"mode": "none", "group": "A"}},
    "state-timeline": {**_AXIS, "lineWidth": 0, "fillOpacity": 70, "insertNulls": False},
    "status-history": {**_AXIS, "lineWidth": 1, "fillOpacity": 70},
    "table": {"align": "auto", "cellOptions": {"type": "auto"}},
    "heatmap": {"hideFrom": _HIDE, "scaleDistribution": {"type": "linear"}},
    "piechart": {"hideFrom": _HIDE},
}
#: The old graph: https://github.com/grafana/grafana/blob/v10.4.0/public/app/plugins/panel/graph/module.ts
_GRAPH: Json = {
    "decimals": None,
    "lines": True,
    "linewidth": 1,
    "fill": 1,
    "pointradius": 2,
    "nullPointMode": "null",
    "dashLength": 10,
    "spaceLength": 10,
    "legend": {"show": True, "sortDesc": False},
    "tooltip": {"shared": True, "value_type": "individual", "sort": 0, "msResolution": False},
    "xaxis": {"show": True, "mode": "time"},
    "yaxis": {"align": False},
}
_Y_AXIS: Json = {"show": True, "logBase": 1, "format": "short"}
_SINGLESTAT: Json = {
    "format": "none",
    "nullPointMode": "connected",
    "prefixFontSize": "50%",
    "postfixFontSize": "50%",
    "valueFontSize": "80%",
    "valueName": "avg",
    "mappingType": 1,
    "nullText": None,
    "colors": ["#299c46", "rgba(237, 129, 40, 0.89)", "#d44a3a"],
    "gauge": {"maxValue": 100, "minValue": 0, "thresholdMarkers": True},
    "sparkline": {
        "fillColor": "rgba(31, 118, 189, 0.18)",
        "lineColor": "rgb(31, 120, 193)",
    },
    "mappingTypes": [{"name": "value to text", "value": 1}, {"name": "range to text", "value": 2}],
    "rangeMaps": [{"from": "null", "text": "N/A", "to": "null"}],
    "valueMaps": [{"op": "=", "text": "N/A", "value": "null"}],
}
_OWN: Mapping[str, Json] = {"graph": _GRAPH, "singlestat": _SINGLESTAT}

_PALETTE = frozenset({"timeseries", "trend", "candlestick", "barchart", "histogram", "piechart", "xychart"})
#: The steps of a panel that sets none: green, and red from 80.
THRESHOLDS: Json = {"mode": "absolute", "steps": [{"color": "green", "value": None}, {"color": "red", "value": 80}]}


@cache
def panel_defaults(panel_type: str) -> Json:
    """The defaults of a type of panel, in the form of its JSON."""
    color = "palette-classic" if panel_type in _PALETTE else "thresholds"
    if panel_type == "state-timeline":
        color = "continuous-GrYlRd"
    defaults = {"color": {"mode": color, "seriesBy": "last"}, "custom": _CUSTOM.get(panel_type, {})}
    return {
        **PANEL,
        **_OWN.get(panel_type, {}),
        "options": _OPTIONS.get(panel_type, {}),
        "fieldConfig": {"defaults": defaults},
    }


#: The axis of an old graph.
Y_AXIS = _Y_AXIS
