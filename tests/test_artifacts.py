"""Artifacts: complete values, each located at its definition, compiled with one plan per SLO."""

from __future__ import annotations

import inspect
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
import yaml

from obscode import SLO, Alert, AlertTest, Project, RecordingRule, Route, Routing, ScrapeJob, Service, compile, render
from obscode.artifacts import rules
from obscode.artifacts.alertmanager import Route as RouteArtifact
from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import RuleGroup
from obscode.compiler import slo_rules
from obscode.compiler.slo_plan import SloPlan
from obscode.findings.source import Source
from obscode.model.definitions import Definitions
from obscode.model.receivers import Webhook
from obscode.model.sli import Ratio

ERRORS = SLO(
    "errors",
    99.9,
    Ratio(errors="errors_total", total="requests_total"),
    labels={"squad": "blue"},
)
DOWN = Alert(
    "Down",
    "up == 0",
    severity="page",
    summary="down",
    for_="5m",
    labels={"team": "night"},
    annotations={"chat": "#shop"},
)
RECORD = RecordingRule(
    "job:up:sum",
    "sum by (job) (up)",
)
JOB = ScrapeJob(
    ["shop:8000"],
    job="shop",
    path="/m",
)
PAGE = Route(
    Webhook("page", url="http://localhost:5001"),
    match={"severity": "page"},
)
SHOP = Service("shop", scrape=JOB, slos=[ERRORS], alerts=[DOWN], recording_rules=[RECORD])
ROUTING = Routing(default=Webhook("team", url="http://localhost:5001"), routes=[PAGE])
ARTIFACTS = compile(Definitions(Project("team"), [SHOP], routing=ROUTING))


def text_at(source: Source, part: str = "") -> str:
    """The source text of a part of an artifact."""
    span = source.span(part)
    assert span is not None
    lines = inspect.getsource(inspect.getmodule(text_at) or inspect).splitlines()[span.line - 1 : span.end_line]
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return "\n".join(lines)


def rule(name: str) -> rules.Rule:
    return next(rule for rule in ARTIFACTS.rules() if rule.name == name)


PARTS = [
    (rule("Down").source, "alert", '"Down"'),
    (rule("Down").source, "expr", '"up == 0"'),
    (rule("Down").source, "for", '"5m"'),
    (rule("Down").source, "labels", '{"team": "night"}'),
    (rule("Down").source, "annotations", '{"chat": "#shop"}'),
    (rule("job:up:sum").source, "record", '"job:up:sum"'),
    (rule("job:up:sum").source, "expr", '"sum by (job) (up)"'),
    (rule("slo:info").source, "expr", 'Ratio(errors="errors_total", total="requests_total")'),
    (rule("ShopErrorsBurnPage").source, "labels", '{"squad": "blue"}'),
    (rule("ShopErrorsBurnPage").source, "alert", '"errors"'),
    (ARTIFACTS.prometheus_configs[0].scrape_configs[0].source, "job_name", '"shop"'),
    (ARTIFACTS.prometheus_configs[0].scrape_configs[0].source, "metrics_path", '"/m"'),
    (ARTIFACTS.prometheus_configs[0].scrape_configs[0].source, "static_configs", '["shop:8000"]'),
    (ARTIFACTS.alertmanager_configs[0].route.routes[0].source, "matchers", '{"severity": "page"}'),
    (ARTIFACTS.alertmanager_configs[0].receivers[1].source, "name", '"page"'),
]


@pytest.mark.parametrize(("source", "part", "text"), PARTS)
def test_a_part_of_an_artifact_is_located_at_the_argument_that_it_is_compiled_from(
    source: Source, part: str, text: str
) -> None:
    assert text_at(source, part) == text


def test_every_rule_group_and_rule_has_a_source_with_a_position() -> None:
    groups = [group for file in ARTIFACTS.rule_files for group in file.groups]
    sources = [group.source for group in groups] + [rule.source for rule in ARTIFACTS.rules()]
    assert all(source and source.span() for source in sources)


