"""The call of a preset as Python, for a program that is recognised in its metrics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, get_args

from obscode.importers.catalog_source import number_source
from obscode.importers.existing.python_source import Call, Item, statement
from obscode.model.metrics import Histogram, Metric
from obscode.model.service import Service
from obscode.model.sli.buckets import SECOND, unit_of
from obscode.model.standard_metrics import standard_metrics
from obscode.presets.llm_serving import Tier
from obscode.scaffold.recognition import Recognition, accepts, preset_service
from obscode.scaffold.request_times import Latency, enough, latency_bound, limit_text
from obscode.scaffold.service import FirstService, job_call

_NOT_SCRAPED = (
    "The series of the service are those of the job with this name. To scrape it from here, add",
    'scrape=ScrapeJob(["HOST:PORT"]), and ScrapeJob to the import.',
)


def preset_module(first: FirstService, recognition: Recognition) -> str:
    """The module that defines the service by a call of the preset."""
    exporter = recognition.exporter
    call = Call(f"presets.{exporter.preset}", list(_items(first, recognition)), is_open=True)
    comments = [f"{first.snapshot} is what it exposed. To try the alerts and the dashboard with it:"]
    comments.append(f"obscode fake definitions/{first.snapshot}")
    if recognition.dead:
        comments += ["", *dead_comments(first.metrics, recognition)]
        call = Call("presets.without_metrics", [Item(call), Item(list(recognition.dead))], is_open=True)
    names = ["ScrapeJob", "presets"] if first.url and accepts(exporter, "scrape") else ["presets"]
    title = f"{exporter.program}, recognised in the metrics of {first.url or 'a file'}"
    return "\n".join(
        [
            f'"""The service {first.name}: {title}."""',
            "",
            f"from obscode import {', '.join(names)}",
            "",
            statement("service", call, comments),
            "",
        ]
    )


def dead_comments(exposed: Sequence[Metric], recognition: Recognition) -> Iterator[str]:
    """Which metrics of the preset's catalog the server does not show, and what they may be called there."""
    exporter = recognition.exporter
    known = {metric.name for metric in recognition.service.metrics}
    others = [metric.name for metric in exposed if metric.name not in known and metric.name not in standard_metrics()]
    exposed_names = {metric.name for metric in exposed}
    yield f"The preset is written for {exporter.program} {exporter.version}, which also has:"
    for name in recognition.dead:
        note = ", here with other labels or buckets" if name in exposed_names else ""
        close = get_close_matches(name, others, n=1, cutoff=0.85)
        yield f"- {name}{note or (f' (here: {close[0]}?)' if close else '')}"
    yield "Their SLOs, alerts and panels are left out. A server shows some metrics only after the first event:"
    yield "remove these from the list then."


def _items(first: FirstService, recognition: Recognition) -> Iterator[Item]:
    exporter, arguments = recognition.exporter, recognition.arguments
    yield Item(first.name, comments=() if first.url or not accepts(exporter, "scrape") else _NOT_SCRAPED)
    for name in arguments:
        if name != "buckets":
            yield Item(arguments[name], f"{name}=")
    if accepts(exporter, "scrape") and first.url:
        yield Item(job_call(first.url), "scrape=")
    if "buckets" in arguments:
        yield Item(_numbers(arguments["buckets"]), "buckets=", ["As this server has them."])
    if accepts(exporter, "tier") and (tier := _tier(first, recognition)):
        yield Item(tier, "tier=", ["The strictest one whose limits 99 % of its requests meet."])
    elif accepts(exporter, "latency") and (limit := _latency(first, recognition.service)):
        yield Item(limit, "latency=", ["99 % of its requests take less."])


def _numbers(bounds: Any) -> Any:
    if isinstance(bounds, Mapping):
        return {name: _numbers(each) for name, each in bounds.items()}
    return [number_source(bound) for bound in bounds]


def _tier(first: FirstService, recognition: Recognition) -> str:
    """The strictest tier whose limits the observed requests meet; empty if there are too few, or none does."""
    for tier in get_args(Tier):
        service = preset_service(recognition.exporter, {**recognition.arguments, "tier": tier})
        if service and _meets(service, first.counts):
            return str(tier)
    return ""


def _meets(service: Service, observed: Mapping[str, Mapping[float, float]]) -> bool:
    limits = [limit for slo in service.slos for limit in slo.sli.latency_bounds()]
    for selector, limit in limits:
        counts = observed.get(selector.metric, {})
        if not enough(counts) or counts.get(float(limit), 0) < 0.99 * max(counts.values()):
            return False
    return bool(limits)


def _latency(first: FirstService, service: Service) -> str:
    """The limit that 99 % of the observed requests meet; empty if there are too few."""
    for selector, _ in (limit for slo in service.slos for limit in slo.sli.latency_bounds()):
        metric = next((metric for metric in service.metrics if metric.name == selector.metric), None)
        counts = first.counts.get(selector.metric, {})
        if isinstance(metric, Histogram) and enough(counts):
            latency = Latency(metric, (), float(unit_of(metric.name) / SECOND))
            return limit_text(latency, latency_bound(latency, counts))
    return ""
