"""Traffic scenarios for the generated tests: steady burn rates, outages, low traffic.

promtool evaluates all rules at every step of a scenario, so a scenario of hours has longer steps than one of minutes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from math import ceil

from obscode.compiler.slo_plan import PlannedAlert, SloPlan
from obscode.compiler.unit_tests.alert_simulator import TrafficPhase
from obscode.compiler.unit_tests.timings import input_window
from obscode.model.burn_rate import Tier
from obscode.model.numbers import format_decimal
from obscode.promql.duration import milliseconds

# Events per input window: above every min_events, and a thousandth of the smallest budget is still one event.
BUSY = 1_000_000
# promtool accepts 10,000 samples per series, and its results beyond about three days are unreliable:
# https://github.com/prometheus/prometheus/issues/17237 and issues/10863
LONGEST = milliseconds("2d20h")
# A scenario of up to 35 base windows is evaluated at the interval of the short windows. A longer one has longer steps;
# windows are multiples of them, so that the sums stay exact.
_EXACT = 35
# Prometheus reads a sample for five minutes; a sum of long windows reads the samples of half an hour.
_LONGEST_STEP = milliseconds("5m")
_LONGEST_STEP_OF_DAYS = milliseconds("12m")


@dataclass(frozen=True)
class Scenario:
    """Named traffic.

    Attributes:
        step: the evaluation interval, in milliseconds.
        alert: the key of the alert that the scenario is about; empty for all.
        group: values for the SLI's `by` labels, and for a label that tells scenarios apart.
        is_long: only tiers of long windows are evaluated.
    """

    name: str
    phases: tuple[TrafficPhase, ...]
    step: int
    alert: str = ""
    group: Mapping[str, str] = field(default_factory=dict)
    is_long: bool = False


def short_scenarios(plan: SloPlan) -> Iterator[Scenario]:
    """Scenarios of minutes and hours."""
    base = milliseconds(plan.base)
    yield _short(plan, "no traffic, no alert", (TrafficPhase(6 * base, 0), TrafficPhase(3 * base, None)))
    yield outage(plan)
    yield from _low_traffic(plan)
    for alert in plan.alerts:
        yield from _steady(plan, alert)
        for tier, slower in zip_longest(alert.tiers, alert.tiers[1:]):
            if not plan.is_long(tier.long):
                yield from _burst(plan, alert, tier, slower) if slower else _last(plan, alert, tier)


def long_scenarios(plan: SloPlan) -> Iterator[Scenario]:
    """Scenarios of days, for tiers with long windows."""
    for alert in plan.alerts:
        for tier in alert.tiers:
            if plan.is_long(tier.long):
                yield _rise(plan, alert, tier)


def outage(plan: SloPlan) -> Scenario:
    """All events are bad, for half of the shortest long window; the alert resolves with its slowest short window."""
    base = milliseconds(plan.base)
    phases = (TrafficPhase(12 * base, BUSY), TrafficPhase(6 * base, BUSY, BUSY), TrafficPhase(12 * base, BUSY))
    return _short(plan, "a total outage alerts", phases)


def short_step(plan: SloPlan, length: int) -> int:
    """The evaluation interval of minutes or hours of traffic."""
    exact = milliseconds(plan.interval)
    return exact if length <= _EXACT * milliseconds(plan.base) else _hours_step(plan)


def long_step(plan: SloPlan) -> int:
    """The evaluation interval of days of traffic."""
    parts = [part.window for window, sums in plan.sums.items() if plan.is_long(window) for part in sums]
    longest = _LONGEST_STEP_OF_DAYS if min(parts, default=0) > _LONGEST_STEP else _LONGEST_STEP
    return _step(input_window(plan, is_long=True), longest)


def _hours_step(plan: SloPlan) -> int:
    return max(_step(plan.base, _LONGEST_STEP), milliseconds(plan.interval))


def _step(window: str, longest: int) -> int:
    """The longest step of which a window is a multiple."""
    return milliseconds(window) // ceil(milliseconds(window) / longest)


def _short(plan: SloPlan, name: str, phases: tuple[TrafficPhase, ...], alert: str = "") -> Scenario:
    return Scenario(name, phases, short_step(plan, sum(phase.length for phase in phases)), alert)


def _low_traffic(plan: SloPlan) -> Iterator[Scenario]:
    """Little traffic: `min_events` and `min_bad` decide when each tier alerts."""
    for alert in plan.alerts:
        tiers = [tier for tier in alert.tiers if not plan.is_long(tier.long)]
        for tier, slower in zip_longest(tiers, tiers[1:]):
            yield from _guards(plan, alert, tier, slower)
    if plan.slo.guard()[1]:
        traffic = TrafficPhase(2 * milliseconds(plan.base), 10, min(1, plan.slo.guard()[1] / 10))
        yield _short(plan, "one bad event in ten for a minute: no alert", (traffic,))


def _guards(plan: SloPlan, alert: PlannedAlert, tier: Tier, slower: Tier | None) -> Iterator[Scenario]:
    """Enough events for one tier of an alert, and for none of the others.

    Healthy traffic before keeps the error ratios of slower tiers low. The windows of faster tiers end with too few
    events for them.
    """
    base, events, bad = milliseconds(plan.base), *plan.slo.guard()
    faster = alert.tiers[: alert.tiers.index(tier)]
    if slower or not faster:
        part, length = 1.2 * base / milliseconds(tier.long), milliseconds(tier.long) + 4 * base
    else:
        part, length = 0.9 * base / milliseconds(faster[-1].long), int(milliseconds(faster[-1].long) * 1.2) + 8 * base
    before = (TrafficPhase(2 * base, BUSY),) if slower else ()
    length = _whole_steps(plan, length + milliseconds(alert.for_))
    if events:
        name = f"{tier.name}: a total outage with little traffic alerts from {events} events on"
        yield _short(plan, name, (*before, TrafficPhase(length, events * part, events * part)), alert.key)
    if bad:
        name = f"{tier.name}: errors with little traffic alert from {bad} bad events on"
        total = max(events * 1.2, bad * 1.25) * part
        yield _short(plan, name, (*before, TrafficPhase(length, total, bad * part)), alert.key)


def _steady(plan: SloPlan, alert: PlannedAlert) -> Iterator[Scenario]:
    """A constant burn rate just below and just above the lowest factor of an alert, for longer than `for`."""
    tier = alert.tiers[-1]
    length = milliseconds(alert.for_) + 10 * milliseconds(plan.base)
    for times, side in ((0.95, "below"), (1.05, "above")):
        bad = min(_threshold(plan, tier) * times, 1.0) * BUSY
        name = f"{tier.name}: a burn rate just {side} {_factor(plan, tier)}"
        yield _short(plan, name, (TrafficPhase(length, BUSY, bad),), alert.key)


def _burst(plan: SloPlan, alert: PlannedAlert, tier: Tier, slower: Tier) -> Iterator[Scenario]:
    """Errors in the long window, which are too few for the slower tier of the alert.

    Below: the short window is well above the threshold. Above: both are just above, then the short one just below.
    """
    long, threshold = milliseconds(tier.long), _threshold(plan, tier)
    healthy = min(int(long * threshold / _threshold(plan, slower) * 1.5) - long, LONGEST)
    before = TrafficPhase(_whole_steps(plan, healthy), BUSY)
    factor = _factor(plan, tier)
    half = _whole_steps(plan, long // 2)
    errors = TrafficPhase(half, BUSY, min(0.95 * threshold * long / half, 1.0) * BUSY)
    name = f"{tier.name}: errors that burn just below {factor} times in {tier.long}"
    yield _short(plan, name, (before, errors), alert.key)
    above = TrafficPhase(_whole_steps(plan, long), BUSY, min(1.05 * threshold, 1.0) * BUSY)
    after = 2 * milliseconds(tier.short) + 2 * milliseconds(alert.keep_firing_for)
    below = TrafficPhase(_whole_steps(plan, after), BUSY, min(0.95 * threshold, 1.0) * BUSY)
    name = f"{tier.name}: errors that burn just above {factor} times in {tier.long}, then below in {tier.short}"
    yield _short(plan, name, (before, above, below), alert.key)


def _last(plan: SloPlan, alert: PlannedAlert, tier: Tier) -> Iterator[Scenario]:
    """The slowest tier of an alert: one of its windows is above the threshold, the other just below."""
    yield _fading(plan, alert, tier)
    yield _recent(plan, alert, tier)


def _rise(plan: SloPlan, alert: PlannedAlert, tier: Tier) -> Scenario:
    """Healthy for most of the long window, then twice the factor, then healthy until the alert resolves.

    A step outage of error ratio e crosses the threshold f x b of a long window L after f x b / e x L, here within
    half of it. It falls below the threshold S x (1 - f x b / e) after its end, where S is the short window.
    """
    long, short, step = milliseconds(tier.long), milliseconds(tier.short), long_step(plan)
    after = short + 2 * milliseconds(alert.keep_firing_for) + milliseconds(plan.tile)
    burning = long * 11 // 20 + 2 * milliseconds(alert.for_)
    before = min(long * 3 // 4, LONGEST - after - burning)
    if before < 0:
        before, burning = (LONGEST - after) // 2, (LONGEST - after) // 2
    bad = min(1.0, 2 * _threshold(plan, tier)) * BUSY
    phases = (
        TrafficPhase(_whole_steps(plan, before, step), BUSY),
        TrafficPhase(_whole_steps(plan, burning, step), BUSY, bad),
        TrafficPhase(_whole_steps(plan, after, step), BUSY),
    )
    name = f"{tier.name}: fires within its long window, resolves with its short window"
    return Scenario(name, phases, step, alert.key, is_long=True)


def _fading(plan: SloPlan, alert: PlannedAlert, tier: Tier) -> Scenario:
    """A short total outage, then an error ratio just below the threshold: only the long window is above it."""
    base = milliseconds(plan.base)
    after = 2 * milliseconds(tier.short) + 2 * milliseconds(alert.keep_firing_for) + 4 * base
    phases = (
        TrafficPhase(2 * base, BUSY, BUSY),
        TrafficPhase(_whole_steps(plan, after), BUSY, _threshold(plan, tier) * 0.95 * BUSY),
    )
    return _short(plan, f"{tier.name}: the long window alone does not keep it firing", phases, alert.key)


def _recent(plan: SloPlan, alert: PlannedAlert, tier: Tier) -> Scenario:
    """The short window is well above the threshold, the long window just below."""
    long, short = milliseconds(tier.long), milliseconds(tier.short)
    part = short / long
    high = min(1.5 * _threshold(plan, tier), 1.0)
    low = max((0.95 * _threshold(plan, tier) - high * part) / (1 - part), 0)
    phases = (
        TrafficPhase(_whole_steps(plan, long - short), BUSY, low * BUSY),
        TrafficPhase(_whole_steps(plan, short), BUSY, high * BUSY),
    )
    return _short(plan, f"{tier.name}: the short window alone does not fire it", phases, alert.key)


def _factor(plan: SloPlan, tier: Tier) -> str:
    return format_decimal(tier.factor(plan.slo.period))


def _threshold(plan: SloPlan, tier: Tier) -> float:
    return float(tier.factor(plan.slo.period) * plan.slo.budget())


def _whole_steps(plan: SloPlan, length: int, step: int = 0) -> int:
    """The length rounded down to steps, by default to those of hours of traffic."""
    step = step or _hours_step(plan)
    return max(1, length // step) * step
