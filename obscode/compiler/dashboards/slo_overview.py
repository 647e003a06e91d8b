"""The overview of all SLOs of a project, sorted by remaining budget."""

from __future__ import annotations

from collections.abc import Sequence

from obscode.compiler.dashboards import formats
from obscode.compiler.dashboards.selected_slo import SERVICE, SLO
from obscode.compiler.slo_plan import SloPlan
from obscode.model import naming, variables
from obscode.model.dashboard import Dashboard, Link, Override, Query, Row, Threshold, ValueMap
from obscode.model.panels import Stat, Table, TimeSeries
from obscode.model.project import Project
from obscode.promql.selector import Matcher, Selector

# The lines of a graph with a line for each SLO.
_MOST_LINES = 10
_STATES = [ValueMap("firing", "firing", "red"), ValueMap("pending", "pending", "orange")]


def slo_overview(plans: Sequence[SloPlan], project: Project) -> Dashboard:
    """The overview dashboard of at least one SLO."""
    uids = Matcher(naming.DASHBOARD, "=~", naming.slo_detail_uids(project.name))
    services = f"label_values({Selector(naming.INFO, (uids,))}, {SERVICE})"
    dashboard = Dashboard(
        naming.slo_overview_title(project.name),
        [_slos_row(plans), _alerts_row()],
        description="Every SLO of the project, by remaining error budget.",
        tags=["slo"],
        # All is the list of these services: Prometheus may have those of other projects, too.
        variables=[variables.Query(SERVICE, services, all_value="")],
        links=[Link("Services", tags=["service"], keep_variables=False)],
        time_range="1d",
        refresh="1m",
    )
    return dashboard.located_at(project)


def _series(name: str, *more: Matcher) -> str:
    return str(Selector(name, (*more, Matcher(SERVICE, "=~", f"${SERVICE}"))))


def _worst_group(aggregation: str, name: str) -> str:
    """One value for each SLO: the value of its worst group."""
    return f"{aggregation} by ({SERVICE}, {SLO}) ({_series(name)})"


def _slos_row(plans: Sequence[SloPlan]) -> Row:
    firing = _series("ALERTS", Matcher("alertstate", "=", "firing"), Matcher(SLO, "!=", ""))
    spent = f"count({_worst_group('min', naming.BUDGET_REMAINING)} <= 0)"
    burning = f"count({_worst_group('max', naming.BURN_RATE)} > 1)"
    slos = f"count({_series(naming.OBJECTIVE)})"
    return Row(
        "",
        _count("SLOs", slos, "SLOs of the selected services.", ()),
        _count("Budget spent", _or_none(spent), "SLOs that miss their objective: no budget remains.", (1, "red")),
        _count(
            "Burning too fast",
            _or_none(burning),
            "SLOs whose budget does not last the period at the current burn rate.",
            (1, "orange"),
        ),
        _count("Alerts firing", _or_none(f"count({firing})"), "Firing alerts of SLOs.", (1, "red")),
        _table(plans),
        key="counts",
    )


def _or_none(count: str) -> str:
    """0 instead of no result, if there are SLOs."""
    return f"{count}\nor\n0 * count({_series(naming.OBJECTIVE)})"


def _count(title: str, expr: str, description: str, line: tuple[float, str] | tuple[()]) -> Stat:
    return Stat(
        title,
        expr,
        description=description,
        legend=title,
        unit="short",
        decimals=0,
        no_value="No SLO",
        thresholds=[Threshold(*line)] if line else [],
    )


# --- the table ---------------------------------------------------------------------------------------------------


def _table(plans: Sequence[SloPlan]) -> Table:
    return Table(
        "SLOs by remaining budget",
        [Query(expr, ref=ref) for ref, expr in _QUERIES.items()],
        description="A line for each SLO; with several groups, the worst. A click opens its detail dashboard.",
        columns={
            SERVICE: "Service",
            SLO: "SLO",
            "period": "Period",
            "Value #objective": "Objective",
            "Value #now": "SLI now",
            "Value #sli": "SLI over the period",
            "Value #left": "Budget left",
            "Value #burn": "Burn rate",
            "Value #lasts": "Budget lasts",
            naming.DASHBOARD: "Dashboard",
        },
        sort_by="Budget left",
        unit="short",
        no_value="-",
        overrides=_columns(formats.objective_decimals([plan.slo for plan in plans])),
        height=formats.table_height(len(plans)),
        key="slos/slos",
    )


