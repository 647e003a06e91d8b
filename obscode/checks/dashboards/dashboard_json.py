"""Each value in the JSON has the type that Grafana expects: a list, an object, a string, a number.

Why: Grafana does not validate what it loads. An object in place of a list, or a string in place of thresholds, breaks
the panel or the whole dashboard in the browser. `false`, 0 and the empty string count as missing, as in JavaScript.

Bad:
    {"type": "stat", "title": "Up", "targets": [{"refId": "A", "expr": "sum(up)"}],
     "fieldConfig": {"defaults": {"unit": "short", "thresholds": {"mode": "absolute", "steps": "80"}}, "overrides": []}}

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
    """Values of a wrong type, which the reader and the other checks noted."""
    for mismatch in dict.fromkeys(dashboard.node.wrong):
        yield finding(dashboard_json, mismatch.message, "compare with a dashboard from Share > Export", mismatch.path)
