"""A panel or a row as Grafana's JSON."""

from __future__ import annotations

from obscode.compiler.grafana.complete import ORDER, complete
from obscode.compiler.grafana.datasource import EXPRESSIONS, MIXED
from obscode.compiler.grafana.exact import exact_panel, exact_raw
from obscode.compiler.grafana.json_parts import Json, ordered, patched, without
from obscode.compiler.grafana.layout import Grid
from obscode.compiler.grafana.panels import writers
from obscode.compiler.grafana.upgrade.legacy import upgrade
from obscode.findings.errors import DefinitionError
from obscode.model.dashboard.dashboard import Row
from obscode.model.dashboard.panel import Panel
from obscode.model.dashboard.query import DataQuery, Query
from obscode.model.panels.library import Library
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
        body = _raw(panel, interval) if isinstance(panel, Raw) else _completed(panel, interval)
        body = exact_panel(body, panel) if exact else body
    body = _with_own_queries(body, panel)
    placed = ordered({"title": "", **body, "id": panel_id, "gridPos": grid.json()}, ORDER)
    return patched(placed, panel.extra)


def _with_own_queries(body: Json, panel: Panel) -> Json:
    """The panel with the datasources of its queries, and with their extra settings."""
    queries = () if isinstance(panel, Raw) else panel.all_targets()
    if not any(_is_special(query) for query in queries):
        return body
    targets = [_with_source(target, query) for target, query in zip(body["targets"], queries, strict=True)]
    sources = [target["datasource"] for target in targets if target["datasource"]["type"] != EXPRESSIONS]
    one = all(source == sources[0] for source in sources)
    datasource = (sources[0] if one else MIXED) if sources else body.get("datasource")
    extras = [query.extra if isinstance(query, Query) else {} for query in queries]
    patches = [patched(target, extra) for target, extra in zip(targets, extras, strict=True)]
    return {**body, "datasource": datasource, "targets": patches}


def _is_special(query: Query | DataQuery) -> bool:
    return isinstance(query, DataQuery) or bool(query.extra or query.datasource)


def _with_source(target: Json, query: Query | DataQuery) -> Json:
    if isinstance(query, DataQuery):
        return {**target, "datasource": query.source}
    return {**target, "datasource": {"type": "prometheus", "uid": query.datasource}} if query.datasource else target


def _written(panel: Panel) -> Json:
    return writers()[type(panel)].write(panel)


def _completed(panel: Panel, interval: str) -> Json:
    body = complete(_written(panel), interval)
    # The options of a library panel are stored with it.
    return without(body, "options", "pluginVersion") if isinstance(panel, Library) else body


def _raw(panel: Raw, interval: str) -> Json:
    try:
        return complete(upgrade(dict(panel.json)), interval)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        message = f"panel {panel.title!r} does not have the form of a panel of type {panel.type!r} ({error!r})"
        hint = "copy the whole of it from Inspect > Panel JSON"
        raise DefinitionError([panel.finding(RAW_PANEL, message, hint, at="json")]) from error
