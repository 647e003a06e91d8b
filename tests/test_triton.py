"""`presets.triton`: means instead of percentiles, one meaning of a label at a time, names of the catalog only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from obscode import ScrapeJob, Service, presets
from obscode.importers.metrics_source import read_metrics
from obscode.presets.exporters import EXPORTERS
from obscode.presets.triton_server import catalog
from obscode.promql.parser import parse
from obscode.promql.selector import Selector

CAPTURES = Path(__file__).parent / "captures"
EVERYTHING = presets.triton(
    "models",
    scrape=[ScrapeJob(["a:8002"], job="blue"), ScrapeJob(["b:8002"], job="green")],
    where='cluster!~"test.*"',
    backend="tensorrt-llm",
    models=["chat", "rank"],
    first_response="200ms",
    response_cache=True,
)


def expressions(service: Service) -> Iterator[str]:
    yield from (alert.expr for alert in service.alerts)
    for row in service.rows:
        yield from (
            query.expr.replace("$__rate_interval", "5m") for panel in row.panels for query in panel.all_queries()
        )


def selectors(service: Service) -> Iterator[Selector]:
    for slo in service.slos:
        yield from (selector for each in slo.sli.selectors().values() for selector in each)
    for expr in expressions(service):
        yield from parse(expr).selectors


def test_queries_read_names_of_the_catalog_and_the_catalog_has_no_others() -> None:
    read = {selector.metric for selector in selectors(EVERYTHING)}
    assert read <= {name for metric in EVERYTHING.metrics for name in (*metric.series(), metric.name)}
    assert [metric.name for metric in EVERYTHING.metrics if not read & {*metric.series(), metric.name}] == []


@pytest.mark.parametrize("capture", ["triton", "triton-tensorrt-llm"])
def test_the_catalog_is_that_of_a_server(capture: str) -> None:
    exposed = {metric.name: metric for metric in read_metrics(str(CAPTURES / f"{capture}.metrics.txt"))}
    known = [metric for metric in (*catalog.MODELS, *catalog.TENSORRT_LLM) if metric.name in exposed]
    assert len(known) == {"triton": len(catalog.MODELS), "triton-tensorrt-llm": 3}[capture]
    for metric in known:
        assert type(exposed[metric.name]) is type(metric)
        assert {*exposed[metric.name].labels} == {*metric.labels}


@pytest.mark.parametrize(
    ("capture", "arguments"), [("triton", {}), ("triton-tensorrt-llm", {"backend": "tensorrt-llm"})]
)
def test_a_server_is_recognised(capture: str, arguments: dict[str, str]) -> None:
    exposed = {metric.name for metric in read_metrics(str(CAPTURES / f"{capture}.metrics.txt"))}
    fitting = [exporter for exporter in EXPORTERS if exposed.issuperset(exporter.marks)]
    assert [(each.preset, each.arguments) for each in fitting] == [("triton", arguments)]


def test_there_are_no_percentiles() -> None:
    assert not any("quantile" in expr for expr in expressions(EVERYTHING))


def test_gauges_whose_meaning_is_in_a_label_are_read_with_one_value_of_it() -> None:
    meanings = {catalog.LLM_REQUESTS: "request_type", catalog.LLM_CACHE: "kv_cache_block_type"}
    read = [selector for selector in selectors(EVERYTHING) if selector.metric in meanings]
    assert len(read) > 6
    for selector in read:
        ops = [matcher.op for matcher in selector.matchers if matcher.label == meanings[selector.metric]]
        assert ops == ["="], str(selector)


def test_every_selector_has_the_further_matchers_and_those_of_slos_the_models() -> None:
    further = parse('up{cluster!~"test.*"}').selectors[0].matchers[0]
    assert EVERYTHING.further_matchers() == (further,)
    assert all(further in selector.matchers for selector in selectors(EVERYTHING.derive(slos=[])))
    models = {
        str(m)
        for slo in EVERYTHING.slos
        for s in slo.sli.selectors()["histogram" if slo.name == "first-response" else "bad"]
        for m in s.matchers
        if m.label == "model"
    }
    assert models == {'model=~"chat|rank"'}


def test_without_the_histogram_there_is_no_slo_of_latency() -> None:
    service = presets.triton("models", scrape=ScrapeJob(["a:8002"]))
    assert [slo.name for slo in service.slos] == ["availability"]
    assert catalog.FIRST_RESPONSE not in {metric.name for metric in service.metrics}


def test_a_limit_is_snapped_to_a_bound_and_the_description_has_the_configuration_that_adds_it() -> None:
    (slo,) = (slo for slo in EVERYTHING.slos if slo.name == "first-response")
    assert slo.description == (
        "At most 100 ms until the first response. Requests that fail count, too. The limit is 200 ms, which is no bound"
        " of nv_inference_first_response_histogram_ms: requests between 100 ms and 200 ms are counted as slow, so the"
        " SLO is faster than the limit. A model has the bound with `model_metrics { metric_control: [ {"
        ' metric_identifier: { family: "nv_inference_first_response_histogram_ms" } histogram_options:'
        " { buckets: [ 100, 200, 500, 2000, 5000 ] } } ] }` in its config.pbtxt."
    )


def test_a_limit_at_an_own_bound_is_kept() -> None:
    service = presets.triton("models", first_response="250ms", buckets=[100, 250, 1000])
    assert service.slos[1].description == "At most 250 ms until the first response. Requests that fail count, too."
    assert [float(bound) for _, bound in service.slos[1].sli.latency_bounds()] == [250]
