"""Writes the panel type `dashlist`."""

from __future__ import annotations

from obscode.compiler.grafana.json_parts import Json
from obscode.compiler.grafana.writer import PanelWriter, content_panel
from obscode.model.panels.dashboard_list import DashboardList

OPTIONS: Json = {
    "tags": [],
    "query": "",
    "maxItems": 10,
    "showSearch": False,
    "showStarred": True,
    "showRecentlyViewed": False,
    "showHeadings": True,
    "showFolderNames": True,
    "includeVars": False,
    "keepTime": False,
}


def write(panel: DashboardList) -> Json:
    options = {
        "tags": list(panel.tags),
        "query": panel.query,
        "maxItems": panel.limit,
        "showSearch": True,
        "showStarred": panel.starred,
        "showHeadings": panel.starred,
        "includeVars": panel.keep_variables,
        "keepTime": panel.keep_time,
    }
    return content_panel(panel, options)


WRITER = PanelWriter(DashboardList, OPTIONS, write)
