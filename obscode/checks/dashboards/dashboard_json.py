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

from obscode.checks.dashboards.result import LintOptions, LintResult
from obscode.reader.dashboards.model import Dashboard


def check(dashboard: Dashboard, asked: LintOptions) -> Iterator[LintResult]:
    """What the model, and the rules before this one, found to be of a wrong type."""
    for wrong in dict.fromkeys(dashboard.node.wrong):
        yield LintResult(wrong.message, "copy a dashboard that works from Share > Export, and compare", wrong.path)
