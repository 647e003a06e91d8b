"""Steps of relabeling read labels that the discovery, or a step before, gives the targets.

Why: a label that no target has is empty: `Keep` drops every target, and `Replace` removes a label. The labels of
Kubernetes, Consul, DNS and EC2 are known, those of Prometheus 3.14; jobs with other discoveries are not checked.

Bad:
    ScrapeJob(discovery=discovery.Kubernetes("pod"), relabel=[
        relabel.Keep("__meta_kubernetes_service_name", "shop"),
    ])

Good:
    ScrapeJob(discovery=discovery.Kubernetes("pod"), relabel=[
        relabel.Keep("__meta_kubernetes_pod_label_app", "shop"),
    ])
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Any

from obscode.artifacts.prometheus import ScrapeConfig
from obscode.checks.check import Context, check
from obscode.checks.relabel_steps import RELABEL, placed_steps
from obscode.findings.finding import Finding
from obscode.model.discovery.meta_labels import discovery_with, has_label, meta_labels, similar_label
from obscode.model.scrape import Job
from obscode.relabeling.step import Step

_META = "__meta_"
_LISTED = 3


@check(ScrapeConfig, severity="warning")
def source_label(job: ScrapeConfig, context: Context) -> Iterator[Finding]:
    """Labels that no target has; none where targets may have any labels."""
    discoveries = _discoveries(job)
    of_targets = meta_labels(discoveries)
    if of_targets is None or not (discoveries or isinstance(job.source, Job)):
        return
    known: Set[str] = {"job", *of_targets, *(job.source.labels if isinstance(job.source, Job) else ())}
    for placed in placed_steps(job, RELABEL):
        step = Step.of(placed.config)
        for label in dict.fromkeys(step.source):
            if not _is_known(label, known):
                message = f"no target has the label {label!r} here"
                yield placed.finding(source_label, "source_labels", message, _hint(label, known, discoveries))
        if step.changes_labels:
            return
        known = {*known, step.sets}


def _discoveries(job: ScrapeConfig) -> Mapping[str, Any]:
    """The keys of a job with its targets; those of a definition without those of an environment."""
    if isinstance(job.source, Job):
        return {**job.source.discovery_configs(), **_discovery_keys(job.source.settings)}
    return _discovery_keys(job.settings)


def _discovery_keys(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    return {k: items for k, items in settings.items() if k.endswith("_sd_configs") or k == "static_configs"}


def _is_known(label: str, known: Set[str]) -> bool:
    """Whether targets may have a label; those of Prometheus such as `__address__` are not checked."""
    return (label.startswith("__") and not label.startswith(_META)) or has_label(known, label)


def _hint(label: str, known: Set[str], discoveries: Mapping[str, Any]) -> str:
    """What to write instead."""
    if advice := discovery_with(discoveries, label):
        return f"targets have it with {advice}"
    if near := similar_label(known, label):
        return near
    if not label.startswith(_META):
        return "a step before it has to set it"
    names = sorted(name for name in known if name.startswith(_META) and "*" not in name)
    listed = ", ".join(names[:_LISTED])
    return f"targets have {listed} and others" if names else "listed targets have none that begins with __meta_"
