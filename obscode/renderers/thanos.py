"""Rule files for Thanos Ruler."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts
from obscode.artifacts.rule_data import rule_data
from obscode.artifacts.rules import RuleGroup
from obscode.model import naming
from obscode.model.targets.thanos import Thanos
from obscode.renderers.mimir import with_labels
from obscode.renderers.yaml_text import document

# Settings of a group that Thanos Ruler reads.
_SETTINGS = ("query_offset", "limit", "partial_response_strategy")


def render(artifacts: Artifacts) -> Iterator[File]:
    """A rule file for each one of the project that has groups for the ruler."""
    for target in artifacts.project.targets:
        if isinstance(target, Thanos):
            for file in artifacts.rule_files:
                groups = [_group(group, target) for group in file.groups if group.is_global or not target.only_global]
                if groups:
                    path = naming.target_rule_file(target.folder, file.name)
                    yield File(path, document({"groups": groups}, artifacts.sources(file.source)))


def _group(group: RuleGroup, target: Thanos) -> dict[str, Any]:
    settings = {
        "partial_response_strategy": target.partial_response_strategy,
        "query_offset": target.query_offset,
        **{key: value for key, value in group.settings.items() if key in _SETTINGS},
    }
    labels = {**target.labels, **(group.settings.get("labels") or {})}
    return {
        "name": group.name,
        **({"interval": group.interval} if group.interval else {}),
        **{key: value for key, value in settings.items() if value},
        "rules": [with_labels(rule_data(rule), labels) for rule in group.rules],
    }
