"""Findings about selectors of free PromQL whose series do not have the labels of the service."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.compiler.slo_plan import service_matchers
from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model.alert import RecordingRule
from obscode.model.service import Service
from obscode.model.slo import SLO
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse
from obscode.promql.scope import ScopedSelector, scoped_selectors

UNSCOPED_SELECTOR = Code(
    "unscoped-selector",
    "The series of a TimeSlice or a FreeQuery have the labels by which the service is selected.",
    why="obscode adds the matchers of the service to each selector, which then selects no series without these labels.",
    bad='Service("shop", selector={"job": "shop"},\n'
    '        slos=[SLO("queue", 99, sli.TimeSlice("cluster:queue_length:max", below=100))])',
    good='Service("shop", selector={"job": "shop"},\n'
    '        slos=[SLO("queue", 99, sli.TimeSlice("cluster:queue_length:max", below=100, unscoped=True))])',
)

# Series that Prometheus writes for alerts.
_OF_ALERTS = ("ALERTS", "ALERTS_FOR_STATE")
# Series of an exporter about containers and objects of Kubernetes: their job is that of the exporter.
_OF_EXPORTERS = ("kube_", "container_")
# A recording rule is named level:metric:operations; the level has the labels of its result.
_COLONS = 2


def unscoped_selectors(slo: SLO, service: Service) -> Iterator[Finding]:
    """Selectors to which obscode cannot add the matchers of the service."""
    matchers = service_matchers(service)
    if not matchers:
        return
    for at, expr in slo.sli.scoped_expressions().items():
        try:
            selectors = scoped_selectors(expr, matchers)
        except PromQLError:  # reported by the SLI
            continue
        for scoped in selectors:
            conflict = scoped.selector.with_matchers(*scoped.matchers).conflicting_matchers()  # reported as sli-scope
            if not conflict and (reason := _reason(scoped, service)):
                added = ", ".join(map(str, scoped.matchers))
                message = f"obscode cannot add {added} to {scoped.selector}: {reason}"
                hint = "write unscoped=True, with the matchers that select the service's series"
                yield slo.sli.finding(UNSCOPED_SELECTOR, message, hint, at=at)


def _reason(scoped: ScopedSelector, service: Service) -> str:
    """Why the series lack the labels of the matchers; empty if they have them, as far as is known."""
    name, labels = scoped.selector.metric, [matcher.label for matcher in scoped.matchers]
    if not labels or any(name in (metric.name, *metric.series()) for metric in service.metrics):
        return ""
    if name in _OF_ALERTS:
        return "it has the labels of alerts"
    for rule in service.recording_rules:
        if rule.name == name:
            return _lacking(labels, _labels(rule), "the recording rule")
    if name.count(":") >= _COLONS:
        level = f"_{name.partition(':')[0]}_"
        return _lacking(labels, [label for label in labels if f"_{label}_" in level], "by its name, the recording rule")
    if name.startswith(_OF_EXPORTERS) and "job" in labels:
        return "it has the job of an exporter, unless it is in metrics= of the service"
    return ""


def _labels(rule: RecordingRule) -> Sequence[str] | None:
    """The labels of a recorded series; None if they depend on the series that the rule reads."""
    try:
        labels = parse(rule.expr).labels
    except PromQLError:  # reported by a check
        return None
    return None if labels is None else [*labels, *rule.labels]


def _lacking(labels: Sequence[str], has: Sequence[str] | None, rule: str) -> str:
    lacking = [label for label in labels if has is not None and label not in has]
    return f"{rule} has no label {lacking[0]!r}" if lacking else ""
