"""Prometheus rule files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts
from obscode.artifacts.rule_data import group_data
from obscode.artifacts.rules import RuleFile
from obscode.model import naming
from obscode.renderers.yaml_text import document


def render(artifacts: Artifacts) -> Iterator[File]:
    """The rule files."""
    for file in artifacts.rule_files:
        if not all(group.is_global for group in file.groups):
            yield File(naming.rule_file(file.name), rule_file_text(file, artifacts.sources(file.source)))


def rule_file_text(file: RuleFile, sources: Sequence[str] = ()) -> str:
    """The text of one rule file; ``sources`` are the files that its first line names."""
    return document({"groups": [group_data(group) for group in file.groups if not group.is_global]}, sources)
