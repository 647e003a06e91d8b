"""`presets.http_service`: the same SLOs, alerts and panels for each dialect, of names in its catalog."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry, generate_latest

from obscode import Definitions, Project, ScrapeJob, Service, compile, presets
from obscode.importers.metrics_source import read_metrics
from obscode.instrument import MetricsMiddleware
from obscode.model.metrics import Histogram
from obscode.model.panels import TimeSeries
from obscode.presets.http import DIALECTS
from obscode.presets.several_workers import PROCESS_START
from obscode.promql.parser import parse, parse_selector
from obscode.promql.selector import Selector
from obscode.toolchain import Tool
from obscode.verify.unit_tests import run_suites

TITLES = ["Requests", "Failed requests", "Restarts", "Request time", "Request times", "Routes"]


def shop(dialect: str = "obscode", **arguments: Any) -> Service:
    return presets.http_service("shop", dialect=dialect, scrape=ScrapeJob(["shop:8000"]), **arguments)  # type: ignore[arg-type]


def panels(service: Service) -> Iterator[Any]:
    for row in service.rows:
        yield from row.panels


def selectors(service: Service) -> Iterator[Selector]:
    for slo in service.slos:
        yield from (selector for each in slo.sli.selectors().values() for selector in each)
    for alert in service.alerts:
        yield from parse(alert.expr).selectors
    for panel in panels(service):
        for query in panel.all_queries():
            yield from parse(query.expr.replace("$__rate_interval", "5m")).selectors


def sli_texts(service: Service) -> list[str]:
    """The selectors of the SLOs: errors, total, histogram."""
    return [str(selector) for slo in service.slos for each in slo.sli.selectors().values() for selector in each]


@pytest.mark.parametrize(("dialect", "prefix"), [*((each, "") for each in DIALECTS), ("starlette-exporter", "shop_")])
def test_queries_read_only_names_and_labels_of_the_catalog(dialect: str, prefix: str) -> None:
    service = shop(dialect, prefix=prefix, max_in_progress=40)
    labels = {
        name: {*metric.labels, "le", "job", "instance"}
        for metric in service.metrics
        for name in (*metric.series(), metric.name)
    }
    for selector in selectors(service):
        assert {matcher.label for matcher in selector.matchers} <= labels[selector.metric], str(selector)
        assert selector.metric.startswith((prefix, "process_start_time_seconds"))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_has_the_same_slos_alerts_and_panels(dialect: str) -> None:
    service = shop(dialect, max_in_progress=40)
    has_gauge = bool(DIALECTS[dialect].in_progress)
    has_start = PROCESS_START in DIALECTS[dialect].catalog
    assert [slo.name for slo in service.slos] == ["availability", "latency"]
    assert [alert.name for alert in service.alerts] == [
        "HttpServiceRestarting",
        *(["HttpServiceSeveralWorkers"] if has_start else []),
        *(["HttpServiceStuck", "HttpServiceSaturated"] if has_gauge else []),
    ]
    assert [panel.title for panel in panels(service) if panel.title != "In progress"] == TITLES
    assert any(panel.title == "In progress" for panel in panels(service)) == has_gauge


@pytest.mark.parametrize("latency", ["5ms", "300ms", "500ms", "2s", "9s"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_limits_are_bounds_of_buckets(dialect: str, latency: str) -> None:
    service = shop(dialect, latency=latency)
    bounds = {metric.name: metric.bounds() for metric in service.metrics if isinstance(metric, Histogram)}
    ((selector, bound),) = service.slos[1].sli.latency_bounds()
    assert float(bound) in bounds[selector.metric]


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        ("obscode", ["http_requests_total", "http_request_latency_seconds", 'path!="/metrics"', "status", ""]),
        (
            "starlette-exporter",
            [
                "starlette_requests_total",
                "starlette_request_duration_seconds",
                'path!="/metrics"',
                "status_code",
                ',status_code=~"[23].."',
            ],
        ),
        (
            "ray-serve",
            [
                "ray_serve_num_http_requests_total",
                "ray_serve_http_request_latency_ms",
                'route!="/metrics"',
                "status_code",
                ',status_code=~"[23].."',
            ],
        ),
    ],
)
def test_the_latency_is_of_successful_requests_where_the_histogram_has_the_status(
    dialect: str, expected: Sequence[str]
) -> None:
    requests, histogram, route, status, successful = expected
    total = f'{requests}{{{route},{status}!="499"'
    assert sli_texts(shop(dialect, ignored_routes=["/metrics"])) == [
        f'{total},{status}=~"5.."}}',
        f"{total}}}",
        f"{histogram}{{{route}{successful}}}",
    ]


@pytest.mark.parametrize(
    ("abandoned", "errors", "total"),
    [
        ("ignored", '{status!="499",status=~"5.."}', '{status!="499"}'),
        ("bad", '{status=~"5..|499"}', ""),
        ("good", '{status=~"5.."}', ""),
    ],
)
def test_abandoned_requests_count_as_decided_and_client_errors_stay_in_the_total(
    abandoned: str, errors: str, total: str
) -> None:
    texts = sli_texts(shop(abandoned=abandoned, ignored_routes=()))
    assert texts[:2] == [f"http_requests_total{errors}", f"http_requests_total{total}"]


def test_ignored_routes_are_literal() -> None:
    text = sli_texts(shop(ignored_routes=["/items/{i}", "/a.b"], abandoned="good"))[1]
    (matcher,) = parse_selector(text).matchers
    assert [matcher.matches(path) for path in ("/items/{i}", "/a.b", "/items/1", "/aXb")] == [False, False, True, True]


def test_a_histogram_with_labels_is_preferred_if_it_has_the_bound() -> None:
    service = shop("fastapi-instrumentator", latency="1s", ignored_routes=["/metrics"])
    assert sli_texts(service)[2] == 'http_request_duration_seconds{handler!="/metrics"}'
    assert service.slos[1].description == "Requests until the last byte. At most 1 s."
    service = shop("fastapi-instrumentator", latency="2s")
    assert sli_texts(service)[2] == "http_request_duration_highr_seconds"


def test_the_description_says_which_way_a_limit_errs() -> None:
    assert shop("ray-serve", latency="800ms").slos[1].description == (
        "Successful requests until the last byte. At most 1 s. The limit is 800 ms, which is no bound of"
        " ray_serve_http_request_latency_ms: requests between 800 ms and 1 s are counted as fast, so the SLO is slower"
        " than the limit. The middleware adds the bound with `RAY_SERVE_REQUEST_LATENCY_BUCKETS_MS=...,800`."
    )


def test_own_buckets_replace_those_of_the_middleware() -> None:
    service = shop("opentelemetry-old", latency="300ms", buckets=[100, 300, 1000])
    assert service.slos[1].description == "Successful requests until the last byte. At most 300 ms."


@pytest.mark.parametrize("dialect", DIALECTS)
def test_further_matchers_are_in_every_query(dialect: str) -> None:
    matcher = parse_selector('up{namespace="shop"}').matchers[0]
    service = shop(dialect, where='namespace="shop"', max_in_progress=40)
    assert service.further_matchers() == (matcher,)
    for selector in selectors(service.derive(slos=[])):  # obscode adds them to those of SLOs
        assert matcher in selector.matchers, str(selector)


@pytest.mark.parametrize(("dialect", "lines"), [("obscode", [0.5]), ("opentelemetry-old", [500]), ("ray-serve", [500])])
def test_the_line_of_the_panel_is_the_limit_in_the_unit_of_the_histogram(dialect: str, lines: list[float]) -> None:
    (panel,) = [each for each in panels(shop(dialect)) if each.title == "Request time"]
    assert isinstance(panel, TimeSeries)
    assert [threshold.value for threshold in panel.thresholds] == lines


async def get(app: FastAPI, path: str) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop") as client:
        await client.get(path)


def test_the_catalog_of_obscode_is_what_its_middleware_exposes(tmp_path: Path) -> None:
    registry = CollectorRegistry()
    app = FastAPI()
    app.add_middleware(MetricsMiddleware, registry=registry)
    app.get("/predict")(lambda: "ok")
    asyncio.run(get(app, "/predict"))
    (tmp_path / "shop.prom").write_bytes(generate_latest(registry))
    exposed = {metric.name: metric for metric in read_metrics(str(tmp_path / "shop.prom"))}
    for metric in DIALECTS["obscode"].catalog[:2]:
        assert type(exposed[metric.name]) is type(metric)
        assert {*exposed[metric.name].labels} == {*metric.labels}
        if isinstance(metric, Histogram):
            assert exposed[metric.name].bounds() == metric.bounds()  # type: ignore[attr-defined]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_alerts_of_every_dialect_have_tests_that_pass(dialect: str, promtool: Tool) -> None:
    """Also those of several jobs and with further matchers; the tests of its SLOs take long, and are not its own."""
    jobs = [ScrapeJob(["shop-a:8000"], job="shop-a"), ScrapeJob(["shop-b:8000"], job="shop-b")]
    service = presets.http_service(
        "shop",
        dialect=dialect,  # type: ignore[arg-type]
        scrape=jobs,
        where='namespace="shop",zone=~"eu-.+",pod!=""',
        max_in_progress=40,
    )
    artifacts = compile(Definitions(Project("team"), services=[service.derive(slos=())]))
    results = run_suites(artifacts.test_suites, promtools=[promtool])
    assert results
    assert [result.output for result in results if not result.passed] == []
