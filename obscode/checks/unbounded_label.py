"""A label of a metric has a bounded number of values.

Why: each value is a series of its own, which Prometheus keeps in memory for hours. Ids of requests, traces, sessions
and users have new values all the time, and end with a Prometheus that has no memory left. A path has them where it
contains ids.

A label that the scrape job drops (`metric_relabel=[relabel.LabelDrop(...)]`), or whose values are declared, is not
reported.

Bad:
    metrics.Counter("orders_total", labels=["user_id"])

Good:
    metrics.Counter("orders_total", labels=["plan"])
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from obscode.checks.check import Context, check
from obscode.findings.finding import Finding
from obscode.model.metrics import Metric
from obscode.model.relabel.step import configurations
from obscode.model.service import Service
from obscode.promql.go_regex import full_match
from obscode.relabeling.step import Step

# Names of values that are new with each request, or with each user; ids of machines and of tenants are bounded.
_NAMES = re.compile(
    r"(?:request|trace|span|session|correlation|transaction|user|order|message|event|invocation)_?id|e_?mail(?:_address)?",
    re.IGNORECASE,
)
_SEGMENT = re.compile(r"(?<=/)(?:[0-9]+|[0-9a-fA-F]{16,}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})(?=/|$)")
# Two paths that differ in a number may be versions of an API.
_PATHS = 3


@check(Service, severity="warning")
def unbounded_label(service: Service, context: Context) -> Iterator[Finding]:
    """Declared labels with any number of values."""
    for metric in service.metrics:
        declared = metric.label_values()
        for i, label in enumerate(metric.labels):
            reason = "" if label in declared else _reason(metric, label)
            if reason and not _is_dropped(service, label):
                message = f"label {label!r} of {metric.name} has any number of values: {reason}"
                hint = f"remove it, or drop it with metric_relabel=[relabel.LabelDrop({label!r})]"
                if reason.startswith("the path"):
                    hint = "expose the route, such as /users/{id}, instead of the path"
                yield metric.finding(unbounded_label, message, hint, at="labels", item=i)


def _reason(metric: Metric, label: str) -> str:
    if _NAMES.fullmatch(label):
        return "requests and users have new ones all the time"
    paths = paths_with_ids(metric.observed.get(label, ()))
    return f"the path {paths[0]!r} has an id" if paths else ""


def paths_with_ids(values: Sequence[str]) -> Sequence[str]:
    """Several values that differ in an id only, of a label with paths."""
    alike: dict[str, list[str]] = defaultdict(list)
    for value in values if all(value.startswith("/") for value in values) else ():
        if (shape := _SEGMENT.sub("{}", value)) != value:
            alike[shape].append(value)
    return next((paths for paths in alike.values() if len(paths) >= _PATHS), ())


def _is_dropped(service: Service, label: str) -> bool:
    """Whether every scrape job of a service removes a label from its series."""
    jobs = service.scrape_jobs()
    return bool(jobs) and all(_drops(list(map(Step.of, configurations(job.metric_relabel))), label) for job in jobs)


def _drops(steps: Sequence[Step], label: str) -> bool:
    return any(
        (step.action == "labeldrop" and full_match(step.regex, label) is True)
        or (step.action == "labelkeep" and full_match(step.regex, label) is False)
        or (step.sets == label and not step.replacement)
        for step in steps
    )
