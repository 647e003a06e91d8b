"""A test runs with the rules that can change its result, and with no others."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from obscode import Alert, RecordingRule, Service
from obscode.artifacts.rules import AlertingRule, Rule, RuleGroup
from obscode.artifacts.rules import RecordingRule as Record
from obscode.artifacts.unit_tests import ExpectedAnnotations, ExpectedSamples, UnitTest
from obscode.verify.relevant_rules import relevant_groups

SOURCE = Service("shop", recording_rules=[RecordingRule("a:b", "up")], alerts=[Alert("Down", "up == 0")])


def record(name: str, expr: str, **labels: str) -> Rule:
    return Record(name, expr, labels, SOURCE)


RULES = [
    record("job:up:sum", "sum by (job) (up)"),
    record("job:up:avg", "avg by (job) (up)"),
    record("slo:ratio", "raw_total", slo="a"),
    record("slo:ratio", "raw_total", slo="b"),
    AlertingRule("Down", "job:up:sum == 0", {"severity": "page"}, SOURCE, annotations={"summary": "{{ $value }}"}),
    AlertingRule("Low", "job:up:avg < 1", {"severity": "ticket"}, SOURCE),
    AlertingRule("Any", "up < 1", {"severity": "{{ $labels.x }}"}, SOURCE),
]
GROUPS = [RuleGroup("first", RULES[:4]), RuleGroup("second", RULES[4:])]


def relevant(
    *queries: str, series: Sequence[str] = ("up", "raw_total"), alerts: Sequence[ExpectedAnnotations] = ()
) -> list[str]:
    expectations = [ExpectedSamples(query, "5m", []) for query in queries]
    groups = relevant_groups(GROUPS, UnitTest("a", "1m", [(one, "1x5") for one in series], expectations, alerts))
    return [f"{rule.name}{''.join(rule.labels.get('slo', ''))}" for group in groups for rule in group.rules]


@pytest.mark.parametrize(
    ("query", "rules"),
    [
        ("up", []),
        ("job:up:sum", ["job:up:sum"]),
        ('ALERTS{alertname="Down"}', ["job:up:sum", "Down"]),
        ('ALERTS{severity="ticket"}', ["job:up:avg", "Low", "Any"]),
        ('ALERTS_FOR_STATE{severity="page"}', ["job:up:sum", "Down", "Any"]),
        ('slo:ratio{slo="b"}', ["slo:ratiob"]),
        ('slo:ratio{slo=~"a|b"}', ["slo:ratioa", "slo:ratiob"]),
        ('{__name__=~"job:.*"}', [f"{rule.name}{rule.labels.get('slo', '')}" for rule in RULES]),
        ("up +", [f"{rule.name}{rule.labels.get('slo', '')}" for rule in RULES]),
    ],
)
def test_a_rule_is_relevant_if_an_expectation_reads_it(query: str, rules: list[str]) -> None:
    assert relevant(query) == rules


def test_a_series_that_the_test_supplies_is_not_recorded_again() -> None:
    assert relevant('ALERTS{alertname="Down"}', series=["job:up:sum"]) == ["Down"]
    assert relevant('ALERTS{alertname="Down"}', series=["job:up:sum", "up"]) == ["job:up:sum", "Down"]


def test_annotations_stay_only_where_a_test_expects_some() -> None:
    test = UnitTest("a", "1m", [("up", "0x5")], [ExpectedSamples('ALERTS{alertname="Down"}', "5m", [])])
    assert [getattr(r, "annotations", {}) for g in relevant_groups(GROUPS, test) for r in g.rules] == [{}, {}]
    expected = [ExpectedAnnotations("Down", "5m", {}, {"summary": "0"})]
    assert len(relevant("up", alerts=expected)) == len(RULES)


def test_the_order_of_groups_and_rules_stays() -> None:
    assert relevant("ALERTS", "job:up:avg", "slo:ratio") == [
        *("job:up:sum", "job:up:avg", "slo:ratioa", "slo:ratiob"),
        *("Down", "Low", "Any"),
    ]


def test_a_rule_without_a_series_to_read_is_left_out() -> None:
    assert relevant("ALERTS", series=["job:up:avg"]) == ["Low"]
    assert relevant("ALERTS", "slo:ratio", series=["raw_total"]) == ["slo:ratioa", "slo:ratiob"]
    assert relevant("ALERTS", series=["unread_total"]) == []


@pytest.mark.parametrize(
    "expr", ["absent(up)", "vector(1)", "up or absent_over_time(up[5m])", "time() > 3", "up > hour( )", "1"]
)
def test_a_rule_that_needs_no_series_stays(expr: str) -> None:
    groups = [RuleGroup("a", [record("job:up:sum", expr)])]
    test = UnitTest("a", "1m", [("other", "1x5")], [ExpectedSamples("job:up:sum", "5m", [])])
    assert relevant_groups(groups, test) == groups


@pytest.mark.parametrize(("series", "rules"), [('up{job="a"}', 1), ('up{job="b"}', 0), ("up", 0)])
def test_a_series_with_other_labels_is_not_read(series: str, rules: int) -> None:
    groups = [RuleGroup("a", [record("job:up:sum", 'sum(up{job="a"})')])]
    test = UnitTest("a", "1m", [(series, "1x5")], [ExpectedSamples("job:up:sum", "5m", [])])
    assert len(relevant_groups(groups, test)) == rules
