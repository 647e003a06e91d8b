"""A panel or a row as Grafana's JSON."""

from __future__ import annotations

from obscode.compiler.grafana.complete import ORDER, complete
from obscode.compiler.grafana.json_parts import Json, ordered
from obscode.compiler.grafana.layout import Grid
from obscode.compiler.grafana.panels import writers
from obscode.compiler.grafana.upgrade.legacy import upgrade
from obscode.findings.errors import DefinitionError
from obscode.model.dashboard.dashboard import Row
from obscode.model.dashboard.panel import Panel
from obscode.model.panels.raw import RAW_PANEL, Raw


def row_json(row: Row, row_id: int, grid: Grid, inside: list[Json]) -> Json:
    """A row; a folded one holds its panels, an open one none."""
    return {
        "id": row_id,
        "type": "row",
        "title": row.title,
        "gridPos": grid.json(),
        **({"repeat": row.repeat} if row.repeat else {}),
        "collapsed": row.collapsed,
        "panels": inside,
    }


def panel_json(panel: Panel, panel_id: int, grid: Grid, interval: str = "") -> Json:
    """A panel in Grafana's classic model, keys in a fixed order; raises DefinitionError for JSON that is no panel.

    ``interval`` is the scrape interval of the panel's service, if it is not the project's.
    """
    body = _raw(panel, interval) if isinstance(panel, Raw) else complete(_written(panel), interval)
    return ordered({"title": "", **body, "id": panel_id, "gridPos": grid.json()}, ORDER)


def _written(panel: Panel) -> Json:
    return writers()[type(panel)].write(panel)


def _raw(panel: Raw, interval: str) -> Json:
    try:
        return complete(upgrade(dict(panel.json)), interval)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        message = f"panel {panel.title!r} does not have the form of a panel of type {panel.type!r} ({error!r})"
        hint = "copy the whole of it from Inspect > Panel JSON"
        raise DefinitionError([panel.finding(RAW_PANEL, message, hint, at="json")]) from error
