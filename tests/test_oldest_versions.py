"""Names with any characters, and newer settings: accepted where the project's oldest versions read them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from finding_text import finding_text

from obscode import (
    SLO,
    Alert,
    AlertTest,
    Project,
    RecordingRule,
    Route,
    Routing,
    Row,
    ScrapeJob,
    Service,
    compile,
    metrics,
    panels,
    receivers,
    render,
    sli,
)
from obscode.checks import lint
from obscode.compiler import Definitions
from obscode.findings.errors import DefinitionError
from obscode.model.compatibility import at_least
from obscode.toolchain import Tool
from obscode.verify.promtool import check
from obscode.verify.unit_tests import run_suite

NEW = Project("team", oldest_prometheus="3.0", oldest_alertmanager="0.27")
OLD = Project("team", oldest_prometheus="2.55", oldest_alertmanager="0.26")
COUNT, BY_ROUTE = '{"http.server.count"}', 'sum by ("http.route") (rate({"http.server.count"}[5m]))'
HISTOGRAM = metrics.Histogram("http.server.duration", labels=["http.route", "http.status"], buckets=[0.1, 0.3])
KINDS: dict[str, sli.SLI] = {
    "ratio": sli.Ratio(errors='{"http.server.errors"}', total=COUNT, by=["http.route"]),
    "good": sli.Ratio(good='{"http.server.count","http.status"="ok"}', total=COUNT),
    "latency": sli.Latency('{"http.server.duration","http.route"="/"}', under="300ms"),
    "both": sli.ErrorsAndLatency('{"http.server.duration"}', under="300ms", errors='{"http.status"="500"}'),
    "native": sli.NativeLatency('{"native.duration"}', under="300ms"),
    "raw": sli.RawRatio('{"http.ratio"}'),
    "fresh": sli.Freshness('{"last.success"}', max_age="1h"),
    "uptime": sli.Uptime('{"probe.success"}', by=["http.route"]),
    "slice": sli.TimeSlice('max by ("http.route") ({"queue.size"})', below=3, by=["http.route"]),
    "free": sli.FreeQuery(bad='sum(increase({"http.server.errors"}[5m]))', total=f"sum(increase({COUNT}[5m]))"),
}
DUTY = receivers.Webhook("duty", url="http://localhost:5001")


def shop(**settings: Any) -> Service:
    return Service("shop", **{"scrape": ScrapeJob(["shop:80"], labels={"k8s.node": "a"}), **settings})


def everything() -> Definitions:
    service = shop(
        metrics=[metrics.Counter("http.server.count", labels=["http.route", "http.status"]), HISTOGRAM],
        slos=[SLO(name, 99.9, kind, labels={"team.name": "a"}) for name, kind in KINDS.items()],
        recording_rules=[RecordingRule("http.route:http.server.count:rate5m", BY_ROUTE)],
        alerts=[
            Alert(
                "Busy",
                f"{BY_ROUTE} > 5",
                severity="page",
                summary='{{ index $labels "http.route" }} is busy',
                labels={"a.b": "c"},
                annotations={"x.y": "z"},
                tests=[AlertTest("busy", {'{"http.server.count","http.route"="/"}': "0+6000x20"}, fires=["10m"])],
            )
        ],
        dashboard=[Row("Requests", panels.TimeSeries("Routes", BY_ROUTE, legend="{{http.route}}"))],
    )
    routing = Routing(DUTY, group_by=["http.route"], routes=[Route(DUTY, match={"a.b": "c"})])
    return Definitions(NEW, [service], routing=routing)


def test_names_with_any_characters_are_accepted_in_every_definition() -> None:
    artifacts = compile(everything())
    assert [finding for finding in lint(artifacts) if finding.severity == "error"] == []


def test_the_newest_tools_load_names_with_any_characters(newest_promtool: Tool, newest_amtool: Tool) -> None:
    artifacts = compile(everything())
    assert finding_text(check(artifacts, render(artifacts), [newest_promtool], [newest_amtool])) == ""


@pytest.mark.parametrize("name", ["ratio", "good", "latency", "both"])
def test_events_of_series_with_any_names_are_counted(name: str, newest_promtool: Tool) -> None:
    suite = next(suite for suite in compile(everything()).test_suites if suite.name == f"shop/{name} (events)")
    tests = [test for test in suite.tests if "is counted" in test.name or "count as 0" in test.name]
    assert len(tests) > 1
    assert run_suite(replace(suite, tests=tests), newest_promtool).output == ""


def test_the_test_of_an_alert_has_series_with_any_names(newest_promtool: Tool) -> None:
    suite = next(suite for suite in compile(everything()).test_suites if suite.name == "shop/Busy")
    assert run_suite(suite, newest_promtool).output == ""


ERRORS = {
    "metrics": (
        shop(metrics=[metrics.Counter("http.server.count")]),
        "error[metric-name]: 'http.server.count' is not a metric name that Prometheus 2.55 accepts\n"
        "  hint: use letters, digits, '_' and ':', such as 'http_server_count'; "
        'or write oldest_prometheus="3.0" in the Project',
    ),
    "labels of targets": (
        shop(),
        "error[label-name]: 'k8s.node' is not a label name that Prometheus 2.55 accepts\n"
        "  hint: use letters, digits and '_', such as 'k8s_node'; or write oldest_prometheus=\"3.0\" in the Project",
    ),
    "routes": (
        Routing(DUTY, group_by=["k8s.node", "..."][:1]),
        "error[label-name]: 'k8s.node' is not a label name that Alertmanager 0.25 accepts\n"
        "  hint: use letters, digits and '_', such as 'k8s_node'; or write oldest_alertmanager=\"0.27\" in the Project",
    ),
}


@pytest.mark.parametrize(("definition", "expected"), ERRORS.values(), ids=ERRORS)
def test_the_setting_of_an_older_version_is_named(definition: Service | Routing, expected: str) -> None:
    old = Project("team", oldest_prometheus="2.55", oldest_alertmanager="0.25")
    if isinstance(definition, Service):
        definitions = Definitions(old, [definition])
    else:
        definitions = Definitions(old, routing=definition)
    with pytest.raises(DefinitionError) as error:
        compile(definitions)
    assert expected in finding_text(error.value.findings)


def test_quoted_names_in_expressions_name_the_setting_once_for_each_expression() -> None:
    service = Service(
        "shop",
        scrape=ScrapeJob(["shop:80"]),
        slos=[SLO("up", 99.9, sli.Ratio(errors='{"a.b"}', total="total"))],
        alerts=[Alert("Busy", 'sum by ("c.d", e) (f{g="h.i"}) > 5', severity="page", summary="busy")],
    )
    findings = lint(compile(Definitions(OLD, [service])))
    hint = '  hint: write oldest_prometheus="3.0" in the Project, if no older one loads the output'
    assert finding_text(findings).splitlines() == [
        'error[utf8-name]: shop/up has the name "a.b", which needs Prometheus 3.0, but oldest_prometheus is 2.55',
        hint,
        'error[utf8-name]: Busy has the name "c.d", which needs Prometheus 3.0, but oldest_prometheus is 2.55',
        hint,
    ]


@pytest.mark.parametrize(
    ("version", "other", "expected"),
    [("3.0", "3.0", True), ("2.55", "3.0", False), ("3.10", "3.9", True), ("0.27.1", "0.27", True)],
)
def test_versions_are_compared_by_number(version: str, other: str, expected: bool) -> None:
    assert at_least(version, other) is expected
