"""Prometheus rule files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import replace

from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts
from obscode.artifacts.rule_data import group_data
from obscode.artifacts.rules import RuleFile, RuleGroup
from obscode.model import naming
from obscode.renderers.yaml_text import document


def render(artifacts: Artifacts) -> Iterator[File]:
    """The rule files, without keys of groups that only further targets of the project read."""
    others = {key for target in artifacts.project.targets for key in target.group_keys}
    for file in artifacts.rule_files:
        groups = [_without(group, others) if others else group for group in file.groups if not group.is_global]
        if groups:
            file = replace(file, groups=groups)
            yield File(naming.rule_file(file.name), rule_file_text(file, artifacts.sources(file.source)))


def _without(group: RuleGroup, keys: Set[str]) -> RuleGroup:
    return replace(group, settings={key: value for key, value in group.settings.items() if key not in keys})


def rule_file_text(file: RuleFile, sources: Sequence[str] = ()) -> str:
    """The text of one rule file; ``sources`` are the files that its first line names."""
    return document({"groups": [group_data(group) for group in file.groups]}, sources)
