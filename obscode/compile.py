"""Definitions to artifacts: a pure function."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from obscode import conventions, duration, kinds
from obscode.alert import Alert
from obscode.artifacts import AlertRule, Artifacts, DashboardFile, Record, Rule, RuleFile, RuleGroup, Scrape
from obscode.compile_slo import slo_groups, target_down
from obscode.dashboard import Dashboard
from obscode.definition import Definition
from obscode.errors import DefinitionError, Finding, did_you_mean
from obscode.names import slug
from obscode.project import Environment, Project
from obscode.routing import Routing
from obscode.scrape import ScrapeJob
from obscode.service import Service


@dataclass(frozen=True)
class Definitions:
    """What a definitions folder holds."""

    project: Project
    services: Sequence[Service] = ()
    dashboards: Sequence[Dashboard] = ()
    routing: Routing | None = None
    root: str = ""

    def roots(self) -> list[Definition]:
        """The definitions that no other holds."""
        return [self.project, *self.services, *self.dashboards, *([self.routing] if self.routing else [])]


def compile(definitions: Definitions) -> Artifacts:
    """Compile; raises DefinitionError with every problem of every definition."""
    ordered = replace(
        definitions,
        services=sorted(definitions.services, key=lambda s: str(s.name)),
        dashboards=sorted(definitions.dashboards, key=lambda d: str(d.title)),
    )
    _stop_on(_problems(ordered))
    return Artifacts(
        project=ordered.project,
        routing=ordered.routing,
        scrapes=[Scrape(job.job or s.name, job) for s in ordered.services for job in s.scrape_jobs()],
        rule_files=[file for s in ordered.services if (file := _rule_file(s, ordered.project)).groups],
        dashboards=list(_dashboards(ordered)),
        services=ordered.services,
        root=ordered.root,
    )


def _stop_on(problems: Iterable[Finding]) -> None:
    if found := list(problems):
        raise DefinitionError(found)


# --- rules -------------------------------------------------------------------------------------------------------


def _rule_file(service: Service, project: Project) -> RuleFile:
    records: list[Rule] = [Record(r.name, _text(r.expr), dict(r.labels), r) for r in service.recording_rules]
    alerts: list[Rule] = [_alert(alert, service) for alert in service.alerts]
    groups = []
    if records:
        groups.append(RuleGroup(conventions.rule_group(service.name, "records"), records))
    groups += [group for slo in service.slos for group in slo_groups(slo, service, project)]
    if down := target_down(service):
        groups.append(down)
    if alerts:
        groups.append(RuleGroup(conventions.rule_group(service.name, "alerts"), alerts))
    return RuleFile(service.name, groups, service)


def _alert(alert: Alert, service: Service) -> AlertRule:
    labels = {conventions.SEVERITY: alert.severity, conventions.SERVICE: service.name}
    if service.owner:
        labels["owner"] = service.owner
    texts = {
        "summary": alert.summary,
        "description": alert.description,
        "runbook_url": alert.runbook or service.runbook,
    }
    return AlertRule(
        alert.name,
        _text(alert.expr),
        labels | dict(alert.labels),
        alert,
        for_=_unless_zero(alert.for_),
        keep_firing_for=_unless_zero(alert.keep_firing_for),
        annotations={name: text for name, text in texts.items() if text} | dict(alert.annotations),
    )


def _text(expr: str) -> str:
    """The expression as written, without the indentation that its place in Python gave it."""
    from textwrap import dedent

    return dedent(expr).strip()


def _unless_zero(length: str) -> str:
    return length if duration.milliseconds(length) else ""


# --- dashboards --------------------------------------------------------------------------------------------------


def _dashboards(definitions: Definitions) -> Iterator[DashboardFile]:
    folder = definitions.project.name
    for service in definitions.services:
        if isinstance(service.dashboard, Dashboard):
            yield _dashboard(service.dashboard, folder)
        elif service.dashboard:
            yield _dashboard(Dashboard(service.name, service.dashboard, origin=service.origin), folder)
    for dashboard in definitions.dashboards:
        yield _dashboard(dashboard, folder)


def _dashboard(dashboard: Dashboard, folder: str) -> DashboardFile:
    uid = dashboard.uid or conventions.dashboard_uid(dashboard.title)
    return DashboardFile(
        uid=uid,
        title=dashboard.title,
        folder=dashboard.folder or folder,
        rows=dashboard.rows,
        source=dashboard,
        description=dashboard.description,
        tags=dashboard.tags,
    )


# --- problems of and between definitions -------------------------------------------------------------------------


def _problems(definitions: Definitions) -> Iterator[Finding]:
    """Those of each definition, and those between the definitions that have none of their own."""
    own = {id(root): list(kinds.problems(root)) for root in definitions.roots()}
    for problems in own.values():
        yield from problems
    yield from _service_twins([s for s in definitions.services if isinstance(s.name, str)])
    services = [s for s in definitions.services if not own[id(s)]]
    yield from _job_twins(services)
    for service in services:
        for slo in service.slos:
            yield from slo.sli.mismatches(service.metrics)
    if own[id(definitions.project)]:
        return
    yield from _environment_twins(definitions.project.environments)
    yield from _unknown_environments(services, definitions.project)
    dashboards = [d for d in definitions.dashboards if not own[id(d)]]
    yield from _dashboard_twins(_dashboards(replace(definitions, services=services, dashboards=dashboards)))


def _service_twins(services: Sequence[Service]) -> Iterator[Finding]:
    seen: dict[str, Service] = {}
    for service in services:
        first = seen.setdefault(service.name.lower(), service)  # file names meet on disks that ignore case
        if first is not service:
            yield service.finding(
                "duplicate-service", _twice("services", service.name, first.name, first), "rename one", at="name"
            )


def _job_twins(services: Sequence[Service]) -> Iterator[Finding]:
    seen: dict[str, ScrapeJob] = {}
    for service in services:
        for name, job in zip(service.job_names(), service.scrape_jobs(), strict=True):
            first = seen.setdefault(name.lower(), job)
            if first is not job:
                message = f"two scrape jobs are named {name!r}{_first(first)}"
                yield job.finding("duplicate-job", message, 'give it a name of its own with job="..."', at="job")


def _environment_twins(environments: Sequence[Environment]) -> Iterator[Finding]:
    seen: dict[str, Environment] = {}
    for environment in environments:
        first = seen.setdefault(environment.name.lower(), environment)
        if first is not environment:
            message = _twice("environments", environment.name, first.name, first)
            yield environment.finding("duplicate-environment", message, "rename one", at="name")


def _unknown_environments(services: Sequence[Service], project: Project) -> Iterator[Finding]:
    known = [environment.name for environment in project.environments]
    for service in services:
        for job in service.scrape_jobs():
            for i, name in enumerate(job.targets_in):
                if name not in known:
                    message = f"the project has no environment {name!r}"
                    hint = did_you_mean(name, known) or f"it has {', '.join(known) or 'none'}"
                    yield job.finding("environment", message, hint, at="targets_in", item=i)


def _dashboard_twins(dashboards: Iterable[DashboardFile]) -> Iterator[Finding]:
    uids: dict[str, DashboardFile] = {}
    titles: dict[tuple[str, str], DashboardFile] = {}
    for dashboard in dashboards:
        title = (slug(dashboard.folder), dashboard.title.lower())
        first = uids.setdefault(dashboard.uid.lower(), dashboard)
        namesake = titles.setdefault(title, dashboard)
        if namesake is not dashboard:
            message = _twice("dashboards", dashboard.title, namesake.title, namesake.source)
            hint = "rename one, or give it another folder="
            yield dashboard.source.finding("duplicate-dashboard", message, hint, at="title")
        elif first is not dashboard:
            message = f"dashboards {first.title!r} and {dashboard.title!r} would both have the uid {dashboard.uid!r}"
            yield dashboard.source.finding("duplicate-dashboard", message, "rename one, or give it a uid=", at="title")


def _twice(what: str, name: str, other: str, first: Definition) -> str:
    if name == other:
        return f"two {what} are named {name!r}{_first(first)}"
    return f"{what} {other!r} and {name!r} differ in case only{_first(first)}"


def _first(first: Definition) -> str:
    place = first.place()
    return f", the first at {place}" if place else ""
