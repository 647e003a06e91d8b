"""Presets: their alerts pass their tests, and their metrics are those of the real programs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from obscode import Definitions, Project, Row, ScrapeJob, Service, checks, compile, metrics, presets
from obscode.artifacts.project import Artifacts
from obscode.importers.metrics_source import read_metrics
from obscode.presets.http import DIALECTS
from obscode.promql.parser import parse, parse_panel
from obscode.promql.selector import Selector
from obscode.toolchain import Tool
from obscode.verify import servers
from obscode.verify.unit_tests import run_suites

CHAT = ScrapeJob(["chat:8000"])
CHAT_RUNBOOK = "https://runbooks.example.com/chat"
SHOP = ScrapeJob(["shop:8000"])
SHOP_RUNBOOK = "https://runbooks.example.com/shop"
LITELLM = presets.llm_gateway(
    "litellm",
    scrape=ScrapeJob(["litellm:4000"]),
    runbook="https://runbooks.example.com/litellm",
    budgets=["team", "provider"],
    max_daily_spend=500,
)
FEAST = presets.feature_store(
    "feast",
    views={"drivers": "1d", "live": "10m"},
    scrape=ScrapeJob(["feast:8000"]),
    runbook="https://runbooks.example.com/feast",
)
PIPELINE = presets.feature_pipeline(
    "features",
    views={"drivers": "1d", "live": "10m"},
    rows={"drivers": 1000},
    scrape=ScrapeJob(["features:8000"]),
    runbook="https://runbooks.example.com/features",
)
SERVICES = {
    "prometheus": presets.prometheus(runbook="https://runbooks.example.com/prometheus"),
    "prometheus beside services with alerts": presets.prometheus(jobs_with_alerts=["shop", "cart"]),
    "a daily batch job": presets.batch_job(
        "evaluation", every="1d", max_duration="2h", runbook="https://runbooks.example.com/evaluation"
    ),
    "a batch job of minutes": presets.batch_job(
        "export", every="5m", max_duration="30s", runbook="https://runbooks.example.com/export", textfile=True
    ),
    "vllm": presets.llm_serving("chat", engine="vllm", tier="interactive", scrape=CHAT, runbook=CHAT_RUNBOOK),
    "sglang": presets.llm_serving("chat", engine="sglang", tier="conversational", scrape=CHAT, runbook=CHAT_RUNBOOK),
    "tgi": presets.llm_serving("chat", engine="tgi", tier="batch", scrape=CHAT, runbook=CHAT_RUNBOOK),
    "triton": presets.triton(
        "models",
        backend="tensorrt-llm",
        first_response="500ms",
        response_cache=True,
        scrape=ScrapeJob(["triton:8002"]),
        runbook="https://runbooks.example.com/models",
    ),
    "litellm": LITELLM.derive(slos=LITELLM.slos[:1]),  # the others have the shape of every SLO of latency
    "feast": FEAST.derive(slos=[]),  # of the shapes of http_service
    "a feature pipeline": PIPELINE.derive(slos=[]),  # of slices of time
    "a canary": presets.canary(presets.http_service("shop", scrape=SHOP, runbook=SHOP_RUNBOOK)),
    "http: obscode": presets.http_service("shop", scrape=SHOP, runbook=SHOP_RUNBOOK),
    "http: ray-serve": presets.http_service(
        "shop", dialect="ray-serve", scrape=SHOP, runbook=SHOP_RUNBOOK, max_in_progress=40
    ),
    "GPUs": presets.gpu_fleet("gpus", scrape=ScrapeJob(["gpu:9400"]), runbook="https://runbooks.example.com/gpus"),
    "the quality of a model": presets.model_quality(
        "shop", scrape=SHOP, runbook=SHOP_RUNBOOK, accuracy=0.9, recall={"fraud": 0.8}, precision=0.7
    ),
    "machines": presets.node("nodes", scrape=ScrapeJob(["a:9100"]), runbook="https://runbooks.example.com/nodes"),
    "processes": presets.process("jobs", scrape=ScrapeJob(["a:8000"]), runbook="https://runbooks.example.com/jobs"),
    "the drift of features": presets.feature_drift(
        "drift", every="1d", max_duration="2h", runbook="https://runbooks.example.com/drift"
    ),
    "pushgateway": presets.pushgateway(["localhost:9091"]),
    "alertmanager": presets.alertmanager(["localhost:9093"]),
}
# Those of the other dialects have the same SLOs, whose tests take long: they are not run.
HTTP_SERVICES = {
    dialect: presets.http_service("shop", dialect=dialect, scrape=SHOP, runbook=SHOP_RUNBOOK, max_in_progress=40)  # type: ignore[arg-type]
    for dialect in DIALECTS
}
ALERTMANAGER = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"
PROMETHEUS = """\
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [rules.yml]
alerting: {alertmanagers: [{static_configs: [{targets: ["127.0.0.1:1"]}]}]}
scrape_configs: [{job_name: prometheus, static_configs: [{targets: ["127.0.0.1:1"]}]}]
"""
RULES = "groups: [{name: rules, rules: [{alert: Always, expr: vector(1)}]}]\n"


@pytest.mark.parametrize("service", [*SERVICES.values(), *HTTP_SERVICES.values()], ids=[*SERVICES, *HTTP_SERVICES])
def test_a_preset_has_no_findings(service: Service) -> None:
    artifacts = compile(Definitions(Project("team"), services=[service]))

    assert [str(finding) for finding in checks.lint(artifacts)] == []


_MATCHED = {"where": 'namespace="ml",zone!~"b.*"', "runbook": CHAT_RUNBOOK}
_TWO_JOBS = [ScrapeJob(["a:8000"], job="blue"), ScrapeJob(["b:8000"], job="green.2")]


@pytest.mark.parametrize(
    ("preset", "arguments"),
    [
        (presets.http_service, {}),
        (presets.llm_serving, {"engine": "vllm"}),
        (presets.triton, {}),
        (presets.gpu_fleet, {}),
        (presets.node, {}),
        (presets.process, {}),
        (presets.model_quality, {"accuracy": 0.9}),
        (presets.llm_gateway, {}),
        (presets.feature_store, {"views": {"drivers": "1d"}}),
        (presets.feature_pipeline, {"views": {"drivers": "1d"}}),
    ],
)
def test_several_jobs_and_further_matchers_of_targets_have_no_findings(
    preset: Callable[..., Service], arguments: Mapping[str, Any]
) -> None:
    service = preset("name", scrape=_TWO_JOBS, **_MATCHED, **arguments)
    artifacts = compile(Definitions(Project("team"), services=[service]))

    assert [str(finding) for finding in checks.lint(artifacts)] == []
    exposed = {name for metric in service.metrics for name in metric.series()}
    assert [
        selector for selector in _selected(artifacts) if selector.metric in exposed and not _is_matched(selector)
    ] == []


def _selected(artifacts: Artifacts) -> Iterator[Selector]:
    """The selectors of all panels and rules."""
    definitions = [file.definition for file in artifacts.dashboards if file.definition]
    panels = [panel for each in definitions for row in each.rows for panel in row.panels]
    for query in (query for panel in panels for query in panel.all_queries()):
        yield from parse_panel(query.expr).selectors
    yield from (each for rule in artifacts.rules() for each in parse(rule.expr).selectors)


def _is_matched(selector: Selector) -> bool:
    return {'namespace="ml"', 'zone!~"b.*"'} <= {str(matcher) for matcher in selector.matchers}


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_the_metrics_of_a_preset_are_at_its_call(service: Service) -> None:
    assert {metric.file for metric in service.metrics} == {__file__}


@pytest.mark.parametrize("service", [LITELLM, FEAST, SERVICES["the quality of a model"]], ids=["a", "b", "c"])
def test_the_dashboard_of_a_preset_has_the_signals_and_its_own_rows(service: Service) -> None:
    (row, slos, *own) = _rows_of(service)

    assert "Budget left" in [panel.title for panel in row.panels]
    assert [panel.title for panel in slos.panels] == ["Bad events by SLO"]
    assert [each.title for each in own] == [each.title for each in service.rows]


def test_the_dashboard_of_a_canary_has_its_comparisons_only() -> None:
    canary = SERVICES["a canary"]

    assert [row.title for row in _rows_of(canary)] == [row.title for row in canary.rows]


def _rows_of(service: Service) -> Sequence[Row]:
    artifacts = compile(Definitions(Project("team"), services=[service]))
    (definition,) = (file.definition for file in artifacts.dashboards if file.title == service.name)
    assert definition is not None
    return definition.rows


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_the_alerts_of_a_preset_have_tests_that_pass(service: Service, promtool: Tool) -> None:
    artifacts = compile(Definitions(Project("team"), services=[service]))

    assert [alert.name for alert in service.alerts if not alert.tests] == []
    assert [
        result.output for result in run_suites(artifacts.test_suites, promtools=[promtool]) if not result.passed
    ] == []


def test_the_catalog_of_prometheus_is_that_of_the_program(prometheus: Tool, tmp_path: Path) -> None:
    (tmp_path / "prometheus.yml").write_text(PROMETHEUS)
    (tmp_path / "rules.yml").write_text(RULES)
    with servers.prometheus(prometheus, tmp_path / "prometheus.yml", tmp_path / "data", servers.free_port()) as url:
        catalog = presets.prometheus().metrics
        deadline = time.monotonic() + 30  # some appear with the first discovery, after seconds
        while missing := list(differences(catalog, read_metrics(f"{url}/metrics"))):
            assert time.monotonic() < deadline, missing
            time.sleep(0.2)


def test_the_catalog_of_alertmanager_is_that_of_the_program(alertmanager: Tool, tmp_path: Path) -> None:
    (tmp_path / "alertmanager.yml").write_text(ALERTMANAGER)
    config = tmp_path / "alertmanager.yml"
    with servers.alertmanager(alertmanager, config, tmp_path / "data", servers.free_port()) as url:
        exposed = read_metrics(f"{url}/metrics")

    # An instance by itself, as here, has no cluster.
    catalog = [each for each in presets.alertmanager([]).metrics if each.name != "alertmanager_cluster_members"]
    assert list(differences(catalog, exposed)) == []


def differences(catalog: Sequence[metrics.Metric], exposed: Sequence[metrics.Metric]) -> Iterator[str]:
    """The metrics of a catalog that a program does not expose, or with another type, labels or buckets."""
    by_name = {metric.name: metric for metric in exposed}
    for metric in catalog:
        other = by_name.get(metric.name)
        if other is None or type(other) is not type(metric):
            yield f"{metric.name}: {other}"
        elif not other.more_labels and not metric.more_labels and {*metric.labels} != {*other.labels}:
            yield f"{metric.name}: labels {list(other.labels)}"
        elif isinstance(metric, metrics.Histogram) and metric.bounds() != other.bounds():  # type: ignore[attr-defined]
            yield f"{metric.name}: buckets {other}"
