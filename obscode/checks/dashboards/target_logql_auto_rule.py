"""LogQL ranges are `$__auto`; only in the profile mixin.

Why: a range that is shorter than the step of the graph omits log lines, and a longer one counts them twice. `$__auto`
is the step in a graph, and the whole time range for a single value.

Bad:
    {"type": "timeseries", "title": "Errors", "datasource": {"type": "loki", "uid": "${loki_datasource}"},
     "targets": [{"refId": "A", "expr": "sum(count_over_time({job='shop'} |= `error` [5m]))"}]}

Good:
    {"type": "timeseries", "title": "Errors", "datasource": {"type": "loki", "uid": "${loki_datasource}"},
     "targets": [{"refId": "A", "expr": "sum(count_over_time({job='shop'} |= `error` [$__auto]))"}]}
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.finding import Finding
from obscode.promql.tokens import blank_literals
from obscode.reader.dashboards.model import Dashboard

_WINDOW = re.compile(r"\[([^\[\]]+)\]")


@check(Dashboard, scope="file")
def target_logql_auto_rule(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Ranges other than `$__auto`."""
    if not context.mixin:
        return
    for panel, target in dashboard.targets("logql"):
        for window in _WINDOW.finditer(blank_literals(target.expr)):
            text = window[1].strip()
            if text and "__auto" not in text and not target.hidden:
                start = window.start(1) + window[1].index(text)
                message = f"{target.name} of {panel.name} counts over [{text}]"
                yield finding(
                    target_logql_auto_rule,
                    message,
                    "write [$__auto]",
                    target.query.at("expr"),
                    panel,
                    target,
                    span=(start, start + len(text)),
                )
