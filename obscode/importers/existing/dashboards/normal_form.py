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

import re
from collections.abc import Mapping
from typing import Any

from obscode.compiler.grafana.json_parts import Json, refs, without
from obscode.compiler.grafana.panels import default_options
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
_VARIABLE: Mapping[str, Any] = {
    "hide": 0,
    "multi": False,
    "includeAll": False,
    "skipUrlSync": False,
    "sort": 0,
    "allowCustomValue": True,
    "auto": False,
    "auto_min": "10s",
    "auto_count": 30,
}
_VARIABLE_STATE = (
    *("options", "definition", "error", "index", "tags", "tagsQuery", "tagValuesQuery", "useTags", "id", "state"),
    *("global", "initLock", "selected", "queryValue", "rootStateKey"),
)
_ANNOTATION: Mapping[str, Any] = {"enable": True, "hide": False, "type": "dashboard", "showIn": 0, "limit": 100}
_LINK: Mapping[str, Any] = {
    "type": "link",
    "targetBlank": False,
    "icon": "external link",
    "asDropdown": False,
    "includeVars": False,
    "keepTime": False,
}
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
_CUSTOM: Mapping[str, Mapping[str, Any]] = {
    "timeseries": {
        "drawStyle": "line",
        "lineInterpolation": "linear",
        "lineWidth": 1,
        "fillOpacity": 0,
        "showPoints": "auto",
        "spanNulls": False,
        "lineStyle": {"fill": "solid"},
        "insertNulls": False,
        "barWidthFactor": 0.6,
        "showValues": False,
    },
    "table": {"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False, "filterable": False},
    "histogram": {"lineWidth": 1, "fillOpacity": 80},
    "state-timeline": {"lineWidth": 0, "fillOpacity": 70, "insertNulls": False, "spanNulls": False},
    "status-history": {"lineWidth": 1, "fillOpacity": 70},
    "barchart": {"lineWidth": 1, "fillOpacity": 80},
}
_CUSTOM_OF_ALL: Mapping[str, Any] = {
    "axisLabel": "",
    "axisPlacement": "auto",
    "axisColorMode": "text",
    "axisCenteredZero": False,
    "axisBorderShow": False,
    "barAlignment": 0,
    "gradientMode": "none",
    "hideFrom": {"legend": False, "tooltip": False, "viz": False},
    "pointSize": 5,
    "scaleDistribution": {"type": "linear"},
    "stacking": {"mode": "none", "group": "A"},
    "thresholdsStyle": {"mode": "off"},
}
_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "bargauge": {"orientation": "auto"},
    "text": {"mode": "markdown", "code": {"language": "plaintext", "showLineNumbers": False, "showMiniMap": False}},
}
_THRESHOLDS = {"mode": "absolute", "steps": [{"color": "green", "value": None}, {"color": "red", "value": 80}]}
# The color modes of the types whose default is no palette.
_COLORS = {
    **dict.fromkeys(("stat", "gauge", "bargauge", "table", "status-history"), "thresholds"),
    "state-timeline": "continuous-GrYlRd",
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
_DEFAULT_SOURCE = {"type": "prometheus", "uid": "default"}
_BRACES = re.compile(r"^\$(?:(\w+)|\{(\w+)(?::\w+)?\}|\[\[(\w+)\]\])$")
_ALL = ("All", "$__all")


def normal_form(body: Mapping[str, Any]) -> Json:
    """The normal form of a dashboard in its current form; values are shared with it."""
    sources = Sources.of(body)
    new = _without_defaults(_filled(without(body, *_NOT_SETTINGS)), _DASHBOARD)
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
    new["links"] = [dashboard_link(each) for each in body.get("links") or ()]
    return new


def _filled(value: Mapping[str, Any]) -> Json:
    """The mapping without null and empty values."""
    return {key: item for key, item in value.items() if item is not None and item not in ("", [], {})}


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list | tuple) else value


def _without_defaults(value: Mapping[str, Any], defaults: Mapping[str, Any]) -> Json:
    """The mapping without the values of defaults, deeply."""
    new: Json = {}
    for key, item in value.items():
        default = defaults.get(key)
        if isinstance(item, Mapping) and isinstance(default, Mapping):
            if below := _without_defaults(item, default):
                new[key] = below
        elif key not in defaults or not _equal(item, default):
            new[key] = item
    return new


