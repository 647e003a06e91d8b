"""Each panel has an id of its own.

Why: Grafana gives one of two panels another id when it loads the dashboard. Links with `viewPanel=`, alerts and
annotations that name the id then lead to the other panel.

Bad:
    {"panels": [{"id": 1, "type": "stat", "title": "Requests"}, {"id": 1, "type": "stat", "title": "Errors"}]}

Good:
    {"panels": [{"id": 1, "type": "stat", "title": "Requests"}, {"id": 2, "type": "stat", "title": "Errors"}]}
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.dashboard_checks.found import Asked, Found
from obscode.dashboard_checks.model import Dashboard, Panel


def check(dashboard: Dashboard, asked: Asked) -> Iterator[Found]:
    """Panels with the id of another."""
    first: dict[int, Panel] = {}
    for panel in dashboard.panels:
        if panel.id is None:
            continue
        other = first.setdefault(panel.id, panel)
        if other is not panel:
            message = f"{panel.name} has the id {panel.id} of {other.name}"
            yield Found(message, "give it another, or leave it out", panel.node.at("id"), panel)
