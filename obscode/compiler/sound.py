"""The part of the definitions that has no errors: it is compiled and checked, so that one error hides no other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import MISSING, Field, fields, replace
from typing import Any, TypeVar

from obscode.findings.finding import Finding
from obscode.model import severities
from obscode.model.alert import RecordingRule
from obscode.model.dashboard import Dashboard, Row
from obscode.model.definition import Definition
from obscode.model.definitions import Definitions
from obscode.model.identifiers import suggestion, validate_name
from obscode.model.metrics import Metric
from obscode.model.project import Project
from obscode.model.relabel import LabelMap
from obscode.model.rule_group import RuleFile, RuleGroup
from obscode.model.scrape import Job, ScrapeJob
from obscode.model.service import Service

# What holds lists of definitions, each of which may be left out. Anything else is left out as a whole.
_CONTAINERS = (Service, Dashboard, Row, RuleGroup, RuleFile)
_NEWEST = "9999.0"
_D = TypeVar("_D", bound=Definition)


def without_errors(definitions: Definitions, findings: Iterable[Finding]) -> Definitions:
    """The definitions without those that findings are about, and without what needs these.

    A service, and a project, with an error in an argument of its own has the default there. Findings are matched to
    definitions by the call that made them: copies of a definition keep it.
    """
    wrong = {id(finding.source.origin) for finding in findings if isinstance(finding.source, Definition)}
    if not wrong:
        return definitions
    services = _with_names_of_their_own(
        [sound for service in definitions.services if (sound := _service(service, wrong))], wrong
    )
    dashboards = [own for dashboard in definitions.dashboards if (own := _pruned(dashboard, wrong))]
    rules = [pruned for each in definitions.rules if (pruned := _pruned(each, wrong))]
    configs = [whole for each in definitions.configs if (whole := _whole(each, wrong))]
    routing = definitions.routing and _whole(definitions.routing, wrong)
    project = _project(definitions.project, wrong)
    return replace(
        definitions,
        project=project,
        services=services,
        configs=configs,
        rules=rules,
        dashboards=dashboards,
        routing=routing,
    )


def series_of(definitions: Iterable[Definition]) -> Iterator[str]:
    """The names of the series that definitions expose or record, also of definitions with errors."""
    for definition in (below for root in definitions for below in root.walk()):
        if isinstance(definition, RecordingRule | Metric) and isinstance(definition.name, str):
            yield definition.name
            if isinstance(definition, Metric):
                yield from definition.series()


def _service(service: Service, wrong: Set[int]) -> Service | None:
    is_wrong = id(service.origin) in wrong
    sound = _pruned(service, wrong - {id(service.origin)})
    if sound is None or not is_wrong:
        return sound
    name = service.name if not validate_name(service.name) else suggestion(service.name)
    selector = {} if sound.scrape_jobs() and not service.selector else {"job": name}
    return sound.derive(name=name, owner="", description="", runbook="", selector=selector)


def _with_names_of_their_own(services: Sequence[Service], wrong: Set[int]) -> Sequence[Service]:
    """The services without those that errors are about if another one has the name: both would write the same files."""
    by_name: dict[str, Service] = {}
    for service in sorted(services, key=lambda each: id(each.origin) in wrong):
        by_name.setdefault(service.name.lower(), service)
    return [service for service in services if by_name[service.name.lower()] is service]


def _project(project: Project, wrong: Set[int]) -> Project:
    if _whole(project, wrong):
        return project
    stub = Project("project", oldest_prometheus=_NEWEST, oldest_alertmanager=_NEWEST).with_origin(project.origin)
    if not list(severities.problems(project.severities)):
        stub = stub.derive(severities=project.severities)
    return stub.derive(checks=project.checks, ignore=project.ignore)


def _pruned(definition: _D, wrong: Set[int]) -> _D | None:
    """The definition without items that have errors; None if it has one itself."""
    if id(definition.origin) in wrong:
        return None
    changes: dict[str, Any] = {}
    for spec in fields(definition):
        value = getattr(definition, spec.name)
        if isinstance(value, Definition):
            if (sound := _item(value, wrong)) is not value:
                changes[spec.name] = sound or _default(spec)
        elif isinstance(value, tuple) and any(isinstance(item, Definition) for item in value):
            items = [_item(item, wrong) for item in value]
            if any(sound is not item for sound, item in zip(items, value, strict=True)):
                changes[spec.name] = tuple(item for item in items if item is not None)
    return definition.derive(**changes) if changes else definition


def _default(spec: Field[Any]) -> Any:
    """The default of an argument that holds one definition: no dashboard, or the usual NoData."""
    return spec.default_factory() if spec.default_factory is not MISSING else spec.default


def _item(value: Definition, wrong: Set[int]) -> Definition | None:
    if isinstance(value, Job):
        return value if _whole(value, wrong) else _job(value)
    return _pruned(value, wrong) if isinstance(value, _CONTAINERS) else _whole(value, wrong)


def _whole(definition: _D, wrong: Set[int]) -> _D | None:
    return None if any(id(below.origin) in wrong for below in definition.walk()) else definition


def _job(job: Job) -> Job:
    """A job with the labels of its series and nothing else that could be wrong."""
    name = "" if validate_name(job.job) else job.job
    # The labels that relabeling adds are unknown, where one of its steps is wrong.
    steps = [LabelMap("(.+)")] if job.relabel or job.discovery or job.settings else []
    valid = ScrapeJob(["localhost:80"], job=name, labels=job.labels, relabel=steps, honor_labels=job.honor_labels)
    return valid.with_origin(job.origin)
