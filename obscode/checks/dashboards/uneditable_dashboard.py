"""A dashboard from a file is not editable in Grafana.

Why: the next deployment discards changes that somebody saves in Grafana.

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
from obscode.findings.fix import Fix
from obscode.reader.dashboards.model import Dashboard


@check(Dashboard, severity="warning", scope="file", style=True)
def uneditable_dashboard(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """A dashboard that is editable."""
    if dashboard.editable:
        where = dashboard.node.at("editable", "title")
        message = "the dashboard is editable, but the next deployment discards changes"
        hint, fix = 'write "editable": false', Fix("true", "false")
        yield finding(uneditable_dashboard, message, hint, where, severity=context.style_severity, fix=fix)
