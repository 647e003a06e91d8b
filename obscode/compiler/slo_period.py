"""The rules of an SLO's period: its events, its error ratio, and what remains of the error budget.

The events of the period are the sum of *tiles*: counts of half an hour, one sample each. A tile is counted from the raw
series. Counters count on while Prometheus is down, so a tile after a missing one counts its time as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from obscode.artifacts.rules import RecordingRule
from obscode.compiler.slo_plan import SloPlan
from obscode.compiler.slo_records import events, record
from obscode.model import naming
from obscode.model.burn_rate import duration_ms
from obscode.model.numbers import format_decimal
from obscode.model.sli.base import LongerWindow
from obscode.promql import duration
from obscode.promql.selector import Selector

# The tiles that a tile replaces at most: itself and two missing ones.
_MAX_TILES = 3


def tile_rules(plan: SloPlan) -> Iterator[RecordingRule]:
    """The rules that are evaluated once per tile: its events, and then its time."""
    yield record(plan, _tile(plan, naming.TILE_TOTAL), _tile_events(plan, plan.total, 0))
    yield record(plan, _tile(plan, naming.TILE_BAD), _tile_events(plan, plan.bad, 1))
    # Without a tile there is no time, so that the next tile counts the events of this one.
    yield record(plan, plan.series(naming.TILE_TIME), f"max(timestamp({_tile(plan, naming.TILE_TOTAL)}))")


def _tile(plan: SloPlan, name: str) -> Selector:
    return plan.series(name + plan.tile)


def _tile_events(plan: SloPlan, recorded: Callable[[str], Selector], which: int) -> str:
    """Events of one tile; of two or three if the tiles before are missing."""
    if not plan.slo.sli.reads_counters:
        return str(recorded(plan.tile))
    length = duration.milliseconds(plan.tile)
    longer = [
        LongerWindow(duration.format_duration(tiles * length), f"unless on () {_last_tile(plan, tiles - 1)}")
        for tiles in range(_MAX_TILES, 1, -1)
    ]
    return events(plan, plan.tile, longer)[which]


def _last_tile(plan: SloPlan, tiles: int) -> str:
    """The time of the last tile, if it is at most some tiles old."""
    length = duration.milliseconds(plan.tile)
    return f"last_over_time({plan.series(naming.TILE_TIME)}[{duration.format_duration(tiles * length + length // 2)}])"


# --- period and budget -------------------------------------------------------------------------------------------


def budget_rules(plan: SloPlan) -> Iterator[RecordingRule]:
    """The events of the period, its error ratio, the objective, the error budget and how much of it remains."""
    slo, budget = plan.slo, format_decimal(plan.slo.budget())
    seconds = format_decimal(duration_ms(slo.period) / 1000)
    remaining, rate = plan.series(naming.BUDGET_REMAINING), plan.series(naming.BURN_RATE)
    yield record(plan, plan.series(naming.TILE_AGE), _tile_age(plan))
    yield record(plan, plan.total(slo.period), _period_events(plan, naming.TILE_TOTAL, plan.total))
    yield record(plan, plan.bad(slo.period), _period_events(plan, naming.TILE_BAD, plan.bad))
    yield record(plan, plan.ratio(slo.period), f"{plan.bad(slo.period)}\n/\n({plan.total(slo.period)} > 0)")
    yield record(plan, rate, f"{plan.ratio(plan.tiers[0].long if plan.tiers else plan.tile)}\n/\n{budget}")
    yield record(plan, remaining, f"1 - {plan.ratio(slo.period)} / {budget}")
    yield record(plan, plan.series(naming.EXHAUSTION), f"clamp_min({remaining}, 0) * {seconds}\n/\n({rate} > 0)")
    yield record(plan, plan.series(naming.OBJECTIVE), f"vector({format_decimal(slo.target())})")
    yield record(plan, plan.series(naming.ERROR_BUDGET), f"vector({budget})")
    yield record(plan, plan.series(naming.PERIOD), f"vector({seconds})")
    yield info_rule(plan)


def _tile_age(plan: SloPlan) -> str:
    """The time since the last tile, as a share of a tile; 1 without a tile."""
    seconds = format_decimal(duration_ms(plan.tile) / 1000)
    return f"clamp_max((time() - max({_last_tile(plan, 1)} or vector(0))) / {seconds}, 1)"


def _period_events(plan: SloPlan, tile: str, recorded: Callable[[str], Selector]) -> str:
    """The tiles of the period, and that share of the last half hour which no tile has counted yet."""
    tiles = f"sum_over_time({_tile(plan, tile)}[{plan.slo.period}])"
    on_slo = f"on ({', '.join(plan.identity)}) group_left ()"
    recent = f"{recorded(plan.tile)} * {on_slo} {plan.series(naming.TILE_AGE)}"
    return f"{tiles} + {recent}\nor\n{tiles}\nor\n{recent}"


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
    return record(plan, plan.series(naming.INFO), "vector(1)", labels)
