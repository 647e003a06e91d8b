"""When Prometheus evaluates a group: at a fixed phase of its interval, which follows from a hash of file and name.

The hash is over the label set `{file="...", name="..."}`. How Prometheus stores label sets in memory is chosen when it
is built, and the hash depends on it, so that a server says which one it uses: by the times of its evaluations.
https://github.com/prometheus/prometheus/blob/v3.5.0/rules/group.go (`EvalTimestamp`)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from obscode.backtest.xxhash64 import xxhash64

#: Milliseconds since 1970.
Instant = int

_NANOSECONDS = 1_000_000
_LATE = 1000  # milliseconds from the planned time of an evaluation to its start, on a busy server


@dataclass(frozen=True)
class Schedule:
    """The times of a group's evaluations; all lengths are in milliseconds.

    Attributes:
        interval: the interval of the group.
        phase: what is left of each time after division by the interval.
        query_offset: how far before these times the rules read and write.
    """

    interval: int
    phase: int = 0
    query_offset: int = 0

    def times(self, start: Instant, end: Instant) -> range:
        """The times of the samples that the group writes, from the start to the end, both included."""
        phase = (self.phase - self.query_offset) % self.interval
        first = start + (phase - start) % self.interval
        return range(first, end + 1, self.interval)


@dataclass(frozen=True)
class ServerGroup:
    """A group of rules on a server; ``interval`` in milliseconds, ``evaluated`` is the start of the last evaluation."""

    file: str
    name: str
    interval: int
    evaluated: Instant | None


Hash = Callable[[str, str], int]


def slice_hash(file: str, name: str) -> int:
    """The hash of a build that stores labels as a slice of strings."""
    return xxhash64(b"".join(text.encode() + b"\xff" for text in ("file", file, "name", name)))


def string_hash(file: str, name: str) -> int:
    """The hash of a build that stores labels as one string, the default since Prometheus 2.44."""
    return xxhash64(b"".join(_with_length(text.encode()) for text in ("file", file, "name", name)))


def _with_length(content: bytes) -> bytes:
    size = len(content)
    return (bytes([size]) if size < 255 else b"\xff" + size.to_bytes(3, "little")) + content


def phase_of(hash_: Hash, file: str, name: str, interval: int) -> int:
    """The phase of a group in milliseconds."""
    return hash_(file, name) % (interval * _NANOSECONDS) // _NANOSECONDS


class Phases:
    """The phases of groups, as a server evaluates them or would evaluate them."""

    def __init__(self, groups: Sequence[ServerGroup]) -> None:
        self._groups = groups
        self._hash = _hash_of(groups)
        self._folders = {group.file.rpartition("/")[0] for group in groups if "/" in group.file}

    def phase(self, file: str, name: str, interval: int) -> tuple[int, bool]:
        """The phase of a group, and whether it is that of the server.

        A group that the server does not have is in a file of that name in the folder of its other rule files; with
        several folders, or without rules, the phase is 0.
        """
        base = file.rpartition("/")[2]
        alike = [group for group in self._groups if group.name == name]
        same_file = [group for group in alike if group.file.rpartition("/")[2] == base]
        known = same_file or (alike if len(alike) == 1 else [])
        if len(known) == 1:
            return self._phase_of_server(known[0], interval), True
        if self._hash and len(self._folders) == 1:
            (folder,) = self._folders
            return phase_of(self._hash, f"{folder}/{base}", name, interval), True
        return 0, False

    def _phase_of_server(self, group: ServerGroup, interval: int) -> int:
        if self._hash:
            return phase_of(self._hash, group.file, group.name, interval)
        return group.evaluated % interval if group.evaluated and group.interval == interval else 0


def _hash_of(groups: Iterable[ServerGroup]) -> Hash | None:
    """The hash that explains the times of most evaluations; None if none explains half of them."""
    evaluated = [group for group in groups if group.evaluated is not None and group.interval]
    if not evaluated:
        return None
    counts: Mapping[Hash, int] = {each: sum(_agrees(each, group) for group in evaluated) for each in _HASHES}
    best = max(counts, key=lambda each: counts[each])
    return best if counts[best] * 2 >= len(evaluated) else None


_HASHES: Sequence[Hash] = (string_hash, slice_hash)


def _agrees(hash_: Hash, group: ServerGroup) -> bool:
    assert group.evaluated is not None
    phase = phase_of(hash_, group.file, group.name, group.interval)
    return (group.evaluated - phase) % group.interval < min(_LATE, group.interval // 4)


def gaps(times: Sequence[Instant], step: int) -> Iterator[tuple[Instant, Instant]]:
    """The times that are missing between ordered times: each with the one that follows it."""
    for before, after in pairwise(times):
        if after - before > step:
            yield before + step, after
