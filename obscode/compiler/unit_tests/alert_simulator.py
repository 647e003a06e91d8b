"""Simulate in Python when the alerts of an SLO fire; the generated tests compare this with a real Prometheus.

The rules compute windows and factors in PromQL, this module computes them from the counts of events.

Two differences are not tested, so every simulation runs for all variants and only common results are expected:

- Prometheus 2 includes the sample at the start of a range, Prometheus 3 excludes it.
- At a threshold the last digit of a sum decides. The thresholds vary by a small factor.

Times are milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from obscode.compiler.slo_windows import Part

# Relative tolerance around a threshold: above float error, and below the margin of every scenario.
_EPSILONS = (1 - 1e-6, 1 + 1e-6)


@dataclass(frozen=True)
class TrafficPhase:
    """A time with constant traffic.

    Attributes:
        length: in milliseconds.
        total: events per input window; None for no samples.
        bad: bad events per input window.
        growth: how much ``bad`` grows at every step.
        total_growth: how much ``total`` grows at every step.
    """

    length: int
    total: float | None
    bad: float = 0
    growth: float = 0
    total_growth: float = 0


@dataclass(frozen=True)
class TierTimings:
    """The windows of a tier, and the error ratio of its threshold."""

    long: int
    short: int
    threshold: float


@dataclass(frozen=True)
class AlertTimings:
    """What decides when an alert fires.

    Attributes:
        key: its key in the plan.
        tiers: it burns while the condition of one of them holds.
        for_: how long it burns before it fires.
        keep_firing_for: how long it fires after it burns.
        interval: the evaluation interval of its group.
        more_urgent: the keys of the alerts whose errors it does not report again.
    """

    key: str
    tiers: tuple[TierTimings, ...]
    for_: int
    keep_firing_for: int
    interval: int
    more_urgent: tuple[str, ...] = ()


@dataclass(frozen=True)
class SloTimings:
    """Everything that decides when the alerts of an SLO fire; SLOs with equal timings share a simulation.

    Attributes:
        step: the evaluation interval.
        window: the window of the input counts.
        sums: the windows that are sums of others, shortest first.
        alerts: the most urgent first.
    """

    step: int
    window: int
    sums: tuple[tuple[int, tuple[Part, ...]], ...]
    alerts: tuple[AlertTimings, ...]
    min_events: int
    min_bad: int


Firing = frozenset[str]
_Counts = Sequence[tuple[float, float]]


@lru_cache(maxsize=4096)
def stable_instants(
    timings: SloTimings, phases: tuple[TrafficPhase, ...], margin: int
) -> tuple[tuple[int, Firing], ...]:
    """The instants before and after every change, with the keys of the firing alerts.

    Instants are as near to the change as possible: all variants agree for ``margin`` steps before and after each.
    """
    counts = _window_counts(timings, phases)
    variants = [_firing(timings, counts, epsilon, start) for epsilon, start in product(_EPSILONS, (True, False))]
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
def burning_alerts(timings: SloTimings, phases: tuple[TrafficPhase, ...]) -> Firing:
    """The keys of the alerts whose condition holds at some step."""
    counts = _window_counts(timings, phases)
    variants = [_all_burning(timings, counts, epsilon, start) for epsilon, start in product(_EPSILONS, (True, False))]
    return frozenset(key for variant in variants for key, burning in variant.items() if any(burning))


def event_counts(timings: SloTimings, phases: tuple[TrafficPhase, ...], at: int, window: int) -> tuple[float, float]:
    """Total and bad events in a window at an instant."""
    return _window_counts(timings, phases)[window][at // timings.step]


# --- windows -----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _window_counts(timings: SloTimings, phases: tuple[TrafficPhase, ...]) -> Mapping[int, _Counts]:
    """Total and bad events at every step, by window."""
    counts: dict[int, _Counts] = {timings.window: list(_input_counts(timings, phases))}
    for window, parts in timings.sums:
        if window not in counts and all(part.window in counts for part in parts):
            counts[window] = [_sum(timings, counts, parts, n) for n in range(len(counts[timings.window]))]
    return counts


def _input_counts(timings: SloTimings, phases: Sequence[TrafficPhase]) -> Iterator[tuple[float, float]]:
    for phase in phases:
        for n in range(phase.length // timings.step):
            total, bad = (phase.total or 0) + phase.total_growth * n, phase.bad + phase.growth * n
            yield (total, bad) if phase.total else (0.0, 0.0)


def _sum(timings: SloTimings, counts: Mapping[int, _Counts], parts: Sequence[Part], n: int) -> tuple[float, float]:
    """The parts that end at a step or before it; those that end before the first step are 0."""
    ends = [(part, (n * timings.step - part.offset) // timings.step) for part in parts]
    return (
        sum(float(part.share) * counts[part.window][end][0] for part, end in ends if end >= 0),
        sum(float(part.share) * counts[part.window][end][1] for part, end in ends if end >= 0),
    )


# --- alerts ------------------------------------------------------------------------------------------------------


def _firing(timings: SloTimings, counts: Mapping[int, _Counts], epsilon: float, includes_start: bool) -> list[Firing]:
    """The keys of the firing alerts at every step, with every threshold multiplied by ``epsilon``."""
    burning = _all_burning(timings, counts, epsilon, includes_start)
    firing = {alert.key: list(_states(timings.step, alert, burning[alert.key])) for alert in timings.alerts}
    steps = len(counts[timings.window])
    return [frozenset(key for key, states in firing.items() if states[n]) for n in range(steps)]


def _all_burning(
    timings: SloTimings, counts: Mapping[int, _Counts], epsilon: float, includes_start: bool
) -> dict[str, list[bool]]:
    """Whether the condition of each alert holds, at every step."""
    burning: dict[str, list[bool]] = {}
    for alert in timings.alerts:
        burning[alert.key] = _burning(timings, alert, counts, burning, epsilon, includes_start)
    return burning


def _burning(
    timings: SloTimings,
    alert: AlertTimings,
    counts: Mapping[int, _Counts],
    others: Mapping[str, Sequence[bool]],
    epsilon: float,
    includes_start: bool,
) -> list[bool]:
    """Whether the condition of a tier holds, at every step."""
    result: list[bool] = []
    before = -(-alert.interval // timings.step)
    for n in range(len(counts[timings.window])):
        continues = n >= before and result[n - before]
        burns = False
        for tier in alert.tiers:
            oldest = -(-(n * timings.step - tier.short) // timings.step)
            if not includes_start and oldest * timings.step == n * timings.step - tier.short:
                oldest += 1
            is_reported = any(any(others[key][max(0, oldest) : n + 1]) for key in alert.more_urgent)
            if _exceeds(timings, tier, counts, n, epsilon) and (continues or not is_reported):
                burns = True
        result.append(burns)
    return result


def _exceeds(timings: SloTimings, tier: TierTimings, counts: Mapping[int, _Counts], n: int, epsilon: float) -> bool:
    """Whether both windows exceed the threshold, with enough events in the long one."""
    threshold = tier.threshold * epsilon
    total, bad = counts[tier.long][n]
    if total < max(timings.min_events * epsilon, 1e-9) or bad < timings.min_bad * epsilon or bad <= threshold * total:
        return False
    total, bad = counts[tier.short][n]
    return total > 0 and bad > threshold * total


def _states(step: int, alert: AlertTimings, burning: Sequence[bool]) -> Iterator[bool]:
    """Whether the alert fires at each step, with `for` and `keep_firing_for`."""
    burning_since: int | None = None
    quiet_since: int | None = None
    firing = False
    for n, burns in enumerate(burning):
        now = n * step
        if burns:
            burning_since, quiet_since = now if burning_since is None else burning_since, None
            firing = firing or now - burning_since >= alert.for_
        else:
            burning_since, quiet_since = None, now if quiet_since is None else quiet_since
            firing = firing and now - quiet_since < alert.keep_firing_for
        yield firing
