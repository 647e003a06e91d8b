"""Rule files for Mimir, Cortex and Grafana Cloud."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from obscode.artifacts.files import File
from obscode.artifacts.group_parts import group_parts
from obscode.artifacts.project import Artifacts
from obscode.artifacts.rule_data import rule_data
from obscode.artifacts.rules import Rule, RuleFile, RuleGroup
from obscode.model import naming
from obscode.model.targets.mimir import Mimir
from obscode.renderers.yaml_text import document

# Settings of a group that Mimir's ruler reads.
_SETTINGS = ("query_offset", "evaluation_delay", "limit", "source_tenants", "align_evaluation_time_on_interval")


def render(artifacts: Artifacts) -> Iterator[File]:
    """A file for each namespace."""
    for target in artifacts.project.targets:
        if isinstance(target, Mimir):
            for namespace, files in _namespaces(artifacts.rule_files, target):
                groups = [group for file in files for group in rule_groups(file, target)]
                content = {"namespace": namespace, "groups": groups}
                sources = artifacts.sources(*(file.source for file in files))
                path = naming.namespace_file(target.folder, target.tenant, namespace)
                yield File(path, document(content, sources))


def _namespaces(files: Sequence[RuleFile], target: Mimir) -> list[tuple[str, Sequence[RuleFile]]]:
    """mimirtool loads each namespace from one file."""
    if target.namespace and files:
        return [(target.namespace, files)]
    return [(file.name, [file]) for file in files]


def rule_groups(file: RuleFile, target: Mimir) -> list[dict[str, Any]]:
    """The groups of a file, within the limit of rules in a group."""
    parts = [(group, group_parts(group, target.max_rules_per_group)) for group in file.groups]
    return [_group(group, rules, number, target) for group, some in parts for number, rules in enumerate(some, 1)]


def _group(group: RuleGroup, rules: Sequence[Rule], number: int, target: Mimir) -> dict[str, Any]:
    settings = {
        "query_offset": target.query_offset,
        "source_tenants": list(target.source_tenants),
        "align_evaluation_time_on_interval": target.align_evaluation_time_on_interval,
        **{key: value for key, value in group.settings.items() if key in _SETTINGS},
    }
    return {
        "name": naming.group_part(group.name, number),
        **({"interval": group.interval} if group.interval else {}),
        **{key: value for key, value in settings.items() if value},
        "rules": [with_labels(rule_data(rule), group.settings.get("labels") or {}) for rule in rules],
    }


def with_labels(rule: dict[str, Any], labels: dict[str, str]) -> dict[str, Any]:
    """A rule with the labels of its group, which only Prometheus 3 reads as a setting of the group."""
    return {**rule, "labels": {**labels, **rule.get("labels", {})}} if labels else rule
