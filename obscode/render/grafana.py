"""Grafana dashboards as JSON files for provisioning."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from obscode import conventions
from obscode.artifacts import Artifacts, DashboardFile, File
from obscode.render.grafana_layout import Placed, place
from obscode.render.grafana_panels import datasource, panel_json, row_json

SCHEMA_VERSION = 42


def render(artifacts: Artifacts) -> Iterator[File]:
    """One file a dashboard."""
    for dashboard in artifacts.dashboards:
        path = conventions.dashboard_file(dashboard.folder, dashboard.uid)
        yield File(path, json.dumps(dashboard_json(dashboard, artifacts.sources(dashboard.source)), indent=2, ensure_ascii=False) + "\n")


def dashboard_json(dashboard: DashboardFile, sources: Sequence[str]) -> dict[str, Any]:
    """The dashboard in Grafana's classic model, keys in a fixed order."""
    return {
        "uid": dashboard.uid,
        "title": dashboard.title,
        "description": dashboard.description or f"Written by obscode from {', '.join(sources)}.",
        "tags": sorted({"obscode", *dashboard.tags}),
        "schemaVersion": SCHEMA_VERSION,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-1h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": [_datasource_variable()]},
        "annotations": {"list": []},
        "links": [],
        "panels": [_placed(placed) for placed in place(dashboard.rows)],
    }


def _placed(placed: Placed) -> dict[str, Any]:
    if placed.row:
        return row_json(placed.row, placed.id, placed.grid, [_placed(p) for p in placed.inside])
    assert placed.panel is not None
    return panel_json(placed.panel, placed.id, placed.grid)


def _datasource_variable() -> dict[str, Any]:
    return {
        "name": conventions.DATASOURCE_VARIABLE,
        "label": "Data source",
        "type": "datasource",
        "query": datasource()["type"],
    }
