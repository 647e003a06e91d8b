"""Protective defaults of scrape jobs, from the complete catalog of a service: a limit of samples, and no `_created`."""

from __future__ import annotations

from dataclasses import replace
from math import prod

from obscode.model.definitions import Definitions
from obscode.model.metrics import Counter, Gauge, Histogram, Metric, Summary
from obscode.model.relabel import Drop
from obscode.model.scrape import Job, Probe, Pushgateway
from obscode.model.service import Service

# The limit is for a label that nobody expects, such as a user's id; no growth of what is declared may reach it.
_FACTOR = 10
# Metrics of the client library and of the process, which catalogs need not list.
_BESIDE = 1000
_CREATED = "_created"
#: The step that drops these series.
DROP_CREATED = Drop("__name__", f".+{_CREATED}")


def with_scrape_defaults(definitions: Definitions) -> Definitions:
    """The definitions with the defaults of their scrape jobs."""
    return replace(definitions, services=[_with_defaults(service) for service in definitions.services])


def _with_defaults(service: Service) -> Service:
    jobs = service.scrape_jobs()
    changed = [_job(job, service) for job in jobs]
    if all(new is job for new, job in zip(changed, jobs, strict=True)):
        return service
    return service.derive(scrape=changed[0] if isinstance(service.scrape, Job) else changed)


def _job(job: Job, service: Service) -> Job:
    changes: dict[str, object] = {}
    if job.sample_limit is None and _is_of_service(job) and (limit := sample_limit(service)):
        changes["sample_limit"] = limit
    if _drops_created(job, service):
        changes["metric_relabel"] = (*job.metric_relabel, DROP_CREATED.with_origin(job.origin))
    return job.derive(**changes) if changes else job


def _drops_created(job: Job, service: Service) -> bool:
    """Whether series of the time at which a counter began are dropped: they double the series of counters."""
    if job.drop_created is not None:
        return job.drop_created
    names = [metric.name for metric in service.metrics]
    has_times = any(isinstance(metric, Counter | Histogram | Summary) for metric in service.metrics)
    return _is_of_service(job) and service.complete and has_times and not any(name.endswith(_CREATED) for name in names)


def _is_of_service(job: Job) -> bool:
    """Whether the targets of a job are those of its service, and not exporters of others' series."""
    return not isinstance(job, Probe | Pushgateway) and not job.honor_labels


def sample_limit(service: Service) -> int:
    """The limit of samples of a scrape; 0 if the number of series is unknown.

    Ten times the declared series, and a thousand for those of the client library, with two digits.
    """
    if not service.complete or not service.metrics:
        return 0
    counts = [_series(metric) for metric in service.metrics]
    return _rounded(_FACTOR * sum(counts) + _BESIDE) if all(counts) else 0


def _series(metric: Metric) -> int:
    """The series of a metric, if all values of its labels are declared; 0 if they are unknown."""
    values = metric.label_values()
    if metric.more_labels or len(values) < len(tuple(metric.labels)):
        return 0
    return prod(len(each) for each in values.values()) * _parts(metric)


def _parts(metric: Metric) -> int:
    """The series of a metric for one set of labels, with that of `_created`."""
    if isinstance(metric, Histogram):
        return 1 if metric.native else len(metric.bounds()) + 4
    if isinstance(metric, Summary):
        return len(metric.quantiles) + 3
    return {Counter: 2, Gauge: 1}.get(type(metric), 0)


def _rounded(number: int) -> int:
    """The next number with two digits and zeros."""
    unit = int("1".ljust(max(len(str(number)) - 1, 1), "0"))
    return -(-number // unit) * unit
