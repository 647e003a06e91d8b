"""The labels that the targets of a scrape job have, as far as its definition tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from obscode.model.discovery import Static
from obscode.model.discovery.meta_labels import meta_labels
from obscode.model.relabel.step import configurations
from obscode.model.scrape.base import Job
from obscode.model.scrape.configuration import relabel_configs
from obscode.promql import go_regex
from obscode.relabeling.step import Step

_OF_ALL = ("job", "instance")


def labels_of_targets(job: Job) -> frozenset[str] | None:
    """All labels that targets of a job may have, as on its series of `up`; None if they may have any."""
    if not _are_known(job):
        return None
    steps = [Step.of(each) for each in relabel_configs(job)]
    written = {label for each in job.discoveries() if isinstance(each, Static) for label in each.labels}
    names = {*_OF_ALL, *job.labels, *written, *_set_by(steps)}
    return None if any(step.changes_labels for step in steps) else frozenset(map_public(names))


def labels_of_series(job: Job) -> frozenset[str] | None:
    """All labels that a job adds to the series of its targets; None if it may add any."""
    targets = labels_of_targets(job)
    steps = [Step.of(each) for each in configurations(job.metric_relabel)]
    is_open = job.honor_labels or "metric_relabel_configs" in job.settings
    if targets is None or is_open or any(step.changes_labels for step in steps):
        return None
    return frozenset({*targets, *map_public(_set_by(steps))})


def changes_job(job: Job) -> bool:
    """Whether series of a job may have another value of the label `job` than its name."""
    if job.honor_labels or "relabel_configs" in job.settings or "metric_relabel_configs" in job.settings:
        return True
    steps = [Step.of(each) for each in configurations([*job.relabel, *job.metric_relabel])]
    written = any("job" in each.labels for each in job.discoveries() if isinstance(each, Static))
    return written or not _has_own_labels(job) or any(step.sets == "job" or step.changes_labels for step in steps)


def fixed_labels(job: Job) -> Mapping[str, str]:
    """The labels that all series of a job have, with their values: those that no step of relabeling can change."""
    if changes_job(job) or not _are_known(job):
        return {}
    steps = [Step.of(each) for each in configurations([*job.relabel, *job.metric_relabel])]
    written = {label for each in job.discoveries() if isinstance(each, Static) for label in each.labels}
    changed = {step.sets for step in steps} | written
    return {
        label: value
        for label, value in job.labels.items()
        if value and label not in changed and not any(_may_remove(step, label) for step in steps)
    }


def _may_remove(step: Step, label: str) -> bool:
    """Whether a step removes a label by its name."""
    if step.action not in ("labeldrop", "labelkeep"):
        return False
    return go_regex.full_match(step.regex, label) is not (step.action == "labelkeep")


def map_public(names: Iterable[str]) -> set[str]:
    """The labels that are not Prometheus' own."""
    return {name for name in names if not name.startswith("__")}


def _are_known(job: Job) -> bool:
    is_written = any(key in job.settings for key in ("relabel_configs", "static_configs"))
    is_written |= any(key.endswith("_sd_configs") for key in job.settings)
    return not is_written and _has_own_labels(job)


def _has_own_labels(job: Job) -> bool:
    """Whether discovered targets have `__meta_` labels alone: those of files and of HTTP servers have any."""
    return meta_labels(job.discovery_configs()) is not None


def _set_by(steps: Sequence[Step]) -> set[str]:
    return {step.sets for step in steps if step.sets}
