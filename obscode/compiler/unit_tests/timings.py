"""What decides when the alerts of an SLO fire, as the input of the simulation."""

from __future__ import annotations

from obscode.compiler.slo_plan import PlannedAlert, SloPlan
from obscode.compiler.unit_tests.alert_simulator import AlertTimings, SloTimings, TierTimings
from obscode.promql.duration import milliseconds


def slo_timings(plan: SloPlan, step: int, *, is_long: bool = False) -> SloTimings:
    """The input of the simulation, in steps of some milliseconds; with ``is_long``, only with tiers of long windows."""
    return SloTimings(
        step,
        milliseconds(input_window(plan, is_long=is_long)),
        tuple((milliseconds(window), tuple(parts)) for window, parts in plan.sums.items() if parts),
        tuple(alert for each in plan.alerts if (alert := _alert_timings(plan, each, is_long)).tiers),
        *plan.slo.guard(),
    )


def _alert_timings(plan: SloPlan, alert: PlannedAlert, is_long: bool) -> AlertTimings:
    tiers = tuple(
        TierTimings(
            milliseconds(tier.long),
            milliseconds(tier.short),
            float(tier.factor(plan.slo.period) * plan.slo.budget()),
        )
        for tier in alert.tiers
        if not is_long or plan.is_long(tier.long)
    )
    interval = plan.slow_interval if plan.is_long(alert.tiers[0].long) else plan.interval
    others = [other.key for other in plan.more_urgent(alert)]
    if is_long:
        others = [other.key for other in plan.more_urgent(alert) if any(plan.is_long(t.long) for t in other.tiers)]
    return AlertTimings(
        alert.key,
        tiers,
        milliseconds(alert.for_),
        milliseconds(alert.keep_firing_for),
        milliseconds(interval),
        tuple(others),
    )


def input_window(plan: SloPlan, *, is_long: bool) -> str:
    """The window of the input: the base, or the longest one of which the windows of all long tiers are sums."""
    if not is_long:
        return plan.base
    lengths = {milliseconds(window): window for window in plan.sums}
    tiers = [tier for tier in plan.slo.tiers() if plan.is_long(tier.long)]
    leaves = {milliseconds(window) for tier in tiers for window in (tier.long, tier.short)}
    while len(leaves) > 1:
        longest = max(leaves)
        leaves = leaves - {longest} | {part.window for part in plan.sums[lengths[longest]]}
    return lengths[min(leaves)]
