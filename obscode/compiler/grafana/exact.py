"""Panels of exact dashboards: settings that a definition does not give have Grafana's defaults, not obscode's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from obscode.compiler.grafana.json_parts import Json, without, without_nulls
from obscode.compiler.grafana.writer import own_transformations
from obscode.model.dashboard import Panel, Query, QueryPanel
from obscode.model.panels import Raw, Table


def exact_panel(body: Json, panel: Panel) -> Json:
    """The JSON of a panel without the settings that obscode adds."""
    if isinstance(panel, Raw):
        return exact_raw(panel)
    body = without(body, "pluginVersion")
    if not isinstance(panel, QueryPanel):
        return body
    targets = [_target(target, query) for target, query in zip(body["targets"], panel.all_queries(), strict=True)]
    body = {**body, "targets": targets}
    if isinstance(panel, Table) and not panel.columns:
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


def _target(target: Json, query: Query) -> Json:
    """A query over the time range, unless it is instant; without a legend, Grafana shows all labels."""
    added = ("editorMode", *(() if query.interval else ("interval",)))
    dropped: Sequence[str] = (*added, *(() if query.legend else ("legendFormat",)))
    instant: dict[str, Any] = {"instant": True, "range": False} if query.instant else {"range": True, "instant": False}
    return {**without(target, *dropped), **instant}
