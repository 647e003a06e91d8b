"""The base threshold is null, and the others are numbers, not strings.

Why: null means minus infinity. Grafana compares a value with the string "null", which is false, and ignores all further
steps, so the panel always has its base colour. grafanalib 0.7.1 writes the string.

Bad:
    {"type": "gauge", "title": "Memory", "fieldConfig": {"defaults": {"unit": "percent", "thresholds": {"steps": [
       {"color": "green", "value": "null"}, {"color": "red", "value": 80}
     ]}}, "overrides": []}}

Good:
    {"type": "gauge", "title": "Memory", "fieldConfig": {"defaults": {"unit": "percent", "thresholds": {"steps": [
       {"color": "green", "value": null}, {"color": "red", "value": 80}
     ]}}, "overrides": []}}
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.finding import Finding
from obscode.findings.fix import Fix
from obscode.reader.dashboards.model import Dashboard


@check(Dashboard)
def null_threshold_base(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Steps whose value is a string that is not a number."""
    for panel in dashboard.panels:
        for thresholds in () if panel.reference else panel.thresholds:
            for step in thresholds.steps:
                value = step.plain("value")
                if isinstance(value, str) and not _is_numeric(value):
                    message = f"{panel.name} has a threshold at the string {value!r}, so its colour never changes"
                    right = "null" if value == "null" else "a number"
                    hint, fix = f"write {right}, without quotes", Fix('"null"', "null") if value == "null" else None
                    yield finding(null_threshold_base, message, hint, step.at("value"), panel, fix=fix)


def _is_numeric(value: str) -> bool:
    """True if a browser compares the string as a number: "80" is 80, and "" is 0."""
    try:
        return not value.strip() or float(value) == float(value)
    except ValueError:
        return False
