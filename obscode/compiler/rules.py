"""The rule file of a service: its recording rules, those of its SLOs, and its alerts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from obscode.artifacts.rules import AlertingRule, RecordingRule, Rule, RuleFile, RuleGroup
from obscode.compiler.no_data_alerts import target_down_group
from obscode.compiler.slo_plan import SloPlan
from obscode.compiler.slo_rules import slo_groups
from obscode.model import alert as model
from obscode.model import naming
from obscode.model import rule_group as model_groups
from obscode.model.definitions import Definitions
from obscode.model.group_settings import GroupSettings
from obscode.model.project import Project
from obscode.model.rule_group import Rules, groups_of
from obscode.model.service import Service
from obscode.promql.duration import none_if_zero

_RECORDS, _ALERTS = "records", "alerts"


def rule_file(service: Service, plans: Sequence[SloPlan], project: Project) -> RuleFile:
    """All rules of a service: records first, alerts last. Empty groups are left out."""
    rules = [rule for rule in service.recording_rules if not rule.group]
    alerts = [alert for alert in service.alerts if not alert.group]
    settings = {**project.group_settings, **service.group_settings}
    groups = [
        _own_group(service, _RECORDS, [_recording_rule(rule) for rule in rules]),
        *_named_groups(service),
        *(_group_as_written(group) for group in groups_of(service.rules)),
        *(group for plan in plans for group in slo_groups(plan)),
        target_down_group(service, project),
        _own_group(service, _ALERTS, [_alerting_rule(alert, service) for alert in alerts]),
    ]
    return RuleFile(service.name, [_with_settings(group, settings) for group in groups if group], service)


def _with_settings(group: RuleGroup, settings: Mapping[str, Any]) -> RuleGroup:
    """The group with the settings of all groups of a service; it has its own, too, or is emitted as written."""
    if not settings or is_as_written(group):
        return group
    return replace(group, settings={**settings, **group.settings})


def _named_groups(service: Service) -> Iterator[RuleGroup]:
    """The groups that rules of a service name: in the order of their first rules, in each the records first."""
    named: list[GroupSettings] = []
    for rule in (*service.recording_rules, *service.alerts):
        if rule.group and rule.group not in named:
            named.append(rule.group)
    for group in named:
        records = [_recording_rule(rule) for rule in service.recording_rules if rule.group == group]
        alerts = [_alerting_rule(alert, service) for alert in service.alerts if alert.group == group]
        # Prometheus 2 has no labels of groups, so each rule has them.
        rules = [replace(rule, labels={**group.labels, **rule.labels}) for rule in (*records, *alerts)]
        interval = none_if_zero(group.interval) if group.interval else ""
        yield RuleGroup(group.name, rules, interval, group.keys(), group, is_global=group.is_global)


def groups_of_slo(file: RuleFile, plan: SloPlan) -> list[RuleGroup]:
    """The groups of one SLO."""
    return [group for group in file.groups if group.source is plan.slo]


def groups_of_service(file: RuleFile) -> list[RuleGroup]:
    """The groups of the recording rules and alerts that are defined by hand, also those that are emitted as written."""
    names = {naming.rule_group(file.name, part) for part in (_RECORDS, _ALERTS)}
    return [group for group in file.groups if group.name in names or isinstance(group.source, GroupSettings)]


def records_by_hand(definitions: Definitions) -> Iterator[RuleFile]:
    """The recording rules of all definitions, without those of SLOs."""
    yield from other_rule_files(definitions)
    for service in definitions.services:
        groups = [_group_as_written(group) for group in groups_of(service.rules)]
        rules = [_recording_rule(rule) for rule in service.recording_rules]
        if groups or rules:
            yield RuleFile(service.name, [*groups, RuleGroup(_RECORDS, rules)], service)


def _own_group(service: Service, part: str, rules: Sequence[Rule]) -> RuleGroup | None:
    return RuleGroup(naming.rule_group(service.name, part), rules, source=service) if rules else None


def _recording_rule(rule: model.RecordingRule) -> RecordingRule:
    return RecordingRule(rule.name, rule.promql(), dict(rule.labels), rule)


def _alerting_rule(alert: model.Alert, service: Service) -> AlertingRule:
    own = {
        naming.SEVERITY: alert.severity,
        naming.SERVICE: service.name,
        **naming.owner_label(service.owner),
    }
    return _alert(alert, {**own, **alert.labels}, alert.runbook or service.runbook)


def _alert(alert: model.Alert, labels: Mapping[str, str], runbook: str) -> AlertingRule:
    annotations = {"summary": alert.summary, "description": alert.description, "runbook_url": runbook}
    return AlertingRule(
        alert.name,
        alert.promql(),
        labels,
        alert,
        for_=none_if_zero(alert.for_),
        keep_firing_for=none_if_zero(alert.keep_firing_for),
        annotations={name: text for name, text in annotations.items() if text} | dict(alert.annotations),
    )


# --- rules that are emitted as written --------------------------------------------------------------------------


def is_as_written(group: RuleGroup) -> bool:
    """True for a group whose rules are emitted as they are defined."""
    return isinstance(group.source, model_groups.RuleGroup) and bool(group.source.rules)


def other_rule_files(definitions: Definitions) -> Iterator[RuleFile]:
    """The rule files of no service: one for each name."""
    by_name: dict[str, list[Rules]] = {}
    for rules in definitions.rules:
        by_name.setdefault(rule_file_name(rules, definitions.root), []).append(rules)
    for name, held in sorted(by_name.items()):
        if groups := [_group_as_written(group) for group in groups_of(held)]:
            yield RuleFile(name, groups, held[0])


def rule_file_name(rules: Rules, root: str) -> str:
    """The name of the rule file of a group, or of a file of groups, that is part of no service."""
    if isinstance(rules, model_groups.RuleFile):
        return rules.name or naming.rule_file_of_path(rules.path)
    return rules.rule_file or naming.rule_file_of_module(rules.file, root)


def _group_as_written(group: model_groups.RuleGroup) -> RuleGroup:
    keys = group.keys()
    settings = {**keys, **({"labels": dict(group.labels)} if group.labels else {})}
    rules = [_rule_as_written(rule) for rule in group.rules]
    interval = none_if_zero(group.interval) if group.interval else ""
    settings = {key: value for key, value in settings.items() if value}
    return RuleGroup(group.name, rules, interval, settings, group, group.is_global)


def _rule_as_written(rule: model.RecordingRule | model.Alert) -> Rule:
    if not isinstance(rule, model.Alert):
        return _recording_rule(rule)
    severity = {naming.SEVERITY: rule.severity} if rule.severity else {}
    return _alert(rule, {**severity, **rule.labels}, rule.runbook)
