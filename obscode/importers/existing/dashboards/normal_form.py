"""The normal form of dashboards: two dashboards with the same one are the same for Grafana 13.

It does what Grafana does when it loads a dashboard:

- settings at the defaults of Grafana, or of the type of the panel, count as absent, as do null and empty values;
- a panel or query without a datasource has that of its panel, or the default one; `$name` is `${name}`;
- queries without a ref get A, B, C; a query over the time range has `range`;
- white space at the ends of queries and texts is left out;
- runtime state is left out: ids, versions, values of variables that Grafana queries again, copies of repeated panels;
- keys of a panel or a Prometheus query that Grafana 13 does not read are left out.

Migrations of old versions come before: `migrate`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from obscode.compiler.grafana.json_parts import Json, refs, without
from obscode.compiler.grafana.panels import default_options
from obscode.importers.existing.dashboards.field_forms import add_fields, link_form
from obscode.importers.existing.dashboards.normal_values import filled, without_defaults, without_nulls
from obscode.importers.existing.dashboards.variable_forms import Sources, annotation_form, variable_form
from obscode.model.panels.kinds import KINDS
from obscode.model.panels.raw import is_for_prometheus

# What Grafana sets when it saves, and keys of versions before 5.
_NOT_SETTINGS = (
    *("id", "version", "iteration", "gnetId", "revision", "schemaVersion", "style", "hideControls", "rows"),
    *("originalTitle", "__inputs", "__requires", "__elements", "_config", "folderName", "nav"),
)
_DASHBOARD: Mapping[str, Any] = {
    "editable": True,
    "graphTooltip": 0,
    "fiscalYearStartMonth": 0,
    "liveNow": False,
    "preload": False,
    "refresh": "",
    "timezone": "",
    "weekStart": "",
    "time": {"from": "now-6h", "to": "now"},
}
_TIMES = ("now", "enable", "status", "collapse", "notice", "type", "time_options")
_INTERVALS = (["5s", "10s", "30s", "1m", "5m", "15m", "30m", "1h", "2h", "1d"], ["10s", *["30s", "1m", "5m", "15m"]])
_PANEL: Mapping[str, Any] = {"transparent": False, "hideTimeOverride": False, "repeatDirection": "h", "maxPerRow": 4}
# Keys that no panel of Grafana 13 reads.
_UNREAD = (
    *("id", "pluginVersion", "editable", "error", "height", "hiddenSeries", "isNew", "minSpan", "scopedVars", "span"),
    *("alert", "repeatPanelId", "repeatIteration", "repeatedByRow", "refresh", "showTitle"),
    *("titleSize", "collapse"),
)
# Keys of the panels of Angular, which stay in the JSON of their successors.
_ANGULAR = (
    *("aliasColors", "bars", "dashLength", "dashes", "fill", "fillGradient", "legend", "lines", "linewidth"),
    *("nullPointMode", "percentage", "pointradius", "points", "renderer", "seriesOverrides", "spaceLength", "stack"),
    *("steppedLine", "thresholds", "timeRegions", "tooltip", "xaxis", "yaxes", "yaxis", "grid", "colors", "format"),
    *("colorBackground", "colorValue", "gauge", "mappingType", "mappingTypes", "nullText", "postfix", "prefix"),
    *("postfixFontSize", "prefixFontSize", "rangeMaps", "sparkline", "tableColumn", "valueFontSize", "valueMaps"),
    *("valueName", "columns", "styles", "fontSize", "pageSize", "showHeader", "scroll", "sort", "transform", "cards"),
    *("color", "dataFormat", "heatmap", "hideZeroBuckets", "highlightCards", "reverseYBuckets", "xAxis", "yAxis"),
    *("xBucketNumber", "xBucketSize", "yBucketBound", "yBucketNumber", "yBucketSize", "decimals", "mappings"),
    *("content", "mode"),
)
_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "bargauge": {"orientation": "auto"},
    "text": {"mode": "markdown", "code": {"language": "plaintext", "showLineNumbers": False, "showMiniMap": False}},
}
# The keys that Grafana's Prometheus datasource reads.
_PROMQL = (
    *("refId", "datasource", "expr", "format", "legendFormat", "interval", "intervalFactor", "instant", "range"),
    *("exemplar", "hide", "editorMode", "queryType", "useBackend", "fullMetaSearch", "includeNullMetadata"),
    *("disableTextWrap", "limit", "scopes", "adhocFilters", "groupByKeys"),
)
_TARGET: Mapping[str, Any] = {
    "format": "time_series",
    "exemplar": False,
    "hide": False,
    "intervalFactor": 1,
    "editorMode": "code",
    "useBackend": False,
    "fullMetaSearch": False,
    "includeNullMetadata": True,
    "disableTextWrap": False,
}


def normal_form(body: Mapping[str, Any]) -> Json:
    """The normal form of a dashboard in its current form; values are shared with it."""
    sources = Sources.of(body)
    new = without_defaults(filled(without(body, *_NOT_SETTINGS)), _DASHBOARD)
    new["panels"] = [panel(each, sources) for each in body.get("panels") or () if isinstance(each, Mapping)]
    if time := _timepicker(new.pop("timepicker", {})):
        new["timepicker"] = time
    if new.get("refresh") is False:
        del new["refresh"]
    if isinstance(new.get("timezone"), str):
        new["timezone"] = new["timezone"].lower() if new["timezone"] == "UTC" else new["timezone"]
    templating, annotations = body.get("templating") or {}, body.get("annotations") or {}
    new["templating"] = {"list": [variable_form(each, sources) for each in templating.get("list") or ()]}
    listed = [annotation_form(each, sources) for each in annotations.get("list") or ()]
    new["annotations"] = {"list": [each for each in listed if each]}
    new["links"] = [link_form(each) for each in body.get("links") or ()]
    return new


def _timepicker(value: Any) -> Json:
    new = filled(without(value, *_TIMES)) if isinstance(value, Mapping) else {}
    if new.get("refresh_intervals") in _INTERVALS:
        del new["refresh_intervals"]
    return {key: item for key, item in new.items() if item is not False}


# --- panels ------------------------------------------------------------------------------------------------------


def panel(value: Mapping[str, Any], sources: Sources) -> Json:
    """The normal form of a panel or a row."""
    if value.get("type") == "row":
        return _row(value, sources)
    kind = str(value.get("type"))
    new = without_defaults(filled(without(value, *_UNREAD)), _PANEL)
    new["title"] = value.get("title") or ""
    if kind in KINDS and kind not in ("graph", "singlestat", "table-old", "grafana-piechart-panel"):
        new = without(new, *_ANGULAR)
    if "repeat" not in new:
        new = without(new, "repeatDirection", "maxPerRow")
    elif new.get("repeatDirection") == "v":
        new.pop("maxPerRow", None)
    new = {**without_nulls(new), "gridPos": _grid(value)}
    _queries(value, new, sources)
    add_fields(value, new, kind)
    if options := _options(value.get("options"), kind):
        new["options"] = options
    else:
        new.pop("options", None)
    if links := [link_form(each) for each in value.get("links") or ()]:
        new["links"] = links
    if changes := [_transformation(each) for each in value.get("transformations") or ()]:
        new["transformations"] = changes
    return new


def _row(value: Mapping[str, Any], sources: Sources) -> Json:
    inside = [panel(each, sources) for each in value.get("panels") or () if isinstance(each, Mapping)]
    collapsed = bool(value.get("collapsed"))
    grid = {"y": (value.get("gridPos") or {}).get("y", 0)}
    repeat = {"repeat": value["repeat"]} if value.get("repeat") else {}
    return {
        "type": "row",
        "title": value.get("title") or "",
        "collapsed": collapsed,
        "gridPos": grid,
        **repeat,
        "panels": inside,
    }


def _grid(value: Mapping[str, Any]) -> Json:
    grid = value.get("gridPos")
    return {"x": 0, "y": 0, **{key: grid[key] for key in "xywh" if key in grid}} if isinstance(grid, Mapping) else {}


def _queries(value: Mapping[str, Any], new: Json, sources: Sources) -> None:
    """Set the datasource and the queries; those of a panel that queries nothing are left out."""
    kind = KINDS.get(str(value.get("type")))
    targets = [each for each in value.get("targets") or () if isinstance(each, Mapping)]
    for key in ("datasource", "targets"):
        new.pop(key, None)
    if not targets or (kind and not kind.is_queried):
        return
    own = sources.reference(value.get("datasource"))
    free = (ref for ref in refs() if ref not in {each.get("refId") for each in targets})
    if own:
        new["datasource"] = own
    new["targets"] = [_target(each, own, next(free) if not each.get("refId") else "", sources) for each in targets]


def _target(value: Mapping[str, Any], inherited: Json | None, ref: str, sources: Sources) -> Json:
    source = sources.reference(value.get("datasource")) if value.get("datasource") else inherited
    new = without_nulls(filled(value))
    new = {**new, "refId": ref} if ref else new
    new = {**without(new, "datasource"), **({"datasource": source} if source else {})}
    if isinstance(new.get("expr"), str):
        new["expr"] = new["expr"].strip()
    if not is_for_prometheus({**value, "datasource": source or {}}, {}):
        return without_nulls(new)  # type: ignore[no-any-return]
    new = {key: item for key, item in new.items() if key in _PROMQL}
    instant, over_time = bool(value.get("instant")), value.get("range")
    new = without(without_defaults(new, _TARGET), "instant", "range")
    if instant:
        new |= {"instant": True, "range": bool(over_time)}
    return new


def _options(value: Any, kind: str) -> Json:
    if not isinstance(value, Mapping):
        return {}
    new = without_defaults(without_nulls(value), {**default_options().get(kind, {}), **_OPTIONS.get(kind, {})})
    if isinstance(new.get("content"), str):
        new["content"] = new["content"].strip()
    tooltip, footer = new.get("tooltip"), new.get("footer")
    if isinstance(tooltip, Mapping) and tooltip.get("hideZeros") is False:
        new["tooltip"] = without(tooltip, "hideZeros")
    if isinstance(footer, Mapping) and not footer.get("show") and not footer.get("enablePagination"):
        del new["footer"]
    return without(new, *(key for key, item in new.items() if item in ("", [], {}) and key != "content"))


def _transformation(value: Any) -> Any:
    return {"options": {}, **without_nulls(value)} if isinstance(value, Mapping) else value
