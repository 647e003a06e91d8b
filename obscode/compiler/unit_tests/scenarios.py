"""Traffic scenarios for the generated tests: steady burn rates, outages, low traffic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest

from obscode.compiler.slo_plan import PlannedAlert, SloPlan
from obscode.compiler.unit_tests.alert_simulator import TrafficPhase
from obscode.model.burn_rate import Tier
from obscode.model.numbers import format_decimal
from obscode.promql.duration import milliseconds

# Events per input window: above every min_events, and a thousandth of the smallest budget is still one event.
BUSY = 1_000_000
# promtool accepts 10,000 samples per series, and its results beyond about three days are unreliable:
# https://github.com/prometheus/prometheus/issues/17237 and issues/10863
LONGEST = milliseconds("2d20h")


@dataclass(frozen=True)
class Scenario:
    """Named traffic.

    Attributes:
        group: values for the SLI's `by` labels.
        is_long: the traffic is evaluated at the interval of the long windows.
    """

    name: str
    phases: tuple[TrafficPhase, ...]
    group: Mapping[str, str] = field(default_factory=dict)
    is_long: bool = False


def short_scenarios(plan: SloPlan) -> Iterator[Scenario]:
    """Scenarios at the evaluation interval of the short windows."""
    base = milliseconds(plan.base)
    yield Scenario("no traffic, no alert", (TrafficPhase(6 * base, 0), TrafficPhase(3 * base, None)))
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
                yield _step(plan, alert, tier)


def outage(plan: SloPlan) -> Scenario:
    """All events are bad, for half of the shortest long window; the alert resolves with its slowest short window."""
    base = milliseconds(plan.base)
    phases = (TrafficPhase(12 * base, BUSY), TrafficPhase(6 * base, BUSY, BUSY), TrafficPhase(12 * base, BUSY))
    return Scenario("a total outage alerts", phases)


def _low_traffic(plan: SloPlan) -> Iterator[Scenario]:
    """Little traffic: `min_events` and `min_bad` decide when each tier alerts."""
    for alert in plan.alerts:
        tiers = [tier for tier in alert.tiers if not plan.is_long(tier.long)]
        for tier, slower in zip_longest(tiers, tiers[1:]):
            yield from _guards(plan, alert, tier, slower)
    if plan.slo.guard()[1]:
        traffic = TrafficPhase(2 * milliseconds(plan.base), 10, min(1, plan.slo.guard()[1] / 10))
        yield Scenario("one bad event in ten for a minute: no alert", (traffic,))


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
        yield Scenario(name, (*before, TrafficPhase(length, events * part, events * part)))
    if bad:
        name = f"{tier.name}: errors with little traffic alert from {bad} bad events on"
        total = max(events * 1.2, bad * 1.25) * part
        yield Scenario(name, (*before, TrafficPhase(length, total, bad * part)))


def _steady(plan: SloPlan, alert: PlannedAlert) -> Iterator[Scenario]:
    """A constant burn rate just below and just above the lowest factor of an alert, for longer than `for`."""
    tier = alert.tiers[-1]
    length = milliseconds(alert.for_) + 10 * milliseconds(plan.base)
    for times, side in ((0.95, "below"), (1.05, "above")):
        bad = min(_threshold(plan, tier) * times, 1.0) * BUSY
        yield Scenario(
            f"{tier.name}: a burn rate just {side} {_factor(plan, tier)}", (TrafficPhase(length, BUSY, bad),)
        )


def _burst(plan: SloPlan, alert: PlannedAlert, tier: Tier, slower: Tier) -> Iterator[Scenario]:
    """Errors in the long window, which are too few for the slower tier of the alert.

    Below: the short window is well above the threshold. Above: both are just above, then the short one just below.
    """
    long, threshold = milliseconds(tier.long), _threshold(plan, tier)
    healthy = min(int(long * threshold / _threshold(plan, slower) * 1.5) - long, LONGEST)
    before = TrafficPhase(_whole_steps(plan, healthy), BUSY)
    factor = _factor(plan, tier)
    errors = TrafficPhase(_whole_steps(plan, long // 2), BUSY, min(1.9 * threshold, 1.0) * BUSY)
    yield Scenario(f"{tier.name}: errors that burn just below {factor} times in {tier.long}", (before, errors))
    above = TrafficPhase(_whole_steps(plan, long), BUSY, min(1.05 * threshold, 1.0) * BUSY)
    after = 2 * milliseconds(tier.short) + 2 * milliseconds(alert.keep_firing_for)
    below = TrafficPhase(_whole_steps(plan, after), BUSY, min(0.95 * threshold, 1.0) * BUSY)
    name = f"{tier.name}: errors that burn just above {factor} times in {tier.long}, then below in {tier.short}"
    yield Scenario(name, (before, above, below))


def _last(plan: SloPlan, alert: PlannedAlert, tier: Tier) -> Iterator[Scenario]:
    """The slowest tier of an alert: one of its windows is above the threshold, the other just below."""
    yield _fading(plan, alert, tier)
    yield _recent(plan, tier)


def _step(plan: SloPlan, alert: PlannedAlert, tier: Tier) -> Scenario:
    """Healthy for most of the long window, then twice the factor, then healthy until the alert resolves.

    A step outage of error ratio e crosses the threshold f x b of a long window L after f x b / e x L, here within
    half of it. It falls below the threshold S x (1 - f x b / e) after its end, where S is the short window.
    """
    long, short = milliseconds(tier.long), milliseconds(tier.short)
    after = short + 2 * milliseconds(alert.keep_firing_for) + milliseconds(plan.tile)
    burning = long * 11 // 20 + 2 * milliseconds(alert.for_)
    before = min(long * 3 // 4, LONGEST - after - burning)
    if before < 0:
        before, burning = (LONGEST - after) // 2, (LONGEST - after) // 2
    bad = min(1.0, 2 * _threshold(plan, tier)) * BUSY
    phases = (
        TrafficPhase(_whole_steps(plan, before), BUSY),
        TrafficPhase(_whole_steps(plan, burning), BUSY, bad),
        TrafficPhase(_whole_steps(plan, after), BUSY),
    )
    name = f"{tier.name}: fires within its long window, resolves with its short window"
    return Scenario(name, phases, is_long=True)


def _fading(plan: SloPlan, alert: PlannedAlert, tier: Tier) -> Scenario:
    """A short total outage, then an error ratio just below the threshold: only the long window is above it."""
    base = milliseconds(plan.base)
    after = 2 * milliseconds(tier.short) + 2 * milliseconds(alert.keep_firing_for) + 4 * base
    phases = (
        TrafficPhase(2 * base, BUSY, BUSY),
        TrafficPhase(_whole_steps(plan, after), BUSY, _threshold(plan, tier) * 0.95 * BUSY),
    )
    return Scenario(f"{tier.name}: the long window alone does not keep it firing", phases)


def _recent(plan: SloPlan, tier: Tier) -> Scenario:
    """The short window is well above the threshold, the long window just below."""
    long, short = milliseconds(tier.long), milliseconds(tier.short)
    part = short / long
    high = min(1.5 * _threshold(plan, tier), 1.0)
    low = max((0.95 * _threshold(plan, tier) - high * part) / (1 - part), 0)
    phases = (
        TrafficPhase(_whole_steps(plan, long - short), BUSY, low * BUSY),
        TrafficPhase(_whole_steps(plan, short), BUSY, high * BUSY),
    )
    return Scenario(f"{tier.name}: the short window alone does not fire it", phases)


def _factor(plan: SloPlan, tier: Tier) -> str:
    return format_decimal(tier.factor(plan.slo.period))


def _threshold(plan: SloPlan, tier: Tier) -> float:
    return float(tier.factor(plan.slo.period) * plan.slo.budget())


def _whole_steps(plan: SloPlan, length: int) -> int:
    """The length rounded down to evaluation intervals of the long windows."""
    step = milliseconds(plan.slow_interval)
    return max(1, length // step) * step
