"""Courses of events on which the alerts of an SLO must do what its windows and factors say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from obscode.compiler.slo_rules import SloPlan
from obscode.compiler.unit_tests.alert_simulator import TrafficPhase
from obscode.model.burn_rate import BurnAlert, Tier, plain
from obscode.promql import duration

# Enough events a base window for every guard, and for a thousandth of the smallest budget to be one event.
BUSY = 1_000_000
# promtool takes 10,000 samples a series, and its results are not to be relied on beyond about three days:
# https://github.com/prometheus/prometheus/issues/17237 and issues/10863
LONGEST = duration.milliseconds("2d20h")


@dataclass(frozen=True)
class Scenario:
    """A course of events by name; ``group`` are the values of the SLO's `by` labels, ``coarse`` counts in tiles."""

    name: str
    phases: tuple[TrafficPhase, ...]
    group: Mapping[str, str] = field(default_factory=dict)
    uses_tiles: bool = False


def quick(plan: SloPlan) -> Iterator[Scenario]:
    """Courses at the pace of the short windows."""
    base = duration.milliseconds(plan.base)
    yield Scenario("no errors, no alert", (TrafficPhase(6 * base, BUSY),))
    yield Scenario("no traffic, no alert", (TrafficPhase(6 * base, 0), TrafficPhase(3 * base, None)))
    yield outage(plan)
    yield from _guards(plan)
    for tier in plan.tiers:
        yield from _steady(plan, tier)
    for tier in plan.tiers:
        if not plan.is_long(tier.long):
            yield _step(plan, tier)
            yield _fading(plan, tier)
            yield _fresh(plan, tier)


def slow(plan: SloPlan) -> Iterator[Scenario]:
    """Courses of days, for the tiers with long windows, in counts of whole tiles."""
    for tier in plan.tiers:
        if plan.is_long(tier.long):
            step = _step(plan, tier)
            yield Scenario(step.name, step.phases, uses_tiles=True)
            yield from _one_window_only(plan, tier)


def outage(plan: SloPlan) -> Scenario:
    """Everything fails, for half of the shortest long window."""
    base = duration.milliseconds(plan.base)
    phases = (TrafficPhase(12 * base, BUSY), TrafficPhase(6 * base, BUSY, BUSY), TrafficPhase(12 * base, BUSY))
    return Scenario("an outage of everything alerts", phases)


def _guards(plan: SloPlan) -> Iterator[Scenario]:
    """A young and quiet service: the guards decide, by tiles of which each holds less than they ask."""
    events, bad = plan.slo.guard()
    base = duration.milliseconds(plan.base)
    waits = max((duration.milliseconds(wait(plan, tier)) for tier in plan.tiers), default=0)
    length = 20 * base + waits
    if events:
        rate = events * 0.12
        yield Scenario(
            f"an outage of a quiet service alerts from {events} events on", (TrafficPhase(length, rate, rate),)
        )
    if bad:
        total, failed = max(events * 0.24, bad * 0.24), bad * 0.12
        yield Scenario(f"errors of a quiet service alert from {bad} on", (TrafficPhase(length, total, failed),))
        yield Scenario("one bad event in ten, a minute old: no alert", (TrafficPhase(2 * base, 10, min(1, bad / 10)),))


def _steady(plan: SloPlan, tier: Tier) -> Iterator[Scenario]:
    """A burn rate that every window of a young service sees alike, for as long as `for` and tiles ask."""
    factor = tier.factor(plan.slo.period)
    length = duration.milliseconds(wait(plan, tier)) + 10 * duration.milliseconds(plan.base)
    for times, word in ((0.95, "below"), (1.05, "above")):
        bad = min(_threshold(plan, tier) * times, 1.0) * BUSY
        yield Scenario(f"{tier.name}: a burn rate just {word} {plain(factor)}", (TrafficPhase(length, BUSY, bad),))


