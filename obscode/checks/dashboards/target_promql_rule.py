"""The PromQL of a panel parses, whatever its variables stand for.

Why: a panel whose query Prometheus refuses shows an error for ever. It is read with Grafana's variables replaced:
first by names, durations and numbers, then by their values in the file, then by operators and other parts of
PromQL; it is told only when nothing makes it parse. What VictoriaMetrics alone knows is not told.

Bad:
    {"type": "stat", "title": "Up", "targets": [{"refId": "A", "expr": "sum(up{job=~'$job'}"}]}

Good:
    {"type": "stat", "title": "Up", "targets": [{"refId": "A", "expr": "sum(up{job=~'$job'})"}]}
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.finding import Finding
from obscode.promql.errors import PromQLError
from obscode.reader.dashboards.expressions import is_metricsql, query
from obscode.reader.dashboards.model import Dashboard, Target


@check(Dashboard, scope="file")
def target_promql_rule(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Queries that do not parse."""
    if any(is_metricsql(target.expr) for _, target in dashboard.targets("promql")):
        return
    for panel, target in dashboard.targets("promql"):
        what, where = f"{target.name} of {panel.name}", target.query.at("expr")
        if not target.expr.strip():
            yield finding(
                target_promql_rule, f"{what} is empty", "write a query, or remove it", where, panel, target, "warning"
            )
        elif wrong := _wrong(target, dashboard):
            hint = "write it in Explore first; it shows where Prometheus stops reading"
            yield finding(target_promql_rule, f"{what} is no PromQL: {wrong}", hint, where, panel, target)


def _wrong(target: Target, dashboard: Dashboard) -> str:
    try:
        query(target.expr, dashboard)
    except PromQLError as error:
        # A table of raw samples is what a range vector at an instant is for.
        fine = error.is_limit or (target.instant and error.kind == "range-vector")
        return "" if fine else str(error)
    return ""
