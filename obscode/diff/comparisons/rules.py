"""Recording and alerting rules."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import AlertingRule, Rule
from obscode.diff.change import Change
from obscode.diff.pairs import pairs


def compare(before: Artifacts, after: Artifacts) -> Iterator[Change]:
    """The changes of rules."""
    same = pairs(list(before.rules()), list(after.rules()), [lambda rule: (rule.name, tuple(rule.labels.items()))])
    for rule in same.removed:
        yield Change(_kind(rule), rule.name, f"{_title(rule)} is removed.", "lost", "removed", source=rule.source)
    for rule in same.added:
        yield Change(_kind(rule), rule.name, f"{_title(rule)} is added.", "stricter", "added", source=rule.source)


def _kind(rule: Rule) -> str:
    return "alert" if isinstance(rule, AlertingRule) else "record"


def _title(rule: Rule) -> str:
    return f"{_kind(rule).capitalize()} {rule.name}"
