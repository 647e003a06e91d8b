"""Changes of several configurations, such as those of environments: what changes in all of them is one change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from obscode.diff.change import Change

T = TypeVar("T")


def changes_of_all(
    same: Sequence[tuple[T, T]], compare: Callable[[T, T, str], Iterable[Change]], place: Callable[[T], str]
) -> Iterator[Change]:
    """The changes of pairs of configurations; each names its configuration unless all have it.

    Args:
        compare: the changes of a pair; the last argument is what its sentences say of the place, or empty.
        place: what sentences say of a configuration: ` in prometheus.yml`.
    """
    unnamed = [list(compare(old, new, "")) for old, new in same]
    if len(same) < 2:
        yield from (change for changes in unnamed for change in changes)
        return
    counts = Counter(key for changes in unnamed for key in {change.sentence for change in changes})
    for (old, new), changes in zip(same, unnamed, strict=True):
        named = compare(old, new, place(new))
        yield from (
            short if counts[short.sentence] == len(same) else long for short, long in zip(changes, named, strict=True)
        )
