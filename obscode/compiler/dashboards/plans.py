"""The dashboards of a project: each definition with its uid and folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import quote

from obscode.compiler.alert_thresholds import Conditions, with_alert_thresholds
from obscode.compiler.dashboards.existing import contents
from obscode.compiler.dashboards.service import exposed_series, service_dashboard
from obscode.compiler.dashboards.slo_detail import slo_details
from obscode.compiler.dashboards.slo_overview import slo_overview
from obscode.compiler.inference.panels import rows_with_defaults
from obscode.compiler.inference.series import SeriesCatalog
from obscode.compiler.slo_bounds import with_latency_bounds
from obscode.compiler.slo_plan import SloPlan
from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model import naming, severities
from obscode.model.dashboard import Dashboard, Link, Panel, Row
from obscode.model.dashboard.existing import ExistingDashboard
from obscode.model.dashboard.grafana_values import folder as validate_folder
from obscode.model.dashboard.panel_ids import RowIds
from obscode.model.dashboard.panel_ids import ids as hashed_ids
from obscode.model.definition import Definition
from obscode.model.definitions import Definitions
from obscode.model.project import Project
from obscode.model.service import Service
from obscode.promql import duration

FOLDER_NAME = Code(
    "folder-name",
    "The name of a folder is a path of the file system, without `/` at its ends.",
    why="Dashboards are written to a folder of that name.",
    bad='Dashboard("Shop", rows, folder="..")',
    good='Dashboard("Shop", rows, folder="Shop")',
)


@dataclass(frozen=True)
class DashboardPlan:
    """A dashboard of the output, before its definition becomes JSON.

    Attributes:
        definition: the dashboard with all rows and inferred settings.
        source: the definition that findings about the whole point at.
        uid: 1 to 40 characters, unique in the project.
        folder: the title of its folder.
        service: the service that it is about; empty for a dashboard of no single service.
        interval: the scrape interval of the service, if it is not the project's.
        existing_ids: the ids of the panels of a dashboard that exists as JSON.
    """

    definition: Dashboard
    source: Definition
    uid: str
    folder: str
    service: str = ""
    interval: str = ""
    existing_ids: Sequence[RowIds] | None = None

    @property
    def title(self) -> str:
        """The dashboard's title."""
        return self.definition.title

    @cached_property
    def ids(self) -> Sequence[RowIds]:
        """The ids of its rows and panels."""
        return hashed_ids(self.definition.rows) if self.existing_ids is None else self.existing_ids

    def panels(self) -> Iterator[Panel]:
        """All panels, from top to bottom."""
        for row in self.definition.rows:
            yield from row.panels


def own_dashboard(service: Service) -> Dashboard | None:
    """The dashboard of a service, which may be defined as a list of rows."""
    if isinstance(service.dashboard, Dashboard):
        return service.dashboard
    return Dashboard(service.name, service.dashboard).with_origin(service.origin) if service.dashboard else None


def with_inferred_defaults(definitions: Definitions, every: Sequence[Service] | None = None) -> Definitions:
    """The definitions with inferred settings of their panels, and thresholds from alerts.

    ``every`` are all services of the project, if the definitions have only some.
    """
    services = definitions.services if every is None else every
    known = _known(services)
    alerts = [alert for service in services for alert in service.alerts]
    conditions = Conditions.of(alerts, page=definitions.project.severity_label(severities.PAGE))

    def rows(own: Sequence[Row], service: Service | None) -> tuple[Row, ...]:
        complete = with_alert_thresholds(rows_with_defaults(own, known), conditions)
        return with_latency_bounds(complete, service) if service else complete

    def inferred(own: Dashboard, service: Service | None = None) -> Dashboard:
        return own if own.exact else own.derive(rows=rows(own.rows, service))

    def service_rows(service: Service) -> Dashboard | Sequence[Row]:
        own = service.dashboard
        return inferred(own, service) if isinstance(own, Dashboard) else rows(own, service)

    return replace(
        definitions,
        services=[
            service.derive(
                dashboard=service_rows(service),
                dashboards=[inferred(each, service) for each in service.dashboards],
            )
            for service in definitions.services
        ],
        dashboards=[*map(inferred, definitions.dashboards)],
    )


