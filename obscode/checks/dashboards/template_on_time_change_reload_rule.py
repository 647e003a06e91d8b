"""A query variable refreshes on dashboard load; in the profile mixin, when the time range changes.

Why: a variable that never refreshes offers the values of the time when the file was saved: pods that started later are
missing, and pods that no longer exist are listed. A variable that refreshes only on load misses values that exist only
in the selected time range.

Bad:
    {"name": "pod", "type": "query", "query": "label_values(kube_pod_info, pod)", "refresh": 0}

Good:
    {"name": "pod", "type": "query", "query": "label_values(kube_pod_info, pod)", "refresh": 2}
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.finding import Finding
from obscode.findings.fix import Fix
from obscode.reader.dashboards.model import Dashboard

_REFRESH = {"never": "is never refreshed", "load": "is refreshed only on dashboard load"}


@check(Dashboard, severity="warning", scope="file")
def template_on_time_change_reload_rule(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Query variables that do not refresh."""
    for variable in dashboard.variables:
        if variable.type != "query" or variable.refresh == "time" or (variable.refresh == "load" and not context.mixin):
            continue
        message = f"the query of variable {variable.name!r} {_REFRESH[variable.refresh]}"
        hint = 'write "refresh": "onTimeRangeChanged"' if dashboard.form == "v2" else 'write "refresh": 2'
        fix = None if dashboard.form == "v2" else Fix(str(variable.node.plain("refresh")), "2")
        yield finding(
            template_on_time_change_reload_rule,
            message,
            hint,
            variable.node.at("refresh", "name"),
            severity=context.style_severity,
            fix=fix,
        )
