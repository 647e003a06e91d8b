"""The labels in `equal` of an inhibition rule are labels of its alerts.

Why: Alertmanager compares a label that both alerts lack as equal. If all labels of `equal` are missing, one alert mutes
every other, whatever they are about. If only one side has the label, the rule mutes nothing.

Bad:
    groups:
    - name: shop
      rules:
      - {alert: DatabaseDown, expr: 'sum by (job) (up) == 0', labels: {severity: page}}
      - {alert: QueueFull, expr: 'sum by (job) (queue_length) > 9', labels: {severity: ticket}}
    ---
    route: {receiver: team}
    receivers: [{name: team}]
    inhibit_rules:
    - {source_matchers: ['severity="page"'], target_matchers: ['severity="ticket"'], equal: [namespace]}

Good:
    groups:
    - name: shop
      rules:
      - {alert: DatabaseDown, expr: 'sum by (job) (up) == 0', labels: {severity: page}}
      - {alert: QueueFull, expr: 'sum by (job) (queue_length) > 9', labels: {severity: ticket}}
    ---
    route: {receiver: team}
    receivers: [{name: team}]
    inhibit_rules:
    - {source_matchers: ['severity="page"'], target_matchers: ['severity="ticket"'], equal: [job]}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.artifacts.alertmanager import InhibitRule
from obscode.artifacts.project import Artifacts
from obscode.checks.check import Context, check
from obscode.checks.unmatched_inhibition import written_inhibitions
from obscode.findings.finding import Finding
from obscode.findings.suggestions import likely_typo
from obscode.routing.alerts import Alert
from obscode.routing.inhibition import is_source, is_target


@check(Artifacts, severity="warning", whole=True)
def inhibition_equal(artifacts: Artifacts, context: Context) -> Iterator[Finding]:
    """Inhibition rules whose alerts lack a label of `equal`."""
    rules = [rule for rule in written_inhibitions(artifacts) if rule.equal]
    alerts = context.alerts.all if rules else []
    for rule in rules:
        sources = [alert for alert in alerts if is_source(rule, alert.labels) is not False]
        targets = [alert for alert in alerts if is_target(rule, alert.labels) is not False]
        if sources and targets:
            yield from _findings(rule, sources, targets)


def _findings(rule: InhibitRule, sources: Sequence[Alert], targets: Sequence[Alert]) -> Iterator[Finding]:
    missing = [i for i, label in enumerate(rule.equal) if not _any_has([*sources, *targets], label)]
    for i in missing:
        label, names = rule.equal[i], sorted({name for each in (*sources, *targets) for name in each.labels.values})
        message = f"no alert that the rule matches has the label {label!r}, so all have the same value of it"
        near = likely_typo(label, names)
        hint = f"did you mean {near!r}?" if near else "write a label that the source and the target have"
        yield rule.source.finding(inhibition_equal, message, hint, at="equal", item=i)
    if missing:
        return
    for i, label in enumerate(rule.equal):
        if side := _side_without(label, sources, targets):
            message = f"the rule mutes nothing: {side}"
            hint = "write a label that the source and the target have"
            yield rule.source.finding(inhibition_equal, message, hint, at="equal", item=i)
            return
    if pair := _unrelated_pair(rule, sources, targets):
        labels = ", ".join(rule.equal)
        message = f"alert {pair[0].name} mutes every alert {pair[1].name}: neither has the labels {labels}"
        if len(rule.equal) == 1:
            message = f"alert {pair[0].name} mutes every alert {pair[1].name}: neither has the label {labels}"
        hint = f'add {rule.equal[0]}=~".+" to the matchers of both sides, or the labels to the alerts'
        yield rule.source.finding(inhibition_equal, message, hint, at="equal")


def _any_has(alerts: Sequence[Alert], label: str) -> bool:
    return any(alert.labels.may_exist(label) for alert in alerts)


def _side_without(label: str, sources: Sequence[Alert], targets: Sequence[Alert]) -> str:
    """Which side lacks a label that the other one has; empty if it is none for certain."""
    if not _any_has(targets, label) and all(alert.labels.exists(label) for alert in sources):
        return f"its sources have the label {label!r}, its targets do not"
    if not _any_has(sources, label) and all(alert.labels.exists(label) for alert in targets):
        return f"its targets have the label {label!r}, its sources do not"
    return ""


def _unrelated_pair(
    rule: InhibitRule, sources: Sequence[Alert], targets: Sequence[Alert]
) -> tuple[Alert, Alert] | None:
    """A source and a target of which neither has a label of `equal`, and which match their sides for certain."""

    def lacking(alerts: Sequence[Alert]) -> list[Alert]:
        return [each for each in alerts if not any(each.labels.may_exist(label) for label in rule.equal)]

    muting = [each for each in lacking(sources) if is_source(rule, each.labels) and not is_target(rule, each.labels)]
    muted = [each for each in lacking(targets) if is_target(rule, each.labels)]
    return (muting[0], muted[0]) if muting and muted else None
