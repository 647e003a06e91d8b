"""The shards of a project: which series can be in several of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from obscode.artifacts.project import Artifacts
from obscode.artifacts.prometheus import ScrapeConfig
from obscode.compiler.shards import is_sharded
from obscode.promql.types.labels import Labels

INSTANCE, _JOB = "instance", "job"


@dataclass(frozen=True)
class Shards:
    """Servers that share the targets and evaluate the same rules.

    Attributes:
        number: how many servers there are.
        targets: how many targets each job has that is shared; None for those that are discovered.
    """

    number: int
    targets: Mapping[str, int | None]

    @classmethod
    def of(cls, artifacts: Artifacts) -> Shards | None:
        """The shards of a project; None if one server has all targets, or evaluates no rules."""
        server = artifacts.project.prometheus
        if server is None or server.shards < 2 or not server.evaluates_rules or not artifacts.prometheus_configs:
            return None
        jobs = artifacts.prometheus_configs[0].scrape_configs
        return cls(server.shards, {job.job: _targets(job) for job in jobs if is_sharded(job)})

    def share_job(self, labels: Labels) -> bool:
        """Whether series with some labels are of a job whose targets are in some shards only."""
        job = labels.value_of(_JOB)
        return job is None or job in self.targets

    def share_targets(self, labels: Labels) -> bool:
        """Whether series with some labels can be in several shards: those of one target are in one."""
        if labels.value_of(INSTANCE) or not labels.can_have(INSTANCE) or not self.share_job(labels):
            return False
        job = labels.value_of(_JOB)
        counts = [self.targets[job]] if job else list(self.targets.values())
        return any(count is None or count > 1 for count in counts)


def _targets(job: ScrapeConfig) -> int | None:
    static: Sequence[Mapping[str, Sequence[str]]] = job.settings.get("static_configs", ())
    is_discovered = any(key.endswith("_sd_configs") for key in job.settings)
    return None if is_discovered else sum(len(each.get("targets", ())) for each in static)
