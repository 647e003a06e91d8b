"""The usual scrape job: targets that expose metrics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.relabel.step import configuration_of
from obscode.model.scrape.addresses import validate_address
from obscode.model.scrape.base import Job
from obscode.relabeling.step import Step

_ADDRESS = "__address__"


@dataclass(frozen=True)
class ScrapeJob(Job):
    """A scrape job: the targets from which Prometheus scrapes a service's metrics.

    `ScrapeJob(["shop:8000"])`, or `ScrapeJob(discovery=discovery.Kubernetes("pod", namespaces=["shop"]))`

    Attributes:
        targets: the addresses, `host:port`.
    """

    targets: Sequence[str] = ()

    def static_targets(self) -> Sequence[str]:
        return self.targets

    def _target_problems(self) -> Iterator[Finding]:
        if self.has_no_targets():
            hint = 'write ["localhost:8000"], or discovery=...'
            yield self.finding(codes.TARGET_ADDRESS, "the job has no targets", hint, at="targets")
        # A step can make an address of anything, such as a URL that becomes a parameter.
        if not any(Step.of(configuration_of(each)).target == _ADDRESS for each in self.relabel):
            yield from address_problems(self, self.targets)


def address_problems(job: Job, targets: Sequence[str]) -> Iterator[Finding]:
    """Findings for targets that are not addresses, or are listed twice."""
    for i, target in enumerate(targets):
        if wrong := validate_address(target):
            yield job.finding(codes.TARGET_ADDRESS, *wrong, at="targets", item=i)
        elif target in targets[:i]:
            message = f"target {target!r} is a duplicate"
            yield job.finding(codes.TARGET_ADDRESS, message, "remove one of them", at="targets", item=i)
