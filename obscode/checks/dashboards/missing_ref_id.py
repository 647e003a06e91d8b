"""Each query of a panel with several has a refId.

Why: results come back by refId. Of two queries without one, newer Grafanas run only one: the other is cancelled.
https://github.com/grafana/grafana/issues/28104

Bad:
    {"type": "timeseries", "title": "Traffic", "targets": [{"expr": "sum(received)"}, {"expr": "sum(sent)"}]}

Good:
    {"type": "timeseries", "title": "Traffic",
     "targets": [{"refId": "A", "expr": "sum(received)"}, {"refId": "B", "expr": "sum(sent)"}]}
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.code import Severity
from obscode.findings.finding import Finding
from obscode.reader.dashboards.model import CORE, QUERIED, Dashboard


@check(Dashboard)
def missing_ref_id(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Queries without a refId; the only one of a panel gets an `A` from Grafana, and is a warning."""
    for panel, target in dashboard.targets():
        if not target.ref and panel.type not in CORE - QUERIED:
            message = f"{target.name} of {panel.name} has no refId"
            severity: Severity = "warning" if len(panel.targets) == 1 else "error"
            yield finding(missing_ref_id, message, 'add "refId": "A"', target.node.path, panel, target, severity)
