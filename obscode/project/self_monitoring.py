"""The services that monitor Prometheus and Alertmanager, in every project that does not switch them off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from obscode.model import argument_types
from obscode.model.configs import Prometheus
from obscode.model.definitions import Definitions
from obscode.model.project import Project
from obscode.model.relabel import Replace
from obscode.model.scrape import ScrapeJob
from obscode.model.scrape.base import Job
from obscode.model.server.alertmanagers import Alertmanagers
from obscode.model.service import Service
from obscode.model.targets import Kubernetes
from obscode.presets import alertmanager, prometheus

_ALERTMANAGER = "alertmanager"
# Servers with shards report the targets that they scrape, each for itself.
_OF_SHARDS = {"sharded-aggregation": "each server reports the targets that it scrapes"}
_PORT = 9090
_PORTS_OF_PROXIES = (80, 443)


def with_self_monitoring(definitions: Definitions) -> Definitions:
    """The definitions with services for Prometheus and Alertmanager.

    A project has none if it switches them off, if its configuration of Prometheus is emitted as written, or if
    prometheus-operator runs the servers, whose jobs have other names. A service or a job of the same name replaces one.
    """
    project = definitions.project
    if any(argument_types.problems(project)) or any(map(_has_unknown_jobs, definitions.services)):
        return definitions  # which is reported
    as_written = any(isinstance(config, Prometheus) for config in definitions.configs)
    by_operator = any(isinstance(target, Kubernetes) for target in project.targets)
    if not project.self_monitoring or as_written or by_operator or not definitions.services:
        return definitions
    taken = {service.name for service in definitions.services}
    taken |= {name for service in definitions.services for name in service.job_names()}
    services = _services(project, definitions.services)
    new = [each for each in services if each.name not in taken]
    own = [_of_shards(each, project, [*definitions.services, *new]).located_at(project) for each in new]
    return replace(definitions, services=[*definitions.services, *own])


def _has_unknown_jobs(service: Service) -> bool:
    """Whether the scrape jobs, or the SLOs, of a service have another type."""
    jobs = service.scrape_jobs()
    return not isinstance(jobs, tuple) or not all(isinstance(job, Job) for job in jobs)


def without_self_monitoring(definitions: Definitions) -> Definitions:
    """The definitions without the services that were added, which are located at the project."""
    users = [each for each in definitions.services if each.origin is not definitions.project.origin]
    return replace(definitions, services=users)


def _services(project: Project, services: Sequence[Service]) -> Iterator[Service]:
    url = urlsplit(project.prometheus_url)
    with_alerts = [name for each in services if each.slos and each.no_data.target_down for name in each.job_names()]
    # Prometheus reaches itself on its own machine. The port of a proxy in front of it is not its own.
    address = f"localhost:{_PORT if url.port in (None, *_PORTS_OF_PROXIES) else url.port}"
    path = f"{url.path.rstrip('/')}/metrics"
    yield prometheus([address], path=path, jobs_with_alerts=with_alerts)
    if jobs := list(_alertmanager_jobs(project)):
        yield alertmanager([]).derive(scrape=jobs)


def _alertmanager_jobs(project: Project) -> Iterator[ScrapeJob]:
    """One for the plain addresses, and one for each value with a path, discovery or access of its own."""
    addresses = [each for each in project.alertmanagers if isinstance(each, str)]
    if addresses:
        yield ScrapeJob(addresses)
    others = [each for each in project.alertmanagers if isinstance(each, Alertmanagers)]
    for number, each in enumerate(others, 1 if addresses else 0):
        yield ScrapeJob(
            each.targets,
            job=f"{_ALERTMANAGER}-{number + 1}" if number else "",
            discovery=each.discovery,
            path=f"{each.path_prefix.rstrip('/')}/metrics",
            scheme=each.scheme,
            auth=each.auth,
            tls=each.tls,
            proxy=each.proxy,
            relabel=[*each.relabel, *([Replace("job", replacement=_ALERTMANAGER)] if number else [])],
        )


def _of_shards(service: Service, project: Project, every: Sequence[Service]) -> Service:
    """The service of a project with several servers, whose alerts about a job are about the targets of each server."""
    if not project.shares_targets:
        return service
    about = {"TargetDown": every, "AlertmanagerConfigsDiffer": [service], "AlertmanagerClusterSplit": [service]}
    aggregating = {name for name, services in about.items() if _have_shared_targets(services)}
    alerts = [each.derive(ignore=_OF_SHARDS) if each.name in aggregating else each for each in service.alerts]
    return service.derive(alerts=alerts)


def _have_shared_targets(services: Sequence[Service]) -> bool:
    """Whether a job has several targets, which several servers share."""
    jobs = [job for service in services for job in service.scrape_jobs()]
    return any(job.discovery or len(job.static_targets()) > 1 for job in jobs)
