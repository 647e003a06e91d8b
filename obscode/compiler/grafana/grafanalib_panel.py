"""The only importer of grafanalib: builds panels as its objects.

The generic `Panel` of grafanalib 0.7.1 is still right for Grafana 13. Its classes for single kinds write the forms of
Grafana 7 to 9, which users' objects are upgraded from; definitions give their options in the form of Grafana 13.
"""

from __future__ import annotations

from typing import Any

from obscode.compiler.grafana.json_parts import Json
from obscode.model.dashboard.panel import Panel


def grafanalib_panel(panel: Panel, extra: Json, **settings: Any) -> Json:
    """The JSON of a panel that grafanalib builds; ``settings`` are arguments of its Panel, ``extra`` its own JSON."""
    from grafanalib import core  # takes 60 ms, and a project without dashboards does not need it

    direction = "v" if panel.repeat_direction == "vertical" else "h"
    repeat = core.Repeat(direction, panel.repeat, panel.max_per_row if direction == "h" else None)
    written: Json = core.Panel(
        title=panel.title,
        description=panel.description,
        transparent=panel.transparent,
        maxDataPoints=None,
        links=[{"title": link.title, "url": link.url, "targetBlank": link.new_tab} for link in panel.links],
        repeat=repeat if panel.repeat else core.Repeat(),
        extraJson=extra,
        **settings,
    ).panel_json({"type": panel.kind.type})
    return written
