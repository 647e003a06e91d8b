"""Compare two sets of artifacts: every kind of artifact by its own module, the riskiest change first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from obscode.artifacts.project import Artifacts
from obscode.diff.alertmanager.alert_receivers import with_receivers
from obscode.diff.change import Change
from obscode.diff.comparisons import COMPARISONS
from obscode.diff.folding import folded
from obscode.diff.services import rename_changes, renamed_services, with_new_names


@dataclass(frozen=True)
class Comparison:
    """The changes between two sets of artifacts.

    Attributes:
        changes: the riskiest first, then by kind and name.
    """

    changes: Sequence[Change]


def compare(before: Artifacts, after: Artifacts) -> Comparison:
    """What changes from one set of artifacts to another; nothing for what is only reordered or reformatted."""
    renamings = renamed_services(before, after)
    changes = list(rename_changes(before, renamings, after))
    before = with_new_names(before, renamings)
    changes += (change for comparison in COMPARISONS for change in comparison(before, after))
    changes = with_receivers(changes, before, after)
    return Comparison(sorted(folded(changes), key=_order))


def _order(change: Change) -> tuple[object, ...]:
    return change.rank, change.kind, change.name, change.sentence
