"""`presets.canary`: which events of both versions count, and when one is worse by more than chance."""

from __future__ import annotations

import random
import re
from math import sqrt
from pathlib import Path
from typing import Any

import pytest

from obscode import SLO, AlertTest, Definitions, Project, ScrapeJob, Service, checks, compile, metrics, presets, sli
from obscode.findings.errors import DefinitionError
from obscode.promql.parser import parse
from obscode.toolchain import Tool
from obscode.verify.unit_tests import run_suites

PAGE = Path(__file__).parent.parent / "docs" / "http.md"
SHOP = Service(
    "shop",
    owner="team",
    scrape=ScrapeJob(["shop:8000"]),
    runbook="https://runbooks.example.com/shop",
    metrics=[
        metrics.Counter("requests_total", labels=["code"]),
        metrics.Counter("vllm:answers_total", labels={"model": [], "ok": ["true", "false"]}),
        metrics.Histogram("latency_seconds", labels=["code"], buckets=[0.5, 1]),
    ],
    slos=[
        SLO("availability", 99.9, sli.Ratio(errors='requests_total{code="500"}', total="requests_total")),
        SLO("answers", 99, sli.Ratio(good='vllm:answers_total{ok="true"}', total="vllm:answers_total", by=["model"])),
        SLO("latency", 99, sli.Latency("latency_seconds", under="500ms")),
        SLO("both", 99, sli.ErrorsAndLatency("latency_seconds", under="1s", errors='{code="500"}')),
        SLO(
            "free",
            99,
            sli.FreeQuery(
                bad='sum(increase(requests_total{code="500"}[5m]))', total="sum(increase(requests_total[5m]))"
            ),
        ),
        SLO("up", 99, sli.Uptime("up")),
    ],
)


def recorded(**arguments: Any) -> dict[str, str]:
    """The expressions of the recording rules, by comparison, side and operation."""
    return {
        " ".join([rule.labels["comparison"], rule.labels.get("side", ""), rule.name.split(":")[2]]): rule.expr
        for rule in presets.canary(SHOP, **arguments).recording_rules
    }


def increase(series: str) -> str:
    return (
        f"sum(max_over_time({series}[30m]) unless last_over_time({series}[30m] offset 30m) or increase({series}[30m]))"
    )


def test_every_slo_that_counts_events_is_compared() -> None:
    canary = presets.canary(SHOP)
    assert (canary.name, canary.owner, canary.runbook) == ("shop-canary", "team", SHOP.runbook)
    assert [(alert.name, alert.expr) for alert in canary.alerts] == [
        (f"Canary{name}Worse", f'comparison:{metric}{{service="shop-canary",comparison="{name.lower()}"}} > {margin}')
        for name, metric, margin in (
            ("Availability", "requests:excess_ratio30m", "0.001"),
            ("Answers", "vllm_answers:excess_ratio30m", "0.01"),
            ("Latency", "latency_seconds:excess_ratio30m", "0.01"),
            ("Both", "latency_seconds:excess_ratio30m", "0.01"),
            ("Free", "requests:excess_ratio30m", "0.01"),
        )
    ]


def test_events_of_a_counter_that_begins_with_some_count() -> None:
    total, errors = 'requests_total{job="shop",track="canary"}', 'requests_total{code="500",job="shop",track="canary"}'
    rules = recorded()
    assert rules["availability candidate increase30m"] == f"{increase(total)}\nand\nsum({total})"
    assert rules["availability candidate bad_increase30m"] == (
        f"{increase(errors)}\nand sum({total})\nor\n0 * sum({total})"
    )


def test_slow_events_are_those_above_the_bound() -> None:
    count, fast = (f'latency_seconds_{part}job="shop",track="stable"' for part in ("count{", "bucket{"))
    rules = recorded()
    total, fast = increase(f"{count}}}"), f'{fast},le="0.5"}}'
    assert rules["latency stable bad_increase30m"] == f"{total}\n-\n{increase(fast)}"
    assert rules["latency stable increase30m"] == f"{total}\nand\nsum({fast})"


def test_the_windows_of_custom_promql_are_that_of_the_comparison() -> None:
    assert recorded(window="2h")["free candidate increase2h"] == (
        'sum(increase(requests_total{job="shop",track="canary"}[2h]))'
    )


