"""Edits that several things share, which are one change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from obscode.diff.change import Edit

T = TypeVar("T")

_LEAST = 3  # things with the same edit that are one change


def take_shared(edited: Sequence[tuple[T, list[Edit]]]) -> Iterator[tuple[list[T], list[Edit]]]:
    """The edits that several things share, with these things; they are removed from the edits of each."""
    users: dict[Edit, list[int]] = {}
    for index, (_, edits) in enumerate(edited):
        for each in dict.fromkeys(edits):
            users.setdefault(each, []).append(index)
    groups: dict[tuple[int, ...], list[Edit]] = {}
    for each, indexes in users.items():
        if len(indexes) >= _LEAST:
            groups.setdefault(tuple(indexes), []).append(each)
    for members, edits in groups.items():
        for index in members:
            edited[index][1][:] = [each for each in edited[index][1] if each not in edits]
        yield [edited[index][0] for index in members], edits
