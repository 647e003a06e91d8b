"""The spec of a dashboard of version 2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from obscode.artifacts.dashboards import Dashboard
from obscode.compiler.grafana.json_parts import Json, objects, without_nulls
from obscode.compiler.grafana.v2.annotations import annotation_queries
from obscode.compiler.grafana.v2.elements import elements, with_unique_ids
from obscode.compiler.grafana.v2.layout import layout
from obscode.compiler.grafana.v2.variables import variable

_CURSOR = {0: "Off", 1: "Crosshair", 2: "Tooltip"}
_INTERVALS = ("5s", "10s", "30s", "1m", "5m", "15m", "30m", "1h", "2h", "1d")
_LINK = {
    "title": "",
    "type": "link",
    "icon": "",
    "tooltip": "",
    "tags": [],
    "asDropdown": False,
    "targetBlank": False,
    "includeVars": False,
    "keepTime": False,
}
_LINK_KEYS = (*_LINK, "url", "placement")


def v2_spec(dashboard: Dashboard) -> Json:
    """The spec of version 2 of a dashboard in Grafana's classic JSON."""
    body = with_unique_ids(dashboard.output)
    rows = dashboard.definition.rows if dashboard.definition else ()
    variables = [variable(each) for each in objects(body.get("templating"), "list")]
    spec = {
        "title": body.get("title", ""),
        "description": body.get("description") or None,
        "tags": list(body.get("tags") or ()),
        "editable": body.get("editable", True),
        "liveNow": body.get("liveNow", False),
        "preload": body.get("preload", False),
        "cursorSync": _CURSOR.get(body.get("graphTooltip", 0), "Off"),
        "timeSettings": _time_settings(body),
        "links": [_link(link) for link in objects(body, "links")],
        "variables": [each for each in variables if each],
        "annotations": annotation_queries(body),
        "elements": elements(body),
        "layout": layout(body, rows),
    }
    result: Json = without_nulls(spec)
    return result


def _time_settings(body: Mapping[str, Any]) -> Json:
    time, picker = body.get("time") or {}, body.get("timepicker") or {}
    return {
        "from": time.get("from", "now-6h"),
        "to": time.get("to", "now"),
        "timezone": body.get("timezone"),
        "autoRefresh": body.get("refresh") or "",
        "autoRefreshIntervals": list(picker.get("refresh_intervals") or _INTERVALS),
        "hideTimepicker": bool(picker.get("hidden", False)),
        "fiscalYearStartMonth": body.get("fiscalYearStartMonth", 0),
        "weekStart": body.get("weekStart") or None,
        "nowDelay": picker.get("nowDelay") or None,
        "quickRanges": picker.get("quick_ranges"),
    }


def _link(link: Mapping[str, Any]) -> Json:
    return {**_LINK, **{key: link[key] for key in _LINK_KEYS if link.get(key) is not None}}
