"""Panels of exact dashboards: settings that a definition does not give have Grafana's defaults, not obscode's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from obscode.compiler.grafana.json_parts import Json, without, without_nulls
from obscode.compiler.grafana.writer import own_transformations
from obscode.model.dashboard import DataQuery, Panel, Query, QueryPanel
from obscode.model.dashboard.record_panel import RecordPanel
from obscode.model.panels import BarChart, Raw, Table, XYChart


def exact_panel(body: Json, panel: Panel) -> Json:
    """The JSON of a panel without the settings that obscode adds."""
    if isinstance(panel, Raw):
        return exact_raw(panel)
    body = without(body, "pluginVersion")
    if isinstance(panel, RecordPanel) and panel.all_queries():
        targets = [_target(target, query) for target, query in zip(body["targets"], panel.all_targets(), strict=True)]
        return {**body, "targets": targets}
    if not isinstance(panel, QueryPanel):
        return body
    written = body.get("targets", ())
    targets = [_target(target, query) for target, query in zip(written, panel.all_targets(), strict=True)]
    body = {**body, "targets": targets} if targets else body
    if isinstance(panel, BarChart | Table | XYChart) and not (isinstance(panel, Table) and panel.columns):
        body = {**without(body, "transformations"), "transformations": own_transformations(panel)}
    config = body.get("fieldConfig") or {}
    defaults = dict(config.get("defaults") or {})
    if not panel.thresholds:
        defaults.pop("thresholds", None)
    if not panel.color:
        defaults.pop("color", None)
    return {**body, "fieldConfig": {**config, "defaults": defaults}} if "fieldConfig" in body else body


def exact_raw(panel: Raw) -> Json:
    """The JSON of the definition as it is, without id and position."""
    body: Json = without_nulls(without(panel.json, "id", "gridPos"))
    return body


def _target(target: Json, query: Query | DataQuery) -> Json:
    """A query over the time range, unless it is instant; without a legend, Grafana shows all labels."""
    if isinstance(query, DataQuery):
        return target
    added = ("editorMode", *(() if query.interval else ("interval",)))
    dropped: Sequence[str] = (*added, *(() if query.legend else ("legendFormat",)))
    if not query.format:
        dropped = (*dropped, "format")
    kinds: dict[str, Any] = {"instant": bool(query.instant), "range": not query.instant or query.instant == "both"}
    return {**without(target, *dropped), **kinds}
