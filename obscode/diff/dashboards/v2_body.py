"""A v2 dashboard as classic JSON, to compare it with dashboards of every form.

Each layout becomes a grid: rows and tabs become rows. Grafana converts in the same way where it saves a v2 dashboard as
classic JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]

_DEEPEST = 8
_SYNC = {"Off": 0, "Crosshair": 1, "Tooltip": 2}
_REFRESH = {"never": 0, "onDashboardLoad": 1, "onTimeRangeChanged": 2}
_HIDE = {"dontHide": 0, "hideLabel": 1, "hideVariable": 2, "inControlsMenu": 3}
_SORT = ("disabled", "alphabeticalAsc", "alphabeticalDesc", "numericalAsc", "numericalDesc")
_SORT_MORE = ("alphabeticalCaseInsensitiveAsc", "alphabeticalCaseInsensitiveDesc", "naturalAsc", "naturalDesc")
_TYPES = {"TextVariable": "textbox", "GroupByVariable": "groupby"}


def classic_body(spec: Json) -> dict[str, Any]:
    """The spec of a v2 resource as classic JSON."""
    times = _mapping(spec.get("timeSettings"))
    picker = {
        "refresh_intervals": times.get("autoRefreshIntervals"),
        "hidden": times.get("hideTimepicker"),
        "nowDelay": times.get("nowDelay"),
    }
    same = ("title", "description", "tags", "editable", "liveNow", "preload", "links")
    return {
        **{key: spec[key] for key in same if key in spec},
        "graphTooltip": _SYNC.get(str(spec.get("cursorSync")), 0),
        "time": {"from": times.get("from"), "to": times.get("to")},
        "refresh": times.get("autoRefresh"),
        "timezone": times.get("timezone"),
        "weekStart": times.get("weekStart"),
        "fiscalYearStartMonth": times.get("fiscalYearStartMonth"),
        "timepicker": {key: value for key, value in picker.items() if value is not None},
        "templating": {"list": [_variable(each) for each in _objects(spec.get("variables"))]},
        "annotations": {"list": [_annotation(_mapping(a.get("spec"))) for a in _objects(spec.get("annotations"))]},
        "panels": _Grid(_mapping(spec.get("elements"))).panels(_mapping(spec.get("layout"))),
    }


class _Grid:
    """Places elements one below the other, in the order of the layouts."""

    def __init__(self, elements: Json) -> None:
        self.elements, self.bottom = elements, 0

    def panels(self, layout: Json) -> list[dict[str, Any]]:
        """The panels and rows of a layout."""
        return list(self._layout(layout, 0))

    def _layout(self, layout: Json, depth: int) -> Iterator[dict[str, Any]]:
        spec = _mapping(layout.get("spec"))
        parts = [*_objects(spec.get("rows")), *_objects(spec.get("tabs"))]
        for part in parts if depth < _DEEPEST else ():
            yield from self._row(_mapping(part.get("spec")), depth)
        top, bottom = self.bottom, self.bottom
        for index, item in enumerate(_objects(spec.get("items"))):
            inner = _mapping(item.get("spec"))
            if item.get("kind") == "GridLayoutRow":  # v2alpha1
                elements = {"kind": "GridLayout", "spec": {"items": inner.get("elements")}}
                self.bottom = bottom
                yield from self._row({**inner, "layout": elements}, depth)
                top = bottom = self.bottom
                continue
            panel = self._panel(inner, top, index)
            bottom = max(bottom, panel["gridPos"]["y"] + panel["gridPos"]["h"])
            yield panel
        self.bottom = bottom

    def _row(self, spec: Json, depth: int) -> Iterator[dict[str, Any]]:
        row: dict[str, Any] = {
            "type": "row",
            "title": spec.get("title"),
            "collapsed": bool(spec.get("collapse")),
            "repeat": _repeat(spec).get("value"),
            "gridPos": {"x": 0, "y": self.bottom, "w": 24, "h": 1},
        }
        self.bottom += 1
        inside = list(self._layout(_mapping(spec.get("layout")), depth + 1))
        if row["collapsed"]:
            yield {**row, "panels": inside}
        else:
            yield row
            yield from inside

    def _panel(self, item: Json, top: int, index: int) -> dict[str, Any]:
        width, height = _number(item.get("width"), 8), _number(item.get("height"), 9)
        x, y = _number(item.get("x"), index % 3 * 8), _number(item.get("y"), index // 3 * 9)
        repeat = _repeat(item)
        name = str(_mapping(item.get("element")).get("name"))
        return {
            **_element(_mapping(self.elements.get(name))),
            "gridPos": {"x": x, "y": top + y, "w": width, "h": height},
            "repeat": repeat.get("value"),
            "repeatDirection": repeat.get("direction"),
            "maxPerRow": repeat.get("maxPerRow"),
        }


def _element(element: Json) -> dict[str, Any]:
    spec = _mapping(element.get("spec"))
    if element.get("kind") == "LibraryPanel":
        return {"id": spec.get("id"), "title": spec.get("title"), "libraryPanel": spec.get("libraryPanel")}
    data = _mapping(_mapping(spec.get("data")).get("spec"))
    viz = _mapping(spec.get("vizConfig"))
    look = _mapping(viz.get("spec"))
    kind = viz.get("group") or viz.get("kind")
    return {
        **_mapping(data.get("queryOptions")),
        "id": spec.get("id"),
        "title": spec.get("title"),
        "description": spec.get("description"),
        "links": spec.get("links"),
        "transparent": spec.get("transparent"),
        "type": "" if kind == "VizConfig" else kind,
        "targets": [_query(_mapping(each.get("spec"))) for each in _objects(data.get("queries"))],
        "transformations": [
            {"id": each.get("group") or each.get("kind"), **_mapping(each.get("spec"))}
            for each in _objects(data.get("transformations"))
        ],
        "options": look.get("options"),
        "fieldConfig": look.get("fieldConfig"),
    }


def _query(spec: Json) -> dict[str, Any]:
    query = _mapping(spec.get("query"))
    group = query.get("group") or ("" if query.get("kind") == "DataQuery" else query.get("kind"))
    name = _mapping(query.get("datasource")).get("name")
    source = _mapping(spec.get("datasource")) or {key: v for key, v in (("type", group), ("uid", name)) if v}
    head = {"refId": spec.get("refId"), "hide": spec.get("hidden"), "datasource": source or None}
    return {**_mapping(query.get("spec")), **head}


def _annotation(spec: Json) -> dict[str, Any]:
    query = _query({"query": spec.get("query"), "datasource": spec.get("datasource")})
    rest = {key: value for key, value in spec.items() if key not in ("query", "builtIn")}
    return {**query, **rest, "builtIn": int(bool(spec.get("builtIn")))}


def _variable(variable: Json) -> dict[str, Any]:
    spec = _mapping(variable.get("spec"))
    kind = str(variable.get("kind"))
    new: dict[str, Any] = {
        **spec,
        "type": _TYPES.get(kind) or kind.removesuffix("Variable").lower(),
        "hide": _HIDE.get(str(spec.get("hide")), 0),
        "refresh": _REFRESH.get(str(spec.get("refresh")), spec.get("refresh")),
    }
    orders = [*_SORT, *_SORT_MORE]
    new["sort"] = orders.index(spec["sort"]) if spec.get("sort") in orders else 0
    if isinstance(query := spec.get("query"), Mapping):
        inner = _query({"query": query, "datasource": spec.get("datasource")})
        new["datasource"] = inner.pop("datasource")
        text = next((inner[key] for key in ("query", "__legacyStringValue", "expr") if key in inner), inner)
        new["query"] = text
    elif kind == "DatasourceVariable":
        new["query"] = spec.get("pluginId")
    return new


def _repeat(spec: Json) -> Json:
    return _mapping(spec.get("repeat"))


def _mapping(value: Any) -> Json:
    return value if isinstance(value, Mapping) else {}


def _objects(value: Any) -> list[Json]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _number(value: Any, default: int) -> int:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else default
