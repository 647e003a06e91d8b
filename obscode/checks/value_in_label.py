"""The labels of an alert do not contain its value.

Why: labels identify an alert. A label `{{ $value }}` changes with each evaluation, and each change is another alert: it
waits for its `for` again, so that it may never fire, and Alertmanager notifies of each one.

Bad:
    Alert("QueueLong", "queue_length > 100", severity="ticket", summary="long", labels={"length": "{{ $value }}"})

Good:
    Alert("QueueLong", "queue_length > 100", severity="ticket", summary="{{ $value }} messages in the queue")
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from obscode.artifacts.rules import AlertingRule
from obscode.checks.check import Context, check
from obscode.findings.finding import Finding
from obscode.promql.alert_template import parsed_actions

_VALUE = re.compile(r"\$value|\.Value")


@check(AlertingRule)
def value_in_label(alert: AlertingRule, context: Context) -> Iterator[Finding]:
    """Labels whose template prints the value; a template that only compares it has few results."""
    for name, text in alert.labels.items():
        if "alue" in text and _prints_value(text):
            message = f"the label {name!r} of alert {alert.name} has the value of the alert, which changes"
            yield alert.source.finding(value_in_label, message, "move it to an annotation", at=name)


def _prints_value(text: str) -> bool:
    for keyword, tokens in parsed_actions(text):
        has_value = any(_VALUE.fullmatch(token.text) for token in tokens)
        if has_value and keyword not in ("if", "else if", "with", "range"):
            return True
    return False
