"""Definitions to artifacts: a pure function."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TypeVar

from obscode.artifacts.project import Artifacts, DashboardFile, Scrape
from obscode.compiler.alert_links import Links
from obscode.compiler.dashboards.files import completed, dashboard_files, folder_findings, with_source
from obscode.compiler.rules import rule_file
from obscode.compiler.slo_rules import SloPlan, service_matchers
from obscode.compiler.slo_validation import slo_limits
from obscode.findings.errors import DefinitionError
from obscode.findings.finding import Finding
from obscode.findings.suggestions import did_you_mean
from obscode.model import argument_types
from obscode.model.alert import RecordingRule
from obscode.model.dashboard import Dashboard
from obscode.model.definition import Definition
from obscode.model.identifiers import slug
from obscode.model.project import Environment, Project
from obscode.model.routing import Routing
from obscode.model.scrape import ScrapeJob
from obscode.model.service import Service
from obscode.model.slo import SLO
from obscode.promql import duration
from obscode.promql.parser import parse

_ANY_WINDOW = "5m"


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
    own = {id(root): list(argument_types.problems(root)) for root in ordered.roots()}
    sound = replace(
        ordered,
        services=[service for service in ordered.services if not own[id(service)]],
        dashboards=[dashboard for dashboard in ordered.dashboards if not own[id(dashboard)]],
    )
    links = None if own[id(ordered.project)] else _links(sound)
    _stop_on([*chain(*own.values()), *cross_definition_findings(ordered, sound, links)])
    assert links is not None  # else the project's problems would have stopped it
    artifacts = Artifacts(
        project=ordered.project,
        routing=ordered.routing,
        scrapes=[Scrape(job.job or s.name, job) for s in links.services for job in s.scrape_jobs()],
        rule_files=[links.linked(f) for s in links.services if (f := rule_file(s, ordered.project)).groups],
        dashboards=links.dashboards,
        services=links.services,
        root=ordered.root,
    )
    return replace(artifacts, dashboards=[with_source(file, artifacts) for file in artifacts.dashboards])


def _links(definitions: Definitions) -> Links:
    """Services and dashboards with what their panels leave open, and where their alerts lead."""
    services, dashboards = completed(definitions.services, definitions.dashboards)
    return Links(definitions.project, services, list(dashboard_files(services, dashboards, definitions.project)))


def _stop_on(problems: Iterable[Finding]) -> None:
    if found := list(problems):
        raise DefinitionError(found)


# --- problems of and between definitions -------------------------------------------------------------------------


def cross_definition_findings(all_: Definitions, sound: Definitions, links: Links | None) -> Iterator[Finding]:
    """Problems between definitions, of those that have none of their own."""
    yield from _service_twins([s for s in all_.services if isinstance(s.name, str)])
    yield from _job_twins(sound.services)
    yield from _record_twins(sound.services)
    for service in sound.services:
        for slo in service.slos:
            yield from slo.sli.catalog_findings(service.metrics)
            yield from _contradictions(slo, service)
    if links is None:
        return
    for service in sound.services:
        for slo in service.slos:
            yield from slo_limits(SloPlan(slo, service, sound.project))
    yield from _environment_twins(sound.project.environments)
    yield from _unknown_environments(sound.services, sound.project)
    yield from _long_timeouts(sound.services, sound.project)
    yield from _dashboard_twins(links.dashboards)
    yield from folder_findings(sound.services, links.dashboards)
    if len(sound.roots()) == len(all_.roots()):  # a dashboard that is wrong may be the one that holds the panel
        yield from links.problems()


def _contradictions(slo: SLO, service: Service) -> Iterator[Finding]:
    """Matchers of an SLI that no series of the service satisfies."""
    events = slo.sli.events(_ANY_WINDOW, service_matchers(service))
    for selector in [*parse(events.total).selectors, *parse(events.bad).selectors]:
        if pair := selector.conflicting_matchers():
            at = next((at for at, own in slo.sli.selectors().items() if any({*pair} & {*s.matchers} for s in own)), "")
            one, other = (str(matcher) for matcher in pair)
            message = f"no series has both {one} and {other}, which the SLI asks for"
            hint = "obscode adds the service's own matchers; leave yours out, or give the service another selector="
            yield slo.sli.finding("sli-scope", message, hint, at=at)
            return


def _service_twins(services: Sequence[Service]) -> Iterator[Finding]:
    seen: dict[str, Service] = {}
    for service in _in_source_order(services):
        first = seen.setdefault(service.name.lower(), service)  # file names meet on disks that ignore case
        if first is not service:
            yield service.finding(
                "duplicate-service", _twice("services", service.name, first.name, first), "rename one", at="name"
            )


def _job_twins(services: Sequence[Service]) -> Iterator[Finding]:
    seen: dict[str, ScrapeJob] = {}
    for service in _in_source_order(services):
        for name, job in zip(service.job_names(), service.scrape_jobs(), strict=True):
            first = seen.setdefault(name.lower(), job)
            if first is not job:
                message = f"two scrape jobs are named {name!r}{_first(first)}"
                yield job.finding("duplicate-job", message, 'give it a name of its own with job="..."', at="job")


def _record_twins(services: Sequence[Service]) -> Iterator[Finding]:
    """Series that are recorded twice: both rules write to them, each its own value."""
    seen: dict[tuple[str, frozenset[tuple[str, str]]], RecordingRule] = {}
    for rule in _in_source_order(rule for service in services for rule in service.recording_rules):
        series = rule.name, frozenset(rule.labels.items())
        if series in seen:  # the same rule in two services, too: what is added up of its series would double
            message = f"{rule.name!r} is recorded twice with the same labels{_first(seen[series])}"
            yield rule.finding("duplicate-record", message, "rename one, or tell them apart by labels=", at="name")
        seen.setdefault(series, rule)


def _environment_twins(environments: Sequence[Environment]) -> Iterator[Finding]:
    seen: dict[str, Environment] = {}
    for environment in _in_source_order(environments):
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


def _long_timeouts(services: Sequence[Service], project: Project) -> Iterator[Finding]:
    for job in (job for service in services for job in service.scrape_jobs() if job.timeout):
        interval = job.interval or project.scrape_interval
        if duration.milliseconds(job.timeout) > duration.milliseconds(interval):
            message = f"the timeout {job.timeout} is longer than the scrape interval {interval}"
            yield job.finding("scrape-timeout", message, f'write "{interval}" or less', at="timeout")


def _dashboard_twins(dashboards: Iterable[DashboardFile]) -> Iterator[Finding]:
    uids: dict[str, DashboardFile] = {}
    titles: dict[tuple[str, str], DashboardFile] = {}
    for dashboard in sorted(dashboards, key=lambda dashboard: _where(dashboard.source)):
        title = (slug(dashboard.folder), dashboard.title.lower())
        first = uids.setdefault(dashboard.uid.lower(), dashboard)
        namesake = titles.setdefault(title, dashboard)
        if namesake is not dashboard:
            message = _twice("dashboards", dashboard.title, namesake.title, namesake.source)
            hint = "rename one, or give it another folder="
            yield dashboard.source.finding("duplicate-dashboard", message, hint, at=_title(dashboard))
        elif first is not dashboard:
            message = f"dashboards {first.title!r} and {dashboard.title!r} would both have the uid {dashboard.uid!r}"
            hint = "rename one, or give it a uid="
            yield dashboard.source.finding("duplicate-dashboard", message, hint, at=_title(dashboard))


def _title(dashboard: DashboardFile) -> str:
    """The argument that a dashboard is titled by, which is the name of the service where it is only rows."""
    return "title" if isinstance(dashboard.source, Dashboard) else "name"


_D = TypeVar("_D", bound=Definition)


def _in_source_order(definitions: Iterable[_D]) -> list[_D]:
    """In the order of the files, so that what is told is the second of two."""
    return sorted(definitions, key=_where)


def _where(definition: Definition) -> tuple[str, int, int]:
    return definition.origin.order


def _twice(what: str, name: str, other: str, first: Definition) -> str:
    if name == other:
        return f"two {what} are named {name!r}{_first(first)}"
    return f"{what} {other!r} and {name!r} differ in case only{_first(first)}"


def _first(first: Definition) -> str:
    place = first.span()
    return f", the first at {place}" if place else ""
