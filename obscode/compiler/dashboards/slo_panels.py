"""The panels of an SLO's detail dashboard: the budget, its burn rate, the alerts and the events."""

from __future__ import annotations

from obscode.compiler.dashboards import formats
from obscode.compiler.dashboards.selected_slo import ON_SLO, SelectedSlo
from obscode.model import naming
from obscode.model.burn_rate import Tier
from obscode.model.dashboard import Override, Query, Row, Threshold, ValueMap
from obscode.model.numbers import format_decimal, round_factor
from obscode.model.panels import Stat, StateTimeline, TimeSeries
from obscode.promql import duration
from obscode.promql.selector import Matcher

_DAY = 86_400
_START = "${__from:date:seconds}"
_COLORS = {"page": "red"}
# The axis ends at this multiple of the threshold, so that the threshold is always visible.
_HEADROOM = 2
_OK, _PENDING, _FIRING = 0, 1, 2


# --- budget and events ------------------------------------------------------------------------------------------------


def objective_row(selected: SelectedSlo) -> Row:
    """The numbers at the top: objective, period, SLI, budget, burn rate, time to exhaustion."""
    slo, slos = selected.plan.slo, [plan.slo for plan in selected.plans]
    decimals = formats.objective_decimals(slos)
    remaining, legend = selected.of_groups(naming.BUDGET_REMAINING), formats.per_group("", selected.labels)
    return Row(
        "",
        Stat(
            "Objective",
            f"{selected.of_slo(naming.OBJECTIVE)}",
            description="The share of events that is to be good over the period.",
            legend="Objective",
            unit=formats.RATIO,
            decimals=decimals,
            no_value="No SLO",
            color_mode="none",
            width=3,
        ),
        Stat(
            "Period",
            f"{selected.of_slo(naming.PERIOD)} / {_DAY}",
            description="The rolling window over which the objective is to hold.",
            legend="Period",
            unit="suffix: days",
            decimals=0 if duration.seconds(slo.period) % _DAY == 0 else 2,
            no_value="No SLO",
            color_mode="none",
            width=3,
        ),
        Stat(
            "SLI now",
            f"1 - {selected.of_groups(naming.BURN_RATE)} * {ON_SLO} {selected.budget}",
            description="The share of events that are good, in the window by which the burn rate goes.",
            legend=legend or "SLI",
            unit=formats.RATIO,
            decimals=decimals + 1,
            no_value=formats.NO_EVENTS,
            color_mode="none",
            width=4,
        ),
        Stat(
            "SLI over the period",
            f"1 - {selected.of_groups(naming.ERROR_RATIO_PERIOD)}",
            description=f"The share of events of the last {slo.period} that were good.",
            legend=legend or "SLI",
            unit=formats.RATIO,
            decimals=decimals + 1,
            no_value=formats.NO_EVENTS,
            color_mode="none",
            width=4,
        ),
        Stat(
            "Budget remaining",
            f"{remaining}",
            description="The share of the period's error budget that is left; below zero the objective is missed.",
            legend=legend or "Budget remaining",
            width=4,
            **formats.budget_left(),
        ),
        Stat(
            "Burn rate",
            f"{selected.of_groups(naming.BURN_RATE)}",
            description="How many times as fast as it may the budget goes now; at 1 it lasts exactly the period.",
            legend=legend or "Burn rate",
            width=3,
            **formats.burning(),
        ),
        Stat(
            "Budget lasts",
            f"{selected.of_groups(naming.EXHAUSTION)}",
            description="How long the budget lasts, if it goes on burning as it does now.",
            legend=legend or "Budget lasts",
            unit="s",
            decimals=1,
            no_value=formats.NOT_BURNING,
            color_mode="none",
            width=3,
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
                f"What the bad events of the last {period} took from the budget of these {period}, from all of it to "
                "what is left now. Below the dashed line it goes faster than evenly."
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
                "How long the budget would have lasted, had it gone on burning as it did then. "
                "Nothing is drawn while nothing burns."
            ),
            legend=formats.per_group("Budget lasts", selected.labels),
            unit="s",
            minimum=0,
            no_value=formats.NOT_BURNING,
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
            description=(
                f"The share of events of {selected.plan.base} that were bad; the budget allows the dashed line."
            ),
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
    since = f"{selected.bad(tile)} and on () (vector(time()) >= {_START})"
    total = f"({selected.total(period)} @ end() > 0) * {ON_SLO} {selected.budget} @ end()"
    return f"1 - sum_over_time(({since})[{period}:{tile}])\n/\n({total})"


def _even_burn() -> str:
    return f"1 - (vector(time()) - {_START}) / $__range_s"


def events_row(selected: SelectedSlo) -> Row:
    """All events and bad events."""
    base, period = selected.plan.base, selected.plan.slo.period
    legend = formats.per_group("", selected.labels)
    return Row(
        "Events",
        TimeSeries(
            "Events",
            [
                Query(f"{selected.total(base)}", legend=formats.per_group("All", selected.labels), ref="all"),
                Query(f"{selected.bad(base)}", legend=formats.per_group("Bad", selected.labels), ref="bad"),
            ],
            description=f"Events of {base} that the SLI counts, and those of them that were bad.",
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
            description=f"Events of the last {period} that the SLI counts.",
            legend=legend or "Events",
            unit="short",
            no_value=formats.NO_EVENTS,
            color_mode="none",
            width=4,
        ),
        Stat(
            "Bad events in the period",
            f"{selected.of_groups(naming.ERROR_RATIO_PERIOD)} * {selected.total(period)}",
            description=f"Events of the last {period} that were bad: what the budget is spent on.",
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
            f"A {tier.severity} when both are above {format_decimal(factor)}: {float(tier.budget):g} % of the budget "
            f"of {selected.plan.slo.period} gone within {tier.long}, and still going."
        ),
        unit=formats.TIMES,
        decimals=1,
        minimum=0,
        soft_maximum=round_factor(factor * _HEADROOM),
        thresholds=[Threshold(factor, _COLORS.get(tier.severity, "orange"))],
        no_value=formats.NO_EVENTS,
        width=12,
        height=7,
        key=naming.burn_panel(tier.name),
    )


def _burn(selected: SelectedSlo, window: str) -> str:
    return f"{selected.ratio(window)} / {ON_SLO} {selected.budget}"


# --- alerts -----------------------------------------------------------------------------------------------------------


def alert_row(selected: SelectedSlo) -> Row:
    """The state of each tier's alert: quiet, pending or firing."""
    return Row(
        "Alerts",
        StateTimeline(
            "Burn alerts",
            [Query(_state(selected, tier), legend=tier.name) for tier in selected.tiers],
            description="Pending while the windows burn, but not for long enough; of several groups, the worst.",
            mappings=[
                ValueMap(_OK, "Quiet", "green"),
                ValueMap(_PENDING, "Pending", "yellow"),
                ValueMap(_FIRING, "Firing", "red"),
            ],
            unit="short",
            decimals=0,
            no_value="No SLO",
            legend_at="hidden",
        ),
        key="alerts",
    )


def _state(selected: SelectedSlo, tier: Tier) -> str:
    """2 while firing, 1 while pending; a quiet alert has no series, so 0 if the SLO exists."""
    named = Matcher(naming.TIER, "=", tier.name)
    firing, pending = (
        selected.of_groups("ALERTS", Matcher("alertstate", "=", state), named) for state in ("firing", "pending")
    )
    return f"{_FIRING} * max({firing})\nor\nmax({pending})\nor\n{_OK} * max({selected.of_slo(naming.OBJECTIVE)})"
