"""Writes the panel type `table`."""

from __future__ import annotations

from obscode.compiler.grafana.json_parts import Json
from obscode.compiler.grafana.writer import PanelWriter, QueryFormat, query_panel
from obscode.model.panels.table import Table

OPTIONS: Json = {"showHeader": True, "cellHeight": "sm", "frameIndex": 0, "sortBy": []}


# The custom field settings that the type requires.
CUSTOM: Json = {"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False}


def write(panel: Table) -> Json:
    sort = [{"displayName": panel.sort_by, "desc": panel.descending}] if panel.sort_by else []
    return query_panel(
        panel,
        {"sortBy": sort},
        {"align": "auto", "filterable": panel.filterable, "cellOptions": {"type": panel.cell}},
        queries=QueryFormat(instant=True, format="table"),
        transformations=_columns(panel),
    )


def _columns(panel: Table) -> list[Json]:
    """Join the lines of several queries; show the columns of the definition, in its order, with its titles."""
    joined = [{"id": "merge", "options": {}}] if len(panel.all_queries()) > 1 else []
    if not panel.columns:
        return joined
    order = {name: index for index, name in enumerate(panel.columns)}
    titles = {name: title for name, title in panel.columns.items() if title != name}
    return [
        *joined,
        {"id": "filterFieldsByName", "options": {"include": {"names": list(panel.columns)}}},
        {"id": "organize", "options": {"excludeByName": {}, "indexByName": order, "renameByName": titles}},
    ]


WRITER = PanelWriter(Table, OPTIONS, write, CUSTOM)
