"""The targets of a project: the scrape jobs of its services, with the instances that its definitions list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from obscode.artifacts.project import Artifacts
from obscode.model.metrics import Metric
from obscode.model.service import Service
from obscode.model.sli.sample_series import labels_for
from obscode.simulation.capture import Capture
from obscode.simulation.captured_samples import CapturedTarget
from obscode.simulation.population import Target

# Instances of a job whose targets are discovered.
_DISCOVERED = 3


@dataclass(frozen=True)
class Targets:
    """All targets, and those of the services that declare a metric, by its name."""

    all: Sequence[Target] = ()
    of_name: Mapping[str, Sequence[Target]] = field(default_factory=dict)

    def of(self, metric: Metric | None) -> Sequence[Target]:
        """The targets that expose a metric; none if they are unknown."""
        if metric is None:
            return ()
        return self.of_name.get(metric.name) or [replace(target, metric=metric) for target in self.all]


def targets_of(artifacts: Artifacts) -> Targets:
    """The targets of the services of a compiled project."""
    every: dict[Target, None] = {}
    of_name: dict[str, list[Target]] = {}
    for service in artifacts.services:
        own = list(_targets(service))
        every |= dict.fromkeys(own)
        for metric in service.metrics:
            of_name.setdefault(metric.name, []).extend(replace(target, metric=metric) for target in own)
    return Targets(tuple(every), of_name)


def captured_targets(service: Service, capture: Capture) -> list[CapturedTarget]:
    """The targets of a service, if each of them exposes a captured text."""
    honoring = {name for name, job in service.named_jobs() if job.honor_labels}
    targets = map(dict, (target.labels for target in _targets(service)))
    return [CapturedTarget(capture, service.name, labels, labels["job"] in honoring) for labels in targets]


def _targets(service: Service) -> list[Target]:
    targets: list[Target] = []
    for number, (name, job) in enumerate(service.named_jobs()):
        addresses = list(job.static_targets()) or [f"10.0.{number}.{n + 1}:8080" for n in range(_DISCOVERED)]
        for address in addresses:
            labels = {"job": name, "instance": address, **_further(service), **job.labels, **service.selector}
            targets.append(Target(tuple(sorted(labels.items())), len(targets)))
    if not targets and service.selector:
        labels = {"job": service.name, "instance": "10.0.0.1:8080", **_further(service), **service.selector}
        targets.append(Target(tuple(sorted(labels.items()))))
    return targets


def _further(service: Service) -> Mapping[str, str]:
    """Labels of targets that the further matchers of a service accept."""
    return labels_for(service.target_matchers()) or {}
