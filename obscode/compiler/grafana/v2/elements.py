"""Panels as elements of version 2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from obscode.compiler.grafana.complete import PLUGIN_VERSION
from obscode.compiler.grafana.datasource import EXPRESSIONS, MIXED
from obscode.compiler.grafana.json_parts import Json, objects, without
from obscode.compiler.grafana.v2.fields import field_settings, setting
from obscode.compiler.grafana.v2.queries import data_query

_QUERY_OPTIONS = (
    *("timeFrom", "timeShift", "maxDataPoints", "interval", "cacheTimeout", "queryCachingTTL", "hideTimeOverride"),
    "timeCompare",
)


def elements(body: Mapping[str, Any]) -> Json:
    """The elements of a dashboard by their names."""
    return {name(panel): _element(panel) for panel in _panels(body)}


def with_unique_ids(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The dashboard with another id for each panel with that of a panel before: elements have their ids as names."""
    taken = {panel.get("id", 0) for panel in _panels(body)}
    if len(taken) == sum(1 for _ in _panels(body)):
        return body
    free = (number for number in count(1) if number not in taken)
    seen: set[Any] = set()

    def renumbered(panel: Any) -> Any:
        if not isinstance(panel, Mapping):
            return panel
        if panel.get("type") == "row":
            inside = panel.get("panels")
            return {**panel, "panels": [*map(renumbered, inside)]} if isinstance(inside, list) else panel
        is_known = panel.get("id", 0) in seen
        seen.add(panel.get("id", 0))
        return {**panel, "id": next(free)} if is_known else panel

    return {**body, "panels": [*map(renumbered, body["panels"])]}


def name(panel: Mapping[str, Any]) -> str:
    """The name of the element of a panel."""
    return f"panel-{panel.get('id', 0)}"


def _panels(holder: Mapping[str, Any]) -> Iterator[Json]:
    for panel in objects(holder, "panels"):
        if panel.get("type") == "row":
            yield from _panels(panel)
        else:
            yield panel


def _element(panel: Json) -> Json:
    head = {"id": panel.get("id", 0), "title": panel.get("title") or ""}
    if isinstance(library := panel.get("libraryPanel"), Mapping):
        reference = {"uid": library.get("uid", ""), "name": library.get("name", "")}
        return {"kind": "LibraryPanel", "spec": {**head, "libraryPanel": reference}}
    spec = {
        **head,
        **{key: panel[key] for key in ("description", "transparent") if panel.get(key)},
        "links": [_link(link) for link in objects(panel, "links")],
        "data": {"kind": "QueryGroup", "spec": _data(panel)},
        "vizConfig": _visualization(panel),
    }
    return {"kind": "Panel", "spec": spec}


def _link(link: Json) -> Json:
    return {"title": "", "url": "", **{key: link[key] for key in ("title", "url", "targetBlank") if key in link}}


def _data(panel: Json) -> Json:
    return {
        "queries": [_query(target, panel) for target in objects(panel, "targets")],
        "transformations": [_transformation(each) for each in objects(panel, "transformations")],
        "queryOptions": {key: panel[key] for key in _QUERY_OPTIONS if panel.get(key) not in (None, "", False)},
    }


def _query(target: Json, panel: Json) -> Json:
    settings = without(target, "refId", "hide", "datasource")
    query = data_query(settings, _datasource(target, panel))
    return {
        "kind": "PanelQuery",
        "spec": {"refId": target.get("refId", "A"), "hidden": bool(target.get("hide")), "query": query},
    }


def _datasource(target: Json, panel: Json) -> Any:
    """The datasource of a query: that of the panel, unless the panel has several or the query calculates."""
    own, of_panel = target.get("datasource"), panel.get("datasource")
    calculates = isinstance(own, Mapping) and EXPRESSIONS in (own.get("type"), own.get("uid"))
    return own if own and (of_panel in (None, MIXED) or calculates) else of_panel or own


def _transformation(value: Json) -> Json:
    spec = {key: value[key] for key in ("disabled", "filter", "topic") if value.get(key)}
    options = {"options": value.get("options") or {}}
    return {"kind": "Transformation", "group": value.get("id", ""), "spec": {**spec, **options}}


def _visualization(panel: Json) -> Json:
    config = panel.get("fieldConfig") or {}
    fields = {
        "defaults": field_settings(config.get("defaults") or {}),
        "overrides": [_override(each) for each in objects(config, "overrides")],
    }
    return {
        "kind": "VizConfig",
        "group": panel.get("type") or "",
        "version": panel.get("pluginVersion") or PLUGIN_VERSION,
        "spec": {"options": panel.get("options") or {}, "fieldConfig": fields},
    }


def _override(value: Json) -> Json:
    properties = [
        {**each, "value": setting(str(each.get("id")), each.get("value"))} if "value" in each else each
        for each in objects(value, "properties")
    ]
    return {"matcher": value.get("matcher") or {"id": ""}, "properties": properties}
