"""The scenarios of the generated tests: their steps, and which of them are evaluated side by side."""

from __future__ import annotations

from dataclasses import replace

import pytest

from obscode import SLO, Project, ScrapeJob, Service, Tier
from obscode.artifacts.rules import Rule
from obscode.artifacts.unit_tests import UnitTest
from obscode.compiler.rules import groups_of_slo, rule_file
from obscode.compiler.slo_plan import SloPlan
from obscode.compiler.unit_tests.alert_scenarios import alert_tests
from obscode.compiler.unit_tests.alert_simulator import TrafficPhase
from obscode.compiler.unit_tests.scenarios import Scenario, long_step, short_step
from obscode.model.sli import Ratio

MINUTE = 60_000
RATIO = Ratio(errors='requests_total{code=~"5.."}', total="requests_total")


def plan(slo: SLO, interval: str = "1m") -> SloPlan:
    service = Service("shop", scrape=ScrapeJob(["localhost:8000"]), slos=[slo])
    return SloPlan(slo, service, Project("team", slo_interval=interval))


def policy(short: str, long: str = "12h") -> SLO:
    return SLO("a", 99.9, RATIO, policy=[Tier("page", severity="page", budget=2, long=long, short=short)])


def rules(of: SloPlan) -> list[Rule]:
    return [rule for group in groups_of_slo(rule_file(of.service, [of]), of) for rule in group.rules]


# --- steps -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("short", "interval", "step"),
    [("5m", "1m", 5), ("7m", "1m", 3.5), ("10m", "1m", 5), ("2m", "1m", 2), ("1m", "1m", 1), ("6m", "5m", 5)],
)
def test_hours_of_traffic_have_the_longest_steps_of_which_the_base_window_is_a_multiple(
    short: str, interval: str, step: float
) -> None:
    of = plan(policy(short), interval)
    limit = 35 * int(short.removesuffix("m")) * MINUTE
    assert short_step(of, limit) == int(interval.removesuffix("m")) * MINUTE
    assert short_step(of, limit + 1) == step * MINUTE


def test_days_of_traffic_have_steps_of_twelve_minutes() -> None:
    assert long_step(plan(SLO("a", 99.9, RATIO))) == 12 * MINUTE


def test_windows_that_are_sums_of_short_ones_have_steps_of_at_most_five_minutes() -> None:
    assert long_step(plan(policy("4s", "20m"), "4s")) <= 5 * MINUTE


# --- side by side ------------------------------------------------------------------------------------------------


def scenario(name: str, ratio: float, alert: str = "") -> Scenario:
    return Scenario(name, (TrafficPhase(60 * MINUTE, 1000, 1000 * ratio),), MINUTE, alert)


def generated(slo: SLO, *scenarios: Scenario) -> list[UnitTest]:
    of = plan(slo)
    return list(alert_tests(of, rules(of), scenarios))


def test_scenarios_without_a_page_are_series_of_one_test() -> None:
    (test,) = generated(SLO("a", 99.9, RATIO), scenario("none", 0), scenario("ticket", 0.003))
    assert test.name == "shop/a: page, ticket: 2 scenarios of traffic, every 1m"
    assert [(series.partition("scenario=")[2], values) for series, values in test.series] == [
        *[('"1"}', "1000x59"), ('"1"}', "0x59")] * 2,
        *[('"2"}', "1000x59"), ('"2"}', "3x59")] * 2,
    ]
    assert {e.meaning: [series for series, _ in e.samples] for e in test.expectations} == {
        "none": [],
        "ticket": [
            'ALERTS{alertname="ShopABurnTicket",alertstate="firing",scenario="2",service="shop",severity="ticket",slo="a"}'
        ],
    }


def test_scenarios_of_a_page_check_the_page_only() -> None:
    quiet, fires = scenario("quiet", 0, "page"), scenario("fires", 0.5, "page")
    both = generated(SLO("a", 99.9, RATIO), replace(fires, name="one"), replace(fires, name="two"), quiet)
    assert [test.name for test in both] == [
        "shop/a: page: 2 scenarios of traffic, every 1m",
        "shop/a: quiet",
    ]
    assert {e.expr.partition("alertname")[2] for e in both[0].expectations} == {
        f'=~"ShopABurnPage",alertstate="firing",scenario="{number}"}}' for number in (1, 2)
    }


def test_a_ticket_that_a_page_could_suppress_has_a_test_of_its_own() -> None:
    page = scenario("outage", 0.5)
    assert [test.name for test in generated(SLO("a", 99.9, RATIO), page, replace(page, alert="ticket"))] == [
        "shop/a: outage",
        "shop/a: outage",
    ]


def test_scenarios_with_other_steps_are_other_tests() -> None:
    one = scenario("one", 0)
    assert len(generated(SLO("a", 99.9, RATIO), one, replace(one, step=5 * MINUTE))) == 2


@pytest.mark.parametrize(("by", "label"), [("scenario", "scenario_"), ("path", "scenario")])
def test_the_label_of_a_scenario_is_none_of_the_slo(by: str, label: str) -> None:
    sli = Ratio(errors='requests_total{code=~"5.."}', total="requests_total", by=[by])
    group = {by: "a"}
    first, second = (replace(scenario(name, 0), group=group) for name in ("one", "two"))
    (test,) = generated(SLO("a", 99.9, sli), first, second)
    assert all(f',{label}="' in series and f'{by}="a"' in series for series, _ in test.series)
