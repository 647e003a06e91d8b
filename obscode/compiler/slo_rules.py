"""The recording rules of an SLO and its rule groups.

Bad and total events are counted from the raw series once, in the base window. Every longer window sums these counts,
so that its ratio is weighted by events:

- up to 12 base windows, all counts are summed; each event is in several of them, so the sum is divided;
- up to 72 base windows, adjacent counts are summed, one per base window;
- beyond, counts of tiles of six base windows are summed, so that three days cost 144 samples.

The short windows are evaluated every minute, the long ones every four minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from obscode.artifacts.rules import RecordingRule, Rule, RuleGroup
from obscode.compiler.no_data_alerts import no_data_alerts
from obscode.compiler.slo_alerts import burn_alerts
from obscode.compiler.slo_plan import (
    MAX_OVERLAPPING_BASE_WINDOWS,
    MAX_TILED_BASE_WINDOWS,
    SloPlan,
    service_matchers,
)
from obscode.compiler.usual_traffic import usual_traffic
from obscode.model import naming
from obscode.model.burn_rate import duration_ms
from obscode.model.numbers import format_decimal
from obscode.promql.selector import Selector

#: Mimir's default limit of rules in a group.
MAX_RULES_PER_GROUP = 20


def slo_groups(plan: SloPlan) -> list[RuleGroup]:
    """The rule groups of an SLO: in each, records first, then the alerts that read them."""
    fast: list[Rule] = [*_events(plan), *_ratios(plan, long=False), _burn_rate(plan)]
    fast += [*burn_alerts(plan, long=False), *no_data_alerts(plan)]
    slow: list[Rule] = [*_ratios(plan, long=True), *_budget(plan), *usual_traffic(plan), *burn_alerts(plan, long=True)]
    return [*_split_groups(plan, fast, long=False), *_split_groups(plan, slow, long=True)]


def _split_groups(plan: SloPlan, rules: list[Rule], *, long: bool) -> Iterator[RuleGroup]:
    """Groups of at most 20 rules."""
    interval = plan.slow_interval if long else plan.interval
    for part, start in enumerate(range(0, len(rules), MAX_RULES_PER_GROUP), 1):
        name = naming.slo_group(plan.service.name, plan.slo.name, long=long, part=part)
        yield RuleGroup(name, rules[start : start + MAX_RULES_PER_GROUP], interval, source=plan.slo)


def _record(plan: SloPlan, series: Selector, expr: str, labels: Mapping[str, str] | None = None) -> RecordingRule:
    return RecordingRule(series.metric, expr, plan.identity | dict(labels or {}), plan.slo)


# --- events and ratios -------------------------------------------------------------------------------------------


def _events(plan: SloPlan) -> Iterator[RecordingRule]:
    events = plan.slo.sli.events(plan.base, service_matchers(plan.service))
    yield _record(plan, plan.total(plan.base), events.total)
    # A group without bad events is 0 where its total exists; a misspelt metric still gives no sample.
    bad = events.bad if events.complete else f"({events.bad})\nor\n0 * ({events.total})"
    yield _record(plan, plan.bad(plan.base), bad)


def _ratios(plan: SloPlan, *, long: bool) -> Iterator[RecordingRule]:
    windows = [window for window in plan.windows if plan.is_long(window) == long]
    if long and plan.slo.period not in windows:
        windows.append(plan.slo.period)
    for window in windows:
        yield from _window(plan, window)


def _window(plan: SloPlan, window: str) -> Iterator[RecordingRule]:
    """The error ratio of a window, and its events where an alert or the budget reads them."""
    if window == plan.base:
        yield _record(plan, plan.ratio(window), f"{plan.bad(window)}\n/\n({plan.total(window)} > 0)")
        return
    bad, total = _sum(plan, plan.bad, window), _sum(plan, plan.total, window)
    if window == plan.tile:
        yield _record(plan, plan.bad(window), bad)
        bad = str(plan.bad(window))
    if window in plan.long_windows or window == plan.tile:
        yield _record(plan, plan.total(window), total)
        total = str(plan.total(window))
    yield _record(plan, plan.ratio(window), f"{bad}\n/\n({total} > 0)")


def _sum(plan: SloPlan, series: Callable[[str], Selector], window: str) -> str:
    base_windows = duration_ms(window) / duration_ms(plan.base)
    if base_windows <= MAX_OVERLAPPING_BASE_WINDOWS:
        # Each event is counted in as many evaluations as there are in a base window.
        repeats = duration_ms(plan.base) / duration_ms(plan.interval)
        divided = f" / {format_decimal(repeats)}" if repeats != 1 else ""
        return f"sum_over_time({series(plan.base)}[{window}]){divided}"
    step = plan.base if base_windows <= MAX_TILED_BASE_WINDOWS else plan.tile
    return f"sum_over_time({series(step)}[{window}:{step}])"


# --- budget ------------------------------------------------------------------------------------------------------


def _burn_rate(plan: SloPlan) -> RecordingRule:
    window = plan.tiers[0].long if plan.tiers else plan.tile
    if plan.is_long(window):
        window = plan.tile
    budget = format_decimal(plan.slo.budget())
    return _record(plan, plan.series(naming.BURN_RATE), f"{plan.ratio(window)}\n/\n{budget}")


def _budget(plan: SloPlan) -> Iterator[RecordingRule]:
    """The objective, the error budget and how much of it remains."""
    slo, budget = plan.slo, format_decimal(plan.slo.budget())
    seconds = format_decimal(duration_ms(slo.period) / 1000)
    remaining, rate = plan.series(naming.BUDGET_REMAINING), plan.series(naming.BURN_RATE)
    yield _record(plan, remaining, f"1 - {plan.ratio(slo.period)} / {budget}")
    yield _record(plan, plan.series(naming.EXHAUSTION), f"clamp_min({remaining}, 0) * {seconds}\n/\n({rate} > 0)")
    yield _record(plan, plan.series(naming.OBJECTIVE), f"vector({format_decimal(slo.target())})")
    yield _record(plan, plan.series(naming.ERROR_BUDGET), f"vector({budget})")
    yield _record(plan, plan.series(naming.PERIOD), f"vector({seconds})")
    yield info_rule(plan)


def info_rule(plan: SloPlan) -> RecordingRule:
    """`slo:info`, the only series with the SLO's own labels."""
    dashboard = naming.dashboard_uid(plan.dashboard) if plan.project.generated_dashboards else ""
    labels = {
        "objective": format_decimal(plan.slo.percent()),
        "period": plan.slo.period,
        **naming.owner_label(plan.service.owner),
        **plan.slo.labels,
        **({naming.DASHBOARD: dashboard} if dashboard else {}),
    }
    return _record(plan, plan.series(naming.INFO), "vector(1)", labels)
