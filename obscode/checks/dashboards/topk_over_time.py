"""A graph over time shows no topk() of each point in time.

Why: Prometheus evaluates `topk(5, x)` anew at each step of the graph, so the graph shows each series that was among the
five at some time, with gaps and often dozens of lines. Choose the series at one time, as in
`x and topk(5, avg_over_time(x[1h] @ end()))`, or show a table or a bar gauge with an instant query.
https://prometheus.io/docs/prometheus/latest/querying/operators/#aggregation-operators

Bad:
    {"type": "timeseries", "title": "Memory", "targets": [{"refId": "A", "expr": "topk(5, memory_used_bytes)"}]}

Good:
    {"type": "bargauge", "title": "Memory",
     "targets": [{"refId": "A", "expr": "topk(5, memory_used_bytes)", "instant": true}]}
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.finding import Finding
from obscode.promql.spans import CallSpan, scan
from obscode.promql.tokens import blank_literals
from obscode.reader.dashboards.json_cursor import word_set
from obscode.reader.dashboards.model import Dashboard, Target

_CHOICES = ("topk", "bottomk")
_GRAPHS = ("timeseries", "graph")
# Calls whose result has the same series as their argument.
_SAME_SERIES = word_set(
    "abs ceil clamp clamp_max clamp_min exp floor label_join label_replace ln log10 log2 round sort sort_desc sqrt"
) | {""}
_BEGIN = re.compile(r"\s*(?:\w*\s*\(\s*)*")
_MAY_CHOOSE = re.compile(r"\b(?:top|bottom)k\b", re.IGNORECASE)


@check(Dashboard, severity="note")
def topk_over_time(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Graphs whose series change from step to step."""
    for panel, target in dashboard.targets("promql"):
        if panel.type in _GRAPHS and _MAY_CHOOSE.search(target.expr) and _is_graph(target):
            call = next((call for call in scan(target.expr).calls if _is_result(call, target.expr)), None)
            if call:
                message = f"{target.name} of {panel.name} is a {call.name} of each point in time"
                hint = "choose the series at one time, or show a table of an instant query"
                where, span = target.query.at("expr"), (call.start, call.start + len(call.name))
                yield finding(topk_over_time, message, hint, where, panel, target, span=span)


def _is_graph(target: Target) -> bool:
    """True for a range query that is not evaluated at a fixed time."""
    is_range = not (target.instant or target.hidden or target.format == "table")
    return is_range and "@" not in blank_literals(target.expr)


def _is_result(call: CallSpan, expr: str) -> bool:
    """True for a topk() that begins the query, whose series are those of the query."""
    if call.name not in _CHOICES or not _BEGIN.fullmatch(expr[: call.start]):
        return False
    here = call.outer
    while here and here.name in _SAME_SERIES and not here.subquery:
        here = here.outer
    return here is None
