"""A panel reads only series that a service exposes or a rule records.

Why: for Prometheus, an unknown name is an empty result, not an error: the panel shows "No data". The check runs only if
the series are known, as for the dashboards of a project.

Bad:
    {"type": "stat", "title": "Up", "targets": [{"refId": "A", "expr": "sum(upp)"}]}

Good:
    {"type": "stat", "title": "Up", "targets": [{"refId": "A", "expr": "sum(up)"}]}
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.finding import Finding
from obscode.findings.suggestions import did_you_mean
from obscode.model.standard_metrics import standard_series
from obscode.promql.spans import scan
from obscode.reader.dashboards.expressions import readable
from obscode.reader.dashboards.model import Dashboard
from obscode.reader.dashboards.variables import uses


@check(Dashboard)
def unknown_series(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Series that are not known."""
    if context.known_series is None:
        return
    for panel, target in dashboard.targets("promql"):
        query = readable(target, dashboard)
        if query is None or all(selector.metric in context.known_series for selector in query.selectors):
            continue
        for selector in scan(target.expr).selectors:
            name = selector.metric
            if not name or name in context.known_series or name in standard_series() or any(True for _ in uses(name)):
                continue
            message = f"{target.name} of {panel.name} reads {name!r}, which no service exposes and no rule records"
            hint = did_you_mean(name, context.known_series) or "correct it, or add it to the metrics of a service"
            yield finding(unknown_series, message, hint, target.query.at("expr"), panel, target, span=selector.span)
