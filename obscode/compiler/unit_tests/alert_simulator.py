"""Simulate in Python when the alerts of an SLO fire; the generated tests compare this with a real Prometheus.

The rules compute windows and factors in PromQL, this module computes them from the counts of events.

Two differences are not tested, so every simulation runs for all variants and only common results are expected:

- Prometheus 2 includes the sample at the start of a range, Prometheus 3 excludes it.
- At a threshold the last digit of a sum decides, in a window of tiles for the length of a tile. The thresholds vary by
  a small factor.

Times are milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, product

from obscode.compiler.slo_plan import MAX_OVERLAPPING_BASE_WINDOWS, MAX_TILED_BASE_WINDOWS, TILE_BASE_WINDOWS

# Relative tolerance around a threshold: above float error, and below the margin of every scenario.
_EPSILONS = (1 - 1e-6, 1 + 1e-6)


@dataclass(frozen=True)
class TrafficPhase:
    """A time with constant traffic.

    Attributes:
        length: in milliseconds.
        total: events per base window; None for no samples.
        bad: bad events per base window.
        growth: how much ``bad`` grows at every step.
        short: the error ratio of the short windows, where a phase that is counted in tiles sets its own.
    """

    length: int
    total: float | None
    bad: float = 0
    growth: float = 0
    short: float | None = None


@dataclass(frozen=True)
class AlertTimings:
    """When the alert of a tier fires: windows, `for` and `keep_firing_for`, and the error ratio of the threshold."""

    name: str
    long: int
    short: int
    for_: int
    keep_firing_for: int
    threshold: float


@dataclass(frozen=True)
class SloTimings:
    """Everything that decides when the alerts of an SLO fire; SLOs with equal timings share a simulation.

    Attributes:
        step: the evaluation interval.
        base: the window of the counts; the tile for long windows.
        tile: the step in which the longest windows are summed.
    """

    step: int
    base: int
    tile: int
    alerts: tuple[AlertTimings, ...]
    min_events: int
    min_bad: int

    @property
    def uses_tiles(self) -> bool:
        """Whether events are counted in tiles, for the long windows, instead of base windows."""
        return self.base == self.tile


Firing = frozenset[str]


@lru_cache(maxsize=4096)
def stable_instants(
    timings: SloTimings, phases: tuple[TrafficPhase, ...], margin: int
) -> tuple[tuple[int, Firing], ...]:
    """The instants before and after every change, with the names of the firing alerts.

    Instants are as near to the change as possible: all variants agree for ``margin`` steps before and after each.
    """
    variants = [simulation.firing(epsilon) for simulation, epsilon in product(_variants(timings, phases), _EPSILONS)]
    first, steps = variants[0], len(variants[0])

    def is_stable(n: int) -> bool:
        around = range(max(0, n - margin), min(steps, n + margin + 1))
        return all(variant[m] == first[n] for m in around for variant in variants)

    instants = {next((n for n in range(steps - 1, -1, -1) if is_stable(n)), None)}
    for change in (n for n in range(1, steps) if any(variant[n] != variant[n - 1] for variant in variants)):
        instants.add(next((n for n in range(change - 1, -1, -1) if is_stable(n)), None))
        instants.add(next((n for n in range(change, steps) if is_stable(n)), None))
    return tuple((n * timings.step, first[n]) for n in sorted(n for n in instants if n is not None))


@lru_cache(maxsize=4096)
def event_counts(
    timings: SloTimings, phases: tuple[TrafficPhase, ...], at: int, window: int
) -> tuple[tuple[float, float], ...]:
    """Total and bad events in a window at an instant, in Prometheus 2 and in Prometheus 3."""
    return tuple(simulation.window(window)(at // timings.step) for simulation in _variants(timings, phases))


def _variants(timings: SloTimings, phases: Sequence[TrafficPhase]) -> list[_Simulation]:
    return [_Simulation(timings, phases, includes_start) for includes_start in (True, False)]


class _Simulation:
    """The firing alerts at every step of some traffic, in one generation of Prometheus."""

    def __init__(self, timings: SloTimings, phases: Sequence[TrafficPhase], includes_start: bool) -> None:
        self._timings, self._includes_start = timings, includes_start
        repeated = [(p, p.length // timings.step) for p in phases]
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
        self._tiled_sums: dict[int, tuple[list[float], ...]] = {}

    def firing(self, epsilon: float) -> list[Firing]:
        """The names of the firing alerts at every step, with every threshold multiplied by ``epsilon``."""
        states = {alert.name: list(self._states(alert, epsilon)) for alert in self._timings.alerts}
        return [frozenset(name for name, fires in states.items() if fires[n]) for n in range(self.steps)]

    def _states(self, alert: AlertTimings, epsilon: float) -> Iterator[bool]:
        """Whether the alert fires at each step, with `for` and `keep_firing_for`."""
        is_burning = self._condition(alert, epsilon)
        burning_since: int | None = None
        quiet_since: int | None = None
        firing = False
        for n in range(self.steps):
            now = n * self._timings.step
            if is_burning(n):
                burning_since, quiet_since = now if burning_since is None else burning_since, None
                firing = firing or now - burning_since >= alert.for_
            else:
                burning_since, quiet_since = None, now if quiet_since is None else quiet_since
                firing = firing and now - quiet_since < alert.keep_firing_for
            yield firing

    def _condition(self, alert: AlertTimings, epsilon: float) -> Callable[[int], bool]:
        long, short = self.window(alert.long), self.window(alert.short)
        timings, threshold = self._timings, alert.threshold * epsilon
        min_events, min_bad = max(timings.min_events * epsilon, 1e-9), timings.min_bad * epsilon

        def is_burning(n: int) -> bool:
            total, bad = long(n)
            if total < min_events or bad < min_bad or bad <= threshold * total:
                return False
            total, bad = short(n)
            return total > 0 and bad > threshold * total

        return is_burning

    def window(self, length: int) -> Callable[[int], tuple[float, float]]:
        """Total and bad events in a window at a step, summed as the rules do."""
        timings = self._timings
        if timings.uses_tiles and length <= MAX_TILED_BASE_WINDOWS * timings.base // TILE_BASE_WINDOWS:
            return lambda n: self._shorts[n] or (self._events[0][n], self._events[1][n])
        if length == timings.base:
            return lambda n: (self._events[0][n], self._events[1][n])
        if length <= MAX_OVERLAPPING_BASE_WINDOWS * timings.base and not timings.uses_tiles:
            return lambda n: (self._overlapping(0, n, length), self._overlapping(1, n, length))
        in_base_windows = length <= MAX_TILED_BASE_WINDOWS * timings.base and not timings.uses_tiles
        every = timings.base if in_base_windows else timings.tile
        return lambda n: (self._adjacent(0, n, length, every), self._adjacent(1, n, length, every))

    def _overlapping(self, which: int, n: int, length: int) -> float:
        """Counts of every step; each event is in as many of them as a base window has steps."""
        steps, remainder = divmod(length, self._timings.step)
        if not (self._includes_start or remainder):
            steps -= 1
        first, sums = max(0, n - steps), self._sums[which]
        return (sums[n + 1] - sums[first]) / (self._timings.base / self._timings.step)

    def _adjacent(self, which: int, n: int, length: int, every: int) -> float:
        """Counts at the instants of a subquery, which are multiples of its step."""
        now = n * self._timings.step
        start = now - length
        before = start // every  # the last instant outside the window ...
        if self._includes_start and before * every == start:
            before -= 1  # ... which starts with its first instant in Prometheus 2
        sums = self._sums_at(every)[which]
        return sums[now // every + 1] - sums[max(before + 1, 0)]

    def _sums_at(self, every: int) -> tuple[list[float], ...]:
        """Running sums of the counts at multiples of a step; the first is 0."""
        if every not in self._tiled_sums:
            timings = self._timings
            instants = range(0, self.steps * timings.step, every)

            def count(which: int, at: int) -> float:
                n = at // timings.step
                return self._events[which][n] if every == timings.base else self._overlapping(which, n, every)

            self._tiled_sums[every] = tuple([0.0, *accumulate(count(which, at) for at in instants)] for which in (0, 1))
        return self._tiled_sums[every]
