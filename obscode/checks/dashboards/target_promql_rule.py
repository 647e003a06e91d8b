"""The PromQL of a panel parses for at least one value of its variables.

Why: a panel whose query Prometheus rejects shows an error. The check replaces Grafana's variables by names, durations
and numbers, then by their values in the file, then by operators and other parts of PromQL, and reports a query that
parses with none of them. VictoriaMetrics accepts more: in a dashboard that uses its functions, or names it, this is a
note.

Bad:
    {"type": "stat", "title": "Up", "targets": [{"refId": "A", "expr": "sum(up{job=~'$job'}"}]}

Good:
    {"type": "stat", "title": "Up", "targets": [{"refId": "A", "expr": "sum(up{job=~'$job'})"}]}
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.code import Severity
from obscode.findings.finding import Finding
from obscode.promql.errors import PromQLError
from obscode.reader.dashboards.expressions import query
from obscode.reader.dashboards.metricsql import reads_victoriametrics
from obscode.reader.dashboards.model import Dashboard, Target


@check(Dashboard, scope="file")
def target_promql_rule(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Queries that do not parse."""
    for panel, target in dashboard.targets("promql"):
        what, where = f"{target.name} of {panel.name}", target.query.at("expr")
        if not target.expr.strip():
            hint = "write a query, or remove the target"
            yield finding(target_promql_rule, f"{what} is empty", hint, where, panel, target, "warning")
        elif error := _error(target, dashboard):
            message, hint = f"{what} is not PromQL: {error}", "try it in Explore, which shows the position of the error"
            severity: Severity = "error"
            if reads_victoriametrics(dashboard):
                message, hint, severity = f"{what} is not PromQL but may be MetricsQL: {error}", "", "note"
            yield finding(target_promql_rule, message, hint, where, panel, target, severity, error.span)


def _error(target: Target, dashboard: Dashboard) -> PromQLError | None:
    try:
        query(target.expr, dashboard)
    except PromQLError as error:
        # A range vector in an instant query is a table of raw samples.
        accepted = error.is_limit or (target.instant and error.kind == "range-vector")
        return None if accepted else error
    return None