def _step(plan: SloPlan, tier: Tier) -> Scenario:
    """Healthy for most of the long window, then burning at twice the factor, then healthy until the reset.

    A step outage of error ratio e crosses the threshold f x b of a window L after f x b / e x L, here within
    half of it, and falls below it S x (1 - f x b / e) after its end, S being the short window.
    """
    long, short = duration.milliseconds(tier.long), duration.milliseconds(tier.short)
    rest = short + 2 * duration.milliseconds(keep(plan, tier)) + duration.milliseconds(plan.tile)
    burning = long * 11 // 20 + 2 * duration.milliseconds(wait(plan, tier))
    before = min(long * 3 // 4, LONGEST - rest - burning)
    if before < 0:
        before, burning = (LONGEST - rest) // 2, (LONGEST - rest) // 2
    bad = min(1.0, 2 * _threshold(plan, tier)) * BUSY
    phases = (
        TrafficPhase(_whole(plan, before), BUSY),
        TrafficPhase(_whole(plan, burning), BUSY, bad),
        TrafficPhase(_whole(plan, rest), BUSY),
    )
    return Scenario(f"{tier.name}: fires within its long window, resets with its short one", phases)


def _fading(plan: SloPlan, tier: Tier) -> Scenario:
    """Everything fails for a moment, and from then on a little less than the short window lets pass."""
    base = duration.milliseconds(plan.base)
    rest = 2 * duration.milliseconds(tier.short) + 2 * duration.milliseconds(keep(plan, tier)) + 4 * base
    phases = (
        TrafficPhase(2 * base, BUSY, BUSY),
        TrafficPhase(_whole(plan, rest), BUSY, _threshold(plan, tier) * 0.95 * BUSY),
    )
    return Scenario(f"{tier.name}: the long window alone does not keep it firing", phases)


def _fresh(plan: SloPlan, tier: Tier) -> Scenario:
    """The short window is well above the threshold, the long one a little below."""
    long, short = duration.milliseconds(tier.long), duration.milliseconds(tier.short)
    part = short / long
    high = min(1.5 * _threshold(plan, tier), 1.0)
    low = max((0.95 * _threshold(plan, tier) - high * part) / (1 - part), 0)
    phases = (
        TrafficPhase(_whole(plan, long - short), BUSY, low * BUSY),
        TrafficPhase(_whole(plan, short), BUSY, high * BUSY),
    )
    return Scenario(f"{tier.name}: the short window alone does not fire it", phases)


def _one_window_only(plan: SloPlan, tier: Tier) -> Iterator[Scenario]:
    """The same two of a tier with a long window, each window having a ratio of its own."""
    length = _whole(plan, 2 * duration.milliseconds(plan.tile) + 2 * duration.milliseconds(wait(plan, tier)))
    near, far = 0.95 * _threshold(plan, tier), min(1.5 * _threshold(plan, tier), 1.0)
    fresh = TrafficPhase(length, BUSY, near * BUSY, short=far)
    yield Scenario(f"{tier.name}: the short window alone does not fire it", (fresh,), uses_tiles=True)
    fading = TrafficPhase(length, BUSY, far * BUSY, short=near)
    yield Scenario(f"{tier.name}: the long window alone does not fire it", (fading,), uses_tiles=True)


def wait(plan: SloPlan, tier: Tier) -> str:
    """How long the tier's condition must hold."""
    return _custom(plan, tier).for_ or tier.for_


def keep(plan: SloPlan, tier: Tier) -> str:
    """How long the tier's alert outlasts its condition."""
    return _custom(plan, tier).keep_firing_for or tier.keep_firing_for


def _custom(plan: SloPlan, tier: Tier) -> BurnAlert:
    return plan.slo.alerts.get(tier.name) or BurnAlert()


def _threshold(plan: SloPlan, tier: Tier) -> float:
    return float(tier.factor(plan.slo.period) * plan.slo.budget())


def _whole(plan: SloPlan, length: int) -> int:
    """Whole steps of either pace."""
    step = duration.milliseconds(plan.slow_interval)
    return max(1, length // step) * step


def number(value: float) -> str:
    """A number as promtool reads it, without an exponent; nine digits of what is small, too."""
    return plain(Decimal(f"{value:.9f}" if abs(value) >= 1 else f"{value:.9g}"))
