"""Windows of an SLO as sums of adjacent shorter windows.

A window of half an hour is the sum of the last five minutes, the five minutes before them, and so on: each event is
counted once, as soon as it is counted at all, and a rule reads a few samples whatever the length of the window. The
windows build on each other: an hour is two half hours, a day four times six hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

#: The most windows of one length in a sum; a larger sum gets windows in between.
MAX_REPEATS = 6


@dataclass(frozen=True)
class Part:
    """A shorter window in a sum.

    Attributes:
        window: its length in milliseconds.
        offset: how long before now it ends, in milliseconds.
        share: the share of its events that the sum counts, below 1 for the oldest part of a window that is no multiple
            of the shortest.
    """

    window: int
    offset: int
    share: Decimal = Decimal(1)


def window_sums(windows: Iterable[int]) -> Mapping[int, tuple[Part, ...]]:
    """Each window, shortest first, and the shorter ones that it is the sum of; the shortest has none.

    Windows are in milliseconds. A window of many shorter ones gets further windows in between.
    """
    lengths = sorted(set(windows))
    sums: dict[int, tuple[Part, ...]] = {lengths[0]: ()}
    for length in lengths[1:]:
        for window in [*_between(max(sums), length), length]:
            sums[window] = tuple(_parts(window, sorted(sums, reverse=True)))
    return sums


def _between(shorter: int, length: int) -> Iterator[int]:
    """Windows between two lengths, so that no sum has more than six windows of one length."""
    while (repeats := length // shorter) > MAX_REPEATS:
        levels = 2
        while MAX_REPEATS**levels < repeats:
            levels += 1
        shorter *= ceil(repeats ** (1 / levels))
        yield shorter


def _parts(window: int, shorter: list[int]) -> Iterator[Part]:
    """The largest windows first, from now backwards."""
    offset = 0
    for part in shorter:
        while offset + part <= window:
            yield Part(part, offset)
            offset += part
    if offset < window:
        base = shorter[-1]
        yield Part(base, offset, Decimal(window - offset) / base)
