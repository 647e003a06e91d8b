"""Recording and alerting rules."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.project import Artifacts
from obscode.diff.change import Change
from obscode.diff.rules.changes import RuleChanges
from obscode.diff.rules.located import located_rules


def compare(before: Artifacts, after: Artifacts) -> Iterator[Change]:
    """The changes of SLOs, of rules and of their groups."""
    yield from RuleChanges(located_rules(before), located_rules(after), after).changes()
