"""Upgrade panels that grafanalib 0.7.1 and Grafana 7 to 10 write to the form of Grafana 13.

It follows Grafana's own migrations, which do not run on the output, since it has the current version.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from obscode.compiler.grafana.json_parts import Json, number, with_defaults, with_options, without
from obscode.compiler.grafana.upgrade import angular


def upgrade(panel: Json) -> Json:
    """The panel in its current form."""
    kind = panel.get("type", "")
    panel = _CONVERSIONS[kind](panel) if kind in _CONVERSIONS else panel
    defaults = (panel.get("fieldConfig") or {}).get("defaults") or {}
    if defaults.get("mappings"):
        panel = with_defaults(panel, mappings=[current_mapping(mapping) for mapping in defaults["mappings"]])
    if (legend := (panel.get("options") or {}).get("legend")) and "displayMode" in legend:
        panel = with_options(panel, legend=_legend(legend))
    return panel


def _legend(legend: Mapping[str, Any]) -> Json:
    """Since Grafana 9.1, `showLegend` hides a legend, and a legend without it is hidden."""
    if legend["displayMode"] == "hidden":
        return {**legend, "showLegend": False, "displayMode": "list"}
    return {"showLegend": True, **legend}


def current_mapping(mapping: Json) -> Json:
    """A value mapping in the form of Grafana 8 and newer."""
    result = {"text": mapping.get("text", ""), **({"color": mapping["color"]} if mapping.get("color") else {})}
    if isinstance(mapping.get("type"), str):
        return mapping
    if mapping.get("type") == 2 or ("from" in mapping and not mapping.get("value")):
        return {
            "type": "range",
            "options": {"from": number(mapping["from"]), "to": number(mapping["to"]), "result": result},
        }
    if mapping.get("value") == "null":
        return {"type": "special", "options": {"match": "null", "result": result}}
    return {"type": "value", "options": {str(mapping.get("value", "")): result}}


def _stat(panel: Json) -> Json:
    """grafanalib's default for no value is the text "none"."""
    defaults = (panel.get("fieldConfig") or {}).get("defaults") or {}
    return with_defaults(panel, noValue=None) if defaults.get("noValue") == "none" else panel


# --- gauges ------------------------------------------------------------------------------------------------------


def _gauge(panel: Json) -> Json:
    config = panel.get("fieldConfig") or {}
    defaults = config.get("defaults") or {}
    if "calcs" not in defaults:
        return panel
    reduce = {"calcs": defaults["calcs"], "fields": "", "values": bool(defaults.get("values"))}
    if defaults.get("limit"):
        reduce["limit"] = defaults["limit"]
    options = {"reduceOptions": reduce}
    options |= {name: config[name] for name in ("showThresholdLabels", "showThresholdMarkers") if name in config}
    panel = with_options(panel, **options)
    rest = {**without(defaults, "calcs", "values", "limit", "override", "title"), "displayName": defaults.get("title")}
    return {**panel, "fieldConfig": {"defaults": rest, "overrides": config.get("overrides") or []}}


def _bar_gauge(panel: Json) -> Json:
    options = panel.get("options") or {}
    fields = options.get("fieldOptions")
    if not fields:
        return panel
    inner = fields.get("defaults") or {}
    panel = {**panel, "options": without(options, "fieldOptions", "showThresholdLabels", "showThresholdMarkers")}
    panel = with_options(
        panel, reduceOptions={"calcs": fields["calcs"], "fields": "", "values": bool(fields.get("values"))}
    )
    defaults = (panel.get("fieldConfig") or {}).get("defaults") or {}
    own = {name: value for name, value in defaults.items() if value not in (None, [], "")}
    base = {**without(inner, "title"), "displayName": inner.get("title"), "mappings": fields.get("mappings") or []}
    return with_defaults(panel, **{**base, **own})


# --- the others --------------------------------------------------------------------------------------------------


def _table(panel: Json) -> Json:
    config = panel.get("fieldConfig") or {}
    custom = (config.get("defaults") or {}).get("custom") or {}
    mode = custom.get("displayMode")
    if mode is None:
        return panel
    cells = {"gradient-gauge": ("gauge", "gradient"), "lcd-gauge": ("gauge", "lcd"), "basic": ("gauge", "basic")}
    cells["color-background-solid"] = ("color-background", "basic")
    kind, how = cells.get(mode, (mode, ""))
    cell = {"type": kind, "mode": how} if how else {"type": kind}
    new: Json = {**without(custom, "displayMode"), "cellOptions": cell}
    mappings = {"mappings": panel["mappings"]} if panel.get("mappings") else {}
    color = (config.get("defaults") or {}).get("color") or panel.get("color")
    return with_defaults(panel, custom=new, color=color, **mappings)


def _alert_list(panel: Json) -> Json:
    old = without(
        panel, "dashboardTags", "limit", "nameFilter", "onlyAlertsOnDashboard", "show", "sortOrder", "stateFilter"
    )
    if len(old) == len(panel):
        return panel
    states = {
        "alerting": "firing",
        "pending": "pending",
        "no_data": "noData",
        "execution_error": "error",
        "ok": "normal",
    }
    states_shown = {states[state] for state in panel.get("stateFilter") or () if state in states}
    options: Json = {
        "alertName": (panel.get("options") or {}).get("alertName") or panel.get("nameFilter") or "",
        "maxItems": panel.get("limit") or 10,
        "sortOrder": panel.get("sortOrder") or 1,
        "dashboardAlerts": bool(panel.get("onlyAlertsOnDashboard")),
    }
    if states_shown:
        options["stateFilter"] = {
            state: state in states_shown for state in ("firing", "pending", "noData", "normal", "error")
        }
    return {**old, "options": options}


def _dashboard_list(panel: Json) -> Json:
    names = {"headings": "showHeadings", "search": "showSearch", "recent": "showRecentlyViewed"}
    names |= {"starred": "showStarred", "limit": "maxItems", "query": "query", "tags": "tags"}
    options = {new: panel[old] for old, new in names.items() if old in panel}
    return {**without(panel, *names), "options": {**options, **(panel.get("options") or {})}}


def _text(panel: Json) -> Json:
    mode = (panel.get("options") or {}).get("mode")
    return with_options(panel, mode="markdown") if mode == "text" else panel


def _news(panel: Json) -> Json:
    return {**panel, "options": without(panel.get("options") or {}, "useProxy")}


_CONVERSIONS: Mapping[str, Callable[[Json], Json]] = {
    "stat": _stat,
    "gauge": _gauge,
    "bargauge": _bar_gauge,
    "singlestat": angular.singlestat,
    "graph": angular.graph,
    "grafana-piechart-panel": angular.pie,
    "heatmap": angular.heatmap,
    "table": _table,
    "alertlist": _alert_list,
    "dashlist": _dashboard_list,
    "text": _text,
    "news": _news,
}
