"""What an SLO's alerts do over a course of events: computed from windows and factors, without PromQL.

This is the other half of the proof. The rules say in PromQL what these few sums say in Python; the
generated tests hold the one against the other on a real Prometheus.

Prometheus 3 leaves the sample at the far edge of a range out, Prometheus 2 takes it in: every forecast is
made for both, and only what they agree on is expected. Where a course meets a threshold exactly, the last
digit of a sum decides, and in a window that is added up in tiles it does so for a whole tile: every forecast
is made for thresholds a hair below and a hair above, too. Times are milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, product

from obscode.compiler.slo_rules import MAX_OVERLAPPING_BASE_WINDOWS, MAX_TILED_BASE_WINDOWS, TILE_BASE_WINDOWS

# What rounding can do to a threshold: far more than the digits of a sum, far less than any course is off it.
_HAIRS = (1 - 1e-6, 1 + 1e-6)


@dataclass(frozen=True)
class TrafficPhase:
    """A stretch of time with a steady count of events, and of bad ones, a base window; None is silence.

    ``growth`` is what the bad ones grow by at every step. ``short`` is the ratio of the short windows where a
    course in tiles is to have one of its own.
    """

    length: int
    total: float | None
    bad: float = 0
    growth: float = 0
    short: float | None = None


@dataclass(frozen=True)
class AlertTimings:
    """What decides when the alert of a tier fires."""

    name: str
    long: int
    short: int
    wait: int
    keep: int
    threshold: float


@dataclass(frozen=True)
class SloTimings:
    """What decides when the alerts of an SLO fire: SLOs of one shape have one forecast."""

    step: int
    base: int
    tile: int
    alerts: tuple[AlertTimings, ...]
    least_events: int
    least_bad: int

    @property
    def uses_tiles(self) -> bool:
        """Whether the course is given in tiles, for the long windows, instead of base windows."""
        return self.base == self.tile


Firing = frozenset[str]


@lru_cache(maxsize=4096)
def stable_instants(shape: SloTimings, phases: tuple[TrafficPhase, ...], margin: int) -> tuple[tuple[int, Firing], ...]:
    """The instants on either side of every change, as near as can be told, with the alerts that fire.

    What is told holds for both generations of Prometheus, and ``margin`` steps before and after.
    """
    courses = [forecast.firing(epsilon) for forecast, epsilon in product(_generations(shape, phases), _HAIRS)]
    first, steps = courses[0], len(courses[0])

    def settled(n: int) -> bool:
        around = range(max(0, n - margin), min(steps, n + margin + 1))
        return all(course[m] == first[n] for m in around for course in courses)

    chosen = {next((n for n in range(steps - 1, -1, -1) if settled(n)), None)}
    for change in (n for n in range(1, steps) if any(course[n] != course[n - 1] for course in courses)):
        chosen.add(next((n for n in range(change - 1, -1, -1) if settled(n)), None))
        chosen.add(next((n for n in range(change, steps) if settled(n)), None))
    return tuple((n * shape.step, first[n]) for n in sorted(n for n in chosen if n is not None))


def counts(shape: SloTimings, phases: tuple[TrafficPhase, ...], at: int, window: int) -> list[tuple[float, float]]:
    """Total and bad events in a window at an instant, as each generation says."""
    return [forecast.window(window)(at // shape.step) for forecast in _generations(shape, phases)]


def _generations(shape: SloTimings, phases: Sequence[TrafficPhase]) -> list[_Forecast]:
    return [_Forecast(shape, phases, far_edge) for far_edge in (True, False)]


class _Forecast:
    """The firing alerts at every step of a course, as one generation of Prometheus sees it."""

    def __init__(self, shape: SloTimings, phases: Sequence[TrafficPhase], far_edge: bool) -> None:
        self._shape, self._far_edge = shape, far_edge
        repeated = [(p, p.length // shape.step) for p in phases]
        self._events = (
            [float(p.total or 0) for p, count in repeated for _ in range(count)],
            [float(p.bad) + p.growth * n if p.total else 0.0 for p, count in repeated for n in range(count)],
        )
        self._shorts = [
            (float(p.total or 0), p.short * p.total) if p.short is not None and p.total else None
            for p, count in repeated
            for _ in range(count)
        ]
        self.steps = len(self._events[0])
        self._sums = tuple([0.0, *accumulate(counts)] for counts in self._events)
        self._marks: dict[int, tuple[list[float], ...]] = {}

    def firing(self, epsilon: float) -> list[Firing]:
        """The names of the alerts that fire, a step, with every threshold multiplied by ``hair``."""
        states = {alert.name: list(self._states(alert, epsilon)) for alert in self._shape.alerts}
        return [frozenset(name for name, fires in states.items() if fires[n]) for n in range(self.steps)]

    def _states(self, alert: AlertTimings, epsilon: float) -> Iterator[bool]:
        """Whether the alert fires, a step: after `for`, and for `keep_firing_for` from the first quiet step on."""
        burns = self._burns(alert, epsilon)
        burning_since: int | None = None
        quiet_since: int | None = None
        firing = False
        for n in range(self.steps):
            now = n * self._shape.step
            if burns(n):
                burning_since, quiet_since = now if burning_since is None else burning_since, None
                firing = firing or now - burning_since >= alert.wait
            else:
                burning_since, quiet_since = None, now if quiet_since is None else quiet_since
                firing = firing and now - quiet_since < alert.keep
            yield firing

    def _burns(self, alert: AlertTimings, epsilon: float) -> Callable[[int], bool]:
        long, short = self.window(alert.long), self.window(alert.short)
        shape, threshold = self._shape, alert.threshold * epsilon
        least_events, least_bad = max(shape.least_events * epsilon, 1e-9), shape.least_bad * epsilon

        def burns(n: int) -> bool:
            total, bad = long(n)
            if total < least_events or bad < least_bad or bad <= threshold * total:
                return False
            total, bad = short(n)
            return total > 0 and bad > threshold * total

        return burns

    def window(self, length: int) -> Callable[[int], tuple[float, float]]:
        """Total and bad events in a window at a step, added up as the rules do."""
        shape = self._shape
        if shape.uses_tiles and length <= MAX_TILED_BASE_WINDOWS * shape.base // TILE_BASE_WINDOWS:
            return lambda n: self._shorts[n] or (self._events[0][n], self._events[1][n])
        if length == shape.base:
            return lambda n: (self._events[0][n], self._events[1][n])
        if length <= MAX_OVERLAPPING_BASE_WINDOWS * shape.base and not shape.uses_tiles:
            return lambda n: (self._fine(0, n, length), self._fine(1, n, length))
        every = shape.base if length <= MAX_TILED_BASE_WINDOWS * shape.base and not shape.uses_tiles else shape.tile
        return lambda n: (self._marked(0, n, length, every), self._marked(1, n, length, every))

    def _fine(self, which: int, n: int, length: int) -> float:
        """Counts of every step, each event being in as many of them as a base window has steps."""
        reach, beyond = divmod(length, self._shape.step)
        if not (self._far_edge or beyond):
            reach -= 1
        first, sums = max(0, n - reach), self._sums[which]
        return (sums[n + 1] - sums[first]) / (self._shape.base / self._shape.step)

    def _marked(self, which: int, n: int, length: int, every: int) -> float:
        """Counts at the instants of a subquery: multiples of its own step, from the start of time."""
        now = n * self._shape.step
        beyond = now - length
        first = beyond // every  # the last mark that is out of the window ...
        if self._far_edge and first * every == beyond:
            first -= 1  # ... unless the window takes its far edge in
        sums = self._at_marks(every)[which]
        return sums[now // every + 1] - sums[max(first + 1, 0)]

    def _at_marks(self, every: int) -> tuple[list[float], ...]:
        """Running sums of the counts at each mark; the first is 0."""
        if every not in self._marks:
            shape = self._shape
            at = range(0, self.steps * shape.step, every)
            tiled = every != shape.base
            self._marks[every] = tuple(
                [
                    0.0,
                    *accumulate(
                        (self._fine(w, t // shape.step, every) if tiled else self._events[w][t // shape.step])
                        for t in at
                    ),
                ]
                for w in (0, 1)
            )
        return self._marks[every]
