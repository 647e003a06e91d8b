"""Every alert has a summary: one line that says what is wrong.

Why: the summary is the line that the person on call reads first, on a telephone, at night. Without one
they get a name and a list of labels.

Bad:
    Alert("HighErrorRate", "sum(rate(http_requests_total[5m])) > 5")

Good:
    Alert("HighErrorRate", "sum(rate(http_requests_total[5m])) > 5", summary="5xx error ratio exceeded 5 %")
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import AlertingRule
from obscode.findings.finding import Finding
from obscode.findings.source import Source


def check(artifacts: Artifacts) -> Iterator[tuple[Source, Finding]]:
    """Alerts without a summary, or with one of several lines."""
    for rule in artifacts.rules():
        if not isinstance(rule, AlertingRule):
            continue
        summary = rule.annotations.get("summary", "").strip()
        if not summary:
            hint = 'add summary="what is wrong, in one line"'
            yield rule.source, rule.source.finding("alert-summary", f"alert {rule.name} has no summary", hint)
        elif "\n" in summary:
            message = f"the summary of alert {rule.name} has {summary.count(chr(10)) + 1} lines"
            hint = "say it in one line, the rest in description="
            yield rule.source, rule.source.finding("alert-summary", message, hint, at="summary")
