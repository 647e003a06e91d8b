"""Each alert has a runbook, if the project requires it.

Why: who receives the notification needs to know what to do. `Project(require_runbook=True)` requires the annotation
`runbook_url` of every alert: its own runbook, or that of its SLO or its service.

Bad:
    Project("team", require_runbook=True)
    Alert("Down", "up == 0", severity="page", summary="down")

Good:
    Project("team", require_runbook=True)
    Alert("Down", "up == 0", severity="page", summary="down", runbook="https://wiki.example.com/down")
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import AlertingRule
from obscode.checks.check import Context, check
from obscode.findings.finding import Finding

RUNBOOK = "runbook_url"


@check(Artifacts, scope="compiled")
def missing_runbook(artifacts: Artifacts, context: Context) -> Iterator[Finding]:
    """Alerts without a runbook, one for each definition that has several."""
    if not artifacts.project.require_runbook:
        return
    reported: set[int] = set()
    for rule in artifacts.rules():
        if isinstance(rule, AlertingRule) and RUNBOOK not in rule.annotations and id(rule.source) not in reported:
            reported.add(id(rule.source))
            message = f"alert {rule.name} has no runbook, which the project requires"
            yield rule.source.finding(missing_runbook, message, "write runbook=, or Service(runbook=)", at="runbook")
