"""A dashboard that is kept in a file cannot be edited in Grafana.

Why: what somebody changes in Grafana is gone with the next deployment, without a word.

Bad:
    {"editable": true}

Good:
    {"editable": false}
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.finding import Finding
from obscode.reader.dashboards.model import Dashboard


@check(Dashboard, severity="warning", scope="file")
def uneditable_dashboard(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """A dashboard that can be edited."""
    if dashboard.editable:
        where = dashboard.node.at("editable", "title")
        message = "the dashboard can be edited, and what is edited will be lost"
        yield finding(uneditable_dashboard, message, 'write "editable": false', where, severity=context.style_severity)