def _equal(value: Any, other: Any) -> bool:
    return bool(value == other) and isinstance(value, bool) == isinstance(other, bool)


def _timepicker(value: Any) -> Json:
    new = _filled(without(value, *_TIMES)) if isinstance(value, Mapping) else {}
    if new.get("refresh_intervals") in _INTERVALS:
        del new["refresh_intervals"]
    return {key: item for key, item in new.items() if item is not False}


# --- datasources -------------------------------------------------------------------------------------------------


class Sources:
    """The plugins of the datasource variables of a dashboard."""

    def __init__(self, kinds: Mapping[str, str]) -> None:
        self._kinds = kinds

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Sources:
        """Those of the variables of a dashboard."""
        listed = (body.get("templating") or {}).get("list") or ()
        named = (each for each in listed if isinstance(each, Mapping) and each.get("type") == "datasource")
        return cls({str(each.get("name")): str(each.get("query")) for each in named})

    def reference(self, value: Any) -> Json | None:
        """A datasource as `{type, uid}`; None for the default one."""
        if isinstance(value, str):
            value = {"uid": value}
        if not isinstance(value, Mapping):
            return None
        uid = value.get("uid") or value.get("name")
        if not isinstance(uid, str) or uid == "default":
            return {"type": value["type"]} if value.get("type") not in (None, "prometheus") else None
        if uid in ("-- Mixed --", "-- Dashboard --", "grafana", "-- Grafana --"):
            kind = "datasource" if uid in ("-- Mixed --", "-- Dashboard --") else "grafana"
            return {"type": kind, "uid": uid if kind == "datasource" else "-- Grafana --"}
        if match := _BRACES.match(uid):
            name = next(group for group in match.groups() if group)
            plugin = self._kinds.get(name) or value.get("type")
            return _filled({"type": plugin, "uid": f"${{{name}}}"})
        return _filled({"type": value.get("type"), "uid": uid})


# --- panels ------------------------------------------------------------------------------------------------------


def panel(value: Mapping[str, Any], sources: Sources) -> Json:
    """The normal form of a panel or a row."""
    if value.get("type") == "row":
        return _row(value, sources)
    kind = str(value.get("type"))
    new = _without_defaults(_filled(without(value, *_UNREAD)), _PANEL)
    new["title"] = value.get("title") or ""
    if kind in KINDS and kind not in ("graph", "singlestat", "table-old", "grafana-piechart-panel"):
        new = without(new, *_ANGULAR)
    if "repeat" not in new:
        new = without(new, "repeatDirection", "maxPerRow")
    elif new.get("repeatDirection") == "v":
        new.pop("maxPerRow", None)
    new = {**_without_nulls(new), "gridPos": _grid(value)}
    _queries(value, new, sources)
    _fields(value, new, kind)
    if options := _options(value.get("options"), kind):
        new["options"] = options
    else:
        new.pop("options", None)
    if links := [_panel_link(each) for each in value.get("links") or ()]:
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
    new = _without_nulls(_filled(value))
    new = {**new, "refId": ref} if ref else new
    new = {**without(new, "datasource"), **({"datasource": source} if source else {})}
    if isinstance(new.get("expr"), str):
        new["expr"] = new["expr"].strip()
    if not is_for_prometheus({**value, "datasource": source or {}}, {}):
        return _without_nulls(new)  # type: ignore[no-any-return]
    new = {key: item for key, item in new.items() if key in _PROMQL}
    instant, over_time = bool(value.get("instant")), value.get("range")
    new = without(_without_defaults(new, _TARGET), "instant", "range")
    if instant:
        new |= {"instant": True, "range": bool(over_time)}
    return new


def _fields(value: Mapping[str, Any], new: Json, kind: str) -> None:
    config = value.get("fieldConfig")
    new.pop("fieldConfig", None)
    if not isinstance(config, Mapping) or (kind in KINDS and not KINDS[kind].has_fields):
        return
    defaults = _field_defaults(config.get("defaults") or {}, kind)
    overrides = [override_form(each) for each in config.get("overrides") or () if isinstance(each, Mapping)]
    if defaults or overrides:
        new["fieldConfig"] = _filled({"defaults": defaults, "overrides": overrides})


