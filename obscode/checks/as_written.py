"""What of a project is emitted as it is written: imported rules and dashboards, and those of files."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.dashboards import DashboardSource
from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import Rule
from obscode.compiler.rules import is_as_written
from obscode.findings.source import Source


def rules_as_written(artifacts: Artifacts) -> Iterator[Rule]:
    """The rules of all groups that are emitted as they are written."""
    for file in artifacts.rule_files:
        for group in file.groups:
            if is_as_written(group):
                yield from group.rules


class SourcesAsWritten:
    """The sources of rules that are emitted as they are written, and of exact dashboards."""

    def __init__(self, artifacts: Artifacts) -> None:
        self._ids = {id(rule.source) for rule in rules_as_written(artifacts)}
        for dashboard in artifacts.dashboards:
            if dashboard.definition and dashboard.definition.exact:
                self._ids |= {id(definition) for definition in dashboard.definition.walk()}

    def __contains__(self, source: Source | None) -> bool:
        return id(source) in self._ids or isinstance(source, DashboardSource)
