"""One SLO in detail: what is promised, what is left of the budget, how fast it burns, and what that set off.

One dashboard for all SLOs that have the same period, table of burn rates and alerts, with variables for service,
SLO and groups, rather than one an SLO: adding an SLO changes no dashboard, so that a review sees the rules alone;
and a project of 400 SLOs has no 400 dashboards to build, to load and to look through. What differs between SLOs
is read from the series that they record. The windows and factors, which no series can choose, are those of the
table, and an alert that is switched off is not there to be quiet: SLOs of another period or policy, or with other
alerts, have a dashboard of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.compiler.dashboards.alert_panels import alert_row
from obscode.compiler.dashboards.budget_panels import budget_row, events_row, promise_row
from obscode.compiler.dashboards.burn_panels import burn_row
from obscode.compiler.dashboards.selected_slo import SERVICE, SLO, SelectedSlo, variable
from obscode.compiler.slo_plan import SloPlan
from obscode.model import naming
from obscode.model.dashboard import Annotation, Dashboard, Link, QueryVariable, Variable
from obscode.promql.selector import Matcher, Selector


def slo_details(plans: Sequence[SloPlan]) -> Iterator[Dashboard]:
    """A dashboard for each table of burn rates, in the order of their titles."""
    for title in sorted({plan.dashboard for plan in plans}):
        chosen = SelectedSlo([plan for plan in plans if plan.dashboard == title])
        yield _detail(chosen).located_at(chosen.plan.slo)


def _detail(chosen: SelectedSlo) -> Dashboard:
    plan = chosen.plan
    burning = [burn_row(chosen), alert_row(chosen)] if chosen.tiers else []
    overview = naming.dashboard_uid(naming.slo_overview_title(plan.project.name))
    return Dashboard(
        plan.dashboard,
        [promise_row(chosen), budget_row(chosen), *burning, events_row(chosen)],
        description=f"One SLO over {plan.slo.period} in detail: its budget, how fast it burns, and its alerts.",
        tags=["slo"],
        variables=[*_identity(plan), *_groups(chosen)],
        annotations=[Annotation.firing_alerts({SERVICE: f"${SERVICE}", SLO: f"${SLO}"})],
        links=[
            Link("All SLOs", f"/d/{overview}", keep_variables=False, tooltip="Every SLO of the project, worst first"),
            Link("Services", tags=["service"], keep_variables=False),
        ],
        time_range="1d",
        refresh="1m",
    )


def _identity(plan: SloPlan) -> Iterator[Variable]:
    """Service and SLO, of those that this dashboard is for; one of each."""
    here = Matcher(naming.DASHBOARD, "=", naming.dashboard_uid(plan.dashboard))
    services = Selector(naming.INFO, (here,))
    slos = services.with_matchers(Matcher(SERVICE, "=", f"${SERVICE}"))
    yield QueryVariable(SERVICE, f"label_values({services}, {SERVICE})", multi=False, include_all=False)
    yield QueryVariable(SLO, f"label_values({slos}, {SLO})", label="SLO", multi=False, include_all=False)


def _groups(chosen: SelectedSlo) -> Iterator[Variable]:
    """The labels that SLOs are kept apart by; an SLO without one has no values for it, and All is what there is."""
    events = chosen.of_slo(chosen.plan.total(chosen.plan.base).metric)
    for label in chosen.labels:
        yield QueryVariable(variable(label), f"label_values({events}, {label})", all_value=".*")
