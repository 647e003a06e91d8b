"""A query variable asks for its values again: with the dashboard at least, in the profile mixin with the time range.

Why: one that never asks offers what was there when the file was saved. Pods and instances that came since cannot
be chosen, and those that are gone can. One that asks only when the dashboard is opened misses what existed in the
time range that is looked at.

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
from obscode.reader.dashboards.model import Dashboard

_SAID = {"never": "is never asked again", "load": "is asked only when the dashboard is opened"}


@check(Dashboard, severity="warning", scope="file")
def template_on_time_change_reload_rule(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Query variables whose values grow old."""
    for variable in dashboard.variables:
        if variable.type != "query" or variable.refresh == "time" or (variable.refresh == "load" and not context.mixin):
            continue
        message = f"the query of variable {variable.name!r} {_SAID[variable.refresh]}"
        hint = 'write "refresh": "onTimeRangeChanged"' if dashboard.form == "v2" else 'write "refresh": 2'
        yield finding(
            template_on_time_change_reload_rule,
            message,
            hint,
            variable.node.at("refresh", "name"),
            severity=context.style_severity,
        )
