"""Dashboards with their uid, folder and step settled, and what is wrong only then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from obscode import conventions, duration
from obscode.artifacts import DashboardFile
from obscode.dashboard import Dashboard
from obscode.dashboard.vocabulary import folder as folder_problem
from obscode.errors import Finding
from obscode.project import Project
from obscode.service import Service


def own_dashboard(service: Service) -> Dashboard | None:
    """The dashboard of a service, whether it was written as one or as a list of rows."""
    if isinstance(service.dashboard, Dashboard):
        return service.dashboard
    return Dashboard(service.name, service.dashboard, origin=service.origin) if service.dashboard else None


def dashboard_files(
    services: Sequence[Service], dashboards: Iterable[Dashboard], project: Project
) -> Iterator[DashboardFile]:
    """The services' own dashboards, then the others."""
    for service in services:
        if dashboard := own_dashboard(service):
            yield _file(dashboard, project, _interval(service, project))
    for dashboard in dashboards:
        yield _file(dashboard, project, "")


def _interval(service: Service, project: Project) -> str:
    """How often the service is scraped, where that is not how often the project is; of several jobs, the rarest."""
    intervals = [job.interval or project.scrape_interval for job in service.scrape_jobs()]
    longest = max(intervals, key=duration.milliseconds, default=project.scrape_interval)
    same = duration.milliseconds(longest) == duration.milliseconds(project.scrape_interval)
    return "" if same else longest


def _file(dashboard: Dashboard, project: Project, interval: str) -> DashboardFile:
    return DashboardFile(
        uid=dashboard.uid or conventions.dashboard_uid(dashboard.title),
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


def late_problems(services: Iterable[Service], dashboards: Iterable[DashboardFile]) -> Iterator[Finding]:
    """What no definition tells itself: of dashboards written as lists of rows, and of folders named by default."""
    for service in services:
        if not isinstance(service.dashboard, Dashboard) and (dashboard := own_dashboard(service)):
            yield from dashboard.problems()
    for file in dashboards:
        if wrong := folder_problem(file.folder):
            message, hint = wrong
            yield file.source.finding("dashboard-folder", f"folder {message}", hint, at="folder")
