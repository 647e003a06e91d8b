"""An expanded row contains no panels: they follow the row in the file.

Why: Grafana reads the panels in a row only if the row is collapsed. Panels in an expanded row are never shown, and are
lost when somebody saves the dashboard.

Bad:
    {"panels": [{"type": "row", "title": "Requests", "collapsed": false, "panels": [
      {"id": 2, "type": "stat", "title": "Errors"}
    ]}]}

Good:
    {"panels": [
      {"type": "row", "title": "Requests", "collapsed": false, "panels": []},
      {"id": 2, "type": "stat", "title": "Errors"}
    ]}
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.finding import Finding
from obscode.reader.dashboards.model import Dashboard


@check(Dashboard, scope="file")
def open_row_panels(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Expanded rows that contain panels."""
    for row in dashboard.rows:
        if row.node.plain("type") == "row" and "rows" not in row.node.path and not row.collapsed and row.inside:
            count = f"{row.inside} panel{'s' if row.inside > 1 else ''}"
            message = f"row {row.title!r} is expanded and contains {count}, which Grafana does not show"
            yield finding(
                open_row_panels, message, 'move them after the row, or write "collapsed": true', row.node.at("title")
            )
