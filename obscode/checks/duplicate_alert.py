"""Alerts with the same name have different labels.

Why: Alertmanager identifies an alert by its labels. Two rules with the same name and labels overwrite each other's
annotations, and one resolves the other. In files that obscode did not write, it is a warning if the expressions are the
same, else a note: some alerts have several conditions on purpose.

Bad:
    Alert("QueueFull", "queue_length > 100", severity="page", summary="the queue fills")
    Alert("QueueFull", "queue_length > 1000", severity="page", summary="the queue is full")

Good:
    Alert("QueueFull", "queue_length > 100", severity="ticket", summary="the queue fills")
    Alert("QueueFull", "queue_length > 1000", severity="page", summary="the queue is full")
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import AlertingRule, RuleFile
from obscode.checks.check import Context, check
from obscode.checks.duplicate_record import first_at, repeated_rules, severity
from obscode.findings.finding import Finding
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse_tree
from obscode.promql.syntax_tree import Node


@check((Artifacts, RuleFile))
def duplicate_alert(value: Artifacts | RuleFile, context: Context) -> Iterator[Finding]:
    """Alerts with the name and the labels of another."""
    for alert, first in repeated_rules(value, AlertingRule):
        message = f"two alerts are named {alert.name!r} and have the same labels{first_at(first)}"
        hint = "rename one, or add different labels"
        level = severity(value, alert, first, certain=_tree(alert) == _tree(first))
        yield alert.source.finding(duplicate_alert, message, hint, at="alert", severity=level)


def _tree(alert: AlertingRule) -> Node | str:
    """The expression, without what does not matter to Prometheus: spaces, comments, the order of matchers."""
    try:
        return parse_tree(alert.expr)
    except PromQLError:
        return alert.expr
