"""Prometheus rule files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import AlertingRule, Rule, RuleFile, RuleGroup
from obscode.model import naming
from obscode.promql.alert_template import escape_invalid_templates
from obscode.renderers.yaml_text import document


def render(artifacts: Artifacts) -> Iterator[File]:
    """The rule files."""
    for file in artifacts.rule_files:
        yield File(naming.rule_file(file.name), rule_file_text(file, artifacts.sources(file.source)))


def rule_file_text(file: RuleFile, sources: Sequence[str] = ()) -> str:
    """The text of one rule file; ``sources`` are the files that its first line names."""
    return document({"groups": [_group(group) for group in file.groups]}, sources)


def _group(group: RuleGroup) -> dict[str, Any]:
    head = {"name": group.name} | ({"interval": group.interval} if group.interval else {})
    return {**head, **group.settings, "rules": [_rule(rule) for rule in group.rules]}


def _rule(rule: Rule) -> dict[str, Any]:
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
