"""The panels of an SLO's detail dashboard: the budget, its burn rate, the alerts and the events."""

from __future__ import annotations

from obscode.compiler.dashboards import formats
from obscode.compiler.dashboards.selected_slo import ON_SLO, SelectedSlo
from obscode.compiler.slo_plan import PlannedAlert
from obscode.model import naming
from obscode.model.burn_rate import Tier
from obscode.model.dashboard import Override, Query, Row, Threshold, ValueMap
from obscode.model.numbers import format_decimal, round_factor
from obscode.model.panels import Stat, StateTimeline, TimeSeries

_START = "${__from:date:seconds}"
# The axis ends at this multiple of the threshold, so that the threshold is always visible.
_HEADROOM = 2
_QUIET, _BURNING = 0, 1


# --- budget and events ------------------------------------------------------------------------------------------------


def objective_row(selected: SelectedSlo) -> Row:
    """The numbers at the top: objective, SLI, budget, burn rate, time to exhaustion."""
    slo, slos = selected.plan.slo, [plan.slo for plan in selected.plans]
    decimals = formats.objective_decimals(slos)
    remaining, legend = selected.of_groups(naming.BUDGET_REMAINING), formats.per_group("", selected.labels)
    return Row(
        "",
        Stat(
            "Objective",
            f"{selected.of_slo(naming.OBJECTIVE)}",
            description="The ratio of events that must be good over the period.",
            legend="Objective",
            unit=formats.RATIO,
            decimals=decimals,
            no_value="No SLO",
            color_mode="none",
        ),
        Stat(
            "SLI now",
            f"1 - {selected.of_groups(naming.BURN_RATE)} * {ON_SLO} {selected.budget}",
            description="The ratio of good events, in the window of the burn rate.",
            legend=legend or "SLI",
            unit=formats.RATIO,
            decimals=decimals + 1,
            no_value=formats.NO_EVENTS,
            color_mode="none",
        ),
        Stat(
            "SLI over the period",
            f"1 - {selected.of_groups(naming.ERROR_RATIO_PERIOD)}",
            description=f"The ratio of good events in the last {slo.period}.",
            legend=legend or "SLI",
            unit=formats.RATIO,
            decimals=decimals + 1,
            no_value=formats.NO_EVENTS,
            color_mode="none",
        ),
        Stat(
            "Budget remaining",
            f"{remaining}",
            description="The remaining ratio of the period's error budget. Below zero, the objective is missed.",
            legend=legend or "Budget remaining",
            **formats.budget_left(),
        ),
        Stat(
            "Burn rate",
            f"{selected.of_groups(naming.BURN_RATE)}",
            description="The current burn rate. At 1, the budget lasts exactly the period.",
            legend=legend or "Burn rate",
            **formats.burning(),
        ),
        Stat(
            "Budget lasts",
            formats.time_left(
                str(selected.of_groups(naming.EXHAUSTION)),
                str(selected.of_groups(naming.BURN_RATE)),
            ),
            description="The time until the budget is spent at the current burn rate.",
            legend=legend or "Budget lasts",
            no_value=formats.NO_EVENTS,
            color_mode="none",
            **formats.budget_lasts(),
        ),
        key="promise",
    )


def budget_row(selected: SelectedSlo) -> Row:
    """The remaining budget over the period, the time to its exhaustion, and the error ratio."""
    period = selected.plan.slo.period
    return Row(
        "Error budget",
        TimeSeries(
            "Burn-down",
            [
                Query(_burn_down(selected), legend=formats.per_group("Budget left", selected.labels), ref="left"),
                Query(_even_burn(), legend="Even burn", ref="even"),
            ],
            description=(
                f"The remaining budget over the last {period}. Below the dashed line, it is spent faster than evenly."
            ),
            time_range=period,
            unit=formats.RATIO,
            decimals=1,
            soft_minimum=0,
            maximum=1,
            no_value=formats.NO_EVENTS,
            overrides=[Override(query="even", color="text", dashed=True)],
            width=12,
        ),
        TimeSeries(
            "Budget lasts",
            f"{selected.of_groups(naming.EXHAUSTION)}",
            description=(
                "The time until the budget is spent at the burn rate of that moment. Empty while no budget burns."
            ),
            legend=formats.per_group("Budget lasts", selected.labels),
            unit="s",
            minimum=0,
            no_value="No data",
            width=6,
        ),
        TimeSeries(
            "Error ratio",
            [
                Query(
                    f"{selected.ratio(selected.plan.base)}", legend=formats.per_group("Bad", selected.labels), ref="bad"
                ),
                Query(f"{selected.budget}", legend="Budget", ref="budget"),
            ],
            description=(f"The ratio of bad events in {selected.plan.base}. The dashed line is the error budget."),
            unit=formats.RATIO,
            decimals=formats.ratio_decimals([plan.slo for plan in selected.plans]),
            minimum=0,
            no_value=formats.NO_EVENTS,
            overrides=[Override(query="budget", color="orange", dashed=True)],
            width=6,
        ),
        key="budget",
    )


