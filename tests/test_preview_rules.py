"""Rules that the real Prometheus evaluates over a range in the past."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pytest

from obscode.artifacts.rules import AlertingRule, RecordingRule, Rule, RuleFile, RuleGroup
from obscode.clients.empty_prometheus import WritablePrometheus, empty_prometheus
from obscode.clients.remote_write import STALE, TimeGrid, encode_series
from obscode.model.project import Project
from obscode.model.source import Origin
from obscode.preview.alert_states import Period, periods
from obscode.preview.rule_evaluation import Evaluation, RangeEvaluator
from obscode.preview.rule_order import PlacedRule, RuleIndex, placed_rules, selectors, steps
from obscode.toolchain import Tool

SOURCE = Project("x").with_origin(Origin("x.py", 1))
START, MINUTE = 1_750_248_000_000, 60_000


def record(name: str, expr: str, **labels: str) -> RecordingRule:
    return RecordingRule(name, expr, labels, SOURCE)


def alert(name: str, expr: str, for_: str = "") -> AlertingRule:
    return AlertingRule(name, expr, {"severity": "page"}, SOURCE, for_)


def placed(*rules: Rule) -> list[PlacedRule]:
    return placed_rules([RuleFile("x", [RuleGroup("g", rules)], SOURCE)], "1m")


def stages(*rules: Rule) -> list[list[tuple[list[str], bool]]]:
    """The names in each step of each stage, and whether the step is circular."""
    return [
        [([r.rule.name for r in step.rules], step.is_circular) for step in stage] for stage in steps(placed(*rules))
    ]


def test_a_rule_comes_after_all_that_it_reads_also_at_earlier_times() -> None:
    results = stages(record("c", "b offset 1h"), record("b", "rate(a[5m])"), record("d", "x"))
    assert results == [[(["b"], False), (["d"], False)], [(["c"], False)]]


def test_rules_that_read_each_other_are_evaluated_together() -> None:
    results = stages(
        record("a", "b offset 1m or vector(0)"), record("b", "a + 1"), record("c", "c offset 1m or x"), record("d", "b")
    )
    assert results == [[(["a", "b"], True), (["c"], True)], [(["d"], False)]]


def test_a_static_label_that_a_matcher_excludes_is_not_read() -> None:
    assert stages(record("a", "x", team="one"), record("b", 'a{team="two"}')) == [[(["a"], False), (["b"], False)]]


def test_an_alert_is_read_through_its_series() -> None:
    results = stages(
        record("n", 'count(ALERTS{alertname="Down"})'), alert("Down", "up == 0"), alert("Other", "up == 1")
    )
    assert results == [[(["Down"], False), (["Other"], False)], [(["n"], False)]]


def test_only_rules_that_are_read_are_needed() -> None:
    index = RuleIndex(placed(record("a", "x"), record("b", "a"), record("c", "y")))
    assert [each.rule.name for each in index.needed(selectors("sum(b)"))] == ["a", "b"]


TIMES = range(0, 8 * MINUTE, MINUTE)


def held(*minutes: int) -> set[int]:
    return {minute * MINUTE for minute in minutes}


@pytest.mark.parametrize(
    ("minutes", "for_", "keep", "expected"),
    [
        ((1, 2), 0, 0, [Period("firing", MINUTE, 3 * MINUTE, MINUTE)]),
        (
            (1, 2, 3, 4),
            2,
            0,
            [Period("pending", MINUTE, 3 * MINUTE, MINUTE), Period("firing", 3 * MINUTE, 5 * MINUTE, MINUTE)],
        ),
        ((1, 2), 2, 0, [Period("pending", MINUTE, 3 * MINUTE, MINUTE)]),
        ((1, 4), 0, 3, [Period("firing", MINUTE, None, MINUTE)]),
        ((1, 5), 0, 2, [Period("firing", MINUTE, 4 * MINUTE, MINUTE), Period("firing", 5 * MINUTE, None, 5 * MINUTE)]),
        ((6, 7), 0, 0, [Period("firing", 6 * MINUTE, None, 6 * MINUTE)]),
    ],
    ids=["at once", "after for", "too short for for", "kept", "not kept long enough", "still firing"],
)
def test_the_states_of_an_alert_are_those_of_prometheus(
    minutes: Sequence[int], for_: int, keep: int, expected: list[Period]
) -> None:
    assert periods(TIMES, held(*minutes), for_ * MINUTE, keep * MINUTE) == expected


def write(server: WritablePrometheus, labels: Mapping[str, str], values: Sequence[float]) -> None:
    grid = TimeGrid([START + place * MINUTE for place in range(len(values))])
    server.write([encode_series(labels, grid.encode(values))])


def evaluate(server: WritablePrometheus, minutes: int, *rules: Rule) -> Evaluation:
    return RangeEvaluator(server, START, START + minutes * MINUTE).evaluate(placed(*rules))


def values(server: WritablePrometheus, expr: str, minutes: int) -> list[tuple[Mapping[str, str], list[float | None]]]:
    """The values at each minute; None where there is none."""
    result = []
    for series in server.query_range(expr, START / 1000, START / 1000 + minutes * 60, 60):
        samples = {round(time - START / 1000) // 60: value for time, value in series.samples}
        result.append((series.labels, [samples.get(minute) for minute in range(minutes + 1)]))
    return result


def test_rules_alerts_and_circles_over_a_range_equal_those_of_a_running_prometheus(prometheus: Tool) -> None:
    with empty_prometheus(prometheus) as server:
        write(server, {"__name__": "up", "job": "a"}, [1, 0, 0, 0, 1, 1, math.inf])
        evaluation = evaluate(
            server,
            5,
            record("twice", "2 * up", team="x"),
            record("down", "up == 0"),
            record("counted", "(counted or vector(0)) + 1"),
            alert("Down", "twice == 0", for_="1m"),
            record("alerts", 'sum by (alertstate) (ALERTS{alertname="Down"})'),
            record("broken", "sum("),
        )
        assert values(server, "twice", 6) == [
            ({"__name__": "twice", "job": "a", "team": "x"}, [2, 0, 0, 0, 2, 2, 2]),
        ]
        assert values(server, "down", 5) == [({"__name__": "down", "job": "a"}, [None, 0, 0, 0, None, None])]
        assert values(server, "counted", 5) == [({"__name__": "counted"}, [1, 2, 3, 4, 5, 6])]
        assert values(server, "alerts", 5) == [
            ({"__name__": "alerts", "alertstate": "firing"}, [None, None, 1, 1, None, None]),
            ({"__name__": "alerts", "alertstate": "pending"}, [None, 1, None, None, None, None]),
        ]
        since = (START + MINUTE) / 1000
        assert values(server, "ALERTS_FOR_STATE", 5)[0][1] == [None, since, since, since, None, None]
    assert [(each.labels, each.period.state) for each in evaluation.alerts] == [
        ({"alertname": "Down", "job": "a", "severity": "page", "team": "x"}, "pending"),
        ({"alertname": "Down", "job": "a", "severity": "page", "team": "x"}, "firing"),
    ]
    assert [(rule.rule.name, "parse error" in message) for rule, message in evaluation.failures] == [("broken", True)]


def test_a_stale_marker_ends_a_series(newest_prometheus: Tool) -> None:
    with empty_prometheus(newest_prometheus) as server:
        write(server, {"__name__": "x"}, [1, STALE])
        assert values(server, "x", 2) == [({"__name__": "x"}, [1, None, None])]
