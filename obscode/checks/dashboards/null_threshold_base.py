"""The base of the thresholds is null, not the text "null".

Why: the base is the colour below the first step, and its value stands for minus infinity. Grafana knows null for
that, and no text: it compares the value with "null", which is false, and stops there. The panel keeps its base
colour whatever happens. grafanalib 0.7.1 writes it so.

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
from obscode.reader.dashboards.model import Dashboard


@check(Dashboard)
def null_threshold_base(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Steps whose value is a text."""
    for panel in dashboard.panels:
        for thresholds in () if panel.reference else panel.thresholds():
            for step in thresholds.steps():
                value = step.get("value").value
                if isinstance(value, str) and not _counts(value):
                    message = f"{panel.name} has a threshold at the text {value!r}, so its colour never changes"
                    right = "null" if value == "null" else "a number"
                    yield finding(
                        null_threshold_base, message, f"write {right}, without quotes", step.at("value"), panel
                    )


def _counts(value: str) -> bool:
    """Whether the browser takes it for a number when it compares: "80" is 80 there, and "" is 0."""
    try:
        return not value.strip() or float(value) == float(value)
    except ValueError:
        return False