def _field_defaults(value: Mapping[str, Any], kind: str) -> Json:
    new = _filled(value)
    custom = _without_nulls(value.get("custom") or {})
    custom = _without_defaults(_custom(custom), {**_CUSTOM_OF_ALL, **_CUSTOM.get(kind, {})})
    new = {**without(new, "custom"), **({"custom": custom} if custom else {})}
    default = {"mode": _COLORS.get(kind, "palette-classic")}
    if "color" in new and _color(new["color"]) == default:
        del new["color"]
    elif "color" in new:
        new["color"] = _color(new["color"])
    if "thresholds" in new:
        new["thresholds"] = _thresholds(new["thresholds"])
        if new["thresholds"] == _THRESHOLDS or not new["thresholds"].get("steps"):
            del new["thresholds"]
    if "mappings" in new:
        new["mappings"] = mappings_form(new["mappings"])
    if "links" in new:
        new["links"] = [_panel_link(each) for each in new["links"]]
    if new.get("unit") == "none":
        del new["unit"]
    return new


def _color(value: Any) -> Any:
    """A color, which only some modes read."""
    new = _without_nulls(value)
    is_one = isinstance(new, dict) and new.get("mode") not in ("fixed", "shades")
    return without(new, "fixedColor") if is_one else new


def _custom(custom: Json) -> Json:
    """`mode: none` needs no group, and `linear` no base."""
    new = dict(custom)
    stacking, scale = new.get("stacking"), new.get("scaleDistribution")
    if isinstance(stacking, Mapping):
        mode = stacking.get("mode", "none")
        new["stacking"] = {"mode": mode, "group": "A" if mode == "none" else stacking.get("group") or "A"}
    if isinstance(scale, Mapping) and scale.get("type") == "linear":
        del new["scaleDistribution"]
    return new


def _thresholds(value: Any) -> Json:
    """Thresholds, of which the first is the base whatever its value is, and the others ascend."""
    value = value if isinstance(value, Mapping) else {}
    steps = [each for each in value.get("steps") or () if isinstance(each, Mapping)]
    rest = sorted((each for each in steps[1:] if _is_number(each.get("value"))), key=lambda each: each["value"])
    written = [{"color": e.get("color"), "value": e["value"]} for e in rest]
    base = [{"color": steps[0].get("color"), "value": None}] if steps else []
    return {"mode": value.get("mode") or "absolute", "steps": [*base, *written]}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def mappings_form(value: Any) -> list[Any]:
    """Value mappings; those of single values that follow each other are one. Their positions in the editor follow."""
    result: list[Any] = []
    for mapping in value if isinstance(value, list) else ():
        new = _mapping(mapping)
        last: Any = result[-1] if result else None
        if _is_of_values(last) and _is_of_values(new) and not last["options"].keys() & new["options"].keys():
            result[-1] = {"type": "value", "options": {**last["options"], **new["options"]}}
        else:
            result.append(new)
    return result


