"""`for` and `keep_firing_for` of an alert are not shorter than the interval of its group.

Why: Prometheus compares them when it evaluates the group. With `interval: 1m`, an alert with `for: 15s` fires after a
minute, as with `for: 1m`. The interval is that of the group, or the default of the project or of the configuration of
Prometheus. A duration that is longer and no multiple of the interval is a note.

Bad:
    Project("team", evaluation_interval="1m")
    Alert("Down", "up == 0", severity="page", summary="down", for_="15s")

Good:
    Project("team", evaluation_interval="1m")
    Alert("Down", "up == 0", severity="page", summary="down", for_="1m")
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.rules import AlertingRule, RuleGroup
from obscode.checks.check import Context, check
from obscode.checks.typed_expression import is_generated
from obscode.findings.code import Severity
from obscode.findings.finding import Finding
from obscode.promql import duration


@check(RuleGroup, severity="warning")
def alert_interval(group: RuleGroup, context: Context) -> Iterator[Finding]:
    """Durations of alerts that the interval of the group lengthens."""
    interval = group.interval or context.server.evaluation_interval
    length = _milliseconds(interval)
    if not length:
        return
    for alert in (rule for rule in group.rules if isinstance(rule, AlertingRule) and not is_generated(rule)):
        for key, value in (("for", alert.for_), ("keep_firing_for", alert.keep_firing_for)):
            if rest := (time := _milliseconds(value)) % length:
                actual = duration.format_duration(time - rest + length)
                relation = "is shorter than" if time < length else "is not a multiple of"
                message = f"{key} {value} of alert {alert.name} {relation} the interval {interval}"
                severity: Severity = "warning" if time < length else "note"
                hint = f"write {actual}, which Prometheus makes of it"
                finding = alert.source.finding(alert_interval, message, hint, at=key, severity=severity)
                yield finding.at(alert.source.characters_span(key, 0, len(value))).with_fix(value, actual)


def _milliseconds(text: str) -> int:
    """A duration in milliseconds; 0 for none, and for an invalid one, which is reported elsewhere."""
    return 0 if not text or duration.validate_duration(text) else duration.milliseconds(text)
