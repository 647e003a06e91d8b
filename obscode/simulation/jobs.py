"""Which scrape jobs a phase of a scenario affects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from obscode.model.scenario import Phase
from obscode.model.service import Service


@dataclass(frozen=True)
class Jobs:
    """The services of scrape jobs, and those with SLOs; of a job that is not known, all phases are."""

    services: Mapping[str, str] = field(default_factory=dict)
    with_slos: frozenset[str] = frozenset()

    @classmethod
    def of(cls, services: Iterable[Service]) -> Jobs:
        """The jobs of some services; a service without jobs has the value of `job` in its selector."""
        listed = list(services)
        jobs = {job: service.name for service in listed for job in service.job_names()}
        jobs |= {service.selector["job"]: service.name for service in listed if "job" in service.selector}
        return cls(jobs, frozenset(service.name for service in listed if service.slos))

    def affects(self, phase: Phase, job: str) -> bool:
        """Whether a phase is about the service of a job."""
        service = self.services.get(job, "")
        if phase.services:
            return service in phase.services
        return not service or not self.with_slos or service in self.with_slos