def test_further_matchers_and_labels_select_the_versions() -> None:
    candidate, stable = 'version="2",zone="a"', 'version!="2"'
    rules = recorded(candidate=candidate, stable=stable, slos=["availability"])
    assert {str(each) for each in parse(rules["availability candidate increase30m"]).selectors} == {
        'requests_total{job="shop",version="2",zone="a"}'
    }
    assert {str(each) for each in parse(rules["availability stable increase30m"]).selectors} == {
        'requests_total{job="shop",version!="2"}'
    }
    assert len(rules) == 5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"slos": ["latency", "speed"]}, "shop has no SLO 'speed' that counts events"),
        ({"slos": ["up"]}, "shop has no SLO 'up' that counts events"),
        (
            {"candidate": 'pod=~"shop-.+"', "stable": 'pod=~"shop-primary-.+"'},
            "a series of the stable version with pod='shop-primary-0' matches candidate=, too",
        ),
        ({"candidate": 'a="b"', "stable": ""}, "'' has no matcher"),
    ],
)
def test_arguments_that_compare_nothing_are_errors(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(DefinitionError) as error:
        presets.canary(SHOP, **arguments)
    assert [finding.message for finding in error.value.findings] == [message]


def test_a_service_without_events_cannot_be_compared() -> None:
    with pytest.raises(DefinitionError, match="no SLO of shop counts events"):
        presets.canary(SHOP.derive(slos=SHOP.slos[-1:]))


# --- when it alerts ------------------------------------------------------------------------------------------------


def born(candidate: tuple[int, int], stable: tuple[int, int]) -> dict[str, str]:
    """Series with good and bad events of both versions, which appear after half an hour and do not grow."""
    return {
        f'requests_total{{job="shop",track="{track}",code="{code}"}}': f"_x31 {value}x60"
        for track, values in (("canary", candidate), ("stable", stable))
        for code, value in zip((200, 500), values, strict=True)
    }


def constant(values: dict[str, str]) -> dict[str, str]:
    """The same series, which were there before."""
    return {series: value.replace("_x31 ", "") for series, value in values.items()}


@pytest.mark.parametrize(
    ("series", "fires"),
    [
        pytest.param(born((0, 100), (1000, 0)), True, id="100 events"),
        pytest.param(born((0, 99), (1000, 0)), False, id="99 events"),
        pytest.param(born((0, 1000), (100, 0)), True, id="100 events of the stable version"),
        pytest.param(born((0, 1000), (99, 0)), False, id="99 events of the stable version"),
        pytest.param(born((95, 5), (10_000, 0)), True, id="5 bad events"),
        pytest.param(born((96, 4), (10_000, 0)), False, id="4 bad events"),
        pytest.param(born((9_999, 1), (100_000, 0)), False, id="one error, and none of the stable version"),
        pytest.param(born((9_900, 100), (9_900, 100)), False, id="as many errors"),
        pytest.param(born((99_790, 210), (999_000, 1_000)), False, id="twice the errors, below the tolerance"),
        pytest.param(born((99_700, 300), (999_000, 1_000)), True, id="three times the errors"),
        pytest.param(constant(born((0, 1000), (1000, 0))), False, id="no event in the window"),
        pytest.param({**born((0, 1000), (0, 0)), 'up{job="shop"}': "1x90"}, False, id="no event of the stable version"),
    ],
)
def test_an_alert_needs_evidence(series: dict[str, str], fires: bool, newest_promtool: Tool) -> None:
    canary = presets.canary(SHOP, slos=["availability"])
    test = AlertTest("it", series, fires=["45m"] if fires else [], quiet=[] if fires else ["45m"])
    canary = canary.derive(alerts=[canary.alerts[0].derive(tests=[test])])
    artifacts = compile(Definitions(Project("team"), services=[canary]))
    results = run_suites(artifacts.test_suites, promtools=[newest_promtool])
    assert [result.output for result in results if not result.passed] == []
    assert len(results) == 1


def test_the_alert_ends_with_the_candidate(newest_promtool: Tool) -> None:
    series = {each: values.replace("x60", "x10") for each, values in born((0, 1000), (1000, 0)).items()}
    canary = presets.canary(SHOP, slos=["availability"])
    test = AlertTest("it", series, fires=["41m"], quiet=["50m"])
    canary = canary.derive(alerts=[canary.alerts[0].derive(tests=[test])])
    results = run_suites(
        compile(Definitions(Project("team"), services=[canary])).test_suites, promtools=[newest_promtool]
    )
    assert [result.output for result in results if not result.passed] == []


def test_alerts_of_every_kind_of_sli_have_tests_that_pass(newest_promtool: Tool) -> None:
    canary = presets.canary(SHOP, slos=["answers", "both"], window="2h")
    results = run_suites(
        compile(Definitions(Project("team"), services=[canary])).test_suites, promtools=[newest_promtool]
    )
    assert [result.output for result in results if not result.passed] == []
    assert len(results) == 2


@pytest.mark.parametrize("events", [100, 500, 5000])
@pytest.mark.parametrize("stable_events", [1, 10])
def test_equal_versions_raise_fewer_false_alarms_than_the_page_says(events: int, stable_events: int) -> None:
    """1,000 windows at the objective of 99 %; the page is about days, whose windows overlap."""
    dice = random.Random(7)
    alarms = 0
    for _ in range(1000):
        bad, other = (_binomial(dice, n, 0.01) for n in (events, events * stable_events))
        low, high = _wilson(bad, events, -1) * (bad >= 5), _wilson(other, events * stable_events, 1)
        alarms += low - high > 0.01
    assert alarms == 0


def _binomial(dice: random.Random, n: int, p: float) -> int:
    return max(0, min(n, round(dice.gauss(n * p, sqrt(n * p * (1 - p)))))) if n * p > 30 else _counted(dice, n, p)


def _counted(dice: random.Random, n: int, p: float) -> int:
    return sum(dice.random() < p for _ in range(n))


def _wilson(bad: int, events: int, sign: int) -> float:
    z, share = 3.0902, bad / events
    root = sqrt(share * (1 - share) / events + z * z / 4 / events**2)
    return (share + z * z / 2 / events + sign * z * root) / (1 + z * z / events)


# --- the page ------------------------------------------------------------------------------------------------------


def test_the_example_of_the_page_compiles_without_findings() -> None:
    section = PAGE.read_text().partition("## Canaries\n")[2].partition("\n## ")[0]
    (block,) = re.findall(r"^```python\n(.*?)^```$", section, re.M | re.S)
    namespace: dict[str, Any] = {}
    exec(block, namespace)
    services = [value for value in namespace.values() if isinstance(value, Service)]
    assert [str(each) for each in checks.lint(compile(Definitions(Project("team"), services=services)))] == []
    (query,) = re.findall(r"query: (.+)", section)
    canary = namespace["shop_canary"]
    assert canary.alerts[0].expr == f"{query} > 0.001"
    assert canary.recording_rules[-2].name == query.partition("{")[0]
