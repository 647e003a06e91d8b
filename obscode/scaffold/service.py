"""The definitions of a first service as Python: its SLOs, or panels of its metrics."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from obscode.importers.existing.python_source import Call, Item, list_of, statement
from obscode.model.metrics import Gauge, Metric
from obscode.scaffold.panels import panel_rows
from obscode.scaffold.request_counts import Requests, find_requests
from obscode.scaffold.request_times import Latency, find_latencies, latency_bound, latency_sli

_ROWS = "obscode adds rows of requests, times and resources. These are of other metrics:"
# The gauges of exporters that are 1 if their program answers; `node_network_up` is of a part.
_REACHES = re.compile("[a-zA-Z0-9]+_up")


@dataclass(frozen=True)
class FirstService:
    """A service, as `obscode init` sees it.

    Attributes:
        name: its name.
        url: the URL of its metrics; empty if they were read from a file.
        snapshot: the path of the exposition, below the definitions.
        metrics: its catalog.
        counts: the observations up to each bound, by histogram.
    """

    name: str
    url: str
    snapshot: str
    metrics: Sequence[Metric]
    counts: Mapping[str, Mapping[float, float]]


def service_module(service: FirstService, comments: Sequence[str] = ()) -> str:
    """The module that defines the service, with comments above it."""
    requests = find_requests(service.metrics)
    latencies = find_latencies(service.metrics, requests)
    items = [Item(service.name), *_scrape(service), _metrics(service)]
    names = ["Service", "SLO"]
    slos = [*_uptime(service.metrics), *_availability(requests), *_latency(latencies, service)]
    comments_of_slos = list(_missing(requests, latencies))
    items.append(Item(list_of(slos or [_SCRAPES], is_open=True, comments=comments_of_slos), "slos="))
    if service.url:
        names.append("ScrapeJob")
    rows = list(panel_rows(service.metrics, job=service.name))
    if rows:
        items.append(Item(list_of(rows, is_open=True), "dashboard=", [_ROWS]))
        names.append("Row")
    lower = ["exposition", *(["panels"] if rows else []), "sli"]
    upper = [name for name in ("SLO", "Row", "ScrapeJob", "Service") if name in names]
    source = service.url or "a file"
    return "\n".join(
        [
            f'"""The service {service.name}, recognised in the metrics of {source}."""',
            "",
            f"from obscode import {', '.join([*upper, *lower])}",
            "",
            statement("service", Call("Service", items, is_open=True), comments),
            "",
        ]
    )


def _scrape(service: FirstService) -> Iterator[Item]:
    if not service.url:
        comments = ["The series of the service are those of the job with this name. To scrape it from here, write", ""]
        comments[1] = 'scrape=ScrapeJob(["HOST:PORT"]), instead, and add ScrapeJob to the import.'
        yield Item({"job": service.name}, "selector=", comments)
        return
    yield Item(job_call(service.url), "scrape=")


def job_call(address: str) -> Call:
    """The scrape job of the target with a URL."""
    url = urlsplit(address)
    port = url.port or (443 if url.scheme == "https" else 80)
    host = f"[{url.hostname}]" if ":" in (url.hostname or "") else url.hostname
    arguments = [Item([f"{host}:{port}"])]
    if url.path not in ("", "/metrics"):
        arguments.append(Item(url.path, "path="))
    if url.scheme == "https":
        arguments.append(Item("https", "scheme="))
    return Call("ScrapeJob", arguments)


def _metrics(service: FirstService) -> Item:
    comments = ["All metrics of the service. To renew them after a release:"]
    comments.append(f"curl -o definitions/{service.snapshot} {service.url or 'http://HOST:PORT/metrics'}")
    return Item(Call("exposition", [Item(service.snapshot)]), "metrics=", comments)


def _availability(requests: Requests | None) -> Iterator[Item]:
    if requests:
        sli = Call(f"sli.{requests.kind}", [Item(value, f"{name}=") for name, value in requests.arguments.items()])
        yield _slo("availability", 99.9, sli, "Requests that are answered without a server error.")


def _latency(latencies: Sequence[Latency], service: FirstService) -> Iterator[Item]:
    for latency in latencies:
        bound = latency_bound(latency, service.counts.get(latency.metric.name, {}))
        kind, arguments, under = latency_sli(latency, bound)
        sli = Call(f"sli.{kind}", [Item(value, f"{name}=" if name else "") for name, value in arguments.items()])
        text = (
            f"Requests that get {latency.what} within {under}"
            if latency.what
            else f"Requests that are answered within {under}"
        )
        yield _slo(latency.name, 99, sli, f"{text}.")


def _uptime(catalog: Sequence[Metric]) -> Iterator[Item]:
    """An SLO of the gauge with which an exporter shows whether it reaches its program: `redis_up`."""
    gauges = [metric for metric in catalog if isinstance(metric, Gauge) and _REACHES.fullmatch(metric.name)]
    for gauge in gauges[:1]:
        sli = Call("sli.Uptime", [Item(gauge.name)])
        yield _slo("uptime", 99.5, sli, "Samples at which the exporter reaches the program.")


def _missing(requests: Requests | None, latencies: Sequence[Latency]) -> Iterator[str]:
    """What to write for the SLOs that the metrics do not show."""
    if not requests:
        yield "No metric was recognised that counts failed requests. If one does, write, with its names:"
        yield """SLO("availability", 99.9, sli.Ratio(errors='x_total{status=~"5.."}', total="x_total")),"""
    if not latencies:
        yield "No histogram was recognised that has the time of requests. If one does, write, with its name:"
        yield 'SLO("latency", 99, sli.Latency("request_duration_seconds", under="500ms")),'


def _slo(name: str, objective: float, sli: Call, description: str) -> Item:
    return Item(Call("SLO", [Item(name), Item(objective), Item(sli), Item(description, "description=")]))


_SCRAPES = _slo("uptime", 99.5, Call("sli.Uptime", [Item("up")]), "Scrapes that succeed.")
