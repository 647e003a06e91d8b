"""Routes and inhibition evaluated on labels, compared with amtool and Alertmanager."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from obscode import Alert, Project, Service
from obscode.artifacts.alertmanager import AlertmanagerConfig, InhibitRule
from obscode.compiler import Definitions, compile
from obscode.findings.finding import SourceSpan
from obscode.promql.label_matchers import MatcherError, accepts, matcher_text, parse_matchers
from obscode.promql.selector import Matcher, MatchOperator
from obscode.reader.file_contents import read_text
from obscode.reader.yaml_nodes import YamlNode
from obscode.routing.alert_labels import AlertLabels, SeriesLabels
from obscode.routing.alerts import known_alerts
from obscode.routing.implication import alternatives, contradiction, imply
from obscode.routing.inhibition import mutes
from obscode.routing.tree import destinations, matchers_in
from obscode.toolchain import Tool

# --- the same as amtool ------------------------------------------------------------------------------------------

NAMES = st.sampled_from(["team", "env"])
VALUES = st.sampled_from(["", "a", "b", "a|b", 'q"', "b\\", "x\ny", "ä ö", "a,b", "{a}", " a", "=a", "\t"])
REGEXES = st.sampled_from(
    ["", "a", "a|b", "a.*", ".*", ".+", "a|", "(?i)A.", "[ab]+", "x.y", r"b\\", "^a$", "ä.ö", "b?"]
)
OPERATORS: st.SearchStrategy[MatchOperator] = st.sampled_from(get_args(MatchOperator))


@st.composite
def matcher_texts(draw: st.DrawFn) -> str:
    """A matcher in one of its notations."""
    name, op = draw(NAMES), draw(OPERATORS)
    value = draw(REGEXES if "~" in op else VALUES)
    text = matcher_text(name, op, value)
    if re.fullmatch(r"[a-zä|.*+ ]*[a-zä|.*+]", value):
        text = draw(st.sampled_from([text, f"{name}{op}{value}", f" {name} {op} {value} "]))
    return draw(st.sampled_from([text, f"{{{text}}}", f'{{{text},env!="zzz"}}', f'env!~"z.z", {text}', f"{text},"]))


SETTINGS = {
    "receiver": st.sampled_from(["r0", "r1", "r2", "r3"]),
    "match": st.dictionaries(NAMES, VALUES, max_size=2),
    "match_re": st.dictionaries(NAMES, REGEXES, max_size=1),
    "matchers": st.lists(matcher_texts(), max_size=2),
    "continue": st.booleans(),
}


def routes(below: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A route with routes below it."""
    return st.fixed_dictionaries({}, optional={**SETTINGS, "routes": st.lists(below, max_size=4)})


TREES = st.lists(st.recursive(st.fixed_dictionaries({}, optional=SETTINGS), routes, max_leaves=8), max_size=5)
LABELS = st.dictionaries(NAMES, VALUES)


