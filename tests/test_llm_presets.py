"""`presets.llm_serving`: limits at bounds of buckets, names of the catalog only, other prefixes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from obscode import ScrapeJob, Service, presets
from obscode.model.metrics import Histogram
from obscode.model.panels import TimeSeries
from obscode.presets.bucket_limits import nearest_bound
from obscode.presets.llm import ENGINES
from obscode.presets.llm.engine import Engine
from obscode.promql.parser import parse
from obscode.promql.selector import Selector

PREFIXES = [("vllm", ""), ("vllm", "ray_vllm_"), ("vllm", "kserve_vllm:"), ("sglang", ""), ("tgi", "")]


def serving(engine: str, **arguments: str) -> Service:
    return presets.llm_serving("chat", engine=engine, scrape=ScrapeJob(["chat:8000"]), **arguments)  # type: ignore[arg-type]


def selectors(service: Service) -> Iterator[Selector]:
    for slo in service.slos:
        yield from (selector for each in slo.sli.selectors().values() for selector in each)
    for alert in service.alerts:
        yield from parse(alert.expr).selectors
    for row in service.rows:
        for panel in row.panels:
            for query in panel.all_queries():
                yield from parse(query.expr.replace("$__rate_interval", "5m")).selectors


@pytest.mark.parametrize(("engine", "prefix"), PREFIXES)
def test_queries_read_only_names_of_the_catalog(engine: str, prefix: str) -> None:
    service = serving(engine, prefix=prefix)
    known = {name for metric in service.metrics for name in (*metric.series(), metric.name)}
    read = {selector.metric for selector in selectors(service)}
    assert read <= known
    others = {"http_requests_total"} if engine == "vllm" and prefix != "ray_vllm_" else set()
    assert {name for name in read if not name.startswith(prefix or ENGINES[engine].prefix)} == others


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
def test_every_part_of_a_server_is_in_its_catalog(engine: Engine) -> None:
    known = {name for metric in engine.speculative().catalog for name in (*metric.series(), metric.name)}
    parts = {value.partition("{")[0] for value in vars(engine).values() if isinstance(value, str)}
    assert {part for part in parts if part.startswith(engine.prefix)} - {engine.prefix} <= known


@pytest.mark.parametrize("tier", ["interactive", "conversational", "batch"])
@pytest.mark.parametrize("engine", ENGINES)
def test_limits_are_bounds_of_buckets(engine: str, tier: str) -> None:
    service = serving(engine, tier=tier)
    bounds = {
        metric.name: {f"{bound:g}" for bound in metric.bounds()}
        for metric in service.metrics
        if isinstance(metric, Histogram)
    }
    limits = [bound for slo in service.slos for bound in slo.sli.latency_bounds()]
    assert len(limits) == (0 if engine == "tgi" else 2)
    for selector, bound in limits:
        assert f"{float(bound):g}" in bounds[selector.metric]


@pytest.mark.parametrize(
    ("limit", "bound"), [(2, 2.5), (1.58, 1), (1.59, 2.5), (0.03, 0.025), (0.5, 0.5), (9, 2.5), (0.0001, 0.025)]
)
def test_a_limit_is_snapped_to_the_bound_with_the_nearest_ratio(limit: float, bound: float) -> None:
    assert nearest_bound([0.025, 0.05, 0.5, 1, 2.5], limit) == bound


def test_the_description_says_which_way_a_limit_errs() -> None:
    descriptions = {slo.name: slo.description for slo in serving("vllm", tier="conversational").slos}
    assert descriptions["first-token"] == (
        "At most 2.5 s until the first token. The limit is 2 s, which is no bound of vllm:time_to_first_token_seconds:"
        " requests between 2 s and 2.5 s are counted as fast, so the SLO is slower than the limit. The server adds the"
        ' bound with --custom-histogram-buckets \'{"time_to_first_token": [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08,'
        " 0.1, 0.25, 0.5, 0.75, 1, 2, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560]}'; then write added_bounds=True."
    )
    assert descriptions["per-token"] == "At most 200 ms until each further token."


def test_own_limits_replace_those_of_the_tier() -> None:
    first = serving("vllm", first_token="1s").slos[0]
    assert first.description == "At most 1 s until the first token."


def test_further_matchers_are_in_every_query() -> None:
    matcher = parse('up{pod!~".*router.*"}').selectors[0].matchers[0]
    service = serving("vllm", where='pod!~".*router.*"')
    assert service.further_matchers() == (matcher,)
    for selector in selectors(service.derive(slos=[])):  # obscode adds them to those of SLOs
        assert matcher in selector.matchers, str(selector)


@pytest.mark.parametrize("prefix", ["", "ray_vllm_", "kserve_vllm:"])
def test_series_that_a_router_exports_again_are_no_engines(prefix: str) -> None:
    """The router of the production stack has the label `server` instead of the model."""
    router = {"job": "chat", "instance": "router:8000", "server": "http://vllm-0:8000"}
    names = {f"{prefix or 'vllm:'}num_requests_{state}" for state in ("running", "waiting")}
    read = [selector for selector in selectors(serving("vllm", prefix=prefix)) if selector.metric in names]
    assert len(read) > 4
    assert all(any(not matcher.matches(router.get(matcher.label, "")) for matcher in each.matchers) for each in read)


def test_speculative_decoding_adds_its_panel() -> None:
    panels = {
        arguments: [panel.title for row in serving("vllm", **dict(arguments)).rows for panel in row.panels]  # type: ignore[arg-type]
        for arguments in ((), (("speculative", True),))
    }
    assert [title for title in panels[("speculative", True),] if title not in panels[()]] == ["Accepted drafts"]


def test_the_line_of_a_panel_is_the_bound_of_its_slo() -> None:
    lines = {
        panel.title: [threshold.value for threshold in panel.thresholds]
        for row in serving("vllm", tier="conversational").rows
        for panel in row.panels
        if isinstance(panel, TimeSeries)
    }
    assert lines["Time to first token"] == [2.5]
    assert lines["Time per output token"] == [0.2]
    assert lines["Request time"] == []
