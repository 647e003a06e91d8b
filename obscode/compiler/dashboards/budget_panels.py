"""The budget of the chosen SLO: what is promised and left, how it went down, and the events that it is made of."""

from __future__ import annotations

from obscode.compiler.dashboards import formats
from obscode.compiler.dashboards.selected_slo import ON_SLO, SelectedSlo
from obscode.model import naming
from obscode.model.dashboard import Override, Query, Row
from obscode.model.panels import Stat, TimeSeries
from obscode.promql import duration

_DAY = 86_400
_START = "${__from:date:seconds}"


def promise_row(chosen: SelectedSlo) -> Row:
    """The numbers on top: objective, period, SLI, budget, burn rate, how long the budget lasts."""
    slo, slos = chosen.plan.slo, [plan.slo for plan in chosen.plans]
    decimals = formats.objective_decimals(slos)
    remaining, legend = chosen.of_groups(naming.BUDGET_REMAINING), formats.per_group("", chosen.labels)
    return Row(
        "",
        Stat(
            "Objective",
            f"{chosen.of_slo(naming.OBJECTIVE)}",
            description="The share of events that is to be good over the period.",
            legend="Objective",
            unit=formats.SHARE,
            decimals=decimals,
            no_value="No SLO",
            color_mode="none",
            width=3,
        ),
        Stat(
            "Period",
            f"{chosen.of_slo(naming.PERIOD)} / {_DAY}",
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
            f"1 - {chosen.of_groups(naming.BURN_RATE)} * {ON_SLO} {chosen.budget}",
            description="The share of events that are good, in the window by which the burn rate goes.",
            legend=legend or "SLI",
            unit=formats.SHARE,
            decimals=decimals + 1,
            no_value=formats.NO_EVENTS,
            color_mode="none",
            width=4,
        ),
        Stat(
            "SLI over the period",
            f"1 - {chosen.of_groups(naming.ERROR_RATIO_PERIOD)}",
            description=f"The share of events of the last {slo.period} that were good.",
            legend=legend or "SLI",
            unit=formats.SHARE,
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
            f"{chosen.of_groups(naming.BURN_RATE)}",
            description="How many times as fast as it may the budget goes now; at 1 it lasts exactly the period.",
            legend=legend or "Burn rate",
            width=3,
            **formats.burning(),
        ),
        Stat(
            "Budget lasts",
            f"{chosen.of_groups(naming.EXHAUSTION)}",
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


def budget_row(chosen: SelectedSlo) -> Row:
    """How the budget went down over the period, how long it would have lasted, and the ratio against it."""
    period = chosen.plan.slo.period
    return Row(
        "Error budget",
        TimeSeries(
            "Burn-down",
            [
                Query(_burn_down(chosen), legend=formats.per_group("Budget left", chosen.labels), ref="left"),
                Query(_even_burn(), legend="Even burn", ref="even"),
            ],
            description=(
                f"What the bad events of the last {period} took from the budget of these {period}, from all of it to "
                "what is left now. Below the dashed line it goes faster than evenly."
            ),
            time_range=period,
            unit=formats.SHARE,
            decimals=1,
            soft_minimum=0,
            maximum=1,
            no_value=formats.NO_EVENTS,
            overrides=[Override(query="even", color="text", dashed=True)],
            width=12,
        ),
        TimeSeries(
            "Budget lasts",
            f"{chosen.of_groups(naming.EXHAUSTION)}",
            description=(
                "How long the budget would have lasted, had it gone on burning as it did then. "
                "Nothing is drawn while nothing burns."
            ),
            legend=formats.per_group("Budget lasts", chosen.labels),
            unit="s",
            minimum=0,
            no_value=formats.NOT_BURNING,
            width=6,
        ),
        TimeSeries(
            "Error ratio",
            [
                Query(f"{chosen.ratio(chosen.plan.base)}", legend=formats.per_group("Bad", chosen.labels), ref="bad"),
                Query(f"{chosen.budget}", legend="Budget", ref="budget"),
            ],
            description=f"The share of events of {chosen.plan.base} that were bad; the budget allows the dashed line.",
            unit=formats.SHARE,
            decimals=formats.ratio_decimals([plan.slo for plan in chosen.plans]),
            minimum=0,
            no_value=formats.NO_EVENTS,
            overrides=[Override(query="budget", color="orange", dashed=True)],
            width=6,
        ),
        key="budget",
    )


def _burn_down(chosen: SelectedSlo) -> str:
    """All of the budget less what the bad events since the left edge took: the subquery drops the earlier ones."""
    tile, period = chosen.plan.tile, chosen.plan.slo.period
    since = f"{chosen.bad(tile)} and on () (vector(time()) >= {_START})"
    total = f"({chosen.total(period)} @ end() > 0) * {ON_SLO} {chosen.budget} @ end()"
    return f"1 - sum_over_time(({since})[{period}:{tile}])\n/\n({total})"


def _even_burn() -> str:
    return f"1 - (vector(time()) - {_START}) / $__range_s"


def events_row(chosen: SelectedSlo) -> Row:
    """The events that the SLI counts."""
    base, period = chosen.plan.base, chosen.plan.slo.period
    legend = formats.per_group("", chosen.labels)
    return Row(
        "Events",
        TimeSeries(
            "Events",
            [
                Query(f"{chosen.total(base)}", legend=formats.per_group("All", chosen.labels), ref="all"),
                Query(f"{chosen.bad(base)}", legend=formats.per_group("Bad", chosen.labels), ref="bad"),
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
            f"{chosen.total(period)}",
            description=f"Events of the last {period} that the SLI counts.",
            legend=legend or "Events",
            unit="short",
            no_value=formats.NO_EVENTS,
            color_mode="none",
            width=4,
        ),
        Stat(
            "Bad events in the period",
            f"{chosen.of_groups(naming.ERROR_RATIO_PERIOD)} * {chosen.total(period)}",
            description=f"Events of the last {period} that were bad: what the budget is spent on.",
            legend=legend or "Bad events",
            unit="short",
            no_value=formats.NO_EVENTS,
            color_mode="none",
            width=4,
        ),
        key="events",
    )