def configuration(routes: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """A configuration with routes."""
    receivers = [{"name": name} for name in ("root", "r0", "r1", "r2", "r3")]
    return {"route": {"receiver": "root", "routes": routes}, "receivers": receivers}


def written(routes: Sequence[Mapping[str, Any]], path: Path) -> AlertmanagerConfig:
    """A configuration, written to a file and read from it."""
    path.write_text(json.dumps(configuration(routes)))
    contents = read_text(path.read_text(), "alertmanager.yml")
    assert contents.findings == []
    (config,) = contents.alertmanager_configs
    return config


def by_amtool(amtool: Tool, path: Path, labels: Mapping[str, str]) -> list[str]:
    """The receivers that amtool prints."""
    arguments = [matcher_text(name, "=", value) for name, value in labels.items()]
    command = [str(amtool.path), "config", "routes", "test", f"--config.file={path}", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return str(ended.stdout).strip().split(",")


def test_an_alert_reaches_the_receivers_that_amtool_prints(amtool: Tool, tmp_path: Path) -> None:
    @settings(max_examples=40)
    @given(TREES, st.lists(LABELS, min_size=2, max_size=2))
    def check(routes: Sequence[Mapping[str, Any]], label_sets: Sequence[Mapping[str, str]]) -> None:
        config = written(routes, tmp_path / "alertmanager.yml")
        for labels in label_sets:
            reached = destinations(config.route, AlertLabels.exactly(labels))
            assert all(each.is_certain for each in reached)
            assert [each.receiver for each in reached] == by_amtool(amtool, tmp_path / "alertmanager.yml", labels)

    check()


# --- labels that are not known -----------------------------------------------------------------------------------


@st.composite
def partly_known(draw: st.DrawFn) -> tuple[AlertLabels, Mapping[str, str]]:
    """What is known of labels, and labels that agree with it."""
    labels = {name: draw(VALUES) for name in ("team", "env")}
    kinds = {name: draw(st.sampled_from(["value", "values", "open", "present"])) for name in labels}
    values = {name: {labels[name]} for name, kind in kinds.items() if kind == "value"}
    values |= {name: {labels[name], draw(VALUES)} for name, kind in kinds.items() if kind == "values"}
    present = [name for name, kind in kinds.items() if kind == "present" and labels[name]]
    opened = frozenset(kinds) - {*values} - {*present}
    matchers = ",".join(f'{name}!=""' for name in present)
    series = SeriesLabels(f"up{{{matchers}}}")
    return AlertLabels({name: frozenset(each) for name, each in values.items()}, opened, series), labels


@settings(max_examples=300)
@given(TREES, partly_known())
def test_a_certain_route_receives_every_alert_and_no_other_than_the_possible_ones_does(
    routes: Sequence[Mapping[str, Any]], known: tuple[AlertLabels, Mapping[str, str]]
) -> None:
    config = read_text(json.dumps(configuration(routes)), "alertmanager.yml").alertmanager_configs[0]
    labels, concrete = known
    possible = destinations(config.route, labels)
    actual = [id(each.route) for each in destinations(config.route, AlertLabels.exactly(concrete))]
    assert (
        {id(each.route) for each in possible if each.is_certain} <= {*actual} <= {id(each.route) for each in possible}
    )


@settings(max_examples=300)
@given(st.lists(matcher_texts(), max_size=3), st.lists(matcher_texts(), max_size=2), LABELS)
def test_matchers_imply_only_what_holds(one: list[str], other: list[str], labels: Mapping[str, str]) -> None:
    alert = AlertLabels.exactly(labels)
    premises, matchers = matchers_in(one), matchers_in(other)
    if alert.matches(premises):
        assert contradiction(premises) is None
        if imply(premises, matchers):
            assert alert.matches(matchers)


# --- matchers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "matchers"),
    [
        ('a="b"', ["a = b"]),
        ("a = b c ", ["a = b c"]),
        ('{a="b", c!~"d,e",}', ["a = b", "c !~ d,e"]),
        (r'a="\"\\\n\t"', ['a = "\\\n\\t']),
        ("a=", ["a = "]),
        ('"a.b"="c\\td"', ["a.b = c\td"]),
        ('{"a.b"=~c,d=e}', ["a.b =~ c", "d = e"]),
        ("", []),
    ],
)
def test_a_text_is_read_as_matchers(text: str, matchers: list[str]) -> None:
    assert [f"{each.label} {each.op} {each.value}" for each in parse_matchers(text)] == matchers


@pytest.mark.parametrize("text", ["a", "a=b,,c=d", 'a="b', 'a=b"c', '"a="b"', '{"a.b"="c"', "=a", '"a.b"="c" d'])
def test_another_text_is_rejected(text: str) -> None:
    with pytest.raises(MatcherError):
        parse_matchers(text)


def test_a_dot_matches_no_line_end() -> None:
    assert accepts(Matcher("a", "=~", "x.y"), "x-y") is True
    assert accepts(Matcher("a", "=~", "x.y"), "x\ny") is False
    assert accepts(Matcher("a", "!~", "x.y"), "x\ny") is True


@pytest.mark.parametrize(
    ("matcher", "values"),
    [
        (Matcher("a", "=", "b|c"), ["b|c"]),
        (Matcher("a", "=~", "b|c"), ["b", "c"]),
        (Matcher("a", "!~", "^(?:b|c)$"), ["b", "c"]),
        (Matcher("a", "=~", "b.*"), None),
        (Matcher("a", "=~", "(b)(c)"), None),
    ],
)
def test_the_values_of_a_matcher_are_listed(matcher: Matcher, values: list[str] | None) -> None:
    assert alternatives(matcher) == values


# --- inhibition --------------------------------------------------------------------------------------------------


def labelled(**labels: str) -> AlertLabels:
    return AlertLabels.exactly(labels)


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        (labelled(severity="page", job="a"), labelled(severity="ticket", job="a"), True),
        (labelled(severity="page", job="a"), labelled(severity="ticket", job="b"), False),
        (labelled(severity="page"), labelled(severity="ticket"), True),
        (labelled(severity="page"), labelled(severity="ticket", job="a"), False),
        (labelled(severity="page", job="a"), labelled(severity="page", job="a"), False),
        (labelled(severity="ticket", job="a"), labelled(severity="ticket", job="a"), False),
        (labelled(severity="page", job="a"), AlertLabels(open=frozenset({"severity"})), False),
        (AlertLabels({"severity": frozenset({"page"})}, frozenset({"job"})), labelled(severity="ticket"), None),
    ],
)
def test_an_alert_mutes_another(source: AlertLabels, target: AlertLabels, expected: bool | None) -> None:
    rule = InhibitRule(['severity="page"'], ['severity=~"page|ticket"'], ["job"], YamlNode({}, SourceSpan("", 0)))
    assert mutes(rule, source, target) is expected


def test_labels_of_a_compiled_alert_are_those_of_the_rule_its_series_and_its_name() -> None:
    alert = Alert("A", 'sum by (job, env) (up{job=~"a|b"}) == 0', severity="page", labels={"x": "{{ $value }}"})
    (known,) = known_alerts(compile(Definitions(Project("p"), [Service("s", alerts=[alert])])))
    values = {
        name: known.labels.values_of(name) for name in ("alertname", "service", "severity", "job", "env", "x", "y")
    }
    assert values == {
        "alertname": {"A"},
        "service": {"s"},
        "severity": {"page"},
        "job": {"a", "b"},
        "env": None,
        "x": None,
        "y": {""},
    }
    assert [name for name in values if known.labels.exists(name)] == ["alertname", "service", "severity", "job"]