def _burn_down(selected: SelectedSlo) -> str:
    """The budget minus the bad events since the start of the time range; the subquery drops earlier ones."""
    tile, period = selected.plan.tile, selected.plan.slo.period
    bad, total = (
        f"last_over_time({selected.of_groups(name + tile)}[{tile}])" for name in (naming.TILE_BAD, naming.TILE_TOTAL)
    )
    since = f"{bad} and on () (vector(time()) >= {_START})"
    all_events = f"(sum_over_time({total}[{period}:{tile}] @ end()) > 0) * {ON_SLO} {selected.budget} @ end()"
    return f"1 - sum_over_time(({since})[{period}:{tile}])\n/\n({all_events})"


def _even_burn() -> str:
    return f"1 - (vector(time()) - {_START}) / $__range_s"


def events_row(selected: SelectedSlo) -> Row:
    """All events and bad events."""
    base, period = selected.plan.base, selected.plan.slo.period
    legend = formats.per_group("", selected.labels)
    return Row(
        "Events",
        TimeSeries(
            "Events over time",
            [
                Query(f"{selected.total(base)}", legend=formats.per_group("All", selected.labels), ref="all"),
                Query(f"{selected.bad(base)}", legend=formats.per_group("Bad", selected.labels), ref="bad"),
            ],
            description=f"All events and bad events in {base}.",
            unit="short",
            minimum=0,
            fill=10,
            no_value=formats.NO_EVENTS,
            overrides=[Override(query="bad", color="red")],
            width=16,
            key=naming.EVENTS_PANEL,
        ),
        Stat(
            "Events in the period",
            f"{selected.total(period)}",
            description=f"All events in the last {period}.",
            legend=legend or "Events",
            unit="short",
            no_value=formats.NO_EVENTS,
            color_mode="none",
            width=4,
        ),
        Stat(
            "Bad events in the period",
            f"{selected.of_groups(naming.ERROR_RATIO_PERIOD)} * {selected.total(period)}",
            description=f"Bad events in the last {period}, which spend the budget.",
            legend=legend or "Bad events",
            unit="short",
            no_value=formats.NO_EVENTS,
            color_mode="none",
            width=4,
        ),
        key="events",
    )


# --- burn rate --------------------------------------------------------------------------------------------------------


def burn_row(selected: SelectedSlo) -> Row:
    """One panel for each tier: the burn rate in its two windows, and its factor as a threshold."""
    return Row("Burn rate", *(_tier(selected, tier) for tier in selected.tiers), key="burn")


def _tier(selected: SelectedSlo, tier: Tier) -> TimeSeries:
    factor = tier.factor(selected.plan.slo.period)
    return TimeSeries(
        f"{tier.name}: {tier.long} and {tier.short}",
        [Query(_burn(selected, w), legend=formats.per_group(w, selected.labels)) for w in (tier.long, tier.short)],
        description=(
            f"A {tier.severity} fires when both burn rates are above {format_decimal(factor)}: "
            f"{float(tier.budget):g} % of the budget for {selected.plan.slo.period} is spent within {tier.long}."
        ),
        unit=formats.TIMES,
        decimals=1,
        minimum=0,
        soft_maximum=round_factor(factor * _HEADROOM),
        thresholds=[Threshold(factor, "red" if selected.plan.is_page(tier.severity) else "orange")],
        no_value=formats.NO_EVENTS,
        height=7,
        key=naming.burn_panel(tier.name),
    )


def _burn(selected: SelectedSlo, window: str) -> str:
    return f"{selected.ratio(window)} / {ON_SLO} {selected.budget}"


# --- alerts -----------------------------------------------------------------------------------------------------------


def alert_row(selected: SelectedSlo) -> Row:
    """The condition of each alert: quiet or burning."""
    return Row(
        "Alerts",
        StateTimeline(
            "Burn alerts",
            [Query(_state(selected, alert), legend=alert.key) for alert in selected.plan.alerts],
            description="The condition of each burn alert; with several groups, the worst.",
            mappings=[ValueMap(_QUIET, "Quiet", "green"), ValueMap(_BURNING, "Burning", "red")],
            unit="short",
            decimals=0,
            no_value="No SLO",
            legend_at="hidden",
        ),
        key="alerts",
    )


def _state(selected: SelectedSlo, alert: PlannedAlert) -> str:
    """1 while the burn rate of the alert is recorded, else 0 if the SLO exists."""
    burning = selected.of_groups(naming.burn_rate_of_alert(alert.key))
    return f"max({burning} > bool 0)\nor\n{_QUIET} * max({selected.of_slo(naming.OBJECTIVE)})"
