"""SLOs of one shape have equal rules except for names; anything else that differs gives another shape."""

from __future__ import annotations

from dataclasses import replace

import pytest

from obscode import SLO, NoData, Project, Service, Tier, sli
from obscode.artifacts.unit_tests import UnitTestSuite, one_per_shape
from obscode.compiler import Definitions, compile
from obscode.compiler.rules import groups_of_slo, rule_file
from obscode.compiler.slo_plan import slo_plans
from obscode.compiler.unit_tests.shapes import shape

RATIO = sli.Ratio(errors='requests_total{code=~"5.."}', total="requests_total")
LATENCY = sli.Latency("latency_seconds", under="500ms")
PROJECT = Project("team", retention="1y")
SHOP = Service("shop", selector={"app": "shop"}, owner="a-team", slos=[SLO("availability", 99.9, RATIO)])


def shapes(*services: Service, project: Project = PROJECT) -> list[str]:
    result = []
    for service in services:
        plans = slo_plans([service], project)[service.name]
        file = rule_file(service, plans, project)
        result += [shape(plan, groups_of_slo(file, plan)) for plan in plans]
    return result


def with_slo(slo: SLO, **changes: object) -> Service:
    return replace(SHOP, slos=[slo], **changes)  # type: ignore[arg-type]  # the tests name arguments of Service


SLO_OF_SHOP = SHOP.slos[0]
EQUAL = {
    "another service": replace(SHOP, name="till"),
    "another name": with_slo(replace(SLO_OF_SHOP, name="checkout")),
    "a name that is a part of the service's": with_slo(replace(SLO_OF_SHOP, name="shop")),
    "another owner": replace(SHOP, owner="b-team"),
    "another runbook": replace(SHOP, runbook="https://runbooks.example.com/shop"),
    "other series": with_slo(replace(SLO_OF_SHOP, sli=replace(RATIO, errors='requests_total{code="500"}'))),
    "another objective": with_slo(replace(SLO_OF_SHOP, objective=99.5)),
    "an objective whose budget is a factor elsewhere": with_slo(replace(SLO_OF_SHOP, objective=95)),
}


@pytest.mark.parametrize("service", EQUAL.values(), ids=list(EQUAL))
def test_slos_with_other_names_have_the_same_shape(service: Service) -> None:
    first, second = shapes(SHOP, service)
    assert first == second


DIFFERENT = {
    "another period": with_slo(replace(SLO_OF_SHOP, period="28d")),
    "another window": with_slo(
        replace(SLO_OF_SHOP, policy=[Tier("a", severity="page", budget=2, long="1h", short="5m")])
    ),
    "groups": with_slo(replace(SLO_OF_SHOP, sli=replace(RATIO, by=["region"]))),
    "another number of events": with_slo(replace(SLO_OF_SHOP, min_events=100)),
    "another time of a no-data alert": replace(SHOP, no_data=NoData(no_traffic="12h")),
    "no alert without traffic": replace(SHOP, no_data=NoData(no_traffic="")),
}


@pytest.mark.parametrize("service", DIFFERENT.values(), ids=list(DIFFERENT))
def test_slos_with_other_rules_have_other_shapes(service: Service) -> None:
    first, second = shapes(SHOP, service)
    assert first != second


def test_the_evaluation_interval_belongs_to_the_shape() -> None:
    assert shapes(SHOP) != shapes(SHOP, project=replace(PROJECT, slo_interval="30s"))


def test_every_change_of_a_rule_changes_the_shape() -> None:
    """Names, labels that identify the SLO, and whatever no placeholder stands for."""
    (plan,) = slo_plans([SHOP], PROJECT)["shop"]
    groups = groups_of_slo(rule_file(SHOP, [plan], PROJECT), plan)
    same = shape(plan, groups)
    for g, group in enumerate(groups):
        for r, rule in enumerate(group.rules):
            for changed in (
                replace(rule, name=rule.name + "x"),
                replace(rule, expr=rule.expr + " + 1") if 'service="shop"' in rule.expr else replace(rule, name="y"),
                replace(rule, labels={**rule.labels, "service": "other"}),
                replace(rule, labels={**rule.labels, "more": "label"}),
            ):
                rules = [*group.rules[:r], changed, *group.rules[r + 1 :]]
                mutated = [*groups[:g], replace(group, rules=rules), *groups[g + 1 :]]
                assert shape(plan, mutated) != same, changed


def test_a_rule_with_the_character_of_placeholders_has_a_shape_of_its_own() -> None:
    (plan,) = slo_plans([SHOP], PROJECT)["shop"]
    (group, *groups) = groups_of_slo(rule_file(SHOP, [plan], PROJECT), plan)
    rules = [replace(group.rules[0], labels={"a": "\0slo"}), *group.rules[1:]]
    assert shape(plan, [replace(group, rules=rules), *groups]) == "shop/availability"


def suites(*services: Service) -> list[UnitTestSuite]:
    return list(compile(Definitions(PROJECT, list(services))).test_suites)


def test_one_slo_of_each_shape_is_tested_and_every_sli() -> None:
    slos = [SLO("availability", 99.9, RATIO), SLO("latency", 99, LATENCY), SLO("monthly", 99.9, RATIO, period="28d")]
    services = [Service(name, selector={"app": name}, slos=slos) for name in ("a", "b")]
    assert [suite.name for suite in one_per_shape(suites(*services)) if suite.shape] == [
        "a/availability",
        "a/availability (long intervals)",
        "a/availability (conditions)",
        "a/latency",
        "a/latency (long intervals)",
        "a/latency (conditions)",
        "a/monthly",
        "a/monthly (long intervals)",
        "a/monthly (conditions)",
    ]
    assert [suite.subject for suite in one_per_shape(suites(*services)) if not suite.shape] == [
        f"{service}/{slo}" for service in ("a", "b") for slo in ("availability", "latency", "monthly")
    ]


def test_a_few_tests_of_every_shape_and_one_of_every_sli_are_written() -> None:
    written = {suite.name: [test.name for test in suite.tests if test.essential] for suite in suites(SHOP)}
    name = "shop/availability"
    assert written == {
        f"{name} (events)": [f"{name}: traffic with errors is counted"],
        name: [f"{name}: a total outage alerts", f"{name}: half of the budget remains"],
        f"{name} (long intervals)": [],
        f"{name} (conditions)": [],
    }
