"""Each query of a panel has a refId.

Why: Grafana assigns results to queries by refId. It runs only one of two queries without refId and cancels the other.
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
    """Queries without a refId; a warning for the only query of a panel, which Grafana names `A`."""
    for panel, target in dashboard.targets():
        if not target.ref and panel.type not in CORE - QUERIED:
            message = f"{target.name} of {panel.name} has no refId"
            severity: Severity = "warning" if len(panel.targets) == 1 else "error"
            yield finding(missing_ref_id, message, 'add "refId": "A"', target.node.path, panel, target, severity)
