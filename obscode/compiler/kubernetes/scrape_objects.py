"""Scrape jobs as the objects that prometheus-operator reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from obscode.artifacts.operator_fields import KINDS
from obscode.artifacts.project import Artifacts
from obscode.artifacts.prometheus import ScrapeConfig
from obscode.compiler.kubernetes.field_conversion import Conversion
from obscode.compiler.kubernetes.operator_object import OperatorObject, Problem, metadata
from obscode.model import naming
from obscode.model.targets.kubernetes import Kubernetes

_ADDITIONAL = "list the job in a Secret for additionalScrapeConfigs of the Prometheus object"
_SCRAPE_CONFIG = "monitoring.coreos.com/v1alpha1/ScrapeConfig"


def objects(artifacts: Artifacts, target: Kubernetes) -> Iterator[OperatorObject]:
    """An object for each scrape job."""
    for config in artifacts.prometheus_configs:
        if config.name == target.environment:
            for job in config.scrape_configs:
                yield _scrape_config(job, target)


def _scrape_config(job: ScrapeConfig, target: Kubernetes) -> OperatorObject:
    name = naming.kubernetes_name(job.job)
    conversion, problems = conversion_of(job, "a ScrapeConfig")
    spec = {"jobName": job.job, **conversion.fields(job.settings, KINDS[_SCRAPE_CONFIG])}
    return scrape_object("ScrapeConfig", "v1alpha1", name, spec, job, target, problems)


def conversion_of(job: ScrapeConfig, kind: str) -> tuple[Conversion, list[Problem]]:
    """A conversion of the settings of a job, and what it reports."""
    problems: list[Problem] = []

    def report(at: str, message: str, hint: str) -> None:
        argument = at.rpartition(".")[2].partition("[")[0]
        problems.append(Problem(job.source, argument, f"job {job.job!r}: {message}", hint or _ADDITIONAL))

    return Conversion(kind, report), problems


def scrape_object(
    kind: str,
    version: str,
    name: str,
    spec: dict[str, Any],
    job: ScrapeConfig,
    target: Kubernetes,
    problems: list[Problem],
) -> OperatorObject:
    """An object of a scrape job, with the labels of monitors."""
    content = {
        "apiVersion": f"monitoring.coreos.com/{version}",
        "kind": kind,
        "metadata": metadata(target, name, target.labels_of("monitor_labels")),
        "spec": spec,
    }
    return OperatorObject(f"monitors/{name}.yaml", content, job.source, f"the {kind} {name}", tuple(problems))
