"""A panel or a row as Grafana's JSON."""

from __future__ import annotations

from obscode.compiler.grafana.complete import ORDER, complete
from obscode.compiler.grafana.exact import exact_panel, exact_raw
from obscode.compiler.grafana.json_parts import Json, ordered, patched
from obscode.compiler.grafana.layout import Grid
from obscode.compiler.grafana.panels import writers
from obscode.compiler.grafana.upgrade.legacy import upgrade
from obscode.findings.errors import DefinitionError
from obscode.model.dashboard.dashboard import Row
from obscode.model.dashboard.panel import Panel, QueryPanel
from obscode.model.panels.raw import RAW_PANEL, Raw


def row_json(row: Row, row_id: int, grid: Grid, inside: list[Json]) -> Json:
    """A row; a folded one holds its panels, an open one none."""
    written = {
        "id": row_id,
        "type": "row",
        "title": row.title,
        "gridPos": grid.json(),
        **({"repeat": row.repeat} if row.repeat else {}),
        "collapsed": row.collapsed,
        "panels": inside,
    }
    return patched(written, row.extra)


def panel_json(panel: Panel, panel_id: int, grid: Grid, interval: str = "", *, exact: bool = False) -> Json:
    """A panel in Grafana's classic model, keys in a fixed order; raises DefinitionError for JSON that is no panel.

    ``interval`` is the scrape interval of the panel's service, if it is not the project's. An ``exact`` panel has
    nothing that the definition does not give.
    """
    if exact and isinstance(panel, Raw):
        body = exact_raw(panel)
    else:
        body = _raw(panel, interval) if isinstance(panel, Raw) else complete(_written(panel), interval)
        body = exact_panel(body, panel) if exact else body
    body = _with_extra_of_queries(body, panel)
    placed = ordered({"title": "", **body, "id": panel_id, "gridPos": grid.json()}, ORDER)
    return patched(placed, panel.extra)


def _with_extra_of_queries(body: Json, panel: Panel) -> Json:
    queries = panel.all_queries() if isinstance(panel, QueryPanel) else ()
    if not any(query.extra for query in queries):
        return body
    targets = [patched(target, query.extra) for target, query in zip(body["targets"], queries, strict=True)]
    return {**body, "targets": targets}


def _written(panel: Panel) -> Json:
    return writers()[type(panel)].write(panel)


def _raw(panel: Raw, interval: str) -> Json:
    try:
        return complete(upgrade(dict(panel.json)), interval)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        message = f"panel {panel.title!r} does not have the form of a panel of type {panel.type!r} ({error!r})"
        hint = "copy the whole of it from Inspect > Panel JSON"
        raise DefinitionError([panel.finding(RAW_PANEL, message, hint, at="json")]) from error