def _is_of_values(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("type") == "value" and isinstance(value.get("options"), Mapping)


def _mapping(value: Any) -> Any:
    if not isinstance(value, Mapping) or not isinstance(options := value.get("options"), Mapping):
        return value
    kind, options = value.get("type"), _without_nulls(options)
    if kind == "value":
        options = {key: without(each, "index") if isinstance(each, dict) else each for key, each in options.items()}
    elif isinstance(result := options.get("result"), dict):
        options["result"] = without(result, "index")
    if kind == "range":
        options = {"from": None, "to": None, **options}
    return {"type": kind, "options": options}


def override_form(value: Mapping[str, Any]) -> Json:
    """The normal form of an override; the order of its properties does not matter."""
    properties = [
        {**_without_nulls(each), "value": _thresholds(each.get("value"))}
        if each.get("id") == "thresholds"
        else _property(each)
        for each in value.get("properties") or ()
        if isinstance(each, Mapping)
    ]
    if len({each.get("id") for each in properties}) == len(properties):  # their order does not matter then
        properties = sorted(properties, key=lambda each: str(each.get("id")))
    return {"matcher": _without_nulls(value.get("matcher") or {}), "properties": properties}


def _property(value: Mapping[str, Any]) -> Json:
    new: Json = _without_nulls(value)
    if new.get("id") == "links" and isinstance(new.get("value"), list):
        new["value"] = [_panel_link(each) for each in new["value"]]
    elif new.get("id") == "mappings" and isinstance(value.get("value"), list):
        new["value"] = mappings_form(value["value"])
    return new


def _options(value: Any, kind: str) -> Json:
    if not isinstance(value, Mapping):
        return {}
    new = _without_defaults(_without_nulls(value), {**default_options().get(kind, {}), **_OPTIONS.get(kind, {})})
    if isinstance(new.get("content"), str):
        new["content"] = new["content"].strip()
    tooltip, footer = new.get("tooltip"), new.get("footer")
    if isinstance(tooltip, Mapping) and tooltip.get("hideZeros") is False:
        new["tooltip"] = without(tooltip, "hideZeros")
    if isinstance(footer, Mapping) and not footer.get("show") and not footer.get("enablePagination"):
        del new["footer"]
    return without(new, *(key for key, item in new.items() if item in ("", [], {}) and key != "content"))


def _transformation(value: Any) -> Any:
    return {"options": {}, **_without_nulls(value)} if isinstance(value, Mapping) else value


# --- variables, annotations and links ----------------------------------------------------------------------------


def variable_form(value: Any, sources: Sources) -> Any:
    """The normal form of a variable."""
    if not isinstance(value, Mapping):
        return value
    new = _without_defaults(_filled(without(value, *_VARIABLE_STATE)), _VARIABLE)
    kind = value.get("type")
    if kind == "query":
        new["query"] = _query_text(value.get("query"))
        if source := sources.reference(value.get("datasource")):
            new["datasource"] = source
        else:
            new.pop("datasource", None)
    elif "datasource" in new:
        new["datasource"] = sources.reference(value["datasource"])
    if kind != "query":
        new = without(new, "refresh", *(("regex", "sort") if kind != "datasource" else ("sort",)))
    if kind == "custom" and isinstance(value.get("query"), str):
        new["query"] = re.sub(r"(?<!\\),\s+", ",", value["query"].strip())
    if current := _current(value):
        new["current"] = current
    else:
        new.pop("current", None)
    return without(new, "includeAll", "allValue") if not value.get("includeAll") else new


def _query_text(value: Any) -> Any:
    """The query of Prometheus as a text; the editor keeps it in an object."""
    if (
        isinstance(value, Mapping)
        and isinstance(value.get("query"), str)
        and value.keys() <= {"query", "refId", "qryType"}
    ):
        return value["query"]
    return value


def _current(value: Mapping[str, Any]) -> Json:
    """The value that is selected at first; a text box has its default as the query."""
    current = value.get("current")
    chosen = current.get("value") if isinstance(current, Mapping) else None
    if chosen in (None, "", []) or value.get("type") in ("textbox", "constant", "adhoc"):
        return {}
    chosen = chosen[0] if isinstance(chosen, list) and len(chosen) == 1 else chosen
    text = current.get("text") if isinstance(current, Mapping) else None
    text = text[0] if isinstance(text, list) and len(text) == 1 else text
    return {"text": "All" if chosen == "$__all" else text, "value": chosen}


def annotation_form(value: Any, sources: Sources) -> Any:
    """An annotation; None for the one that Grafana adds to each dashboard."""
    if not isinstance(value, Mapping):
        return value
    new = _without_defaults(_without_nulls(_filled(value)), _ANNOTATION)
    if value.get("builtIn"):
        return None if value.get("enable", True) else {"builtIn": 1, "enable": False}
    if source := sources.reference(value.get("datasource")):
        new["datasource"] = source
    else:
        new.pop("datasource", None)
    return {**new, "expr": new["expr"].strip()} if isinstance(new.get("expr"), str) else new


def dashboard_link(value: Any) -> Any:
    """A link above a dashboard."""
    return _without_defaults(_filled(value), _LINK) if isinstance(value, Mapping) else value


def _panel_link(value: Any) -> Any:
    return _without_defaults(_filled(value), _LINK) if isinstance(value, Mapping) else value
