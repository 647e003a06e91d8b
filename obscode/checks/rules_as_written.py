"""The rules of a project that are emitted as they are written: imported ones, and those of rule files."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import Rule
from obscode.compiler.rules import is_as_written


def rules_as_written(artifacts: Artifacts) -> Iterator[Rule]:
    """The rules of all groups that are emitted as they are written."""
    for file in artifacts.rule_files:
        for group in file.groups:
            if is_as_written(group):
                yield from group.rules
