"""What a backtest reports: for each alert, when it fired in the old version and in the new one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from obscode.backtest.alert_state import Episode, Key
from obscode.backtest.schedule import Instant

Action = Literal["added", "removed", "changed", "same"]
#: `recorded` by the server as ALERTS, or `evaluated` by the backtest.
Origin = Literal["recorded", "evaluated"]


@dataclass(frozen=True)
class Firing:
    """One firing of an alert, in milliseconds since 1970.

    Attributes:
        labels: the labels of the alert.
        start: the first evaluation at which it fires, which may be before the period.
        end: the first evaluation at which it does not, or None if it fires at the end of the period.
    """

    labels: Key
    start: Instant
    end: Instant | None


@dataclass(frozen=True)
class Version:
    """The firings of one version of an alert."""

    origin: Origin
    firings: Sequence[Firing]

    def duration(self, start: Instant, end: Instant) -> int:
        """How long it fires within a period, in milliseconds; firings of several label sets are added."""
        return sum(min(each.end or end, end) - max(each.start, start) for each in self.firings)


@dataclass(frozen=True)
class Pair:
    """A firing of both versions, or of one: the same alert at the same time."""

    old: Firing | None
    new: Firing | None

    @property
    def first(self) -> Firing:
        """The one that starts first."""
        return min((each for each in (self.old, self.new) if each), key=lambda each: each.start)


@dataclass(frozen=True)
class AlertReport:
    """An alert in both versions; None where a version does not have it."""

    name: str
    labels: Mapping[str, str]
    action: Action
    old: Version | None
    new: Version | None

    def pairs(self) -> Sequence[Pair]:
        """The firings of both versions next to each other."""
        return list(_pairs(self.old.firings if self.old else (), self.new.firings if self.new else ()))


@dataclass(frozen=True)
class Detection:
    """How one version sees one incident: after how many milliseconds an alert fires, and which; None for none."""

    incident: str
    start: Instant
    after: int | None
    alert: str = ""


@dataclass(frozen=True)
class Score:
    """How the firings of one version match the incidents.

    Attributes:
        detections: one for each incident.
        firings: all firings of the version.
        unmatched: the names of alerts with the firings that match no incident.
    """

    detections: Sequence[Detection]
    firings: int
    unmatched: Sequence[tuple[str, Firing]]

    @property
    def recall(self) -> float | None:
        """The share of the incidents that are detected; None without incidents."""
        detected = sum(each.after is not None for each in self.detections)
        return detected / len(self.detections) if self.detections else None

    @property
    def precision(self) -> float | None:
        """The share of the firings that match an incident; None without firings."""
        return 1 - len(self.unmatched) / self.firings if self.firings else None


@dataclass(frozen=True)
class BacktestReport:
    """A backtest.

    Attributes:
        start: the start of the period, in milliseconds since 1970.
        end: its end.
        before: what the old version is, for people; empty without one.
        after: what the new version is.
        engine: the version of Prometheus that evaluates.
        alerts: the alerts that were evaluated.
        unchanged: how many alerts are the same in both versions and were not evaluated.
        gaps: what data is missing, in sentences.
        notes: what differs from Prometheus, and what failed, in sentences.
        scores: of the old and the new version, if there are incidents.
    """

    start: Instant
    end: Instant
    before: str
    after: str
    engine: str
    alerts: Sequence[AlertReport]
    unchanged: int = 0
    gaps: Sequence[str] = ()
    notes: Sequence[str] = ()
    scores: tuple[Score | None, Score] | None = None


def firings(episodes: Sequence[Episode], start: Instant) -> Sequence[Firing]:
    """The firings in a period among the episodes of an alert."""
    return [
        Firing(each.labels, each.fired, each.end)
        for each in sorted(episodes, key=lambda each: (each.fired or 0, each.labels))
        if each.fired is not None and (each.end is None or each.end > start)
    ]


def _pairs(old: Sequence[Firing], new: Sequence[Firing]) -> Iterator[Pair]:
    """Each firing once: with the first one of the other version that overlaps it and has the same labels."""
    free = list(new)
    pairs = []
    for each in old:
        other = next((f for f in free if f.labels == each.labels and _overlap(f, each)), None)
        if other:
            free.remove(other)
        pairs.append(Pair(each, other))
    pairs += [Pair(None, each) for each in free]
    return iter(sorted(pairs, key=lambda pair: (pair.first.start, pair.first.labels)))


def _overlap(one: Firing, other: Firing) -> bool:
    return (other.end is None or one.start < other.end) and (one.end is None or other.start < one.end)
