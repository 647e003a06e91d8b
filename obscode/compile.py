"""Definitions to artifacts: a pure function."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from obscode import conventions, duration
from obscode.alert import Alert
from obscode.artifacts import AlertRule, Artifacts, DashboardFile, Record, Rule, RuleFile, RuleGroup, Scrape
from obscode.compile_slo import slo_groups
from obscode.dashboard import Dashboard
from obscode.definition import Definition
from obscode.errors import DefinitionError, Finding
from obscode.project import Project
from obscode.routing import Routing
from obscode.service import Service


@dataclass(frozen=True)
class Definitions:
    """What a definitions folder holds."""

    project: Project
    services: Sequence[Service] = ()
    dashboards: Sequence[Dashboard] = ()
    routing: Routing | None = None
    root: str = ""

    def walk(self) -> Iterator[Definition]:
        """Every definition, parents first."""
        roots = [self.project, *self.services, *self.dashboards, *([self.routing] if self.routing else [])]
        for root in roots:
            yield from root.walk()


def compile(definitions: Definitions) -> Artifacts:
    """Compile; raises DefinitionError with every problem of every definition."""
    ordered = replace(
        definitions,
        services=sorted(definitions.services, key=lambda s: str(s.name)),
        dashboards=sorted(definitions.dashboards, key=lambda d: str(d.title)),
    )
    _stop_on([problem for definition in ordered.walk() for problem in definition.problems()])
    _stop_on([*_twins(ordered), *_mismatches(ordered)])
    artifacts = Artifacts(
        project=ordered.project,
        routing=ordered.routing,
        scrapes=[Scrape(job.job or s.name, job) for s in ordered.services for job in s.scrape_jobs()],
        rule_files=[file for s in ordered.services if (file := _rule_file(s, ordered.project)).groups],
        dashboards=list(_dashboards(ordered)),
        services=ordered.services,
        root=ordered.root,
    )
    _stop_on(_one_file_twice(artifacts))
    return artifacts


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


# --- problems between definitions --------------------------------------------------------------------------------


def _twins(definitions: Definitions) -> Iterator[Finding]:
    yield from _service_twins(definitions.services)
    jobs = [(job, s) for s in definitions.services for job in s.scrape_jobs()]
    seen: dict[str, str] = {}
    for job, service in jobs:
        name = job.job or service.name
        if name.lower() in seen:
            yield job.finding(
                "duplicate-job",
                f"job {name!r} of service {service.name!r} is already the job of {seen[name.lower()]!r}",
                'give it a name of its own with job="..."',
            )
        seen.setdefault(name.lower(), service.name)


def _service_twins(services: Sequence[Service]) -> Iterator[Finding]:
    seen: dict[str, Service] = {}
    for service in services:
        first = seen.setdefault(service.name.lower(), service)  # file names meet on disks that ignore case
        if first is not service:
            where = f", first at {place}" if (place := first.place("name")) else ""
            message = f"two services are named {service.name!r}{where}"
            yield service.finding("duplicate-service", message, "rename one", at="name")


def _mismatches(definitions: Definitions) -> Iterator[Finding]:
    for service in definitions.services:
        for slo in service.slos:
            yield from slo.sli.mismatches(service.metrics)
        for job in service.scrape_jobs():
            known = [environment.name for environment in definitions.project.environments]
            for i, name in enumerate(job.targets_in):
                if name not in known:
                    message = f"the project has no environment {name!r}"
                    hint = f"it has {', '.join(known) or 'none'}"
                    yield job.finding("environment", message, hint, at="targets_in", item=i)


def _one_file_twice(artifacts: Artifacts) -> Iterator[Finding]:
    seen: dict[str, DashboardFile] = {}
    for dashboard in artifacts.dashboards:
        first = seen.setdefault(dashboard.uid.lower(), dashboard)
        if first is not dashboard:
            message = f"dashboards {first.title!r} and {dashboard.title!r} would both have the uid {dashboard.uid!r}"
            yield dashboard.source.finding("duplicate-dashboard", message, "rename one, or give it a uid=", at="title")
