"""A dashboard that is kept in a file cannot be edited in Grafana.

Why: what somebody changes in Grafana is gone with the next deployment, without a word.

Bad:
    {"editable": true}

Good:
    {"editable": false}
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.dashboards.result import LintOptions, LintResult
from obscode.reader.dashboards.model import Dashboard


def check(dashboard: Dashboard, asked: LintOptions) -> Iterator[LintResult]:
    """A dashboard that can be edited."""
    if dashboard.editable:
        where = dashboard.node.at("editable", "title")
        message = "the dashboard can be edited, and what is edited will be lost"
        yield LintResult(message, 'write "editable": false', where, severity=asked.style_severity)
