"""Shared by the tests of dashboard checks: completed examples, and random JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from obscode.reader.dashboards.json_cursor import texts
from obscode.reader.dashboards.model import NUMBERS
from obscode.reader.dashboards.variables import BUILT_IN, uses

Json = dict[str, Any]

PROMETHEUS = {"type": "prometheus", "uid": "${datasource}"}


def completed(fragment: Json) -> Json:
    """A complete dashboard from an example; the added parts have no findings."""
    if "apiVersion" in fragment:
        return fragment
    if "name" in fragment:
        reading = {"type": "stat", "targets": [{"refId": "A", "expr": f"sum(up{{x=~'${fragment['name']}'}})"}]}
        variables = [variable("datasource"), {"datasource": PROMETHEUS, **fragment}]
        return completed({"templating": {"list": variables}, "panels": [reading]})
    if "type" in fragment:
        return completed({"panels": [fragment]})
    dashboard = {"title": "Example", "uid": "example", "editable": False, "panels": [], **deepcopy(fragment)}
    dashboard["panels"] = [panel(source, number) for number, source in enumerate(dashboard["panels"])]
    named = dict.fromkeys(use.name for _, text in texts(dashboard["panels"]) for use in uses(text))
    listed = [variable(name) for name in named if name not in BUILT_IN]
    dashboard.setdefault("templating", {"list": listed})
    for source in dashboard["templating"]["list"]:
        if source["type"] == "query":
            source.setdefault("datasource", PROMETHEUS)
    return dashboard


def panel(source: Json, number: int) -> Json:
    """A complete panel; of a row, only the position and the panels are completed."""
    place = {"id": number + 1, "gridPos": {"x": 0, "y": number * 8, "w": 24, "h": 8}}
    if source["type"] == "row":
        return {**place, **source, "panels": [panel(inner, number + 100) for inner in source["panels"]]}
    whole = {
        **place,
        "title": "Example",
        "description": "What it means.",
        "datasource": PROMETHEUS,
        "targets": [{"refId": "A", "expr": "sum(up)"}],
        **source,
    }
    if source["type"] in NUMBERS:
        whole.setdefault("fieldConfig", {"defaults": {"unit": "short"}, "overrides": []})
    return whole


def variable(name: str) -> Json:
    """A variable without findings."""
    if name.endswith("datasource"):
        plugin = name.removesuffix("datasource").strip("_") or "prometheus"
        label = "Data source" if name == "datasource" else f"{plugin.title()} data source"
        return {"name": name, "label": label, "type": "datasource", "query": plugin}
    return {
        "name": name,
        "label": name.title(),
        "type": "query",
        "query": f"label_values(up, {name})",
        "multi": True,
        "includeAll": True,
        "allValue": ".+",
        "refresh": 2,
    }


def text(dashboard: Any) -> str:
    """The text of a file."""
    return json.dumps(dashboard, indent=2, ensure_ascii=False)


# --- other forms -------------------------------------------------------------------------------------------------


def element(number: int, **query: Any) -> Json:
    """A panel of a v2 resource, with one query."""
    read = {"kind": "DataQuery", "group": "prometheus", "version": "v0", "datasource": {"name": "${datasource}"}}
    requested = {"refId": "A", "hidden": False, "query": {**read, "spec": query}}
    look = {"options": {}, "fieldConfig": {"defaults": {"unit": "short"}, "overrides": []}}
    return {
        "kind": "Panel",
        "spec": {
            "id": number,
            "title": f"Panel {number}",
            "description": "What it means.",
            "links": [],
            "data": {
                "kind": "QueryGroup",
                "spec": {
                    "queries": [{"kind": "PanelQuery", "spec": requested}],
                    "transformations": [],
                    "queryOptions": {},
                },
            },
            "vizConfig": {"kind": "VizConfig", "group": "timeseries", "version": "", "spec": look},
        },
    }


def item(name: str, x: int = 0, y: int = 0, repeat: str = "") -> Json:
    """The place of a panel in a grid of a v2 resource."""
    spec: Json = {"x": x, "y": y, "width": 12, "height": 8, "element": {"kind": "ElementReference", "name": name}}
    if repeat:
        spec["repeat"] = {"mode": "variable", "value": repeat, "direction": "h"}
    return {"kind": "GridLayoutItem", "spec": spec}


def v2(elements: Json, items: list[Json], *variables: Json) -> Json:
    """A v2 resource with one grid in a row."""
    grid = {"kind": "GridLayout", "spec": {"items": items}}
    row = {"kind": "RowsLayoutRow", "spec": {"title": "Requests", "collapse": False, "layout": grid}}
    chooser = {"kind": "DatasourceVariable", "spec": {"name": "datasource", "label": "D", "pluginId": "prometheus"}}
    return {
        "apiVersion": "dashboard.grafana.app/v2beta1",
        "kind": "Dashboard",
        "metadata": {"name": "example"},
        "spec": {
            "title": "Example",
            "editable": False,
            "annotations": [],
            "elements": elements,
            "layout": {"kind": "RowsLayout", "spec": {"rows": [row]}},
            "variables": [chooser, *variables],
        },
    }


def v2_variable(name: str, **more: Any) -> Json:
    """A query variable of a v2 resource."""
    query = {
        "kind": "DataQuery",
        "group": "prometheus",
        "datasource": {"name": "${datasource}"},
        "spec": {"query": f"label_values(up, {name})"},
    }
    source = {"name": name, "label": name, "query": query, "refresh": "onTimeRangeChanged", **more}
    return {"kind": "QueryVariable", "spec": source}


def as_v2(classic: Json) -> Json:
    """The same as a v2 resource, all panels in one grid."""
    elements = {f"panel-{number}": _element(source) for number, source in enumerate(classic["panels"])}
    places = [source["gridPos"] for source in classic["panels"]]
    items = [item(name, place["x"], place["y"]) for name, place in zip(elements, places, strict=True)]
    for placed, place in zip(items, places, strict=True):
        placed["spec"] |= {"width": place["w"], "height": place["h"]}
    resource = v2(elements, items)
    resource["spec"]["editable"] = classic.get("editable", True)
    resource["spec"]["variables"] = [_variable(source) for source in classic["templating"]["list"]]
    return resource


def _element(source: Json) -> Json:
    spec = element(source["id"])["spec"]
    spec |= {key: source[key] for key in ("title", "description") if key in source}
    spec["data"]["spec"]["queries"] = [_query(target, source) for target in source["targets"] or ()]
    look = {key: source[key] for key in ("options", "fieldConfig") if key in source}
    spec["vizConfig"] |= {"group": source["type"], "spec": look}
    return {"kind": "Panel", "spec": spec}


def _query(target: Json, panel: Json) -> Json:
    read: Json = target.get("datasource") or panel["datasource"]
    inner = {key: value for key, value in target.items() if key not in ("refId", "datasource")}
    query = {"kind": "DataQuery", "group": read["type"], "datasource": {"name": read["uid"]}, "spec": inner}
    refs = {key: target[key] for key in ("refId",) if key in target}
    return {"kind": "PanelQuery", "spec": {**refs, "query": query}}


def _variable(source: Json) -> Json:
    if source["type"] == "datasource":
        return {"kind": "DatasourceVariable", "spec": {**source, "pluginId": source["query"]}}
    refresh = {1: "onDashboardLoad", 2: "onTimeRangeChanged"}.get(source.get("refresh", 0), "never")
    if source["type"] != "query":
        return {"kind": f"{source['type'].title()}Variable", "spec": source}
    name, read = source["name"], source["datasource"]
    query = v2_variable(name)["spec"]["query"] | {
        "datasource": {"name": read["uid"]},
        "spec": {"query": source["query"]},
    }
    return {"kind": "QueryVariable", "spec": {**source, "query": query, "refresh": refresh}}


def config_map(dashboard: Json) -> Json:
    """A ConfigMap that holds it as a text, as Kubernetes gives it."""
    data = {"readme.txt": "{", "example.json": text(dashboard)}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "example"}, "data": data}


def folded(dashboard: Json) -> Json:
    """The same with all panels in one folded row."""
    row = {"type": "row", "title": "All", "collapsed": True, "gridPos": {"x": 0, "y": 0, "w": 24, "h": 1}}
    return {**dashboard, "panels": [{**row, "panels": dashboard["panels"]}]}


def in_library(dashboard: Json) -> Json:
    """The same as an export that holds the content of its panels as that of library panels."""
    keys = ("id", "gridPos")
    held = {f"u{n}": {"model": source, "kind": 1, "uid": f"u{n}"} for n, source in enumerate(dashboard["panels"])}
    references = [
        {**{key: source[key] for key in keys}, "libraryPanel": {"uid": uid, "name": uid}}
        for uid, source in zip(held, dashboard["panels"], strict=True)
    ]
    return {**dashboard, "panels": references, "__elements": held}


# --- JSON at random ----------------------------------------------------------------------------------------------

SCALARS = st.none() | st.booleans() | st.integers(-3, 10**20) | st.floats(allow_nan=False) | st.text(max_size=8)
TELLING_TEXTS = st.sampled_from(
    [
        "$job",
        "${job:regex}",
        "[[job]]",
        "rate(x[$__interval])",
        "sum(x) by (job)",
        "{{job}}",
        "x{a='$job'}",
        "((",
        "row",
    ]
)
VALUES = st.recursive(
    SCALARS | TELLING_TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all values within a value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in pairs:
        yield (*path, key)
        yield from paths(child, (*path, key))


@st.composite
def broken(draw: st.DrawFn, whole: Json) -> Any:
    """A dashboard of which some values are something else."""
    dashboard = deepcopy(whole)
    for path in draw(st.lists(st.sampled_from(list(paths(whole))), min_size=1, max_size=4)):
        holder = dashboard
        try:
            for key in path[:-1]:
                holder = holder[key]
            holder[path[-1]] = draw(VALUES)
        except (KeyError, IndexError, TypeError):
            continue  # what held it is gone
    return dashboard
