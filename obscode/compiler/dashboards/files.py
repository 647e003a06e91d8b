"""Dashboards with their uid, folder and step settled, and what is wrong only then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

from obscode.artifacts.project import DashboardFile
from obscode.compiler.alert_thresholds import Conditions, with_alert_thresholds
from obscode.compiler.dashboards.service import service_dashboard
from obscode.compiler.dashboards.slo_detail import slo_details
from obscode.compiler.dashboards.slo_overview import slo_overview
from obscode.compiler.inference.panels import completed_rows
from obscode.compiler.inference.series import SeriesCatalog
from obscode.compiler.slo_plan import SloPlan
from obscode.findings.finding import Finding
from obscode.model import naming
from obscode.model.dashboard import Dashboard, Link, Row
from obscode.model.dashboard.grafana_values import folder as folder_problem
from obscode.model.definitions import Definitions
from obscode.model.project import Project
from obscode.model.service import Service
from obscode.promql import duration


def own_dashboard(service: Service) -> Dashboard | None:
    """The dashboard of a service, whether it was written as one or as a list of rows."""
    if isinstance(service.dashboard, Dashboard):
        return service.dashboard
    return Dashboard(service.name, service.dashboard, origin=service.origin) if service.dashboard else None


def completed(definitions: Definitions) -> Definitions:
    """The same definitions, with what their panels leave open and the rest of the project tells.

    Services and dashboards are replaced as a whole, so that what is checked is what is written.
    """
    known = _known(definitions.services)
    conditions = Conditions.of(alert for service in definitions.services for alert in service.alerts)

    def rows(given: Sequence[Row]) -> tuple[Row, ...]:
        return with_alert_thresholds(completed_rows(given, known), conditions)

    def service_rows(own: Dashboard | Sequence[Row]) -> Dashboard | Sequence[Row]:
        return replace(own, rows=rows(own.rows)) if isinstance(own, Dashboard) else rows(own)

    return replace(
        definitions,
        services=[replace(service, dashboard=service_rows(service.dashboard)) for service in definitions.services],
        dashboards=[replace(dashboard, rows=rows(dashboard.rows)) for dashboard in definitions.dashboards],
    )


def _known(services: Sequence[Service]) -> SeriesCatalog:
    metrics = [metric for service in services for metric in service.metrics]
    return SeriesCatalog.of(metrics, [rule for service in services for rule in service.recording_rules])


def dashboard_files(definitions: Definitions, plans: Mapping[str, Sequence[SloPlan]]) -> Iterator[DashboardFile]:
    """The services' own dashboards, those of all SLOs, then the others; ``plans`` are the SLOs by service."""
    for file in _files(definitions, plans):
        yield _with_source(file, definitions)


def _files(definitions: Definitions, plans: Mapping[str, Sequence[SloPlan]]) -> Iterator[DashboardFile]:
    services, project = definitions.services, definitions.project
    known = _known(services)
    for service in services:
        shown = own_dashboard(service)
        if project.generated_dashboards:
            shown = service_dashboard(service, shown, plans[service.name], known, services)
        if shown:
            source = service.dashboard if isinstance(service.dashboard, Dashboard) else service
            file = _file(shown, project, _interval(service, project))
            yield replace(file, service=service.name, source=source)
    every_plan = [plan for service in services for plan in plans[service.name]]
    if every_plan and project.generated_dashboards:
        for dashboard in [slo_overview(every_plan, project), *slo_details(every_plan)]:
            yield _file(dashboard, project, "")
    for dashboard in definitions.dashboards:
        yield _file(dashboard, project, "")


def _interval(service: Service, project: Project) -> str:
    """How often the service is scraped, where that is not how often the project is; of several jobs, the rarest."""
    intervals = [job.interval or project.scrape_interval for job in service.scrape_jobs()]
    longest = max(intervals, key=duration.milliseconds, default=project.scrape_interval)
    same = duration.milliseconds(longest) == duration.milliseconds(project.scrape_interval)
    return "" if same else longest


def _file(dashboard: Dashboard, project: Project, interval: str) -> DashboardFile:
    return DashboardFile(
        uid=dashboard.uid or naming.dashboard_uid(dashboard.title),
        title=dashboard.title,
        folder=dashboard.folder or project.name,
        rows=dashboard.rows,
        source=dashboard,
        description=dashboard.description,
        tags=dashboard.tags,
        variables=dashboard.variables,
        annotations=dashboard.annotations,
        links=dashboard.links,
        time_range=dashboard.time_range,
        refresh=dashboard.refresh,
        timezone=dashboard.timezone,
        interval=interval,
    )


def _with_source(file: DashboardFile, definitions: Definitions) -> DashboardFile:
    """A dashboard that leads to the file of its definition, if the project says where files are read.

    Not to the line: a line more above a definition would change what is written of all those below it.
    """
    paths = definitions.files(file.source)
    if not paths or not definitions.project.source_url or any(link.title == _SOURCE for link in file.links):
        return file
    url = definitions.project.source_url.replace("{file}", quote(paths[0]))
    link = Link(_SOURCE, url, keep_time=False, keep_variables=False, new_tab=True, tooltip=paths[0])
    return replace(file, links=[*file.links, link.located_at(file.source)])


_SOURCE = "Source"


def folder_findings(services: Iterable[Service], dashboards: Iterable[DashboardFile]) -> Iterator[Finding]:
    """What no definition tells itself: of dashboards written as lists of rows, and of folders named by default."""
    for service in services:
        if not isinstance(service.dashboard, Dashboard) and (dashboard := own_dashboard(service)):
            yield from dashboard.problems()
    for file in dashboards:
        if wrong := folder_problem(file.folder):
            message, hint = wrong
            yield file.source.finding("dashboard-folder", f"folder {message}", hint, at="folder")
