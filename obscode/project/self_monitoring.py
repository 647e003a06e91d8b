"""The services that monitor Prometheus and Alertmanager, in every project that does not switch them off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from obscode.model.configs import Prometheus
from obscode.model.definitions import Definitions
from obscode.model.project import Project
from obscode.model.service import Service
from obscode.model.targets import Kubernetes
from obscode.presets import alertmanager, prometheus

_PORTS = {"http": 80, "https": 443}


def with_self_monitoring(definitions: Definitions) -> Definitions:
    """The definitions with services for Prometheus and Alertmanager.

    A project has none if it switches them off, if its configuration of Prometheus is emitted as written, or if
    prometheus-operator runs the servers, whose jobs have other names. A service or a job of the same name replaces one.
    """
    project = definitions.project
    as_written = any(isinstance(config, Prometheus) for config in definitions.configs)
    by_operator = any(isinstance(target, Kubernetes) for target in project.targets)
    if not project.self_monitoring or as_written or by_operator or not definitions.services:
        return definitions
    taken = {service.name for service in definitions.services}
    taken |= {name for service in definitions.services for name in service.job_names()}
    own = [each.located_at(project) for each in _services(project, definitions.services) if each.name not in taken]
    return replace(definitions, services=[*definitions.services, *own])


def _services(project: Project, services: Sequence[Service]) -> Iterator[Service]:
    url = urlsplit(project.prometheus_url)
    with_alerts = [name for each in services if each.slos and each.no_data.target_down for name in each.job_names()]
    # Prometheus reaches itself on its own machine, whatever its address for others is.
    address = f"localhost:{url.port or _PORTS.get(url.scheme, 80)}"
    path = f"{url.path.rstrip('/')}/metrics"
    yield prometheus([address], path=path, jobs_with_alerts=with_alerts)
    if project.alertmanagers:
        in_environments = {each.name: each.alertmanagers for each in project.environments if each.alertmanagers}
        service = alertmanager(list(project.alertmanagers))
        job = service.scrape_jobs()[0].derive(targets_in=in_environments)
        yield service.derive(scrape=job)
