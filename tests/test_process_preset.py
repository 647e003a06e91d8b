"""`presets.process`: alone and as a part of another service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from obscode import Definitions, Project, ScrapeJob, Service, checks, compile, presets
from obscode.toolchain import Tool
from obscode.verify.unit_tests import run_suites

JOB = ScrapeJob(["shop:8000"])
RUNBOOK = "https://runbooks.example.com/shop"


def alone(**arguments: Any) -> Service:
    return presets.process("shop", **{"scrape": JOB, "runbook": RUNBOOK, **arguments})


def part() -> Service:
    return presets.http_service(
        "shop",
        scrape=JOB,
        runbook=RUNBOOK,
        alerts=presets.process_alerts("shop", processors=1),
        dashboard=presets.process_rows("shop", processors=1),
    )


SERVICES: Mapping[str, Service] = {
    "alone": alone(),
    "with limits": alone(
        scrape=[ScrapeJob(["a:1"], job="a"), ScrapeJob(["b:1"], job="b.c")],
        where='instance!="c"',
        memory_limit=4 * 2**30,
        processors=1,
    ),
}


@pytest.mark.parametrize("service", [*SERVICES.values(), part()], ids=[*SERVICES, "a part of another service"])
def test_there_are_no_findings(service: Service) -> None:
    artifacts = compile(Definitions(Project("team"), services=[service]))

    assert [str(finding) for finding in checks.lint(artifacts)] == []


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_the_alerts_have_tests_that_pass(service: Service, promtool: Tool) -> None:
    results = run_suites(compile(Definitions(Project("team"), services=[service])).test_suites, promtools=[promtool])

    assert [each.name for each in service.alerts if not each.tests] == []
    assert [each.output for each in results if not each.passed] == []


def test_alerts_exist_for_limits_that_are_known() -> None:
    always = ["ProcessFilesRunOut", "ProcessRestarting", "ProcessMemoryGrows", "ProcessMetricsMissing"]

    assert [alert.name for alert in SERVICES["alone"].alerts] == always
    assert {alert.name for alert in SERVICES["with limits"].alerts} == {
        *always,
        "ProcessMemoryFull",
        "ProcessSaturated",
    }


def test_the_limit_of_memory_is_90_percent() -> None:
    alert = next(each for each in alone(memory_limit=1000).alerts if each.name == "ProcessMemoryFull")

    assert alert.expr == 'process_resident_memory_bytes{job="shop"} > 900'
