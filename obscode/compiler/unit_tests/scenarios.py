"""Traffic scenarios for the generated tests: steady burn rates, outages, low traffic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from obscode.compiler.slo_plan import SloPlan
from obscode.compiler.unit_tests.alert_simulator import TrafficPhase
from obscode.model.burn_rate import Tier
from obscode.model.numbers import format_decimal
from obscode.promql.duration import milliseconds

# Events per base window: above every min_events, and a thousandth of the smallest budget is still one event.
BUSY = 1_000_000
# promtool accepts 10,000 samples per series, and its results beyond about three days are unreliable:
# https://github.com/prometheus/prometheus/issues/17237 and issues/10863
LONGEST = milliseconds("2d20h")


@dataclass(frozen=True)
class Scenario:
    """Named traffic.

    Attributes:
        group: values for the SLI's `by` labels.
        uses_tiles: the traffic is given in tiles, for the long windows.
    """

    name: str
    phases: tuple[TrafficPhase, ...]
    group: Mapping[str, str] = field(default_factory=dict)
    uses_tiles: bool = False


def short_scenarios(plan: SloPlan) -> Iterator[Scenario]:
    """Scenarios at the evaluation interval of the short windows."""
    base = milliseconds(plan.base)
    yield Scenario("no errors, no alert", (TrafficPhase(6 * base, BUSY),))
    yield Scenario("no traffic, no alert", (TrafficPhase(6 * base, 0), TrafficPhase(3 * base, None)))
    yield outage(plan)
    yield from _low_traffic(plan)
    for tier in plan.tiers:
        yield from _steady(plan, tier)
    for tier in plan.tiers:
        if not plan.is_long(tier.long):
            yield _step(plan, tier)
            yield _fading(plan, tier)
            yield _recent(plan, tier)


def long_scenarios(plan: SloPlan) -> Iterator[Scenario]:
    """Scenarios of days, for tiers with long windows, in counts of whole tiles."""
    for tier in plan.tiers:
        if plan.is_long(tier.long):
            step = _step(plan, tier)
            yield Scenario(step.name, step.phases, uses_tiles=True)
            yield from _one_window_only(plan, tier)


def outage(plan: SloPlan) -> Scenario:
    """All events are bad, for half of the shortest long window."""
    base = milliseconds(plan.base)
    phases = (TrafficPhase(12 * base, BUSY), TrafficPhase(6 * base, BUSY, BUSY), TrafficPhase(12 * base, BUSY))
    return Scenario("a total outage alerts", phases)


def _low_traffic(plan: SloPlan) -> Iterator[Scenario]:
    """A young service with little traffic: `min_events` and `min_bad` decide when it alerts."""
    events, bad = plan.slo.guard()
    base = milliseconds(plan.base)
    longest_for = max((milliseconds(for_of(plan, tier)) for tier in plan.tiers), default=0)
    length = 20 * base + longest_for
    if events:
        rate = events * 0.12
        name = f"a total outage with little traffic alerts from {events} events on"
        yield Scenario(name, (TrafficPhase(length, rate, rate),))
    if bad:
        total, failed = max(events * 0.24, bad * 0.24), bad * 0.12
        yield Scenario(
            f"errors with little traffic alert from {bad} bad events on", (TrafficPhase(length, total, failed),)
        )
        yield Scenario("one bad event in ten for a minute: no alert", (TrafficPhase(2 * base, 10, min(1, bad / 10)),))


def _steady(plan: SloPlan, tier: Tier) -> Iterator[Scenario]:
    """A constant burn rate just below and just above the factor, for longer than `for`."""
    factor = format_decimal(tier.factor(plan.slo.period))
    length = milliseconds(for_of(plan, tier)) + 10 * milliseconds(plan.base)
    for times, side in ((0.95, "below"), (1.05, "above")):
        bad = min(_threshold(plan, tier) * times, 1.0) * BUSY
        yield Scenario(f"{tier.name}: a burn rate just {side} {factor}", (TrafficPhase(length, BUSY, bad),))


def _step(plan: SloPlan, tier: Tier) -> Scenario:
    """Healthy for most of the long window, then twice the factor, then healthy until the alert resolves.

    A step outage of error ratio e crosses the threshold f x b of a long window L after f x b / e x L, here within
    half of it. It falls below the threshold S x (1 - f x b / e) after its end, where S is the short window.
    """
    long, short = milliseconds(tier.long), milliseconds(tier.short)
    after = short + 2 * milliseconds(keep_firing_for_of(plan, tier)) + milliseconds(plan.tile)
    burning = long * 11 // 20 + 2 * milliseconds(for_of(plan, tier))
    before = min(long * 3 // 4, LONGEST - after - burning)
    if before < 0:
        before, burning = (LONGEST - after) // 2, (LONGEST - after) // 2
    bad = min(1.0, 2 * _threshold(plan, tier)) * BUSY
    phases = (
        TrafficPhase(_whole_steps(plan, before), BUSY),
        TrafficPhase(_whole_steps(plan, burning), BUSY, bad),
        TrafficPhase(_whole_steps(plan, after), BUSY),
    )
    return Scenario(f"{tier.name}: fires within its long window, resolves with its short window", phases)


def _fading(plan: SloPlan, tier: Tier) -> Scenario:
    """A short total outage, then an error ratio just below the threshold: only the long window is above it."""
    base = milliseconds(plan.base)
    after = 2 * milliseconds(tier.short) + 2 * milliseconds(keep_firing_for_of(plan, tier)) + 4 * base
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


def _one_window_only(plan: SloPlan, tier: Tier) -> Iterator[Scenario]:
    """The two scenarios above for a tier with a long window; each window has its own ratio."""
    length = _whole_steps(plan, 2 * milliseconds(plan.tile) + 2 * milliseconds(for_of(plan, tier)))
    low, high = 0.95 * _threshold(plan, tier), min(1.5 * _threshold(plan, tier), 1.0)
    recent = TrafficPhase(length, BUSY, low * BUSY, short=high)
    yield Scenario(f"{tier.name}: the short window alone does not fire it", (recent,), uses_tiles=True)
    fading = TrafficPhase(length, BUSY, high * BUSY, short=low)
    yield Scenario(f"{tier.name}: the long window alone does not fire it", (fading,), uses_tiles=True)


def for_of(plan: SloPlan, tier: Tier) -> str:
    """The `for` of a tier's alert."""
    return plan.burn_alert(tier).for_ or tier.for_


def keep_firing_for_of(plan: SloPlan, tier: Tier) -> str:
    """The `keep_firing_for` of a tier's alert."""
    return plan.burn_alert(tier).keep_firing_for or tier.keep_firing_for


def _threshold(plan: SloPlan, tier: Tier) -> float:
    return float(tier.factor(plan.slo.period) * plan.slo.budget())


def _whole_steps(plan: SloPlan, length: int) -> int:
    """The length rounded down to evaluation intervals of the long windows."""
    step = milliseconds(plan.slow_interval)
    return max(1, length // step) * step
