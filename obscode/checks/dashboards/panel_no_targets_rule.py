"""A panel that shows data has a query.

Why: without a query it always shows "No data", and readers suspect the service.

Bad:
    {"type": "timeseries", "title": "Requests", "targets": []}

Good:
    {"type": "timeseries", "title": "Requests", "targets": [{"refId": "A", "expr": "sum(rate(requests_total[5m]))"}]}
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.finding import Finding
from obscode.reader.dashboards.model import QUERIED, Dashboard

# Panels with content of their own: static layers of a map, shapes.
_STATIC = {"canvas", "geomap"}


@check(Dashboard)
def panel_no_targets_rule(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Panels without queries."""
    for panel in dashboard.panels:
        empty = panel.type in QUERIED - _STATIC and not panel.targets and not panel.reference
        if empty and not panel.node.has("snapshotData"):
            message = f"{panel.name} has no query"
            hint = "add a query, or change the type to text"
            yield finding(panel_no_targets_rule, message, hint, panel.node.at("targets", "title"), panel)
