"""Recording and alerting rules, and the SLOs that they belong to."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.project import Artifacts
from obscode.diff.change import Change
from obscode.diff.rules.changes import RuleChanges
from obscode.diff.rules.located import located_rules
from obscode.diff.slos.changes import SloChanges


def compare(before: Artifacts, after: Artifacts) -> Iterator[Change]:
    """The changes of SLOs, of other rules and of their groups."""
    # A file that is the same on both sides was read once: thousands of SLOs do not change with one of them.
    same = {id(file) for file in before.rule_files} & {id(file) for file in after.rule_files}
    old, new = located_rules(before, same), located_rules(after, same)
    slos = SloChanges(old, new)
    yield from slos.changes
    old, new = ([each for each in side if id(each) not in slos.explained] for side in (old, new))
    yield from RuleChanges(old, new, after).changes()
