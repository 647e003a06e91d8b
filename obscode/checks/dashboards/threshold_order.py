"""Threshold values ascend.

Why: Grafana goes through the steps in order and stops at the first that is above the value. It never reaches a step
after a higher one, and a step with the same value hides the one before it.

Bad:
    {"type": "gauge", "title": "Memory", "fieldConfig": {"defaults": {"unit": "percent", "thresholds": {"steps": [
       {"color": "green", "value": null}, {"color": "red", "value": 90}, {"color": "orange", "value": 80}
     ]}}, "overrides": []}}

Good:
    {"type": "gauge", "title": "Memory", "fieldConfig": {"defaults": {"unit": "percent", "thresholds": {"steps": [
       {"color": "green", "value": null}, {"color": "orange", "value": 80}, {"color": "red", "value": 90}
     ]}}, "overrides": []}}
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.finding import Finding
from obscode.reader.dashboards.json_cursor import is_number
from obscode.reader.dashboards.model import Dashboard, Panel, Thresholds


@check(Dashboard)
def threshold_order(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Steps that are not above the previous one."""
    for panel in dashboard.panels:
        for thresholds in () if panel.reference else panel.thresholds:
            yield from _unordered(panel, thresholds)


def _unordered(panel: Panel, thresholds: Thresholds) -> Iterator[Finding]:
    before: float | None = None
    for step in thresholds.steps:
        value = step.plain("value")
        if not is_number(value):
            continue
        if before is not None and value <= before:
            message = f"{panel.name} has a threshold at {value:g} after one at {before:g}"
            yield finding(threshold_order, message, "list the steps in ascending order", step.at("value"), panel)
        before = value
