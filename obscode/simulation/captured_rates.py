"""What the counters and distributions of a capture grow by in the conditions of a scenario."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import NamedTuple

from obscode.simulation.capture import Capture, CapturedSeries
from obscode.simulation.course import NORMAL_BURN, Conditions
from obscode.simulation.failures import USUAL_BUDGET, has_failure_value, is_failure_name
from obscode.simulation.families import Family, Labels, Member
from obscode.simulation.gauge_roles import counts_calls, is_duration, is_of_process
from obscode.simulation.values import is_of

#: The events per second of what counts requests in a capture, with usual traffic.
RATE = 5.0
_UPTIME = 600.0  # seconds in which the counters of a capture grew that counts no requests

_Key = tuple[str, Labels]


class Slope(NamedTuple):
    """What a series grows by in the same conditions: per second, and per second of usual traffic."""

    per_second: float = 0
    per_load: float = 0


@dataclass(frozen=True)
class CapturedRates:
    """The rates of a capture; they have its ratios."""

    capture: Capture

    @cached_property
    def uptime(self) -> float:
        """The seconds in which the counters of the capture grew, such that its requests have the usual rate."""
        totals: dict[str, float] = {}
        for series in self.capture.series:
            is_usual = not series.is_added and not is_of_process(series.family)
            if is_usual and (series.suffix == "_count" or (series.is_count and counts_calls(series.name))):
                totals[series.family] = totals.get(series.family, 0.0) + series.value
        counts = [total for total in totals.values() if total > 0]
        return median(counts) / RATE if counts else _UPTIME

    @cached_property
    def buckets(self) -> Mapping[_Key, Sequence[tuple[float, float]]]:
        """The bounds of histograms with the ratio of captured observations up to each."""
        pairs_of: dict[_Key, list[tuple[float, float]]] = {}
        for series in self.capture.series:
            if series.suffix == "_bucket" and series.number is not None:
                pairs_of.setdefault(series.key, []).append((series.number, series.value))
        result = {}
        for key, pairs in pairs_of.items():
            total = max(count for _, count in pairs)
            result[key] = [(bound, count / total if total else 0.0) for bound, count in sorted(pairs)]
        return result

    @cached_property
    def totals(self) -> Mapping[_Key, float]:
        """The captured events of each counter and distribution."""
        return {series.key: series.value for series in self.capture.series if series.is_count}

    @cached_property
    def added(self) -> frozenset[_Key]:
        """The counters and distributions that the capture does not have."""
        return frozenset(series.key for series in self.capture.series if series.is_added)

    @cached_property
    def shares(self) -> Mapping[_Key, Callable[[Conditions], float]]:
        """The events per second of each counter and distribution with usual traffic, in any conditions."""
        families: dict[str, list[Labels]] = {}
        for family, labels in self.totals:
            families.setdefault(family, []).append(labels)
        return {
            (family, labels): share
            for family, members in families.items()
            for labels, share in self._family_shares(family, members)
        }

    def _family_shares(
        self, family: str, members: Sequence[Labels]
    ) -> Iterator[tuple[Labels, Callable[[Conditions], float]]]:
        uptime = max(self.uptime, _UPTIME) if is_of_process(family) else self.uptime
        rates = {
            labels: 0.0 if (family, labels) in self.added else self.totals[family, labels] / uptime
            for labels in members
        }
        named = is_failure_name(family) and not is_of_process(family)
        bad = [labels for labels in members if named or has_failure_value(Member(labels))]
        good = sum(rates[labels] for labels in members if labels not in bad)
        all_events = RATE if len(bad) == len(members) else sum(rates.values())
        for labels in members:
            if labels in bad:
                yield labels, _bad_share(rates[labels], all_events, len(bad))
            else:
                yield labels, _good_share(rates[labels], all_events / good if good and bad else 0.0)

    @cached_property
    def _slopes(self) -> dict[tuple[str, int], Slope]:
        return {}

    @cached_property
    def _values(self) -> dict[tuple[str, int], float | None]:
        return {}

    def phase_value(self, series: CapturedSeries, now: Conditions) -> float | None:
        """The value that a phase sets, of a counter per second; conditions are compared by their identity."""
        key = series.head, id(now)
        if key not in self._values:
            self._values[key] = _phase_value(series, now)
        return self._values[key]

    def slope(self, series: CapturedSeries, now: Conditions) -> Slope:
        """What a series grows by; ``now`` are conditions of the course, which are compared by their identity."""
        key = series.head, id(now)
        if key not in self._slopes:
            self._slopes[key] = self._slope(series, now)
        return self._slopes[key]

    def _slope(self, series: CapturedSeries, now: Conditions) -> Slope:
        share = self.shares.get(series.key)
        if share is None:
            return Slope()
        part, fixed = self._part(series, now), self.phase_value(series, now)
        if fixed is not None:
            return Slope(fixed * part)
        if is_of_process(series.family):
            return Slope(share(now) * part)
        return Slope(per_load=share(now) * part * now.traffic)

    def _part(self, series: CapturedSeries, now: Conditions) -> float:
        """What one event adds: 1 to a count, its chance to a bucket, the mean to a sum."""
        factor = now.latency if is_duration(series.family) else 1.0
        if series.suffix == "_sum":
            total = self.totals.get(series.key, 0.0)
            return series.value / total * factor if total else 0.0
        if series.suffix == "_bucket" and series.number is not None:
            return _below(self.buckets[series.key], series.number, factor)
        return 1.0


def _bad_share(rate: float, events: float, members: int) -> Callable[[Conditions], float]:
    """On a normal day, no more bad events than the capture has."""

    def share(now: Conditions) -> float:
        ratio = now.error_ratio(USUAL_BUDGET, NORMAL_BURN)
        even = events * ratio / members
        return even if now.errors is not None or now.burn is not None else min(rate, even)

    return share


def _good_share(rate: float, factor: float) -> Callable[[Conditions], float]:
    if not factor:
        return lambda now: rate
    return lambda now: rate * factor * (1 - now.error_ratio(USUAL_BUDGET, NORMAL_BURN))


def _phase_value(series: CapturedSeries, now: Conditions) -> float | None:
    """The value that a phase sets, of a counter per second."""
    names = {series.family, series.name} if series.suffix in ("", "_total") else {series.family}
    for text, value in now.values.items():
        if any(is_of(text, Family(name, series.kind), series.member) for name in names):
            return value
    return None


def _below(buckets: Sequence[tuple[float, float]], bound: float, factor: float) -> float:
    """The ratio of observations up to a bound if all are ``factor`` times as long as the captured ones."""
    if bound == math.inf:
        return buckets[-1][1]
    value, low, below = bound / factor if factor else math.inf, 0.0, 0.0
    for high, share in buckets:
        if value == high:
            return share
        if value < high:
            # Observations above the last bound are thought to be within twice of it.
            top = max(2 * low, low + 1e-9) if high == math.inf else high
            return below + (share - below) * min(1.0, max(0.0, (value - low) / (top - low)))
        low, below = high, share
    return below
