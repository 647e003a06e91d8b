"""Rules of a service: its own records and alerts, and those of its SLOs, in groups."""

from __future__ import annotations

from textwrap import dedent

from obscode.artifacts.rules import AlertingRule, RecordingRule, Rule, RuleFile, RuleGroup
from obscode.compiler.slo_rules import SloPlan, target_down
from obscode.model import naming
from obscode.model.alert import Alert
from obscode.model.project import Project
from obscode.model.service import Service
from obscode.promql import duration


def rule_file(service: Service, project: Project) -> RuleFile:
    """All rules of a service: records first, alerts last."""
    records, alerts = own_records(service), own_alerts(service)
    slos = [group for slo in service.slos for group in SloPlan(slo, service, project).groups]
    down = target_down(service)
    return RuleFile(service.name, [*records, *slos, *([down] if down else []), *alerts], service)


def own_groups(service: Service) -> list[RuleGroup]:
    """The recording rules and alerts that the user wrote."""
    return [*own_records(service), *own_alerts(service)]


def own_records(service: Service) -> list[RuleGroup]:
    """The group of the service's recording rules, if there are any."""
    rules: list[Rule] = [RecordingRule(r.name, _text(r.expr), dict(r.labels), r) for r in service.recording_rules]
    return [RuleGroup(naming.rule_group(service.name, "records"), rules)] if rules else []


def own_alerts(service: Service) -> list[RuleGroup]:
    """The group of the service's alerts, if there are any."""
    rules: list[Rule] = [_alert(alert, service) for alert in service.alerts]
    return [RuleGroup(naming.rule_group(service.name, "alerts"), rules)] if rules else []


def _alert(alert: Alert, service: Service) -> AlertingRule:
    labels = {naming.SEVERITY: alert.severity, naming.SERVICE: service.name}
    if service.owner:
        labels["owner"] = service.owner
    texts = {
        "summary": alert.summary,
        "description": alert.description,
        "runbook_url": alert.runbook or service.runbook,
    }
    return AlertingRule(
        alert.name,
        _text(alert.expr),
        labels | dict(alert.labels),
        alert,
        for_=none_if_zero(alert.for_),
        keep_firing_for=none_if_zero(alert.keep_firing_for),
        annotations={name: text for name, text in texts.items() if text} | dict(alert.annotations),
    )


def _text(expr: str) -> str:
    """The expression as written, without the indentation that its place in Python gave it."""
    return dedent(expr).strip()


def none_if_zero(length: str) -> str:
    return length if duration.milliseconds(length) else ""
