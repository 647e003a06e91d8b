"""How a route notifies, and what differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from obscode.diff.change import Edit, Risk
from obscode.diff.plain_settings import normal_duration
from obscode.diff.sentences import edit, listed, quoted
from obscode.promql import duration
from obscode.routing.tree import Destination

_TIMINGS = ("group_wait", "group_interval", "repeat_interval")


@dataclass(frozen=True)
class Notification:
    """How a route notifies."""

    receiver: str
    group_by: tuple[str, ...]
    timings: tuple[str, ...]
    mute: tuple[str, ...]
    active: tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """What changes for some alerts: the receivers before and after, or settings of the same receivers."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    edits: tuple[Edit, ...] = ()

    @property
    def general(self) -> Difference:
        """The same without the receivers, where only settings change: several receivers may have inherited them."""
        return replace(self, before=(), after=()) if self.edits else self


def notification(each: Destination, renamed: Mapping[str, str]) -> Notification:
    """How a route notifies, with the new names of receivers."""
    return Notification(
        renamed.get(each.receiver, each.receiver),
        tuple(sorted(each.group_by)),
        tuple(normal_duration(each.timing(key)) for key in _TIMINGS),
        tuple(sorted(each.time_intervals("mute_time_intervals"))),
        tuple(sorted(each.time_intervals("active_time_intervals"))),
    )


def difference_of(before: Sequence[Notification], after: Sequence[Notification]) -> Difference | None:
    """What differs; None for nothing."""
    if before == after:
        return None
    old, new = (tuple(dict.fromkeys(each.receiver for each in side)) for side in (before, after))
    if {*old} != {*new}:
        return Difference(old, new)
    edits = dict.fromkeys(each for receiver in new for each in _edits(before, after, receiver))
    return Difference(old, new, tuple(edits)) if edits else None


def _edits(old: Sequence[Notification], new: Sequence[Notification], receiver: str) -> Iterator[Edit]:
    before, after = (next(each for each in side if each.receiver == receiver) for side in (old, new))
    if before.group_by != after.group_by:
        yield edit("group_by", (listed(side.group_by) or "nothing" for side in (before, after)))
    for key, a, b in zip(_TIMINGS, before.timings, after.timings, strict=True):
        if a != b:
            yield Edit(key, a, b, "weaker" if _is_longer(a, b) else "stricter")
    if before.mute != after.mute:
        risk: Risk = "weaker" if {*after.mute} - {*before.mute} else "stricter"
        yield edit("mute_time_intervals", _names(before.mute, after.mute), risk)
    if before.active != after.active:
        risk = "weaker" if after.active and (not before.active or {*before.active} - {*after.active}) else "stricter"
        yield edit("active_time_intervals", _names(before.active, after.active), risk)


def _is_longer(before: str, after: str) -> bool:
    try:
        return duration.milliseconds(after) > duration.milliseconds(before)
    except ValueError:  # reported where the file is read
        return True


def _names(*sides: Sequence[str]) -> Iterator[str | None]:
    return (listed(map(quoted, side)) or None for side in sides)
