"""A captured text of /metrics at a later time of a scenario: counters grow from their captured values.

They grow in the ratios of the capture, so that they agree: the requests that a server counts are the observations of
its histograms.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cached_property, lru_cache

from obscode.model.scenario import Scenario
from obscode.simulation.capture import Capture, CapturedSeries
from obscode.simulation.captured_rates import CapturedRates
from obscode.simulation.course import Conditions, Course
from obscode.simulation.families import Family, Labels
from obscode.simulation.gauge_roles import IN_FLIGHT, THROUGHPUT, is_duration, is_steady, role_of
from obscode.simulation.levels import level_of
from obscode.simulation.noise import fraction
from obscode.simulation.openmetrics import number_text

#: The seconds of a normal load before the first phase.
LEAD = 60
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

    ``speed`` makes phases start and end as many times sooner; what counters grow per second stays the same. ``first``
    is the position in the scenario at the start; by default it is a minute before the first phase.
    """

    capture: Capture
    scenario: Scenario
    start: float
    speed: float = 1
    first: float | None = None

    def text(self, time: float) -> str | None:
        """What the target shows at a time from the start on; None while it is down."""
        moment = self._moment(time)
        return None if moment is None else "\n".join(self._lines(moment)) + "\n"

    def values(self, time: float, series: Sequence[CapturedSeries]) -> Sequence[float | None] | None:
        """The values of some series in the text at a time, None for those that it does not show yet."""
        moment = self._moment(time)
        if moment is None:
            return None
        exposed = self._exposed(moment)
        return [moment.number(each) if not each.is_added or each.key in exposed else None for each in series]

    def _moment(self, time: float) -> _Moment | None:
        now = self._course.at(self._position(time))
        if now.down:
            return None
        since = self._restarted(time)
        return _Moment(self, time, since, now, tuple(self._spans(since or self.start, time)))

    def _exposed(self, moment: _Moment) -> Set[_Key]:
        """The added counters and distributions with an event."""
        return {s.key for s in self.capture.series if s.is_added and s.is_count and moment.number(s) >= 1}

    def _lines(self, moment: _Moment) -> Iterator[str]:
        exposed = self._exposed(moment)
        for line in self.capture.lines:
            if isinstance(line, str):
                yield line
            elif not line.is_added or line.key in exposed:
                yield f"{line.head} {number_text(moment.number(line))}"

    @cached_property
    def _course(self) -> Course:
        return Course(self.scenario, 0, ())

    @cached_property
    def _begin(self) -> float:
        """The time of the scenario at the start."""
        if self.first is not None:
            return self.first
        starts = [phase.start_seconds() for phase in self.scenario.phases]
        return min((start for start in starts if start >= 0), default=float(LEAD)) - LEAD

    def _position(self, time: float) -> float:
        return self._begin + (time - self.start) * self.speed

    def _time(self, position: float) -> float:
        return self.start + (position - self._begin) / self.speed

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

    @cached_property
    def rates(self) -> CapturedRates:
        """What counters grow by."""
        return CapturedRates(self.capture)


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
        total = 0.0
        for span in self.spans:
            slope = self.replay.rates.slope(series, span.now)
            total += slope.per_second * span.seconds + slope.per_load * span.load
        return total

    # --- gauges ------------------------------------------------------------------------------------------------------

    def _gauge(self, series: CapturedSeries) -> float:
        fixed = self.replay.rates.phase_value(series, self.now)
        if fixed is not None:
            return fixed
        sort = _sort(series.name)
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
        return self.replay.start - self.replay.rates.uptime if self.since is None else self.since


@lru_cache(4096)
def _sort(name: str) -> str:
    return level_of(Family(name, "gauge")).sort


def _whole(series: CapturedSeries, growth: float) -> float:
    """Counts are whole numbers; sums and captured fractions are not."""
    is_whole = series.suffix in ("_bucket", "_count") or (series.suffix != "_sum" and series.value.is_integer())
    return float(math.floor(growth + 1e-6)) if is_whole else round(growth, 6)
