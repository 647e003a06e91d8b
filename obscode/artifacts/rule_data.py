"""Rules as plain data, as a rule file and a PrometheusRule have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from obscode.artifacts.rules import AlertingRule, Rule, RuleGroup
from obscode.promql.alert_template import escape_invalid_templates


def group_data(group: RuleGroup) -> dict[str, Any]:
    """A group as plain data."""
    head = {"name": group.name} | ({"interval": group.interval} if group.interval else {})
    return {**head, **group.settings, "rules": [rule_data(rule) for rule in group.rules]}


def rule_data(rule: Rule) -> dict[str, Any]:
    """A rule as plain data, without what is empty."""
    if not isinstance(rule, AlertingRule):
        content: dict[str, Any] = {"record": rule.name, "expr": rule.expr, "labels": dict(rule.labels)}
    else:
        content = {
            "alert": rule.name,
            "expr": rule.expr,
            "for": rule.for_,
            "keep_firing_for": rule.keep_firing_for,
            "labels": _expanded(rule.labels),
            "annotations": _expanded(rule.annotations),
        }
    return {name: value for name, value in content.items() if value}


def _expanded(texts: Mapping[str, str]) -> dict[str, str]:
    """Texts that Prometheus expands as templates; braces outside templates are escaped."""
    return {name: escape_invalid_templates(text) for name, text in texts.items()}
