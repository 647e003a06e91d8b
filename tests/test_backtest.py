"""The parts of `obscode backtest` that need no server."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from obscode.artifacts.rules import AlertingRule, RecordingRule, RuleFile, RuleGroup
from obscode.backtest.alert_labels import alert_labels, go_float, is_simple, uses_value
from obscode.backtest.alert_state import AlertState, Episode, episodes
from obscode.backtest.expression_parts import UnsupportedError, divided
from obscode.backtest.formats import FORMATS
from obscode.backtest.incidents import Incident, read_incidents, score
from obscode.backtest.period import read_period
from obscode.backtest.report import AlertReport, BacktestReport, Firing, Version
from obscode.backtest.results import Result, limited, recorded, with_ends
from obscode.backtest.rule_set import RuleSet
from obscode.backtest.schedule import Phases, Schedule, ServerGroup, phase_of, slice_hash, string_hash
from obscode.backtest.self_reading import supposing
from obscode.backtest.server import instant
from obscode.backtest.xxhash64 import xxhash64
from obscode.findings.errors import LoadError, ObscodeError
from obscode.promql.selector import Selector
from obscode.reader.yaml_parser import parse_yaml

SOURCE = parse_yaml("{}").documents[0]
A, B = (("alertname", "A"),), (("alertname", "B"),)
MINUTE = 60_000


# --- the times of evaluations --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", 0xEF46DB3751D8E999),
        (b"a", 0xD24EC4F1A98C6E5B),
        (b"abc", 0x44BC2CF5AD770999),
        (b"Nobody inspects the spammish repetition", 0xFBCEA83C8A378BF1),
    ],
)
def test_the_hash_is_xxh64(content: bytes, expected: int) -> None:
    assert xxhash64(content) == expected


def test_a_group_is_evaluated_at_its_phase() -> None:
    assert list(Schedule(60, 7).times(7, 127)) == [7, 67, 127]
    assert list(Schedule(60, 7).times(8, 126)) == [67]
    assert list(Schedule(60, 7, query_offset=10).times(0, 120)) == [57, 117]


@pytest.mark.parametrize("hash_", [string_hash, slice_hash])
def test_the_phase_of_a_new_group_follows_from_those_of_the_others(hash_: object) -> None:
    chosen = string_hash if hash_ is string_hash else slice_hash
    names = ("one", "two", "three")
    groups = [
        ServerGroup(
            "/etc/rules/a.yml", name, MINUTE, 600 * MINUTE + phase_of(chosen, "/etc/rules/a.yml", name, MINUTE) + 4
        )
        for name in names
    ]
    phases = Phases(groups)
    assert phases.phase("build/a.yml", "one", MINUTE) == (phase_of(chosen, "/etc/rules/a.yml", "one", MINUTE), True)
    assert phases.phase("build/b.yml", "new", MINUTE) == (phase_of(chosen, "/etc/rules/b.yml", "new", MINUTE), True)


def test_without_rules_on_the_server_the_phase_is_zero() -> None:
    assert Phases([]).phase("a.yml", "one", MINUTE) == (0, False)


def test_times_of_the_api_have_nine_decimals() -> None:
    assert instant("2026-11-18T11:07:00.123456789Z") == 1_795_000_020_123
    assert instant("0001-01-01T00:00:00Z") is None
    assert instant("") is None


# --- states of alerts ----------------------------------------------------------------------------------------------


def run(present: str, *, for_: int = 0, keep: int = 0) -> list[tuple[int, int | None, int | None]]:
    """The episodes of an alert whose condition holds at each `x` of a text, at the times 0, 1, 2, ..."""
    at = {time: {A} for time, mark in enumerate(present) if mark == "x"}
    failed = {time for time, mark in enumerate(present) if mark == "!"}
    finished = episodes(range(len(present)), at, AlertState(for_, keep), failed)
    return [(each.active, each.fired, each.end) for each in finished]


@pytest.mark.parametrize(
    ("present", "for_", "keep", "expected"),
    [
        (".xx.", 0, 0, [(1, 1, 3)]),
        (".xx", 0, 0, [(1, 1, None)]),
        (".xx..", 2, 0, [(1, None, 3)]),
        (".xxx..", 2, 0, [(1, 3, 4)]),
        (".x.x...", 0, 2, [(1, 1, 6)]),
        (".x...x", 0, 2, [(1, 1, 4), (5, 5, None)]),
        (".x!x.", 1, 0, [(1, 3, 4)]),
        (".x!.", 0, 0, [(1, 1, 3)]),
    ],
)
def test_alerts_pass_through_the_states_of_prometheus(
    present: str, for_: int, keep: int, expected: list[tuple[int, int | None, int | None]]
) -> None:
    assert run(present, for_=for_, keep=keep) == expected


def test_more_alerts_than_the_limit_end_all() -> None:
    finished = episodes(range(3), {0: {A}, 1: {A, B}, 2: {A}}, AlertState(0, 0, limit=1))
    assert finished == [Episode(A, 0, 0, 1), Episode(B, 1, 1, 1), Episode(A, 2, 2, None)]


def test_labels_of_alerts_are_expanded() -> None:
    labels = alert_labels("High", {"who": "{{ $labels.job }}/{{.Value}}", "empty": "{{ $labels.none }}"}, {})
    assert labels({"__name__": "x", "job": "a"}, 0.5) == (("alertname", "High"), ("job", "a"), ("who", "a/0.5"))
    assert uses_value({"a": "{{ $value }}"})
    assert not uses_value({"a": "{{ $labels.value }}"})
    assert not is_simple("{{ $value | humanize }}")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (3.0, "3"),
        (0.5, "0.5"),
        (-1250.0, "-1250"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1.5e-5, "1.5e-05"),
        (0.0001, "0.0001"),
        (math.nan, "NaN"),
        (math.inf, "+Inf"),
    ],
)
def test_values_are_written_as_go_does(value: float, text: str) -> None:
    assert go_float(value) == text


# --- rules ---------------------------------------------------------------------------------------------------------


def rules(*chosen: RecordingRule | AlertingRule, interval: str = "1m") -> RuleSet:
    group = RuleGroup("g", chosen, interval)
    return RuleSet([RuleFile("rules.yml", [group], SOURCE)], MINUTE, 5 * MINUTE)


def record(name: str, expr: str) -> RecordingRule:
    return RecordingRule(name, expr, {}, SOURCE)


def alert(expr: str, for_: str = "") -> AlertingRule:
    return AlertingRule("Alert", expr, {}, SOURCE, for_)


def test_an_alert_changes_with_a_rule_that_it_reads() -> None:
    before = rules(record("a", "sum(x)"), record("b", "a * 2"), alert("b > 1"))
    same = rules(record("b", "a*2"), record("a", "sum( x )"), record("c", "y"), alert("b > 1", "0s"))
    other = rules(record("a", "sum(y)"), record("b", "a * 2"), alert("b > 1"))
    (old,), (equal,), (new,) = (list(each.alerts()) for each in (before, same, other))
    assert before.digest(old) == same.digest(equal)
    assert before.digest(old) != other.digest(new)


def test_rules_are_ordered_by_what_they_read() -> None:
    chosen = rules(alert("b > 1"), record("b", "a offset 1h"), record("a", "a or x"))
    ordered, circles = chosen.in_order(list(chosen.alerts()))
    assert [place.rule.name for place in ordered] == ["a", "b", "Alert"]
    assert [[place.rule.name for place in circle] for circle in circles] == [["a"]]


def test_reads_reach_as_far_back_as_windows_offsets_and_subqueries() -> None:
    chosen = rules(alert("rate(a[1h] offset 1d) > max_over_time(b[30m:1m]) + c @ 5"))
    (place,) = chosen.alerts()
    reach = {read.selector.metric: read.reach for read in chosen.reads(place)}
    assert reach == {"a": 25 * 60 * MINUTE, "b": 36 * MINUTE, "c": None}


def computed(selector: Selector) -> bool:
    return selector.metric.startswith("slo:")


@pytest.mark.parametrize(
    ("expr", "text", "parts"),
    [
        ("slo:a > 1 and on (job) rate(x[5m]) > 2", "slo:a > 1 and on (job) P1", ["rate(x[5m]) > 2"]),
        ("slo:a * on () scalar(max(x)) > 1", "slo:a * on () scalar(P1) > 1", ["max(x)"]),
        ("sum(x) - slo:a / timestamp(y)", "P1 - slo:a / P2", ["sum(x)", "timestamp(y)"]),
        ("slo:a > 1", "slo:a > 1", []),
    ],
)
def test_parts_without_computed_series_are_divided_from_an_expression(expr: str, text: str, parts: list[str]) -> None:
    got = divided(expr, computed, 1)
    assert got.text.replace("obscode_part_", "P") == text
    assert [each for _, each in got.parts] == parts


@pytest.mark.parametrize(
    ("expr", "reason"),
    [
        ("max_over_time((slo:a + x)[5m:1m])", "a subquery of it reads both recorded and other series"),
        ('slo:a + on () label_replace(x, "a", "$1", "__name__", "(.*)")', "it reads __name__"),
    ],
)
def test_expressions_that_cannot_be_divided_are_reported(expr: str, reason: str) -> None:
    with pytest.raises(UnsupportedError) as error:
        divided(expr, computed, 1)
    assert str(error.value) == reason


def own(selector: Selector) -> bool:
    return selector.metric == "me"


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ('me{job="a"} or x', 'S{job="a"} offset 1ms or x'),
        ("x unless me offset 4m", "x unless S offset 4m"),
        ("max_over_time(me[1h] offset 1m) or x", "max_over_time(S[1h] offset 1m) or x"),
        ("max_over_time(me[1h])", None),
        ("max_over_time(me[1h:1m])", None),
        ("me @ 5", None),
    ],
)
def test_another_series_stands_for_the_own_one_where_the_result_is_the_same(expr: str, expected: str | None) -> None:
    assert supposing(expr, own, "S") == expected


# --- samples -------------------------------------------------------------------------------------------------------


def test_a_series_ends_at_the_first_evaluation_without_it() -> None:
    result = Result([({"__name__": "x"}, [(0, 1.0), (10, 1.0), (40, 1.0), (60, 1.0)])], {20: "fails"})
    (written,) = with_ends(result, range(0, 81, 10))
    assert written.ended == [30, 50, 70]


def test_equal_labels_after_recording_fail_at_their_times() -> None:
    result = Result([({"__name__": "a"}, [(0, 1.0), (10, 1.0)]), ({"__name__": "b"}, [(10, 2.0), (20, 2.0)])])
    merged = recorded(result, "c", {"team": "x"})
    assert merged.series == [({"__name__": "c", "team": "x"}, [(0, 1.0), (20, 2.0)])]
    assert merged.failed == {10: "several series of the result have the same labels"}


def test_a_limit_of_series_fails_at_the_times_that_exceed_it() -> None:
    result = Result([({"a": "1"}, [(0, 1.0), (10, 1.0)]), ({"a": "2"}, [(10, 2.0)])])
    assert limited(result, 2) is result
    assert limited(result, 1).series == [({"a": "1"}, [(0, 1.0)]), ({"a": "2"}, [])]
    assert limited(result, 1).failed == {10: "the result has more series than the limit of 1"}


# --- incidents -----------------------------------------------------------------------------------------------------

INCIDENTS = [
    Incident("early", 100, 200, {"service": "shop"}),
    Incident("late", 500, 600, {}),
    Incident("missed", 900, None, {"service": "other"}),
]


def test_incidents_are_read_from_yaml_and_csv(tmp_path: Path) -> None:
    yaml, csv = tmp_path / "a.yml", tmp_path / "a.csv"
    yaml.write_text(
        "- {id: one, start: 2026-11-18T11:07:00Z, end: 2026-11-18 12:07, labels: {service: shop}}\n- start: 5\n"
    )
    csv.write_text("id,start,end,service\none,2026-11-18T11:07:00Z,2026-11-18 12:07,shop\n,5,,\n")
    expected = [
        Incident("one", 1_795_000_020_000, 1_795_003_620_000, {"service": "shop"}),
        Incident("5000", 5000, None),
    ]
    assert read_incidents(yaml) == expected
    assert read_incidents(csv) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\n", "FILE has no list of incidents"),
        ("- {id: x, start: soon}\n", "FILE, incident 1: start 'soon' is not a time"),
        ("- {id: x, start: 5, end: 5}\n", "FILE, incident 1: it ends before it starts"),
        ("- {id: x, start: 5, labels: shop}\n", "FILE, incident 1: labels is not a mapping"),
    ],
)
def test_invalid_incidents_are_reported(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "incidents.yml"
    path.write_text(text)
    with pytest.raises(LoadError) as error:
        read_incidents(path)
    assert error.value.findings[0].message == message.replace("FILE", str(path))


def report_of(*fired: Firing, name: str = "High") -> tuple[AlertReport, Version]:
    version = Version("evaluated", fired)
    return AlertReport(name, {"service": "shop"}, "changed", version, version), version


SHOP = (("alertname", "High"), ("service", "shop"))


def test_incidents_are_detected_by_firings_with_their_labels() -> None:
    got = score(INCIDENTS, [report_of(Firing(SHOP, 130, 150), Firing(SHOP, 400, 500), Firing(SHOP, 550, None))])
    assert [(each.incident, each.after) for each in got.detections] == [("early", 30), ("late", 50), ("missed", None)]
    assert [(name, firing.start) for name, firing in got.unmatched] == [("High", 400)]
    assert (got.recall, got.precision) == (2 / 3, 1 - 1 / 3)


def test_a_firing_before_the_incident_detects_it_at_once() -> None:
    assert score(INCIDENTS[:1], [report_of(Firing(SHOP, 50, 101))]).detections[0].after == 0
    assert score(INCIDENTS[:1], [report_of(Firing(SHOP, 50, 100))]).detections[0].after is None


# --- output --------------------------------------------------------------------------------------------------------


def sample_report() -> BacktestReport:
    start = 1_795_000_020_000
    hour = 60 * MINUTE
    old = Version("recorded", [Firing(SHOP, start + hour, start + 2 * hour)])
    new = Version("evaluated", [Firing(SHOP, start - hour, start + hour // 2), Firing(SHOP, start + 90 * MINUTE, None)])
    alerts = [AlertReport("High", {"service": "shop"}, "changed", old, new)]
    incidents = [Incident("one", start + hour, start + 3 * hour), Incident("two", start + 5 * hour, start + 6 * hour)]
    scores = (score(incidents, [(alerts[0], old)]), score(incidents, [(alerts[0], new)]))
    return BacktestReport(start, start + 6 * hour, "main", "<tree>", "3.5.0", alerts, 2, ["a gap"], ["a note"], scores)


TEXT = """\
2026-11-18 11:07 to 2026-11-18 17:07 UTC, Prometheus 3.5.0
old: main
new: <tree>

