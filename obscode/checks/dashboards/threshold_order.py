"""Threshold values ascend.

Why: Grafana goes through the steps in order and stops at the first that is above the value. It never reaches a step
before a lower one, so the panel has a wrong colour. It is a note if the panel does not draw its thresholds, or if two
steps have the same value: the second one applies. The value of the first step is always minus infinity.
https://github.com/grafana/grafana/blob/main/packages/grafana-data/src/field/thresholds.ts

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
from obscode.checks.dashboards.drawn_thresholds import are_drawn
from obscode.checks.dashboards.finding import finding
from obscode.findings.code import Severity
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
    for step in thresholds.steps[1:]:
        value = step.plain("value")
        if not is_number(value):
            continue
        if before is not None and value <= before:
            message = f"{panel.name} has a threshold at {value:g} after one at {before:g}"
            severity: Severity = "error" if value < before and are_drawn(panel) else "note"
            hint = "list the steps in ascending order" if value < before else "remove one of them"
            yield finding(threshold_order, message, hint, step.at("value"), panel, severity=severity)
        before = value
