"""Numbers that look random and are the same on every machine: hashes of texts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from zlib import crc32

_TRACKS = 32
_LONG = 3 * 3600


def fraction(*texts: object) -> float:
    """A number from 0 to 1, without 1, for some texts."""
    return crc32("\0".join(map(str, texts)).encode()) / 2**32


def between(low: float, high: float, *texts: object) -> float:
    """A number between two others, for some texts."""
    return low + (high - low) * fraction(*texts)


@lru_cache(maxsize=_TRACKS * 4)
def _track(number: int, times: tuple[int, ...]) -> Sequence[float]:
    """A curve around 0, mostly within 1: slow waves and small steps."""
    first, second = (2 * math.pi * fraction("wave", number, i) for i in range(2))
    slow = 2 * math.pi / between(0.6, 1.4, "slow", number) / _LONG
    fast = 2 * math.pi / between(600, 1500, "fast", number)
    return [
        0.55 * math.sin(slow * t + first)
        + 0.25 * math.sin(fast * t + second)
        + 0.4 * (((t // 15 + number * 7919) * 2654435761 >> 8) % 1021 / 1020 - 0.5)
        for t in times
    ]


def curve(times: tuple[int, ...], *texts: object) -> Sequence[float]:
    """A curve around 0, mostly within 1, at some times; similar texts have different ones."""
    return _track(crc32("\0".join(map(str, texts)).encode()) % _TRACKS, times)
