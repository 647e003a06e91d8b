"""The generated unit tests pass: for the repository's definitions on every promtool, for many SLOs on the newest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from obscode import SLO, NoData, Project, ScrapeJob, Service, Tier
from obscode.artifacts.unit_tests import UnitTestSuite
from obscode.compiler import Definitions, compile
from obscode.model.sli import Ratio
from obscode.project.pipeline import compile_folder
from obscode.toolchain import Tool
from obscode.verify.mutation import MutationRun
from obscode.verify.unit_tests import run_suite, run_suites

_ARTIFACTS = compile_folder(Path(__file__).parents[1] / "definitions").artifacts
_SUITES = _ARTIFACTS.test_suites
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("suite", _SUITES, ids=lambda suite: suite.name)
def test_the_generated_tests_of_the_repository_pass(suite: UnitTestSuite, promtool: Tool) -> None:
    result = run_suite(suite, promtool)
    assert result.passed, result.output


def test_a_changed_rule_fails_a_generated_test(promtool: Tool) -> None:
    suites = [suite for suite in _SUITES if suite.subject == "ml-service/availability"]
    rules = [
        "slo:burn_rate:page",
        "MlServiceAvailabilityBurnPage",
        "slo:burn_rate:ticket",
        "MlServiceAvailabilityBurnTicket",
    ]
    run = MutationRun([replace(suite, under_test=rules) for suite in suites], promtool)
    run.finish()
    (score,) = run.scores
    assert score.mutants > 40
    assert score.share >= 0.95, score.survivors


RATIO = Ratio(errors='requests_total{code=~"5.."}', total="requests_total")
CLOSE_WINDOWS = [
    Tier("odd", severity="page", budget=2, long="7m", short="5m"),
    Tier("usual", severity="page", budget=2, long="1h", short="11m"),
]
MANY = {
    "a period of half a day": SLO("a", 99.9, RATIO, period="12h"),
    "two weeks": SLO("a", 99.95, RATIO, period="14d"),
    "two weeks by budget shares": SLO("a", 99.9, RATIO, period="14d", policy="budget-share"),
    "four weeks, four nines": SLO("a", 99.99, RATIO, period="28d"),
    "four weeks, a wide budget": SLO("a", 97.5, RATIO, period="28d"),
    "a year, nine nines": SLO("a", 99.9999999, RATIO, period="365d"),
    "windows of a few samples": SLO("a", 99.9, RATIO, policy=CLOSE_WINDOWS),
    "guards against many events": SLO("a", 99.9, RATIO, period="45d", min_events=100_000, min_bad=50_000),
}


@pytest.mark.parametrize("slo", MANY.values(), ids=list(MANY))
def test_the_generated_tests_pass_for_any_period_objective_and_policy(slo: SLO, newest_promtool: Tool) -> None:
    # A day without traffic is the same for every SLO, and takes a third of the time.
    service = Service("shop", scrape=ScrapeJob(["localhost:8000"]), slos=[slo], no_data=NoData(no_traffic=""))
    suites = compile(Definitions(Project("team", retention="1y"), [service])).test_suites
    results = run_suites(suites, promtools=[newest_promtool])
    assert not [result.output for result in results if not result.passed]
