"""A legend names only labels that are in the result of the query.

Why: `sum by (job)` drops every label but job. `{{instance}}` in the legend is then empty, and all series have the same
name.

Bad:
    {"type": "timeseries", "title": "Requests", "targets": [
      {"refId": "A", "expr": "sum by (job) (rate(requests_total[5m]))", "legendFormat": "{{instance}}"}
    ]}

Good:
    {"type": "timeseries", "title": "Requests", "targets": [
      {"refId": "A", "expr": "sum by (job) (rate(requests_total[5m]))", "legendFormat": "{{job}}"}
    ]}
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.finding import Finding
from obscode.reader.dashboards.expressions import readable
from obscode.reader.dashboards.model import Dashboard, Panel
from obscode.reader.dashboards.variables import uses

_LABEL = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")
_GROUPING = re.compile(
    r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^()]*)\)|\b(?:label_(?:replace|join)|count_values)\b"
)


@check(Dashboard)
def dropped_legend_label(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Labels in legends that no series has."""
    for panel, target in dashboard.targets("promql"):
        legend = list(_LABEL.finditer(target.legend))
        # Tables and heatmaps of buckets have no legend.
        if not legend or target.hidden or target.format == "table" or _has_variable_grouping(target.expr):
            continue
        query = readable(target, dashboard)
        if query is None or query.labels is None:
            continue
        for match in legend:
            if match[1] not in query.labels and not _is_native(panel, match[1], target.expr):
                retained = ", ".join(sorted(query.labels)) or "no label"
                message = (
                    f"the legend of {target.name} of {panel.name} names {match[1]!r}, but the query keeps {retained}"
                )
                hint = f"add {match[1]} to by (...), or change the legend"
                where = target.query.at("legendFormat")
                yield finding(dropped_legend_label, message, hint, where, panel, target, span=match.span())


def _is_native(panel: Panel, label: str, expr: str) -> bool:
    """True for the legend of a heatmap, which names buckets, where the query reads a native histogram."""
    return panel.type == "heatmap" and label == "le" and "_bucket" not in expr


def _has_variable_grouping(expr: str) -> bool:
    """True if a variable sets the labels of the result, or the whole query is a variable."""
    for match in _GROUPING.finditer(expr):
        if match[1] is None or any(True for _ in uses(match[1])):
            return any(True for _ in uses(match[1] or expr))
    return False
