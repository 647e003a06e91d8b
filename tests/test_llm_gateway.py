"""`presets.llm_gateway`: names of LiteLLM's real output, few labels, and events of series that begin with them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from obscode import AlertTest, Definitions, Project, ScrapeJob, Service, checks, compile, presets
from obscode.importers.metrics_source import read_metrics
from obscode.model.metrics import Histogram
from obscode.presets.exporters import EXPORTERS
from obscode.presets.litellm import catalog
from obscode.presets.llm_gateway import BudgetKind
from obscode.promql.parser import parse
from obscode.promql.selector import Selector
from obscode.toolchain import Tool
from obscode.verify.unit_tests import run_suites

PAGE = Path(__file__).parent.parent / "docs" / "llm.md"
CAPTURE = str(Path(__file__).parent / "captures" / "litellm-1.106.2.metrics.txt")
KINDS: tuple[BudgetKind, ...] = ("team", "api_key", "org", "user", "customer", "provider")
EVERYTHING = presets.llm_gateway(
    "litellm",
    scrape=[ScrapeJob(["a:4000"], job="east"), ScrapeJob(["b:4000"], job="west")],
    where='cluster!~"test.*"',
    runbook="https://runbooks.example.com/litellm",
    budgets=KINDS,
    max_daily_spend=500,
)


def panel_queries(service: Service) -> Iterator[str]:
    for row in service.rows:
        for panel in row.panels:
            yield from (query.expr.replace("$__rate_interval", "5m") for query in panel.all_queries())


def selectors(service: Service) -> Iterator[Selector]:
    for slo in service.slos:
        yield from (selector for each in slo.sli.selectors().values() for selector in each)
    for expr in (
        *(rule.expr for rule in service.recording_rules),
        *(alert.expr for alert in service.alerts),
        *panel_queries(service),
    ):
        yield from parse(expr).selectors


def test_queries_read_names_of_the_catalog_and_recorded_ones_and_the_catalog_has_no_others() -> None:
    exposed = {name for metric in EVERYTHING.metrics for name in (*metric.series(), metric.name)}
    recorded = {rule.name for rule in EVERYTHING.recording_rules}
    read = {selector.metric for selector in selectors(EVERYTHING)}
    assert read - exposed - recorded == {"up"}
    assert [metric.name for metric in EVERYTHING.metrics if not read & {*metric.series(), metric.name}] == []
    assert recorded - read == set()


def test_the_catalog_is_that_of_the_proxy() -> None:
    exposed = {metric.name: metric for metric in read_metrics(CAPTURE)}
    assert {*exposed} == {metric.name for metric in EVERYTHING.metrics}
    for metric in EVERYTHING.metrics:
        other = exposed[metric.name]
        assert type(other) is type(metric)
        if other.labels:  # the capture has no sample of a customer's budget
            assert {*metric.labels} == {*other.labels}, metric.name
        if isinstance(metric, Histogram) and isinstance(other, Histogram):
            assert metric.bounds() == other.bounds()


def test_the_proxy_is_recognised() -> None:
    exposed = {name for metric in read_metrics(CAPTURE) for name in (*metric.series(), metric.name)}
    assert [each.program for each in EXPORTERS if exposed.issuperset(each.marks)] == ["LiteLLM"]


def test_every_selector_has_the_matchers_of_its_jobs_or_the_service() -> None:
    job, further = parse('up{job=~"east|west",cluster!~"test.*"}').selectors[0].matchers
    sli_metrics = (catalog.FIRST_TOKEN, catalog.LATENCY)  # obscode adds the job to these
    for selector in selectors(EVERYTHING):
        if ":" in selector.metric:
            assert str(selector.matchers[0]) == 'service="litellm"'
        elif selector.metric not in sli_metrics:
            assert job in selector.matchers, str(selector)
            assert (further in selector.matchers) == (selector.metric != "up"), str(selector)


def test_recorded_series_have_few_labels() -> None:
    labels_of = {rule.name: parse(rule.expr).labels for rule in EVERYTHING.recording_rules}
    assert max(len(labels or ()) for labels in labels_of.values()) == 4
    clients = {"hashed_api_key", "api_key_alias", "user", "user_email", "end_user", "client_ip", "user_agent"}
    assert not any(clients & {*(labels or clients)} for labels in labels_of.values())


@pytest.mark.parametrize(
    ("arguments", "description"),
    [
        ({}, "At most 2 s until the first token of streamed requests. Failed requests do not count."),
        (
            {"first_token": "800ms"},
            "At most 1 s until the first token of streamed requests. Failed requests do not count. The limit is"
            " 800 ms, which is no bound of litellm_llm_api_time_to_first_token_metric: requests between 800 ms and 1 s"
            " are counted as fast, so the SLO is slower than the limit. The gateway adds the bound with"
            " `prometheus_latency_buckets: [..., 0.8]`.",
        ),
        (
            {"first_token": "800ms", "buckets": [0.4, 0.8, 60]},
            "At most 800 ms until the first token of streamed requests. Failed requests do not count.",
        ),
    ],
)
def test_a_limit_is_a_bound_of_the_buckets(arguments: dict[str, Any], description: str) -> None:
    service = presets.llm_gateway("litellm", scrape=ScrapeJob(["a:4000"]), **arguments)
    assert service.slos[1].description == description
    assert [str(each) for each in checks.lint(compile(Definitions(Project("team"), services=[service])))] == []


def test_arguments_omit_alerts() -> None:
    names = {alert.name for alert in EVERYTHING.alerts}
    fewer = presets.llm_gateway("litellm", scrape=ScrapeJob(["a:4000"]), budgets=["api_key"], spike_ratio=0)
    assert names - {alert.name for alert in fewer.alerts} == {
        "LLMGatewaySpendSpike",
        "LLMGatewaySpendHigh",
        "LLMGatewayProviderBudgetUsedUp",
        *(
            f"LLMGateway{kind}Budget{what}"
            for kind in ("Team", "Org", "User", "Customer")
            for what in ("Low", "UsedUp")
        ),
    }


# --- when alerts fire ----------------------------------------------------------------------------------------------


def failing(alert: str, tests: list[AlertTest], promtool: Tool) -> list[str]:
    """The output of tests of an alert that do not pass."""
    service = presets.llm_gateway("litellm", scrape=ScrapeJob(["a:4000"]), spike_floor=10)
    own = next(each for each in service.alerts if each.name == alert)
    service = service.derive(alerts=[own.derive(tests=tests)], slos=[])
    results = run_suites(compile(Definitions(Project("team"), services=[service])).test_suites, promtools=[promtool])
    assert len(results) == 1
    return [result.output for result in results if not result.passed]


def requests(client: int, status: str, values: str) -> dict[str, str]:
    labels = f'job="litellm",instance="a",requested_model="m",client_ip="{client}",status_code="{status}"'
    return {f"{catalog.REQUESTS}{{{labels}}}": values}


def test_failures_of_clients_that_had_none_before_count(newest_promtool: Tool) -> None:
    up = {'up{job="litellm",instance="a"}': "1x60"}
    single = {
        name: values
        for minute in range(4, 40)
        for n in range(3)
        for name, values in requests(3 * minute + n, "None", f"_x{minute} 1x60").items()
    }
    tests = [
        AlertTest("three failures a minute, each of another client", {**up, **single}, fires=["35m"]),
        # The series were there, and Prometheus was not.
        AlertTest(
            "Prometheus starts",
            {'up{job="litellm",instance="a"}': "_x20 1x40", **requests(1, "500", "_x20 1000x40")},
            quiet=["22m", "28m", "40m"],
        ),
        AlertTest(
            "a target is down",
            {'up{job="litellm",instance="a"}': "1x5 0x20 1x40", **requests(1, "500", "1000x5 _x20 1000x40")},
            quiet=["27m", "28m", "40m"],
        ),
        AlertTest("limits of a key", {**up, **requests(1, "429", "0+60x60")}, quiet=["30m"]),
    ]
    assert failing("LLMGatewayModelDown", tests, newest_promtool) == []


def deployment(metric: str, model: str, values: str, labels: str = "") -> dict[str, str]:
    own = f'job="litellm",instance="a",model_id="d",litellm_model_name="{model}",api_provider="p"{labels}'
    return {f"{metric}{{{own}}}": values}


def test_a_deployment_that_cooled_down_once_is_not_down(newest_promtool: Tool) -> None:
    """Nothing sets the series with the name of the group to 0 again."""
    cooled = {**deployment(catalog.STATE, "group", "2x60"), **deployment(catalog.STATE, "gpt", "0x60")}
    tries = deployment(catalog.FAILURES, "gpt", "0+1x60", ',exception_status="503"')
    tests = [
        AlertTest("it has no request", cooled, quiet=["30m"]),
        AlertTest(
            "its last failure is old", {**cooled, **deployment(catalog.FAILURES, "gpt", "0+1x10 10x50")}, quiet=["40m"]
        ),
        AlertTest(
            "some attempts succeed",
            {**cooled, **tries, **deployment(catalog.SUCCESSES, "gpt", "0+1x60")},
            quiet=["40m"],
        ),
        AlertTest("each attempt fails", {**cooled, **tries}, fires=["40m"]),
    ]
    assert failing("LLMGatewayDeploymentDown", tests, newest_promtool) == []


def test_wrong_requests_are_no_failure_of_a_deployment(newest_promtool: Tool) -> None:
    attempts = deployment(catalog.ATTEMPTS, "gpt", "0+10x60")
    tests = [
        AlertTest(
            f"status {status}",
            {**attempts, **deployment(catalog.FAILURES, "gpt", "0+9x60", f',exception_status="{status}"')},
            **{at: ["30m"]},  # type: ignore[arg-type]
        )
        for status, at in (("400", "quiet"), ("404", "quiet"), ("429", "quiet"), ("401", "fires"), ("None", "fires"))
    ]
    few = deployment(catalog.ATTEMPTS, "gpt", "0+1x60")
    few |= deployment(catalog.FAILURES, "gpt", "0+1x60", ',exception_status="503"')
    tests.append(AlertTest("15 attempts", few, quiet=["30m"]))
    assert failing("LLMGatewayDeploymentFailing", tests, newest_promtool) == []


def spend(team: str, before: float, after: float) -> dict[str, str]:
    labels = f'job="litellm",instance="a",team="{team}",team_alias="{team}",model="m"'
    return {f"{catalog.SPEND}{{{labels}}}": f"0+{before}x504 {before * 504}+{after}x72"}


def test_a_new_team_is_a_spike_and_a_new_gateway_is_not(newest_promtool: Tool) -> None:
    new = {name: values.replace("0+0x504", "_x505") for name, values in spend("new", 0, 1).items()}
    tests = [
        AlertTest("a team that did not exist", {**spend("old", 1, 1), **new}, fires=["180h"], interval="20m"),
        AlertTest("the gateway did not exist", new, quiet=["180h"], interval="20m"),
        AlertTest("the first week", spend("a", 1, 1), quiet=["100h"], interval="20m"),
    ]
    assert failing("LLMGatewaySpendSpike", tests, newest_promtool) == []


def test_a_key_without_a_budget_has_nothing_left_that_is_low(newest_promtool: Tool) -> None:
    def key(name: str, left: str, most: str) -> dict[str, str]:
        labels = f'{{job="litellm",hashed_api_key="{name}",api_key_alias="{name}"}}'
        budget = catalog.BUDGETS["api_key"]
        return {budget.remaining + labels: left, budget.most + labels: most}

    tests = [
        AlertTest("no budget", key("a", " ".join(["Inf"] * 60), "_x60"), quiet=["30m"]),
        AlertTest("a budget of 0", key("a", "0x60", "0x60"), quiet=["30m"]),
        AlertTest("used up", key("a", "-5x60", "100x60"), quiet=["30m"]),
        AlertTest("9 of 100", key("a", "9x60", "100x60"), fires=["30m"]),
    ]
    assert failing("LLMGatewayApiKeyBudgetLow", tests, newest_promtool) == []


def test_the_example_of_the_page_compiles_without_findings() -> None:
    section = PAGE.read_text().partition("## Gateways\n")[2].partition("\n## ")[0]
    block = re.findall(r"^```python\n(.*?)^```$", section, re.M | re.S)[0]
    namespace: dict[str, Any] = {}
    exec(block, namespace)
    services = [value for value in namespace.values() if isinstance(value, Service)]
    assert [str(each) for each in checks.lint(compile(Definitions(Project("team"), services=services)))] == []
    documented = re.findall(r"^\| `(LLMGateway[\w.]+)`", section, re.M)
    names = {re.sub("Team|ApiKey|Org|User|Customer|Provider", "...", alert.name) for alert in EVERYTHING.alerts}
    assert {*documented} == names
