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
from obscode.compiler.unit_tests.conditions import condition_tests
from obscode.compiler.unit_tests.gaps import gap_tests
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
    return [rule for group in groups_of_slo(rule_file(of.service, [of], of.project), of) for rule in group.rules]


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


# --- conditions and gaps -----------------------------------------------------------------------------------------


def test_each_tier_is_tested_just_above_and_just_below_its_thresholds() -> None:
    by_name = {test.name: test for test in condition_tests(plan(SLO("a", 99.9, RATIO)))}
    assert list(by_name) == [
        "shop/a: thresholds of page",
        "shop/a: thresholds of ticket",
        "shop/a: ticket-fast: errors that page reported are not reported again within 2h",
        "shop/a: ticket-fast: burns on when page fires",
        "shop/a: ticket-slow: errors that page reported are not reported again within 6h",
        "shop/a: ticket-slow: burns on when page fires",
    ]
    page = by_name["shop/a: thresholds of page"]
    assert [(e.meaning, bool(e.samples)) for e in page.expectations][:7] == [
        ("page-fast: both windows just above 14.4", True),
        ("page-fast: 1h just below 14.4", False),
        ("page-fast: 5m just below 14.4", False),
        ("page-fast: events in 1h just above 10", True),
        ("page-fast: bad events in 1h just above 5", True),
        ("page-fast: events in 1h just below 10", False),
        ("page-fast: bad events in 1h just below 5", False),
    ]


def test_a_case_in_which_a_more_urgent_alert_burns_is_left_out() -> None:
    tiers = [Tier(name, severity=name, budget=2, long="1h", short="5m") for name in ("page", "ticket")]
    page, ticket = condition_tests(plan(SLO("a", 99.9, RATIO, policy=tiers)))
    assert (page.name, ticket.name) == ("shop/a: thresholds of page", "shop/a: thresholds of ticket")
    assert [e.meaning for e in page.expectations if e.samples] == [
        "page: both windows just above 14.4",
        "page: events in 1h just above 10",
        "page: bad events in 1h just above 5",
    ]
    assert [e.meaning for e in ticket.expectations] == [
        "ticket: 1h just below 14.4",
        "ticket: 5m just below 14.4",
        "ticket: events in 1h just below 10",
        "ticket: bad events in 1h just below 5",
    ]


def test_windows_of_parts_that_are_as_long_as_a_gap_are_tested_with_gaps() -> None:
    tests = list(gap_tests(plan(SLO("a", 99.9, RATIO))))
    assert [test.name.partition(": ")[2].partition(" ")[0] for test in tests] == ["1h", "2h", "6h", "1d", "3d"]
    assert [(e.meaning, [value for _, value in e.samples]) for e in tests[2].expectations] == [
        ("slo:events_total:increase6h after a gap of 20m", [300]),
        ("slo:events_bad:increase6h after a gap of 20m", [300]),
        ("slo:events_total:increase6h after a gap of 40m", [100]),
        ("slo:events_bad:increase6h after a gap of 40m", [100]),
    ]
