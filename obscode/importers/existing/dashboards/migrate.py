"""A dashboard in its current form: what Grafana's migrations do when it loads a dashboard of an older version.

They are in `DashboardMigrator.ts` of Grafana, by schema version. Panels are upgraded by `compiler.grafana.upgrade`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil
from typing import Any

from obscode.compiler.grafana.existing import with_library_panels, with_values
from obscode.compiler.grafana.json_parts import Json, without
from obscode.compiler.grafana.upgrade.legacy import upgrade
from obscode.model import naming

# Inputs of an export become the variables that obscode adds: a reader selects the datasource there.
_VARIABLES = {"prometheus": naming.DATASOURCE_VARIABLE, "loki": naming.LOKI_VARIABLE}
# Grafana 5 to 6 gave the tables of Angular another type.
_ANGULAR_TABLES = 24
_HORIZONTAL = 24
_ALWAYS_REFRESHED = 1
# Where Grafana puts a panel and a row without a position.
_POSITION = {"x": 0, "y": 0, "w": 6, "h": 3}
_ROW = {"x": 0, "y": 0, "w": 24, "h": 1}


def migrated(body: Mapping[str, Any]) -> Json:
    """The dashboard in its current form."""
    new = _with_inputs(dict(body))
    library = new.pop("__elements", None)
    new = without(new, "__inputs", "__requires")
    panels = with_library_panels(new.get("panels") or [], library if isinstance(library, dict) else {})
    if rows := new.pop("rows", None):
        panels = [*panels, *_grid_layout(rows)]
    version = new.get("schemaVersion")
    is_old = not isinstance(version, int) or version < _ANGULAR_TABLES
    listed = [_panel(panel, is_old) for panel in panels if isinstance(panel, dict) and not _is_copy(panel)]
    new["panels"] = sorted(listed, key=_position)
    templating = new.get("templating")
    variables = templating.get("list") if isinstance(templating, dict) else None
    new["templating"] = {"list": [_variable(each) for each in variables or () if isinstance(each, dict)]}
    if new.pop("sharedCrosshair", False):
        new["graphTooltip"] = 1
    return new


def _position(panel: Mapping[str, Any]) -> tuple[float, float]:
    """Grafana sorts panels by their position."""
    grid = panel.get("gridPos")
    places = [grid.get(key) for key in "yx"] if isinstance(grid, Mapping) else [0, 0]
    y, x = (each if isinstance(each, int | float) else 0 for each in places)
    return y, x


def _with_inputs(body: Json) -> Json:
    """The dashboard with variables instead of inputs for datasources, and the values of constants."""
    values: dict[str, str] = {}
    added: dict[str, Json] = {}
    templating = body.get("templating")
    listed = list(templating.get("list") or ()) if isinstance(templating, dict) else []
    names = [each.get("name") for each in listed if isinstance(each, Mapping)]
    for each in body.get("__inputs") or ():
        if not isinstance(each, Mapping) or not isinstance(name := each.get("name"), str) or name in names:
            continue  # a variable of the same name has the value
        if each.get("type") == "constant":
            values[name] = str(each.get("value", ""))
        elif variable := _VARIABLES.get(str(each.get("pluginId"))):
            values[name] = f"${{{variable}}}"
            added[variable] = {"name": variable, "type": "datasource", "query": each["pluginId"]}
    missing = [variable for name, variable in added.items() if name not in names]
    new: Json = with_values({**body, "templating": {"list": [*missing, *listed]}} if missing else body, values)
    return new


def _variable(variable: Json) -> Json:
    if variable.get("type") == "query" and variable.get("refresh") not in (1, 2):
        return {**variable, "refresh": _ALWAYS_REFRESHED}
    return variable


def _is_copy(panel: Mapping[str, Any]) -> bool:
    """True for a copy of a repeated panel, which Grafana makes again."""
    return bool(panel.get("repeatPanelId")) and not panel.get("repeat")


def _panel(panel: Json, is_old: bool) -> Json:
    grid = panel.get("gridPos")
    default = _ROW if panel.get("type") == "row" else _POSITION
    panel = {**panel, "gridPos": {**default, **(grid if isinstance(grid, dict) else {})}}
    if panel.get("type") == "row":
        inside = panel.get("panels") or ()
        return {**panel, "panels": [_panel(each, is_old) for each in inside if isinstance(each, dict)]}
    if is_old and panel.get("type") == "table" and panel.get("styles"):
        panel = {**panel, "type": "table-old"}
    elif panel.get("type") == "text2":
        panel = {**panel, "type": "text"}
    if isinstance(span := panel.get("minSpan"), int) and span > 0:
        panel = {**without(panel, "minSpan"), "maxPerRow": _HORIZONTAL // min(span, _HORIZONTAL)}
    try:
        place: Json = {key: panel[key] for key in ("id", "gridPos") if key in panel}
        return {**upgrade(panel), **place}
    except (AttributeError, KeyError, TypeError, ValueError):
        return panel  # not the form of its type, which Grafana does not read either


# --- rows from before Grafana 5 ----------------------------------------------------------------------------------

_DEFAULT_HEIGHT = 250
_DEFAULT_SPAN = 4
_LEAST_HEIGHT = 90  # in pixels
_CELL = 38  # the height of a row of the grid, with its margin


def _grid_layout(rows: list[Any]) -> Iterator[Json]:
    """The panels of rows with positions: `upgradeToGridLayout`."""
    listed = [row for row in rows if isinstance(row, dict) and not row.get("repeatIteration")]
    is_titled = any(row.get("collapse") or row.get("showTitle") or row.get("repeat") for row in listed)
    y = 0
    for row in listed:
        height, head = _grid_height(row.get("height") or _DEFAULT_HEIGHT), None
        if is_titled:
            head = {"type": "row", "title": row.get("title") or "", "collapsed": bool(row.get("collapse"))}
            head |= {"gridPos": {"x": 0, "y": y, "w": 24, "h": 1}, "panels": []}
            head |= {"repeat": row["repeat"]} if row.get("repeat") else {}
            y += 1
        area = _Area(height, y)
        panels = [area.placed(panel) for panel in row.get("panels") or () if isinstance(panel, dict)]
        y = area.y
        if head:
            yield {**head, "panels": panels if head["collapsed"] else []}
        if not head or not head["collapsed"]:
            yield from panels
            y += height


def _grid_height(height: Any) -> int:
    digits = "".join(character for character in str(height).split("px")[0] if character.isdigit() or character == ".")
    return ceil(max(float(digits or _DEFAULT_HEIGHT), _LEAST_HEIGHT) / _CELL)


class _Area:
    """Where the panels of a row go: below each other while there is room, then in a further line."""

    def __init__(self, height: int, y: int) -> None:
        self.height, self.y = height, y
        self._taken = [0] * 24

    def placed(self, panel: Json) -> Json:
        """The panel with its position."""
        span = panel.get("span") or _DEFAULT_SPAN
        width = int(float(span)) * 2
        height = _grid_height(panel["height"]) if panel.get("height") else self.height
        place = self._place(width)
        if place is None:
            self.y += self.height
            self._taken = [0] * 24
            place = self._place(width) or (0, 0)
        x, y = place
        for column in range(x, min(x + width, 24)):
            self._taken[column] = max(self._taken[column], y + height)
        new = without(panel, "span", "height")
        if isinstance(least := panel.get("minSpan"), int):
            new["minSpan"] = min(24, 2 * least)
        return {**new, "gridPos": {"x": x, "y": self.y + y, "w": width, "h": height}}

    def _place(self, width: int) -> tuple[int, int] | None:
        start = end = None
        for column in range(23, -1, -1):
            if self.height - self._taken[column] <= 0:
                break
            if end is None:
                end = column
            elif self._taken[column] <= self._taken[column + 1]:
                start = column
            else:
                break
        if start is None or end is None or end - start < width - 1:
            return None
        return start, max(self._taken[start:])
