"""Faults of a running monitoring system, each with a remedy.

`observe` reads the servers; a module for each area looks for faults in what they say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from obscode.artifacts.project import Artifacts
from obscode.doctor.delivery_faults import delivery_faults
from obscode.doctor.grafana_faults import grafana_faults
from obscode.doctor.metric_faults import metric_faults
from obscode.doctor.observations import Observations
from obscode.doctor.rule_faults import rule_faults
from obscode.doctor.target_faults import target_faults
from obscode.doctor.worker_faults import separate_workers
from obscode.findings.finding import Finding

# In the order in which a person looks: without a target, there are no metrics, and without metrics, no panels.
_AREAS: Sequence[Callable[[Observations, Artifacts], Iterator[Finding]]] = (
    target_faults,
    separate_workers,
    metric_faults,
    rule_faults,
    delivery_faults,
    grafana_faults,
)


def diagnose(observations: Observations, artifacts: Artifacts) -> list[Finding]:
    """The faults of the servers that were observed, the causes before their effects."""
    return [finding for faults in _AREAS for finding in faults(observations, artifacts)]
