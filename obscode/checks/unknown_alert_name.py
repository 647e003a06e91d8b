"""`ALERTS{alertname="..."}` names an alert of the project.

Why: a misspelt name selects nothing: the alert that reads it never fires, the panel stays empty. Other names may be
those of another project: only a likely typo is reported.

Bad:
    Alert("QueueLong", "queue_length > 100", severity="ticket", summary="long")
    Alert("QueueStuck", 'ALERTS{alertname="QueueLng"} == 1', severity="page", summary="stuck", for_="1h")

Good:
    Alert("QueueLong", "queue_length > 100", severity="ticket", summary="long")
    Alert("QueueStuck", 'ALERTS{alertname="QueueLong"} == 1', severity="page", summary="stuck", for_="1h")
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import AlertingRule
from obscode.checks.check import Context, check
from obscode.checks.promql_expressions import expressions
from obscode.findings.finding import Finding
from obscode.findings.suggestions import likely_typo
from obscode.promql.selector import Selector

_SERIES = ("ALERTS", "ALERTS_FOR_STATE")


@check(Artifacts, severity="warning")
def unknown_alert_name(artifacts: Artifacts, context: Context) -> Iterator[Finding]:
    """Names of alerts that no rule has, and that resemble one."""
    names = {rule.name for rule in artifacts.rules() if isinstance(rule, AlertingRule)}
    for expression in expressions(artifacts):
        if "ALERTS" not in expression.text:
            continue
        query = expression.parse_or_none()
        for name in _alerts(query.selectors if query else ()):
            if name not in names and (near := likely_typo(name, names)):
                message = f"{expression.owner} reads the alert {name!r}, which does not exist"
                yield expression.finding(unknown_alert_name, message, f"did you mean {near!r}?")


def _alerts(selectors: tuple[Selector, ...]) -> Iterator[str]:
    for selector in selectors:
        if selector.metric in _SERIES:
            yield from (m.value for m in selector.matchers if m.label == "alertname" and m.op == "=")
