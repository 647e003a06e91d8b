"""Every alert has a summary: one line that says what is wrong.

Why: the summary is the line that the person on call reads first, on a phone, at night. Without a summary they see a
name and a list of labels.

Bad:
    Alert("HighErrorRate", "sum(rate(http_requests_total[5m])) > 5", severity="page")

Good:
    Alert(
        "HighErrorRate",
        "sum(rate(http_requests_total[5m])) > 5",
        severity="page",
        summary="5xx error ratio exceeded 5 %",
    )
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.rules import AlertingRule
from obscode.checks.check import Context, check
from obscode.findings.finding import Finding


@check(AlertingRule, style=True)
def alert_summary(alert: AlertingRule, context: Context) -> Iterator[Finding]:
    """Alerts without a summary, or with a summary of several lines."""
    summary = alert.annotations.get("summary", "").strip()
    if not summary:
        hint = 'add summary="what is wrong, in one line"'
        yield alert.source.finding(alert_summary, f"alert {alert.name} has no summary", hint)
    elif "\n" in summary:
        message = f"the summary of alert {alert.name} has {summary.count(chr(10)) + 1} lines"
        hint = "shorten it to one line, and write the rest as the description"
        yield alert.source.finding(alert_summary, message, hint, at="summary")
