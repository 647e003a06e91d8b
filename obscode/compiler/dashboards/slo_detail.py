"""The detail dashboard of an SLO: objective, remaining budget, burn rate, alerts and events.

SLOs with equal periods, tiers and alerts share one dashboard, with variables for service, SLO and groups. So an
additional SLO changes no dashboard, and 400 SLOs need no 400 dashboards. Values that differ between these SLOs come
from recorded series. Windows and factors are part of the queries, and an alert that is off has no panel, so SLOs that
differ in them have another dashboard.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.compiler.dashboards.selected_slo import SERVICE, SLO, SelectedSlo, variable
from obscode.compiler.dashboards.slo_panels import alert_row, budget_row, burn_row, events_row, objective_row
from obscode.compiler.slo_plan import SloPlan
from obscode.model import naming, variables
from obscode.model.dashboard import Annotation, Dashboard, Link, Variable
from obscode.promql.selector import Matcher, Selector
from obscode.promql.tokens import label_text


def slo_details(plans: Sequence[SloPlan]) -> Iterator[Dashboard]:
    """The detail dashboards, sorted by title."""
    for title in sorted({plan.dashboard for plan in plans}):
        selected = SelectedSlo([plan for plan in plans if plan.dashboard == title])
        yield _detail(selected).located_at(selected.plan.project)


def _detail(selected: SelectedSlo) -> Dashboard:
    plan = selected.plan
    burning = [burn_row(selected), alert_row(selected)] if selected.tiers else []
    overview = naming.dashboard_uid(naming.slo_overview_title(plan.project.name))
    return Dashboard(
        plan.dashboard,
        [objective_row(selected), budget_row(selected), *burning, events_row(selected)],
        description=f"One SLO over {plan.slo.period} in detail: its budget, how fast it burns, and its alerts.",
        tags=["slo"],
        variables=[*_identity(plan), *_groups(selected)],
        annotations=[Annotation.firing_alerts({SERVICE: f"${SERVICE}", SLO: f"${SLO}"})],
        links=[
            Link(
                "All SLOs",
                f"/d/{overview}",
                keep_variables=False,
                tooltip="Every SLO of the project, by remaining error budget",
            ),
            Link("Services", tags=["service"], keep_variables=False),
        ],
        time_range="1d",
        refresh="1m",
    )


def _identity(plan: SloPlan) -> Iterator[Variable]:
    """Variables for the service and the SLO, with the SLOs of this dashboard."""
    here = Matcher(naming.DASHBOARD, "=", naming.dashboard_uid(plan.dashboard))
    services = Selector(naming.INFO, (here,))
    slos = services.with_matchers(Matcher(SERVICE, "=", f"${SERVICE}"))
    yield variables.Query(SERVICE, f"label_values({services}, {SERVICE})", multi=False, include_all=False)
    yield variables.Query(SLO, f"label_values({slos}, {SLO})", label="SLO", multi=False, include_all=False)


def _groups(selected: SelectedSlo) -> Iterator[Variable]:
    """A variable for each group label; for an SLO without the label, it has only All."""
    events = selected.of_slo(selected.plan.total(selected.plan.base).metric)
    for label in selected.labels:
        yield variables.Query(variable(label), f"label_values({events}, {label_text(label)})", all_value=".*")
