"""Targets without metrics, and metrics of catalogs that no target exposes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from obscode.artifacts.project import Artifacts
from obscode.doctor.observations import Observations, PrometheusState
from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.findings.source import Source
from obscode.findings.suggestions import did_you_mean
from obscode.model.metrics import Counter, Gauge, Histogram, Metric, Summary
from obscode.model.service import Service

EMPTY_METRICS = Code(
    "empty-metrics",
    "Each target exposes samples, and relabeling keeps some of them.",
    why="The target is up, so no alert fires, but its panels are empty.",
    bad="a /metrics of a registry in which no metric is registered",
    good="app.add_middleware(...) before the server starts, with counters in the registry that /metrics shows",
)
MISSING_METRIC = Code(
    "missing-metric",
    "The targets of a service expose the metrics of its catalog.",
    why="Rules and panels that read a metric that does not exist are empty, and alerts on it cannot fire.",
    bad="a catalog with http_request_total, and a target that exposes http_requests_total",
    good="a catalog with http_requests_total",
)
EXPOSED_TYPE = Code(
    "exposed-type",
    "The targets of a service expose the metrics of its catalog with their types.",
    why="rate() of a gauge and a threshold on a counter have no meaning.",
    bad="a catalog with the gauge http_requests_total, and a target that exposes it as a counter",
    good="a catalog with the counter http_requests_total",
)

_KINDS: Mapping[type[Metric], str] = {Counter: "counter", Gauge: "gauge", Histogram: "histogram", Summary: "summary"}
_UNTYPED = ("unknown", "untyped", "")


def metric_faults(observations: Observations, artifacts: Artifacts) -> Iterator[Finding]:
    """Empty answers by target; missing metrics and other types by service."""
    state = observations.prometheus
    if state is None:
        return
    yield from _empty(state, artifacts)
    for service in artifacts.services:
        # Without a target that is up, target-down says why there are no metrics.
        jobs = [job for job in service.job_names() if state.exposed.get(job)]
        if jobs:
            exposed = {name: kind for job in jobs for name, kind in state.exposed[job].items()}
            yield from _of_catalog(service, jobs, exposed)


def explained_metrics(state: PrometheusState, artifacts: Artifacts) -> frozenset[str]:
    """The series of catalogs that no target exposes: a fault of the target or of the metric names the cause."""
    return frozenset(
        series
        for service in artifacts.services
        for metric in service.metrics
        if not any(name in state.exposed.get(job, {}) for job in service.job_names() for name in _exposed_names(metric))
        for series in (metric.name, *metric.series())
    )


def _empty(state: PrometheusState, artifacts: Artifacts) -> Iterator[Finding]:
    sources = {each.job: each.source for config in artifacts.prometheus_configs for each in config.scrape_configs}
    for target in state.targets:
        key = (target.labels.get("job", target.job), target.labels.get("instance", ""))
        before, after = state.samples.get(key, (1.0, 1.0))
        if target.health != "up" or after:
            continue
        if before:
            message = f"metric_relabel drops all {before:g} samples of {target.url}"
            hint = f"correct metric_relabel= of job {target.job}"
        else:
            message = f"{target.url} of job {target.job} is up and exposes no metric"
            hint = "register the counters and histograms in the registry that the handler shows, and run the middleware"
        yield _at(sources.get(target.job), EMPTY_METRICS, message, hint)


def _at(source: Source | None, code: Code, message: str, hint: str) -> Finding:
    return source.finding(code, message, hint) if source else Finding(code, message, hint)


def _of_catalog(service: Service, jobs: list[str], exposed: Mapping[str, str]) -> Iterator[Finding]:
    job = f"job {jobs[0]}" if len(jobs) == 1 else f"the jobs {', '.join(jobs)}"
    for metric in service.metrics:
        name = next((name for name in _exposed_names(metric) if name in exposed), None)
        if name is None:
            hint = did_you_mean(metric.name, exposed) or "correct the name in the catalog, or register the metric"
            yield metric.finding(MISSING_METRIC, f"{job} does not expose {metric.name}", hint, at="name")
        elif (kind := exposed[name]) not in (*_UNTYPED, _KINDS.get(type(metric), kind)):
            declared = _KINDS[type(metric)]
            message = f"{job} exposes {metric.name} as {kind}, the catalog declares it as {declared}"
            yield metric.finding(EXPOSED_TYPE, message, f"write metrics.{kind.capitalize()}(...)")


def _exposed_names(metric: Metric) -> tuple[str, ...]:
    """The names of a metric in the metadata: OpenMetrics names the family of a counter without `_total`."""
    return (metric.name, metric.name.removesuffix("_total"), f"{metric.name}_total", metric.name.removesuffix("_info"))