def test_each_slo_is_planned_and_its_rules_are_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: Counter[str] = Counter()

    def counted(name: str, function: Any) -> Any:
        def call(*arguments: Any, **keywords: Any) -> Any:
            calls[name] += 1
            return function(*arguments, **keywords)

        return call

    monkeypatch.setattr(SloPlan, "__init__", counted("plans", SloPlan.__init__))
    monkeypatch.setattr(slo_rules, "_events", counted("groups", slo_rules._events))
    other = replace(ERRORS, name="other")
    render(compile(Definitions(Project("team"), [replace(SHOP, slos=[ERRORS, other])])))
    assert calls == {"plans": 2, "groups": 2}


def test_the_tests_of_a_suite_run_on_the_rules_of_the_rule_file() -> None:
    (file,) = ARTIFACTS.rule_files
    for suite in ARTIFACTS.test_suites:
        assert suite.rule_file == file.name
        assert suite.groups
        rules = [rule for group in suite.groups for rule in group.rules]
        assert all(any(rule is known for known in file.rules()) for rule in rules)


def test_the_tests_of_an_alert_run_on_the_rules_that_are_defined_by_hand() -> None:
    tested = replace(DOWN, tests=[AlertTest("down", {"up": "0x10"}, fires=["6m"])])
    artifacts = compile(Definitions(Project("team"), [replace(SHOP, alerts=[tested])]))
    suite = next(suite for suite in artifacts.test_suites if suite.name == "shop/Down")
    assert [group.name for group in suite.groups] == ["shop-records", "shop-alerts"]


def test_a_test_file_runs_at_the_shortest_interval_of_its_suites() -> None:
    suite = next(suite for suite in ARTIFACTS.test_suites if suite.shape)
    essential = [test for test in suite.tests if test.essential]
    slower, faster = (replace(suite, evaluation_interval=interval) for interval in ("2m", "30s"))
    texts = {file.path: file.text for file in render(replace(ARTIFACTS, test_suites=[slower, faster]))}
    (written,) = (yaml.safe_load(text) for path, text in texts.items() if path.startswith("prometheus/tests/"))
    assert (written["evaluation_interval"], len(written["tests"])) == ("30s", 2 * len(essential))
    assert essential


def test_further_keys_of_groups_routes_and_configurations_are_rendered() -> None:
    rules_file = replace(
        ARTIFACTS.rule_files[0], groups=[RuleGroup("g", [], interval="1m", settings={"limit": 5, "query_offset": "1m"})]
    )
    alertmanager = ARTIFACTS.alertmanager_configs[0]
    route = replace(alertmanager.route, routes=[RouteArtifact("page", SHOP, settings={"continue": True})])
    config = replace(alertmanager, route=route, settings={"templates": ["*.tmpl"]})
    texts = {file.path: file.text for file in render(Artifacts([rules_file], alertmanager_configs=[config]))}
    assert yaml.safe_load(texts["prometheus/rules/shop.yml"]) == {
        "groups": [{"name": "g", "interval": "1m", "limit": 5, "query_offset": "1m", "rules": []}]
    }
    written = yaml.safe_load(texts["alertmanager/alertmanager.yml"])
    assert written["templates"] == ["*.tmpl"]
    assert written["route"]["routes"] == [{"receiver": "page", "continue": True}]


def test_artifacts_without_definitions_are_rendered() -> None:
    read = Artifacts(rule_files=ARTIFACTS.rule_files, alertmanager_configs=ARTIFACTS.alertmanager_configs)
    texts = {file.path: file.text for file in render(read)}
    compiled = {file.path: file.text for file in render(ARTIFACTS)}
    for path in ("prometheus/rules/shop.yml", "alertmanager/alertmanager.yml"):
        assert texts[path].partition("\n")[2] == compiled[path].partition("\n")[2]
    assert (read.services, read.catalog, read.definitions.roots()) == ((), [], [read.project])
