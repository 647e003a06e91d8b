"""The layout of version 2: tabs, rows, and grids with the positions of classic JSON or automatic ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from obscode.compiler.grafana.json_parts import Json, objects
from obscode.compiler.grafana.v2.elements import name
from obscode.model.dashboard import Panel, Row
from obscode.model.layout import AutoGrid, Condition, HasData, Hide, Show, Tab, VariableIs

# The tab of rows before the first tab.
_FIRST_TAB = Tab("Overview")
_OPERATORS = {"equals": "equals", "not_equals": "notEquals", "matches": "matches", "not_matches": "notMatches"}
_DEFAULT_SIZE = {"x": 0, "y": 0, "w": 6, "h": 3}
_ROW_HEIGHT = 1


@dataclass(frozen=True)
class _Group:
    """A row of classic JSON with its panels, and its definition; without a row, the panels at the top."""

    row: Json | None
    panels: Sequence[Json]
    definition: Row | None = None
    tab: Tab | None = None

    @property
    def title(self) -> str:
        return (self.row or {}).get("title") or ""


def layout(body: Mapping[str, Any], rows: Sequence[Row]) -> Json:
    """The layout of a dashboard in classic JSON; ``rows`` are its definition, if there is one."""
    groups = list(_groups(body))
    own = [row for row in rows if row.title or row.panels]
    if len(own) == len(groups):
        tabs = _tabs(own)
        groups = [_Group(g.row, g.panels, row, tab) for g, row, tab in zip(groups, own, tabs, strict=True)]
    if any(group.tab for group in groups):
        return {"kind": "TabsLayout", "spec": {"tabs": list(_tab_layouts(groups))}}
    return _rows(groups)


def _groups(body: Mapping[str, Any]) -> Iterator[_Group]:
    """The rows, each with its panels: those in it, and those after it."""
    row: Json | None = None
    panels: list[Json] = []
    for panel in objects(body, "panels"):
        if panel.get("type") != "row":
            panels.append(panel)
            continue
        if row is not None or panels:
            yield _Group(row, panels)
        row, panels = panel, objects(panel, "panels")
    if row is not None or panels:
        yield _Group(row, panels)


def _tabs(rows: Sequence[Row]) -> Iterator[Tab | None]:
    """The tab of each row: its own, or that of the row before."""
    has_tabs = any(row.tab for row in rows)
    tab = _FIRST_TAB if has_tabs else None
    for row in rows:
        if row.tab:
            tab = Tab(row.tab) if isinstance(row.tab, str) else row.tab
        yield tab


def _tab_layouts(groups: Sequence[_Group]) -> Iterator[Json]:
    for title, same in groupby(groups, key=lambda group: group.tab.title if group.tab else ""):
        inside = list(same)
        tab = inside[0].tab or _FIRST_TAB
        # A row that only repeats the title of its tab has no header.
        alone = len(inside) == 1 and inside[0].title in ("", title) and not _is_conditional(inside[0])
        spec = {"title": title, "layout": _grid(inside[0]) if alone else _rows(inside)}
        yield {"kind": "TabsLayoutTab", "spec": {**spec, **_repeat(tab.repeat), **_visible(tab.visible)}}


def _is_conditional(group: _Group) -> bool:
    return bool((group.definition and group.definition.visible) or (group.row or {}).get("repeat"))


def _rows(groups: Sequence[_Group]) -> Json:
    if not groups:
        return {"kind": "GridLayout", "spec": {"items": []}}
    if len(groups) == 1 and groups[0].row is None and not _is_conditional(groups[0]):
        return _grid(groups[0])
    return {"kind": "RowsLayout", "spec": {"rows": [_row(group) for group in groups]}}


def _row(group: _Group) -> Json:
    row = group.row or {}
    spec = {
        "title": group.title,
        "collapse": bool(row.get("collapsed", False)),
        **({} if group.row else {"hideHeader": True}),
        "layout": _grid(group),
        **_repeat(row.get("repeat")),
        **_visible(group.definition.visible if group.definition else None),
    }
    return {"kind": "RowsLayoutRow", "spec": spec}


# --- grids -------------------------------------------------------------------------------------------------------


def _grid(group: _Group) -> Json:
    definition = group.definition
    if definition and definition.grid and len(definition.panels) == len(group.panels):
        return _automatic(definition.grid, group.panels, definition.panels)
    top = (group.row or {}).get("gridPos", {}).get("y", 0) + _ROW_HEIGHT if group.row else 0
    return {"kind": "GridLayout", "spec": {"items": [_item(panel, top) for panel in group.panels]}}


def _item(panel: Json, top: int) -> Json:
    grid = {**_DEFAULT_SIZE, **(panel.get("gridPos") or {})}
    repeat = _repeat(panel.get("repeat"))
    if repeat:
        more = {"direction": panel.get("repeatDirection"), "maxPerRow": panel.get("maxPerRow")}
        repeat["repeat"] |= {key: value for key, value in more.items() if value}
    place = {"x": grid["x"], "y": max(0, grid["y"] - top), "width": grid["w"], "height": grid["h"]}
    return {"kind": "GridLayoutItem", "spec": {**place, "element": _reference(panel), **repeat}}


def _automatic(grid: AutoGrid, panels: Sequence[Json], definitions: Sequence[Panel]) -> Json:
    items = [
        {
            "kind": "AutoGridLayoutItem",
            "spec": {"element": _reference(panel), **_repeat(panel.get("repeat")), **_visible(definition.visible)},
        }
        for panel, definition in zip(panels, definitions, strict=True)
    ]
    spec = {"maxColumnCount": grid.columns, "columnWidthMode": grid.column_width, "rowHeightMode": grid.row_height}
    return {"kind": "AutoGridLayout", "spec": {**spec, "items": items}}


def _reference(panel: Json) -> Json:
    return {"kind": "ElementReference", "name": name(panel)}


def _repeat(variable: str | None) -> Json:
    return {"repeat": {"mode": "variable", "value": variable}} if variable else {}


# --- conditions --------------------------------------------------------------------------------------------------


def _visible(visibility: Show | Hide | None) -> Json:
    if visibility is None:
        return {}
    spec = {
        "visibility": "show" if isinstance(visibility, Show) else "hide",
        "condition": "and" if visibility.match == "all" else "or",
        "items": [_condition(condition) for condition in visibility.all_conditions()],
    }
    return {"conditionalRendering": {"kind": "ConditionalRenderingGroup", "spec": spec}}


def _condition(condition: Condition) -> Json:
    if isinstance(condition, VariableIs):
        operator = _OPERATORS[condition.operator]
        spec = {"variable": condition.variable, "operator": operator, "value": condition.value}
        return {"kind": "ConditionalRenderingVariable", "spec": spec}
    if isinstance(condition, HasData):
        return {"kind": "ConditionalRenderingData", "spec": {"value": condition.value}}
    return {"kind": "ConditionalRenderingTimeRangeSize", "spec": {"value": condition.duration}}
