"""A captured text of /metrics at a later time of a scenario: counters grow from their captured values.

They grow in the ratios of the capture, so that they agree: the requests that a server counts are the observations of
its histograms.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median

from obscode.model.scenario import Scenario
from obscode.simulation.capture import Capture, CapturedSeries
from obscode.simulation.course import NORMAL_BURN, Conditions, Course
from obscode.simulation.failures import USUAL_BUDGET, has_failure_value, is_failure_name
from obscode.simulation.families import Family, Labels, Member
from obscode.simulation.gauge_roles import (
    IN_FLIGHT,
    THROUGHPUT,
    counts_calls,
    is_duration,
    is_of_process,
    is_steady,
    role_of,
)
from obscode.simulation.levels import level_of
from obscode.simulation.noise import fraction
from obscode.simulation.openmetrics import number_text
from obscode.simulation.values import is_of

#: The seconds of a normal load before the first phase.
LEAD = 60
#: The events per second of what counts requests in a capture, with usual traffic.
RATE = 5.0
_UPTIME = 600.0  # seconds in which the counters of a capture grew that counts no requests
_WAVE, _SWING = 600.0, 0.1
_HUGE = 1e15  # such as the values with which DCGM says that there is none
_DAY = 86_400

_Key = tuple[str, Labels]


@dataclass(frozen=True)
class _Span:
    """A time with the same conditions.

    Attributes:
        seconds: its length.
        load: its length, weighted with the changes of usual traffic.
    """

    now: Conditions
    seconds: float
    load: float


@dataclass(frozen=True)
class Replay:
    """A capture in a scenario, which starts at a time in seconds since 1970.

    ``speed`` makes phases start and end as many times sooner; what counters grow per second stays the same.
    """

    capture: Capture
    scenario: Scenario
    start: float
    speed: float = 1

    def text(self, time: float) -> str | None:
        """What the target shows at a time from the start on; None while it is down."""
        now = self._course.at(self._position(time))
        if now.down:
            return None
        since = self._restarted(time)
        moment = _Moment(self, time, since, now, tuple(self._spans(since or self.start, time)))
        return "\n".join(self._lines(moment)) + "\n"

    def _lines(self, moment: _Moment) -> Iterator[str]:
        exposed = {s.key for s in self.capture.series if s.is_added and s.is_count and moment.number(s) >= 1}
        for line in self.capture.lines:
            if isinstance(line, str):
                yield line
            elif not line.is_added or line.key in exposed:
                yield f"{line.head} {number_text(moment.number(line))}"

    @cached_property
    def _course(self) -> Course:
        return Course(self.scenario, 0, ())

    @cached_property
    def _first(self) -> float:
        """The time of the scenario at the start: a minute before its first phase."""
        starts = [phase.start_seconds() for phase in self.scenario.phases]
        return min((start for start in starts if start >= 0), default=float(LEAD)) - LEAD

    def _position(self, time: float) -> float:
        return self._first + (time - self.start) * self.speed

    def _time(self, position: float) -> float:
        return self.start + (position - self._first) / self.speed

    def _restarted(self, time: float) -> float | None:
        """The time of the last restart; None if there was none since the start."""
        restarts = [at for position in self._course.restarts if self.start < (at := self._time(position)) <= time]
        return max(restarts, default=None)

    def _spans(self, begin: float, end: float) -> Iterator[_Span]:
        positions, conditions = self._course.changes
        edges = [*(self._time(position) for position in positions), math.inf]
        for now, since, until in zip(conditions, edges, edges[1:], strict=False):
            low, high = max(begin, since), min(end, until)
            if low < high and not now.down:
                yield _Span(now, high - low, self._load(high) - self._load(low))

    def _load(self, time: float) -> float:
        """The integral of usual traffic since the start, which swings around 1."""
        return (time - self.start) + _SWING * _WAVE / math.tau * (1 - math.cos(math.tau * (time - self.start) / _WAVE))

    # --- what the capture says ---------------------------------------------------------------------------------------

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


@dataclass(frozen=True)
class _Moment:
    """The values of series at a time.

    Attributes:
        since: the time of the last restart; None if there was none.
        spans: what happened since then, or since the start, while the target was up.
    """

    replay: Replay
    time: float
    since: float | None
    now: Conditions
    spans: tuple[_Span, ...]

    def number(self, series: CapturedSeries) -> float:
        """The value of a series."""
        if series.suffix == "_created":
            return self._started()
        if series.kind == "gauge" or not math.isfinite(series.value):
            return self._gauge(series)
        if series.kind == "summary" and series.number is not None:
            return series.value * (self.now.latency if is_duration(series.family) else 1)
        base = 0.0 if series.is_added or self.since is not None else series.value
        return base + _whole(series, self._growth(series))

    # --- what grows --------------------------------------------------------------------------------------------------

    def _growth(self, series: CapturedSeries) -> float:
        share = self.replay.shares.get(series.key)
        if share is None:
            return 0.0
        return sum(self._events(series, span, share) * self._part(series, span.now) for span in self.spans)

    def _events(self, series: CapturedSeries, span: _Span, share: Callable[[Conditions], float]) -> float:
        fixed = self._fixed(series, span.now)
        if fixed is not None:
            return fixed * span.seconds
        load = span.seconds if is_of_process(series.family) else span.load * span.now.traffic
        return load * share(span.now)

    def _part(self, series: CapturedSeries, now: Conditions) -> float:
        """What one event adds: 1 to a count, its chance to a bucket, the mean to a sum."""
        factor = now.latency if is_duration(series.family) else 1.0
        if series.suffix == "_sum":
            total = self.replay.totals.get(series.key, 0.0)
            return series.value / total * factor if total else 0.0
        if series.suffix == "_bucket" and series.number is not None:
            return _below(self.replay.buckets[series.key], series.number, factor)
        return 1.0

    def _fixed(self, series: CapturedSeries, now: Conditions) -> float | None:
        """The value that a phase sets, of a counter per second."""
        names = {series.family, series.name} if series.suffix in ("", "_total") else {series.family}
        for text, value in now.values.items():
            if any(is_of(text, Family(name, series.kind), series.member) for name in names):
                return value
        return None

    # --- gauges ------------------------------------------------------------------------------------------------------

    def _gauge(self, series: CapturedSeries) -> float:
        fixed = self._fixed(series, self.now)
        if fixed is not None:
            return fixed
        sort = level_of(Family(series.name, "gauge")).sort
        if sort in ("past", "recent", "future"):
            return self._timestamp(series, sort)
        if not math.isfinite(series.value) or abs(series.value) >= _HUGE or is_steady(series.name):
            return series.value
        return self._moving(series)

    def _timestamp(self, series: CapturedSeries, sort: str) -> float:
        if series.value <= 0:  # it never happened
            return series.value
        if sort == "past":
            return self._started()
        return self.replay.start + 60 * _DAY if sort == "future" else float(math.floor(self.time) // 15 * 15)

    def _moving(self, series: CapturedSeries) -> float:
        role, value = role_of(series.name), series.value
        phase = math.tau * fraction(series.head)
        swing = 0.02 if role is None else 0.1
        moved = value * (1 + swing * math.sin(math.tau * (self.time - self.replay.start) / 300 + phase))
        if role in (IN_FLIGHT, THROUGHPUT):
            moved *= self.now.traffic
        if role == IN_FLIGHT:  # Little's law
            moved *= self.now.latency
        if value.is_integer():
            return value if role is None and abs(value) < 10 else float(round(moved))
        return min(1.0, moved) if 0 < value <= 1 else round(moved, 6)

    def _started(self) -> float:
        return self.replay.start - self.replay.uptime if self.since is None else self.since


def _whole(series: CapturedSeries, growth: float) -> float:
    """Counts are whole numbers; sums and captured fractions are not."""
    is_whole = series.suffix in ("_bucket", "_count") or (series.suffix != "_sum" and series.value.is_integer())
    return float(math.floor(growth + 1e-6)) if is_whole else round(growth, 6)


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
