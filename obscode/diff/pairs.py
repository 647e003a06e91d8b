"""The same things in two lists: by identity, then, for what remains, by similarity."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

#: A key that identifies a thing; None for a thing that has none of this kind.
Key = Callable[[T], Hashable]


@dataclass(frozen=True)
class Pairs(Generic[T]):
    """Which things are the same.

    Attributes:
        both: a thing before and after, by identity.
        renamed: a thing before and after, by similarity.
        removed: things only before.
        added: things only after.
    """

    both: Sequence[tuple[T, T]]
    renamed: Sequence[tuple[T, T]]
    removed: Sequence[T]
    added: Sequence[T]


def pairs(
    before: Sequence[T],
    after: Sequence[T],
    keys: Sequence[Key[T]],
    similarity: Callable[[T, T], float] | None = None,
    at_least: float = 0.6,
    alike: Callable[[T], Sequence[Hashable]] | None = None,
) -> Pairs[T]:
    """Pair things whose first key is equal, then the second, ...; things of one key are paired in their order.

    Args:
        keys: from the most exact to the least; a key that is None pairs nothing.
        similarity: from 0 to 1, of things that no key pairs; without it, nothing is renamed.
        at_least: the similarity of a renamed thing.
        alike: features of a thing; only things that share one are compared. All are, without it.
    """
    old, new = dict(enumerate(before)), dict(enumerate(after))
    both = [pair for key in keys for pair in _by_key(old, new, key)]
    renamed = list(_by_similarity(old, new, similarity, at_least, alike)) if similarity else []
    return Pairs(
        [(before[a], after[b]) for a, b in sorted(both)],
        [(before[a], after[b]) for a, b in sorted(renamed)],
        list(old.values()),
        list(new.values()),
    )


def _by_key(old: dict[int, T], new: dict[int, T], key: Key[T]) -> list[tuple[int, int]]:
    places: dict[Hashable, list[int]] = {}
    for place, thing in new.items():
        places.setdefault(key(thing), []).append(place)
    matches = []
    for place, thing in list(old.items()):
        value = key(thing)
        if value is not None and places.get(value):
            other = places[value].pop(0)
            matches.append((place, other))
            del old[place], new[other]
    return matches


def _by_similarity(
    old: dict[int, T],
    new: dict[int, T],
    similarity: Callable[[T, T], float],
    at_least: float,
    alike: Callable[[T], Sequence[Hashable]] | None,
) -> list[tuple[int, int]]:
    """The most similar pairs first; a thing is in one pair only."""
    features = alike or (lambda _: [None])
    by_feature: dict[Hashable, list[int]] = {}
    for place, thing in new.items():
        for feature in dict.fromkeys(features(thing)):
            by_feature.setdefault(feature, []).append(place)
    candidates = [
        (-score, place, other)
        for place, thing in old.items()
        for other in dict.fromkeys(p for feature in features(thing) for p in by_feature.get(feature, ()))
        if (score := similarity(thing, new[other])) >= at_least
    ]
    matches = []
    for _, place, other in sorted(candidates):
        if place in old and other in new:
            matches.append((place, other))
            del old[place], new[other]
    return matches
