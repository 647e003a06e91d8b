"""Panel ids are unique in a dashboard.

Why: Grafana changes the id of the second panel when it loads the dashboard (`ensurePanelsHaveUniqueIds`). Links with
`viewPanel=`, alerts and annotations then refer to the first one. Grafana also replaces the id 0, which is accepted.

Bad:
    {"panels": [{"id": 1, "type": "stat", "title": "Requests"}, {"id": 1, "type": "stat", "title": "Errors"}]}

Good:
    {"panels": [{"id": 1, "type": "stat", "title": "Requests"}, {"id": 2, "type": "stat", "title": "Errors"}]}
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.finding import Finding
from obscode.reader.dashboards.model import Dashboard, Panel, Row


@check(Dashboard, severity="warning", scope="file")
def duplicate_panel_id(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Panels and rows with the id of another."""
    first: dict[int, Panel | Row] = {}
    items: list[Panel | Row] = [*dashboard.panels, *dashboard.rows]
    for item in items:
        if not item.id:
            continue
        other = first.setdefault(item.id, item)
        if other is not item:
            message = f"{item.name} has the id {item.id} of {other.name}"
            panel = item if isinstance(item, Panel) else None
            yield finding(duplicate_panel_id, message, "change the id, or remove it", item.node.at("id"), panel)
