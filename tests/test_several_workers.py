"""The alert of several workers behind one target: other presets use it with their own counters, or with none."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from obscode import Alert, Definitions, Project, Service, checks, compile
from obscode.model.metrics import Counter
from obscode.presets.several_workers import PROCESS_START, several_workers_alert
from obscode.promql.selector import Matcher
from obscode.toolchain import Tool
from obscode.verify.unit_tests import run_suites

MATCHERS = (Matcher("job", "=", "shop"), Matcher("zone", "=~", "eu-.+"))


def alert(*counters: str) -> Alert:
    runbook = "https://runbooks.example.com/workers"
    return several_workers_alert("SeveralWorkers", counters, MATCHERS, runbook=runbook)


def test_the_start_and_the_counters_are_of_the_service() -> None:
    assert alert("a_total", "b_total").expr.splitlines() == [
        'max by (job, instance) (resets(a_total{job="shop",zone=~"eu-.+"}[30m])'
        ' or resets(b_total{job="shop",zone=~"eu-.+"}[30m])'
        ' or resets(process_start_time_seconds{job="shop",zone=~"eu-.+"}[30m])) > 4',
        "and on (job, instance)",
        '(resets(process_start_time_seconds{job="shop",zone=~"eu-.+"}[30m]) > 0'
        ' or changes(process_start_time_seconds{job="shop",zone=~"eu-.+"}[30m]) == 0)',
    ]


@pytest.mark.parametrize("counters", [(), ("a_total",), ("a_total", "b_total")], ids=["none", "one", "two"])
def test_its_tests_pass_with_any_number_of_counters(counters: Sequence[str], promtool: Tool) -> None:
    metrics = [PROCESS_START, *(Counter(name) for name in counters)]
    service = Service("shop", alerts=[alert(*counters)], metrics=metrics, selector={"job": "shop"})
    artifacts = compile(Definitions(Project("team"), services=[service]))
    assert [str(finding) for finding in checks.lint(artifacts)] == []
    results = run_suites(artifacts.test_suites, promtools=[promtool])
    assert results
    assert [result.output for result in results if not result.passed] == []


@pytest.mark.parametrize(("backward", "fires"), [(4, False), (5, True)])
def test_it_fires_from_the_fifth_step_back_on(backward: int, fires: bool, promtool: Tool) -> None:
    starts = " ".join(["10", *["20 10"] * backward, "10x30"])
    series = {'process_start_time_seconds{job="shop",zone="eu-1",instance="a"}': starts}
    test = alert().tests[0].derive(name="edge", series=series, fires=["15m"] * fires, quiet=["15m"] * (not fires))
    service = Service("shop", alerts=[alert().derive(tests=[test])], selector={"job": "shop"})
    results = run_suites(compile(Definitions(Project("team"), services=[service])).test_suites, promtools=[promtool])
    assert [result.output for result in results if not result.passed] == []
