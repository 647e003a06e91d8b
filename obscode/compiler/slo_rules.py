"""The rule groups of an SLO: events and ratios of its windows, the period, the budget, and the alerts.

Bad and total events are counted from the raw series once, in the base window. Every longer window is the sum of
adjacent shorter windows, so that its ratio is weighted by events and up to date at every evaluation. The short windows
are evaluated every minute, the long ones every four minutes, the tiles of the period once per tile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from obscode.artifacts.rules import RecordingRule, Rule, RuleGroup
from obscode.compiler.no_data_alerts import no_data_alerts
from obscode.compiler.slo_alerts import burn_alerts
from obscode.compiler.slo_period import budget_rules, tile_rules
from obscode.compiler.slo_plan import SloPlan
from obscode.compiler.slo_records import events, record
from obscode.compiler.slo_windows import Part
from obscode.compiler.usual_traffic import usual_traffic
from obscode.model import naming
from obscode.model.burn_rate import duration_ms
from obscode.model.numbers import format_decimal
from obscode.promql import duration
from obscode.promql.selector import Selector

#: Mimir's default limit of rules in a group.
MAX_RULES_PER_GROUP = 20
# Prometheus returns a sample for five minutes; a longer window needs more, so that a gap loses no more than the gap.
_LOOKBACK = duration.milliseconds("5m")
#: How old the counts of a part of a window may be.
LONGEST_GAP = "30m"
_LONG, _BUDGET, _PERIOD, _NO_DATA = "long", "budget", "period", "no-data"


def slo_groups(plan: SloPlan) -> list[RuleGroup]:
    """The rule groups of an SLO: in each, records first, then the alerts that read them."""
    fast = [*_events(plan), *_windows(plan, long=False), *burn_alerts(plan, long=False)]
    windows, alerts = list(_windows(plan, long=True)), list(burn_alerts(plan, long=True))
    budget = list(budget_rules(plan))
    # No alert reads the budget, so that it has a group of its own rather than the last alerts.
    is_apart = len(windows) + len(budget) + len(alerts) > MAX_RULES_PER_GROUP
    slow = [*windows, *([] if is_apart else budget), *alerts]
    return [
        *_split_groups(plan, fast, "", plan.interval),
        *_split_groups(plan, slow, _LONG, plan.slow_interval),
        *_split_groups(plan, budget if is_apart else [], _BUDGET, plan.slow_interval),
        *_split_groups(plan, list(tile_rules(plan)), _PERIOD, plan.tile),
        *_split_groups(plan, [*usual_traffic(plan), *no_data_alerts(plan)], _NO_DATA, plan.slow_interval),
    ]


def _split_groups(plan: SloPlan, rules: Sequence[Rule], suffix: str, interval: str) -> Iterator[RuleGroup]:
    """Groups of at most 20 rules."""
    for part, start in enumerate(range(0, len(rules), MAX_RULES_PER_GROUP), 1):
        name = naming.slo_group(plan.service.name, plan.slo.name, suffix, part=part)
        yield RuleGroup(name, rules[start : start + MAX_RULES_PER_GROUP], interval, source=plan.slo)


def _events(plan: SloPlan) -> Iterator[RecordingRule]:
    """Total and bad events in the base window; slices of time are recorded one by one and then summed."""
    total, bad = events(plan, plan.base)
    if not plan.slo.sli.is_sampled:
        slices = plan.series(naming.SLICE_TOTAL), plan.series(naming.SLICE_BAD)
        yield record(plan, slices[0], total)
        yield record(plan, slices[1], bad)
        total, bad = (_slices(plan, one) for one in slices)
    yield record(plan, plan.total(plan.base), total)
    yield record(plan, plan.bad(plan.base), bad)


def _slices(plan: SloPlan, one: Selector) -> str:
    """The slices of a base window, each as long as an evaluation interval.

    The range starts between two slices: Prometheus 2 includes a sample at its start, Prometheus 3 does not.
    """
    base, interval = duration.milliseconds(plan.base), duration.milliseconds(plan.interval)
    window = duration.format_duration(base - interval // 2)
    return f"sum_over_time({one}[{window}]) / {format_decimal(duration_ms(plan.base) / interval)}"


def _windows(plan: SloPlan, *, long: bool) -> Iterator[RecordingRule]:
    """The events of each window, and its error ratio."""
    for window, parts in plan.sums.items():
        if plan.is_long(window) != long:
            continue
        if parts:
            yield record(plan, plan.total(window), _sum(plan.total, parts))
            yield record(plan, plan.bad(window), _sum(plan.bad, parts))
        if window in plan.windows:
            yield record(plan, plan.ratio(window), f"{plan.bad(window)}\n/\n({plan.total(window)} > 0)")


def _sum(series: Callable[[str], Selector], parts: Sequence[Part]) -> str:
    """The parts of a window; a missing one counts as 0, so that a new service has ratios from its first minute."""
    newest = series(duration.format_duration(parts[0].window))
    return "\n+ ".join(_part(series, part, newest) if part.offset else str(newest) for part in parts)


def _part(series: Callable[[str], Selector], part: Part, newest: Selector) -> str:
    one, offset = series(duration.format_duration(part.window)), duration.format_duration(part.offset)
    earlier = (
        f"last_over_time({one}[{LONGEST_GAP}] offset {offset})" if part.window > _LOOKBACK else f"{one} offset {offset}"
    )
    share = f"{format_decimal(part.share)} * " if part.share != 1 else ""
    return f"({share}{earlier} or 0 * {newest})"
