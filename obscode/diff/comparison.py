"""Compare two sets of artifacts: every kind of artifact by its own module, the riskiest change first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from obscode.artifacts.project import Artifacts
from obscode.diff.change import Change
from obscode.diff.comparisons import COMPARISONS


@dataclass(frozen=True)
class Comparison:
    """The changes between two sets of artifacts.

    Attributes:
        changes: the riskiest first, then by kind and name.
    """

    changes: Sequence[Change]


def compare(before: Artifacts, after: Artifacts) -> Comparison:
    """What changes from one set of artifacts to another; nothing for what is only reordered or reformatted."""
    changes = (change for comparison in COMPARISONS for change in comparison(before, after))
    return Comparison(sorted(_without_copies(changes), key=_order))


def _order(change: Change) -> tuple[object, ...]:
    return change.rank, change.kind, change.name, change.sentence


def _without_copies(changes: Iterable[Change]) -> Iterable[Change]:
    """One change for equal ones: a build has the same rules as files of Prometheus and in Kubernetes objects."""
    unique: dict[tuple[str, str, str], Change] = {}
    for change in changes:
        key = change.kind, change.name, change.sentence
        known = unique.get(key)
        effects = dict.fromkeys([*(known.effects if known else ()), *change.effects])
        unique[key] = replace(known or change, effects=tuple(effects))
    return unique.values()