def _known(services: Sequence[Service]) -> SeriesCatalog:
    metrics = [metric for service in services for metric in service.metrics]
    return SeriesCatalog.of(metrics, [rule for service in services for rule in service.recording_rules])


def dashboard_plans(definitions: Definitions, plans: Mapping[str, Sequence[SloPlan]]) -> Iterator[DashboardPlan]:
    """The dashboards of services, then those of SLOs, then the others; ``plans`` are the SLOs by service."""
    services, project = definitions.services, definitions.project
    yield from service_plans(definitions, plans, services)
    yield from slo_dashboard_plans([plan for service in services for plan in plans[service.name]], project)
    for dashboard in definitions.dashboards:
        yield _plan(dashboard, project, dashboard)


def service_plans(
    definitions: Definitions, plans: Mapping[str, Sequence[SloPlan]], every: Sequence[Service]
) -> Iterator[DashboardPlan]:
    """The dashboards of the services of the definitions; ``every`` are all services of the project."""
    project = definitions.project
    known, exposed = _known(every), exposed_series(every)
    for service in definitions.services:
        dashboard = own_dashboard(service)
        if project.generated_dashboards and not _is_complete(dashboard):
            dashboard = service_dashboard(service, dashboard, plans[service.name], known, exposed)
        if dashboard:
            source = service.dashboard if isinstance(service.dashboard, Dashboard) else service
            yield _plan(dashboard, project, source, service.name, _interval(service, project))
        for dashboard in service.dashboards:
            yield _plan(dashboard, project, dashboard, service.name, _interval(service, project))


def _is_complete(dashboard: Dashboard | None) -> bool:
    """True for a dashboard without generated rows."""
    return dashboard is not None and (dashboard.exact or isinstance(dashboard, ExistingDashboard))


def slo_dashboard_plans(plans: Sequence[SloPlan], project: Project) -> Iterator[DashboardPlan]:
    """The dashboards that all SLOs share, if the project has any."""
    if plans and project.generated_dashboards:
        for dashboard in [slo_overview(plans, project), *slo_details(plans)]:
            yield _plan(dashboard, project, dashboard)


def _interval(service: Service, project: Project) -> str:
    """The longest scrape interval of the service; empty if it is the project's."""
    intervals = [job.interval or project.scrape_interval for job in service.scrape_jobs()]
    longest = max(intervals, key=duration.milliseconds, default=project.scrape_interval)
    same = duration.milliseconds(longest) == duration.milliseconds(project.scrape_interval)
    return "" if same else longest


def _plan(
    dashboard: Dashboard, project: Project, source: Definition, service: str = "", interval: str = ""
) -> DashboardPlan:
    uid, folder = dashboard.uid or naming.dashboard_uid(dashboard.title), dashboard.folder or project.name
    if isinstance(dashboard, ExistingDashboard):
        definition, ids = contents(dashboard)
        return DashboardPlan(definition, dashboard, uid, folder, service, existing_ids=ids)
    return DashboardPlan(dashboard, source, uid, folder, service, "" if dashboard.exact else interval)


def source_link(plan: DashboardPlan, project: Project, files: Sequence[str]) -> Link | None:
    """A link to the file of the definition, if the project has a `source_url`.

    It has no line: each line added above a definition would change the output of all definitions below.
    """
    if (
        not files
        or not project.source_url
        or plan.definition.exact
        or any(link.title == _SOURCE for link in plan.definition.links)
    ):
        return None
    url = project.source_url.replace("{file}", quote(files[0]))
    return Link(_SOURCE, url, keep_time=False, keep_variables=False, new_tab=True, tooltip=files[0])


_SOURCE = "Source"


def folder_findings(services: Iterable[Service], plans: Iterable[DashboardPlan]) -> Iterator[Finding]:
    """Findings about dashboards that are lists of rows, and about folders that are named by default."""
    for service in services:
        if not isinstance(service.dashboard, Dashboard) and (dashboard := own_dashboard(service)):
            yield from dashboard.problems()
    for plan in plans:
        if wrong := validate_folder(plan.folder):
            message, hint = wrong
            yield plan.source.finding(FOLDER_NAME, f"folder {message}", hint, at="folder")
