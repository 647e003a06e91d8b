"""The rule file of a service: its recording rules, those of its SLOs, and its alerts."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import dedent

from obscode.artifacts.rules import AlertingRule, RecordingRule, Rule, RuleFile, RuleGroup
from obscode.compiler.no_data_alerts import target_down_group
from obscode.compiler.slo_plan import SloPlan
from obscode.compiler.slo_rules import slo_groups
from obscode.model import alert as model
from obscode.model import naming
from obscode.model.service import Service
from obscode.promql.duration import none_if_zero

_RECORDS, _ALERTS = "records", "alerts"


def rule_file(service: Service, plans: Sequence[SloPlan]) -> RuleFile:
    """All rules of a service: records first, alerts last. Empty groups are left out."""
    groups = [
        _own_group(service, _RECORDS, [_recording_rule(rule) for rule in service.recording_rules]),
        *(group for plan in plans for group in slo_groups(plan)),
        target_down_group(service),
        _own_group(service, _ALERTS, [_alerting_rule(alert, service) for alert in service.alerts]),
    ]
    return RuleFile(service.name, [group for group in groups if group], service)


def groups_of_slo(file: RuleFile, plan: SloPlan) -> list[RuleGroup]:
    """The groups of one SLO."""
    return [group for group in file.groups if group.source is plan.slo]


def groups_of_service(file: RuleFile) -> list[RuleGroup]:
    """The groups of the recording rules and alerts that are defined by hand."""
    names = {naming.rule_group(file.name, part) for part in (_RECORDS, _ALERTS)}
    return [group for group in file.groups if group.name in names]


def _own_group(service: Service, part: str, rules: Sequence[Rule]) -> RuleGroup | None:
    return RuleGroup(naming.rule_group(service.name, part), rules, source=service) if rules else None


def _recording_rule(rule: model.RecordingRule) -> RecordingRule:
    return RecordingRule(rule.name, _without_indentation(rule.expr), dict(rule.labels), rule)


def _alerting_rule(alert: model.Alert, service: Service) -> AlertingRule:
    annotations = {
        "summary": alert.summary,
        "description": alert.description,
        "runbook_url": alert.runbook or service.runbook,
    }
    return AlertingRule(
        alert.name,
        _without_indentation(alert.expr),
        {
            naming.SEVERITY: alert.severity,
            naming.SERVICE: service.name,
            **naming.owner_label(service.owner),
            **alert.labels,
        },
        alert,
        for_=none_if_zero(alert.for_),
        keep_firing_for=none_if_zero(alert.keep_firing_for),
        annotations={name: text for name, text in annotations.items() if text} | dict(alert.annotations),
    )


def _without_indentation(expr: str) -> str:
    """The expression without the indentation of the Python source around it."""
    return dedent(expr).strip()
