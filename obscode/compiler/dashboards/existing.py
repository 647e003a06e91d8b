"""A dashboard that exists as JSON: the rows, panels and variables that alerts and other dashboards link to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from obscode.compiler.grafana.json_parts import Json, objects
from obscode.model import variables
from obscode.model.dashboard import Dashboard, Row
from obscode.model.dashboard.existing import ExistingDashboard
from obscode.model.dashboard.panel_ids import RowIds
from obscode.model.panels import Raw


def contents(existing: ExistingDashboard) -> tuple[Dashboard, Sequence[RowIds]]:
    """The dashboard as a definition with rows, and the ids of its panels."""
    rows: list[Row] = []
    ids: list[RowIds] = []
    for row, panels in _rows(with_ids(existing.body)):
        raw = [Raw(panel).with_origin(existing.origin) for panel in panels]
        rows.append(Row(_text(row, "title"), *raw).with_origin(existing.origin))
        ids.append(RowIds(row.get("id", 0), [panel["id"] for panel in panels]))
    known = [variables.Text(name).with_origin(existing.origin) for name in _variables(existing.body)]
    definition = Dashboard(
        existing.title, rows, uid=existing.uid, folder=existing.folder, description=existing.description
    )
    return definition.derive(variables=known).with_origin(existing.origin), ids


def with_ids(body: Mapping[str, Any]) -> Json:
    """The dashboard with an id for each panel that has none, as Grafana gives them when it loads the dashboard."""
    taken = [panel["id"] for _, panels in _rows(body) for panel in panels if _is_id(panel.get("id"))]
    taken += [row["id"] for row, _ in _rows(body) if _is_id(row.get("id"))]
    free = count(max(taken, default=0) + 1)

    def numbered(panel: Any) -> Any:
        if not isinstance(panel, Mapping):
            return panel
        new = dict(panel) if _is_id(panel.get("id")) else {**panel, "id": next(free)}
        return {**new, "panels": [*map(numbered, panel["panels"])]} if isinstance(panel.get("panels"), list) else new

    def of_row(row: Any) -> Any:
        has_panels = isinstance(row, Mapping) and isinstance(row.get("panels"), list)
        return {**row, "panels": [*map(numbered, row["panels"])]} if has_panels else row

    new = dict(body)
    if isinstance(body.get("panels"), list):
        new["panels"] = [*map(numbered, body["panels"])]
    if isinstance(body.get("rows"), list):
        new["rows"] = [*map(of_row, body["rows"])]
    return new


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _rows(body: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], list[Json]]]:
    """The rows, each with its panels: those in it, and those after it if it is open."""
    row: Mapping[str, Any] = {}
    panels: list[Json] = []
    for panel in objects(body, "panels"):
        if panel.get("type") != "row":
            panels.append(panel)
            continue
        if row or panels:
            yield row, panels
        row, panels = panel, objects(panel, "panels")
    if row or panels:
        yield row, panels
    for legacy in objects(body, "rows"):  # before Grafana 5
        yield legacy, objects(legacy, "panels")


def _variables(body: Mapping[str, Any]) -> Iterator[str]:
    templating = body.get("templating")
    for variable in objects(templating, "list"):
        if name := _text(variable, "name"):
            yield name


def _text(value: Mapping[str, Any], key: str) -> str:
    text = value.get(key)
    return text if isinstance(text, str) else ""
