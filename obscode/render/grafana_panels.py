"""Panels by way of grafanalib, brought up to Grafana 11 to 13; the only importer of grafanalib.

grafanalib 0.7.1 knows the panels and their options; what it writes is of Grafana 7 to 9. `panel_json`
is the seam through which every panel passes: dead keys and nulls go, the current form of the rest comes.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from grafanalib import core

from obscode import conventions
from obscode.dashboard import Panel, Query, Row, Stat
from obscode.render.grafana_layout import Grid

_LEGEND = {"showLegend": True, "displayMode": "list", "placement": "bottom", "calcs": []}


def datasource() -> dict[str, str]:
    """Every panel and query asks the datasource that the dashboard's variable names."""
    return {"type": "prometheus", "uid": f"${{{conventions.DATASOURCE_VARIABLE}}}"}


def row_json(row: Row, panel_id: int, grid: Grid, inside: list[dict[str, Any]]) -> dict[str, Any]:
    """A row; an open one has no panels inside, a folded one holds them."""
    return {
        "id": panel_id,
        "type": "row",
        "title": row.title,
        "gridPos": asdict(grid),
        "collapsed": row.collapsed,
        "panels": inside,
    }


def panel_json(panel: Panel, panel_id: int, grid: Grid) -> dict[str, Any]:
    """A panel in Grafana's classic model, keys in a fixed order."""
    make = _stat if isinstance(panel, Stat) else _time_series
    written: dict[str, Any] = make(panel).to_json_data()
    defaults = written["fieldConfig"]["defaults"]
    defaults |= _field(panel)
    defaults["thresholds"] = {"mode": "absolute", "steps": [{"color": "green", "value": None}]}
    return {
        "id": panel_id,
        "type": written["type"],
        "title": panel.title,
        "description": panel.description,
        "gridPos": asdict(grid),
        "datasource": datasource(),
        "targets": [_target(query, i, panel) for i, query in enumerate(panel.all_queries())],
        "fieldConfig": {"defaults": _pruned(defaults, keep=("value",)), "overrides": []},
        "options": _pruned(written["options"]),
    }


def _field(panel: Panel) -> dict[str, Any]:
    given = {"unit": panel.unit, "decimals": panel.decimals, "min": panel.minimum, "max": panel.maximum}
    return {name: value for name, value in given.items() if value not in (None, "")}


def _time_series(panel: Panel) -> Any:
    written = core.TimeSeries(title=panel.title, legendDisplayMode="list", tooltipMode="multi", tooltipSort="desc")
    return _Options(written, legend=_LEGEND)


def _stat(panel: Panel) -> Any:
    return _Options(core.Stat(title=panel.title, reduceCalc="lastNotNull", thresholds=[], noValue=None, format=""))


class _Options:
    """A grafanalib panel whose options are completed after it has written itself."""

    def __init__(self, panel: Any, **options: Any) -> None:
        self._panel, self._options = panel, options

    def to_json_data(self) -> dict[str, Any]:
        written: dict[str, Any] = self._panel.to_json_data()
        written["options"] |= self._options
        return written


def _target(query: Query, index: int, panel: Panel) -> dict[str, Any]:
    instant = isinstance(panel, Stat)
    return {
        "refId": chr(ord("A") + index),
        "datasource": datasource(),
        "editorMode": "code",
        "expr": query.expr,
        "legendFormat": query.legend or "__auto",
        "instant": instant,
        "range": not instant,
    }


def _pruned(value: Any, keep: tuple[str, ...] = ()) -> Any:
    """Without nulls, empty texts and empty objects; `keep` names the keys in which null has a meaning."""
    if isinstance(value, dict):
        cleaned = {key: _pruned(item, keep) for key, item in value.items()}
        return {key: item for key, item in cleaned.items() if key in keep or item not in (None, "", {})}
    if isinstance(value, list):
        return [_pruned(item, keep) for item in value]
    return value
