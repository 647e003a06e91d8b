"""Writes the panel type `table`."""

from __future__ import annotations

from obscode.compiler.grafana.json_parts import Json
from obscode.compiler.grafana.writer import PanelWriter, QueryFormat, own_transformations, query_panel
from obscode.model.panels.table import Table

OPTIONS: Json = {"showHeader": True, "cellHeight": "sm", "frameIndex": 0, "sortBy": []}


# The custom field settings that the type requires.
CUSTOM: Json = {"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False}
# Transformations of the results of each query; the others, such as calculateField, read the fields of a joined table.
# https://grafana.com/docs/grafana/latest/visualizations/panels-visualizations/query-transform-data/transform-data/
_OF_SINGLE_QUERIES = frozenset(
    {"concatenate", "filterByRefId", "joinByField", "joinByLabels", "labelsToFields", "merge", "prepareTimeSeries"}
    | {"reduce", "renameByRegex", "seriesToColumns", "seriesToRows", "timeSeriesTable"}
)


def write(panel: Table) -> Json:
    sort = [{"displayName": panel.sort_by, "desc": panel.descending}] if panel.sort_by else []
    return query_panel(
        panel,
        {"sortBy": sort},
        {"align": "auto", "filterable": panel.filterable, "cellOptions": {"type": panel.cell}},
        queries=QueryFormat(instant=True, format="table"),
        transformations=_transformations(panel),
    )


def _transformations(panel: Table) -> list[Json]:
    """Join the lines of several queries, calculate, then show the columns of the definition.

    Transformations of the definition that select, reshape or join the results of single queries come before.
    """
    own = own_transformations(panel)
    ends = [index + 1 for index, each in enumerate(own) if each["id"] in _OF_SINGLE_QUERIES]
    joined_from = max(ends, default=0)
    joined = [{"id": "merge", "options": {}}] if len(panel.all_targets()) > 1 else []
    return [*own[:joined_from], *joined, *own[joined_from:], *_columns(panel)]


def _columns(panel: Table) -> list[Json]:
    """Show the columns of the definition, in its order, with its titles."""
    if not panel.columns:
        return []
    order = {name: index for index, name in enumerate(panel.columns)}
    titles = {name: title for name, title in panel.columns.items() if title != name}
    return [
        {"id": "filterFieldsByName", "options": {"include": {"names": list(panel.columns)}}},
        {"id": "organize", "options": {"excludeByName": {}, "indexByName": order, "renameByName": titles}},
    ]


WRITER = PanelWriter(Table, OPTIONS, write, CUSTOM)
