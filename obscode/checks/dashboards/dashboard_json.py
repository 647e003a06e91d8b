"""The JSON has the shape of a dashboard: a list where Grafana reads a list, a text where it reads a text.

Why: Grafana does not check what it loads. A list that is an object, or thresholds that are a text, break the panel
or the whole dashboard in the browser of whoever opens it.

Bad:
    {"type": "stat", "title": "Up", "targets": [{"refId": "A", "expr": "sum(up)"}],
     "fieldConfig": {"defaults": {"unit": "short", "thresholds": {"mode": "absolute", "steps": ""}}, "overrides": []}}

Good:
    {"type": "stat", "title": "Up", "targets": [{"refId": "A", "expr": "sum(up)"}],
     "fieldConfig": {"defaults": {"unit": "short", "thresholds": {"mode": "absolute", "steps": []}}, "overrides": []}}
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.finding import Finding
from obscode.reader.dashboards.model import Dashboard


@check(Dashboard, last=True)
def dashboard_json(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """What the model, and the rules before this one, found to be of a wrong type."""
    for wrong in dict.fromkeys(dashboard.node.wrong):
        yield finding(
            dashboard_json, wrong.message, "copy a dashboard that works from Share > Export, and compare", wrong.path
        )