def _sli(ratio: str) -> str:
    return f"1 - {ratio}"


# The burn rate is the error ratio in the long window of the first tier, divided by the budget.
_NOW = f"{_worst_group('max', naming.BURN_RATE)} * {_worst_group('max', naming.ERROR_BUDGET)}"
_QUERIES = {
    "info": _series(naming.INFO),
    "objective": _worst_group("max", naming.OBJECTIVE),
    "now": _sli(_NOW),
    "sli": _sli(_worst_group("max", naming.ERROR_RATIO_PERIOD)),
    "left": _worst_group("min", naming.BUDGET_REMAINING),
    "burn": _worst_group("max", naming.BURN_RATE),
    "lasts": formats.time_left(_worst_group("min", naming.EXHAUSTION), _worst_group("max", naming.BURN_RATE)),
}


def _columns(decimals: int) -> list[Override]:
    left, burning = formats.budget_left(), formats.burning()
    return [
        Override(regex="^(Service|SLO)$", links=[_detail()]),
        Override("Period", width=80),
        Override("Objective", unit=formats.RATIO, decimals=decimals, width=110),
        Override("SLI now", unit=formats.RATIO, decimals=decimals + 1, width=110),
        Override("SLI over the period", unit=formats.RATIO, decimals=decimals + 1, width=160),
        Override(
            "Budget left",
            unit=left["unit"],
            decimals=1,
            thresholds=left["thresholds"],
            cell="color-background",
            width=120,
        ),
        Override(
            "Burn rate",
            unit=burning["unit"],
            decimals=2,
            thresholds=burning["thresholds"],
            cell="color-text",
            width=110,
        ),
        Override("Budget lasts", **formats.budget_lasts(), width=120),
        Override("Dashboard", hide=True),
    ]


def _detail() -> Link:
    chosen = f"var-{SERVICE}=${{__data.fields.Service}}&var-{SLO}=${{__data.fields.SLO}}"
    return Link("Detail", f"/d/${{__data.fields.Dashboard}}?{chosen}&${{__url_time_range}}")


def _alerts_row() -> Row:
    return Row(
        "Alerts",
        _alerts_table(),
        TimeSeries(
            "Least budget left",
            f"{_worst_group('min', naming.BUDGET_REMAINING)}\nand\n{_least_budget()}",
            description=(
                f"The remaining ratio of the error budgets, of the {_MOST_LINES} SLOs with the least. "
                "Below zero, the objective is missed."
            ),
            legend=f"{{{{{SERVICE}}}}} {{{{{SLO}}}}}",
            legend_calcs=["lastNotNull"],
            legend_at="right",
            maximum=1,
            soft_minimum=0,
            key="alerts/budget-left",
            **formats.budget_left(),
        ),
        key="alerts",
    )


def _least_budget() -> str:
    """The SLOs with the least budget at the end of the time range; without `@`, each step would have its own."""
    budget = f"{_series(naming.BUDGET_REMAINING)} @ end()"
    return f"bottomk({_MOST_LINES}, min by ({SERVICE}, {SLO}) ({budget}))"


def _alerts_table() -> Table:
    """The alerts from Prometheus' own series, which needs no alerting in Grafana; firing alerts first."""
    on_info = f"on ({SERVICE}, {SLO}) group_left ({naming.DASHBOARD}) {_series(naming.INFO)}"
    return Table(
        "SLO alerts",
        f"{_series('ALERTS', Matcher(SLO, '!=', ''))}\n* {on_info}",
        description="Firing and pending alerts of SLOs. A click opens the SLO's detail dashboard.",
        columns={
            "alertstate": "State",
            SERVICE: "Service",
            SLO: "SLO",
            "alertname": "Alert",
            naming.SEVERITY: "Severity",
            naming.DASHBOARD: "Dashboard",
        },
        sort_by="State",
        unit="short",
        no_value="No alerts",
        overrides=[
            Override(regex="^(Service|SLO)$", links=[_detail()]),
            Override("State", width=80, mappings=_STATES, cell="color-text"),
            Override("Severity", width=90),
            Override("Dashboard", hide=True),
        ],
        width=12,
    )
