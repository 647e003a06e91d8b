"""A panel of data has a query.

Why: without one it shows "No data" for ever, and readers look for the fault in the service.

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


@check(Dashboard)
def panel_no_targets_rule(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Panels that ask for nothing."""
    for panel in dashboard.panels:
        empty = panel.type in QUERIED - {"geomap"} and not panel.targets and not panel.reference  # a map alone is one
        if empty and not panel.node.has("snapshotData"):
            message = f"{panel.name} has no query"
            hint = "add one, or make it a panel of type text"
            yield finding(panel_no_targets_rule, message, hint, panel.node.at("targets", "title"), panel)
