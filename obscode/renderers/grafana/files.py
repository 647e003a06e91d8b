"""Grafana dashboards as JSON files for provisioning: the classic form, from which the others are made."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts, DashboardFile
from obscode.model import naming
from obscode.renderers.grafana.layout import Placed, place
from obscode.renderers.grafana.panels import panel_json, row_json
from obscode.renderers.grafana.settings import annotation, link, variables

#: Grafana migrates what is below its own version, which undoes some of what is written here.
SCHEMA_VERSION = 42


def render(artifacts: Artifacts) -> Iterator[File]:
    """One file a dashboard, in its folder."""
    if "classic" not in artifacts.project.dashboard_formats:
        return
    for dashboard in artifacts.dashboards:
        path = naming.dashboard_file(dashboard.folder, dashboard.uid)
        yield File(path, text(dashboard_json(dashboard, artifacts.sources(dashboard.source))))


def text(content: dict[str, Any]) -> str:
    """JSON as a reviewer reads it."""
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def dashboard_json(dashboard: DashboardFile, sources: Sequence[str]) -> dict[str, Any]:
    """The dashboard in Grafana's classic model, keys in a fixed order."""
    shown = {
        "annotations": {"list": [annotation(given) for given in dashboard.annotations]},
        "links": [link(given) for given in dashboard.links],
        "panels": [_placed(placed, dashboard.interval) for placed in place(dashboard.rows)],
    }
    return {
        "uid": dashboard.uid,
        "title": dashboard.title,
        "description": dashboard.description or _written_from(sources),
        "tags": sorted({"obscode", *dashboard.tags}),
        "schemaVersion": SCHEMA_VERSION,
        "editable": False,
        "graphTooltip": 1,
        "refresh": dashboard.refresh,
        "time": {"from": f"now-{dashboard.time_range}", "to": "now"},
        "timezone": dashboard.timezone,
        "templating": {"list": _read(list(variables(dashboard)), shown)},
        **shown,
    }


def _read(variables: Sequence[dict[str, Any]], shown: dict[str, Any]) -> list[dict[str, Any]]:
    """The variables without the choice of a datasource that nothing asks, as where there are only texts and logs."""
    readers = json.dumps([shown, [variable for variable in variables if variable["type"] != "datasource"]])
    return [given for given in variables if given["type"] != "datasource" or f"${{{given['name']}}}" in readers]


def _written_from(sources: Sequence[str]) -> str:
    return f"Written by obscode from {', '.join(sources)}." if sources else "Written by obscode."


def _placed(placed: Placed, interval: str) -> dict[str, Any]:
    if placed.row:
        return row_json(placed.row, placed.id, placed.grid, [_placed(inside, interval) for inside in placed.inside])
    assert placed.panel is not None
    return panel_json(placed.panel, placed.id, placed.grid, interval)