High  service=shop  (changed)
  old  ··········██████████········································  fires 1 time, 1h in all, recorded by the server
  new  █████··········█████████████████████████████████████████████  fires 2 times, 5h in all
  FROM                     TO                OLD  NEW
  before 2026-11-18 11:07  2026-11-18 11:37  -    30m
  2026-11-18 12:07         still firing      1h   4h 30m, 30m later

2 alerts not evaluated, since they do not change; --all evaluates them

INCIDENT            START             OLD               NEW
one                 2026-11-18 12:07  after 0s by High  after 30m by High
two                 2026-11-18 16:07  not detected      after 0s by High
detected                              1 of 2 (50 %)     2 of 2 (100 %)
firings that match                    1 of 1 (100 %)    1 of 2 (50 %)
new High matches no incident: 2026-11-18 10:07 to 2026-11-18 11:37

missing data:
  a gap

notes:
  a note
"""


def test_a_report_as_text() -> None:
    assert FORMATS["text"](sample_report()) == TEXT


def test_a_report_as_json() -> None:
    content = json.loads(FORMATS["json"](sample_report()))
    assert content["alerts"][0]["new"] == {
        "origin": "evaluated",
        "seconds": 18_000.0,
        "firings": [
            {"labels": dict(SHOP), "start": "2026-11-18T10:07:00Z", "end": "2026-11-18T11:37:00Z"},
            {"labels": dict(SHOP), "start": "2026-11-18T12:37:00Z", "end": None},
        ],
    }
    assert content["incidents"]["new"]["detections"][0] == {"incident": "one", "seconds": 1800.0, "alert": "High"}


def test_a_report_as_a_page_has_no_scripts_and_escapes_names() -> None:
    page = FORMATS["html"](sample_report())
    assert "&lt;tree&gt;" in page
    assert "<script" not in page
    assert "http" not in page
    assert page.count("<rect") == 3


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("1h", "2026-11-18T11:07:00Z", (1_794_996_420_000, 1_795_000_020_000)),
        ("2026-11-18T11:06:00Z", "2026-11-18T11:07:00Z", (1_794_999_960_000, 1_795_000_020_000)),
    ],
)
def test_a_period_is_a_length_or_two_times(since: str, until: str, expected: tuple[int, int]) -> None:
    period = read_period(since, until)
    assert (period.start, period.end) == expected


@pytest.mark.parametrize(
    ("since", "until", "message"),
    [
        ("30d", "soon", "--until 'soon' is not a time"),
        ("long", "5", "--since 'long' is neither a length nor a time"),
        ("5", "5", "the backtest ends before it starts"),
    ],
)
def test_an_invalid_period_is_reported(since: str, until: str, message: str) -> None:
    with pytest.raises(ObscodeError) as error:
        read_period(since, until)
    assert error.value.findings[0].message == message
