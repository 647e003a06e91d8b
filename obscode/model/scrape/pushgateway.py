"""Pushgateways: they hold what batch jobs pushed, with the labels of those jobs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass

from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.scrape.base import Job
from obscode.model.scrape.job import address_problems


@dataclass(frozen=True)
class Pushgateway(Job):
    """A Pushgateway: a scrape job whose series keep the labels with which they were pushed, such as `job`.

    `Pushgateway(["pushgateway:9091"])`. Series of a service are selected by the job that it pushes:
    `Service("export-orders", selector={"job": "export-orders"})`.

    Attributes:
        targets: the addresses, `host:port`.
        honor_labels: whether the pushed labels win over those of the Pushgateway itself.
    """

    targets: Sequence[str] = ()
    _: KW_ONLY
    honor_labels: bool = True

    def static_targets(self) -> Sequence[str]:
        return self.targets

    def _target_problems(self) -> Iterator[Finding]:
        if self.has_no_targets():
            hint = 'write ["localhost:9091"], or discovery=...'
            yield self.finding(codes.TARGET_ADDRESS, "the Pushgateway has no targets", hint, at="targets")
        yield from address_problems(self, self.targets)
