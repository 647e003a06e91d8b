"""Nested routes, mute times and inhibitions of definitions: what they compile to, and where findings point."""

from __future__ import annotations

import json
import linecache
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml
from finding_text import finding_text
from hypothesis import given, settings
from hypothesis import strategies as st

from obscode import Alert, Inhibit, MuteTime, Project, Route, Routing, Service, checks, receivers, render
from obscode.compiler import Definitions, compile
from obscode.findings.errors import DefinitionError
from obscode.findings.finding import Finding
from obscode.promql.label_matchers import matcher_text
from obscode.reader import alertmanager
from obscode.routing.alert_labels import AlertLabels
from obscode.routing.tree import destinations
from obscode.toolchain import Tool

CHAT, PAGER, OTHER = (receivers.Webhook(name, url="http://localhost:1/") for name in ("chat", "pager", "other"))
NIGHTS = MuteTime("nights", times=[("18:00", "08:00")], location="Europe/Berlin")
WEEKENDS = MuteTime("weekends", weekdays=["saturday", "sunday"])
NAMES = {"page": "critical", "ticket": "warning"}


def text(routing: Routing, project: Project | None = None) -> str:
    artifacts = compile(Definitions(project or Project("team"), routing=routing))
    return next(file.text for file in render(artifacts) if file.path == "alertmanager/alertmanager.yml")


def config(routing: Routing, project: Project | None = None) -> Any:
    return yaml.safe_load(text(routing, project))


def invalid(routing: Routing) -> list[Finding]:
    with pytest.raises(DefinitionError) as error:
        compile(Definitions(Project("team"), routing=routing))
    return list(error.value.findings)


def marked(finding: Finding) -> str:
    """The source that the caret is below."""
    assert finding.span
    line = linecache.getline(finding.span.file, finding.span.line)
    return line[finding.span.column - 1 : finding.span.end_column - 1]


# --- what they compile to ----------------------------------------------------------------------------------------

FULL = Routing(
    CHAT,
    routes=[
        Route(
            match={"team": "shop"},
            continue_=True,
            mute=[NIGHTS, WEEKENDS],
            routes=[
                Route(
                    PAGER,
                    match={"severity": "page"},
                    matchers=['env!~"test|dev"', '{zone="a",zone!="b"}'],
                    group_by=["alertname"],
                    group_wait="0s",
                    group_interval="1m",
                    repeat_interval="1h",
                ),
                Route(OTHER, active=[WEEKENDS]),
            ],
        ),
    ],
    inhibit=[
        Inhibit({"severity": "page"}, {"severity": "ticket"}, equal=["cluster"], target_matchers=['job=~"a|b"']),
        Inhibit(source_matchers=['alertname=~"Cluster.+"'], target={"team": "shop"}),
    ],
    settings={"global": {"resolve_timeout": "10m"}},
)


def test_every_argument_is_in_the_configuration() -> None:
    written = config(FULL, Project("team", severities=NAMES))
    assert written["global"] == {"resolve_timeout": "10m"}
    assert [each["name"] for each in written["time_intervals"]] == ["nights", "weekends"]
    assert written["route"]["routes"] == [
        {
            "matchers": ['team="shop"'],
            "continue": True,
            "mute_time_intervals": ["nights", "weekends"],
            "routes": [
                {
                    "receiver": "pager",
                    "matchers": ['severity="critical"', 'env!~"test|dev"', '{zone="a",zone!="b"}'],
                    "group_by": ["alertname"],
                    "group_wait": "0s",
                    "group_interval": "1m",
                    "repeat_interval": "1h",
                },
                {"receiver": "other", "active_time_intervals": ["weekends"]},
            ],
        }
    ]
    assert written["inhibit_rules"] == [
        {
            "source_matchers": ['severity="critical"'],
            "target_matchers": ['severity="warning"', 'job=~"a|b"'],
            "equal": ["cluster"],
        },
        {"source_matchers": ['alertname=~"Cluster.+"'], "target_matchers": ['team="shop"']},
    ]
    assert [each["name"] for each in written["receivers"]] == ["chat", "pager", "other"]


def test_every_key_of_routes_and_inhibitions_has_an_argument() -> None:
    others = {"continue": "continue_", "match_re": "matchers", "labels": "settings"}
    others |= {"mute_time_intervals": "mute", "active_time_intervals": "active"}
    arguments = {spec.name for spec in fields(Route)}
    assert [key for key in alertmanager._ROUTE if others.get(key, key) not in arguments] == []
    sides = {f"{side}_{old}": side for side in ("source", "target") for old in ("match", "match_re")}
    arguments = {spec.name for spec in fields(Inhibit)}
    assert [key for key in alertmanager._INHIBIT if sides.get(key, key) not in arguments] == []


def test_alertmanager_accepts_every_argument(amtool: Tool, tmp_path: Path) -> None:
    path = tmp_path / "alertmanager.yml"
    path.write_text(text(FULL))
    ended = subprocess.run([str(amtool.path), "check-config", str(path)], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def test_time_intervals_of_settings_come_first() -> None:
    plain = {"name": "holidays", "time_intervals": [{"years": ["2030"]}]}
    route = Route(match={"a": "b"}, mute=[WEEKENDS], settings={"active_time_intervals": ["holidays"]})
    written = config(Routing(CHAT, routes=[route], settings={"time_intervals": [plain]}))
    assert [each["name"] for each in written["time_intervals"]] == ["holidays", "weekends"]
    assert written["route"]["routes"][0]["active_time_intervals"] == ["holidays"]


def test_all_alerts_are_one_group_if_group_by_is_empty() -> None:
    assert "group_by" not in config(Routing(CHAT, group_by=[]))["route"]
    assert config(Routing(CHAT))["route"]["group_by"] == ["service", "slo", "severity"]
    below = config(Routing(CHAT, routes=[Route(PAGER, match={"a": "b"}, group_by=[])]))["route"]["routes"]
    assert below == [{"receiver": "pager", "matchers": ['a="b"'], "group_by": []}]


def test_generated_inhibition_can_be_switched_off() -> None:
    from obscode import SLO, ScrapeJob
    from obscode.model.sli import Ratio

    slo = SLO("a", 99.9, Ratio(errors='hits_total{code="500"}', total="hits_total"))
    shop = Service("shop", scrape=ScrapeJob(["localhost:8000"]), slos=[slo])

    def rules(routing: Routing) -> int:
        return len(compile(Definitions(Project("team"), [shop], routing=routing)).alertmanager_configs[0].inhibit_rules)

    own = Inhibit({"severity": "page"}, {"severity": "ticket"}, equal=["service"])
    assert rules(Routing(CHAT, inhibit=[own])) == 2
    assert rules(Routing(CHAT, inhibit=[own], generated_inhibition=False)) == 1


# --- the same routes as amtool -----------------------------------------------------------------------------------

LABELS = st.sampled_from(["team", "env", "severity"])
VALUES = st.sampled_from(["", "a", "b", "page", 'q"', "x\ny", "ä ö", "a,b", "<&>", "b\\"])
TEXTS = st.builds(matcher_text, LABELS, st.sampled_from(["=", "!="]), VALUES) | st.builds(
    matcher_text, LABELS, st.sampled_from(["=~", "!~"]), st.sampled_from(["a|b", ".*", ".+", "", "[ab]+", "p.ge"])
)


@st.composite
def routes(draw: st.DrawFn, depth: int = 0) -> Route:
    below = draw(st.lists(routes(depth + 1), max_size=3)) if depth < 2 else []
    return Route(
        draw(st.sampled_from([None, CHAT, PAGER, OTHER])),
        match=draw(st.dictionaries(LABELS.filter(lambda label: label != "severity"), VALUES, max_size=2)),
        matchers=draw(st.lists(TEXTS, max_size=2)),
        continue_=draw(st.booleans()),
        routes=below,
    )


def test_alerts_reach_the_receivers_that_amtool_prints(amtool: Tool, tmp_path: Path) -> None:
    path = tmp_path / "alertmanager.yml"

    @settings(max_examples=40)
    @given(st.lists(routes(), max_size=4), st.lists(st.dictionaries(LABELS, VALUES), min_size=2, max_size=2))
    def check(tree: Sequence[Route], label_sets: Sequence[Mapping[str, str]]) -> None:
        routing = Routing(CHAT, routes=tree)
        path.write_text(text(routing))
        root = compile(Definitions(Project("team"), routing=routing)).alertmanager_configs[0].route
        for labels in label_sets:
            reached = [each.receiver for each in destinations(root, AlertLabels.exactly(labels))]
            arguments = [matcher_text(name, "=", value) for name, value in labels.items()]
            command = [str(amtool.path), "config", "routes", "test", f"--config.file={path}", *arguments]
            ended = subprocess.run(command, capture_output=True, text=True, check=False)
            assert (ended.returncode, ended.stdout.strip().split(",")) == (0, reached), ended.stderr

    check()


# --- invalid ones ------------------------------------------------------------------------------------------------

MATCHER = '  hint: write a label, one of = != =~ !~, and a value, such as severity="page"'
INVALID = {
    "a matcher without an operator": (
        Route(CHAT, match={"a": "b"}, matchers=['c="d"', "severity page"]),
        f"error[invalid-matcher]: 'severity page' is not a matcher\n{MATCHER}",
        '"severity page"',
    ),
    "an empty matcher": (Route(CHAT, matchers=[""]), f"error[invalid-matcher]: '' is not a matcher\n{MATCHER}", '""'),
    "an invalid regular expression": (
        Route(CHAT, matchers=['team=~"a("']),
        "error[invalid-matcher]: invalid regular expression 'a(': missing ): a(\n  hint: write it in the syntax of RE2",
        "'team=~\"a(\"'",
    ),
    "a reserved label": (
        Route(CHAT, match={"__name__": "b"}),
        "error[label-name]: label '__name__' is reserved\n  hint: names that begin with '__' belong to Prometheus",
        '"__name__": "b"',
    ),
    "a group by a label and all": (
        Route(CHAT, match={"a": "b"}, group_by=["a", "..."]),
        "error[group-by]: '...' means all labels, so it must be the only one\n  hint: write group_by=[\"...\"]",
        '"..."',
    ),
    "a repeat interval of zero": (
        Route(CHAT, match={"a": "b"}, repeat_interval="0s"),
        "error[invalid-duration]: '0s' is zero\n  hint: write a positive duration",
        '"0s"',
    ),
    "an unknown severity": (
        Route(CHAT, match={"a": "b"}, routes=[Route(PAGER, match={"severity": "pagee"})]),
        "error[unknown-severity]: the project has no severity 'pagee'\n  hint: did you mean 'page'?",
        '"severity": "pagee"',
    ),
}


@pytest.mark.parametrize("case", INVALID)
def test_an_invalid_route_is_reported_at_its_argument(case: str) -> None:
    route, expected, at = INVALID[case]
    [finding] = invalid(Routing(CHAT, routes=[route]))
    assert (finding_text([finding]), marked(finding)) == (expected, at)


INHIBITIONS = {
    "no target": (
        Inhibit({"a": "b"}, equal=["c"]),
        "error[inhibition]: the inhibition has no matchers of the target\n"
        '  hint: write target={"severity": "page"}, for example',
    ),
    "no source": (
        Inhibit(target={"a": "b"}, equal=["c"]),
        "error[inhibition]: the inhibition has no matchers of the source\n"
        '  hint: write source={"severity": "page"}, for example',
    ),
    "an invalid matcher of the target": (
        Inhibit({"a": "b"}, target_matchers=["c"]),
        f"error[invalid-matcher]: 'c' is not a matcher\n{MATCHER}",
    ),
    "a reserved label": (
        Inhibit({"a": "b"}, {"c": "d"}, equal=["__x"]),
        "error[label-name]: label '__x' is reserved\n  hint: names that begin with '__' belong to Prometheus",
    ),
    "an unknown severity": (
        Inhibit({"severity": "pgae"}, {"severity": "ticket"}),
        "error[unknown-severity]: the project has no severity 'pgae'\n  hint: did you mean 'page'?",
    ),
}


@pytest.mark.parametrize("case", INHIBITIONS)
def test_an_invalid_inhibition_is_reported(case: str) -> None:
    inhibition, expected = INHIBITIONS[case]
    assert finding_text(invalid(Routing(CHAT, inhibit=[inhibition]))) == expected


def test_two_receivers_of_one_name_are_reported_at_any_depth() -> None:
    twin = receivers.Webhook("pager", url="http://localhost:2/")
    routing = Routing(CHAT, routes=[Route(PAGER, match={"a": "b"}, routes=[Route(twin, match={"c": "d"})])])
    assert finding_text(invalid(routing)) == (
        "error[receiver-name]: two receivers are named 'pager'\n  hint: rename one"
    )


def test_names_with_any_characters_need_alertmanager_0_27() -> None:
    routing = Routing(
        CHAT,
        routes=[Route(PAGER, matchers=['team="a"', '"a.b"="c"'])],
        inhibit=[Inhibit({"x": "y"}, {"z": "y"}, target_matchers=['{"c d"=~"e"}'])],
    )
    reported = invalid(routing)
    assert [(each.message, marked(each)) for each in reported] == [
        ("'a.b' is not a label name that Alertmanager 0.25 accepts", """'"a.b"="c"'"""),
        ("'c d' is not a label name that Alertmanager 0.25 accepts", """'{"c d"=~"e"}'"""),
    ]
    compile(Definitions(Project("team", oldest_alertmanager="0.27"), routing=routing))


def test_newer_fields_of_routes_and_inhibitions_are_reported() -> None:
    routing = Routing(
        CHAT,
        routes=[Route(PAGER, match={"a": "b"}, group_by=[])],
        inhibit=[Inhibit({"x": "y"}, {"z": "y"}, name="xz")],
    )

    def messages(version: str) -> list[str]:
        artifacts = compile(Definitions(Project("team", oldest_alertmanager=version), routing=routing))
        return [each.message for each in checks.lint(artifacts) if each.code.name == "newer-field"]

    assert messages("0.29") == [
        "an empty group_by of a route needs Alertmanager 0.31, but oldest_alertmanager is 0.29",
        "inhibit_rules.name needs Alertmanager 0.30, but oldest_alertmanager is 0.29",
    ]
    assert messages("0.31") == []


# --- checks ------------------------------------------------------------------------------------------------------

DOWN = Alert("Down", "up == 0", severity="page", summary="down")
SLOW = Alert("Slow", "latency > 1", severity="ticket", summary="slow")


def linted(routing: Routing) -> list[tuple[str, str, str]]:
    shop = Service("shop", selector={"job": "shop"}, alerts=[DOWN, SLOW])
    artifacts = compile(Definitions(Project("team"), [shop], routing=routing))
    reported = [each for each in checks.lint(artifacts) if "route" in each.code.name]
    return [(each.code.name, each.message, marked(each)) for each in reported]


def test_a_route_behind_one_without_matchers_receives_nothing() -> None:
    behind = Route(PAGER, matchers=['severity="page"'])
    [(code, message, at)] = linted(Routing(CHAT, routes=[Route(OTHER), behind]))
    assert (code, at) == ("shadowed-route", "['severity=\"page\"']")
    assert message.startswith("the route receives no alert: the route in line ")
    assert linted(Routing(CHAT, routes=[Route(OTHER, continue_=True), behind])) == []


def test_a_last_route_for_all_other_alerts_may_receive_none() -> None:
    page, ticket = Route(PAGER, match={"severity": "page"}), Route(OTHER, match={"severity": "ticket"})
    assert linted(Routing(CHAT, routes=[page, ticket, Route()])) == []


def unreached(*routes: Route) -> list[tuple[str, str]]:
    reported = checks.lint(compile(Definitions(Project("team"), routing=Routing(CHAT, routes=routes))))
    return [(each.message, marked(each)) for each in reported if each.code.name == "unreached-receiver"]


def test_a_route_that_takes_all_alerts_leaves_none_for_the_default() -> None:
    page = Route(PAGER, matchers=['severity="page"'])
    archive = Route(OTHER, continue_=True)
    [(message, at)] = unreached(archive, page)
    assert message.startswith("the receiver 'chat' gets no alert: the route in line ")
    assert message.endswith(" has no matchers and takes all of them")
    assert at == "CHAT"
    for last in (Route(), Route(CHAT, match={"a": "b"}), Route(OTHER)):
        assert unreached(archive, page, last) == []
    assert unreached(Route(CHAT, continue_=True), page) == []
    assert len(unreached(archive, Route(PAGER, match={"a": "b"}, routes=[Route(OTHER)]))) == 1


def test_a_receiver_that_notifies_nobody_needs_no_alert() -> None:
    routing = Routing(receivers.Raw("nobody"), routes=[Route(OTHER, continue_=True)])
    assert [each.code.name for each in checks.lint(compile(Definitions(Project("team"), routing=routing)))] == []


def test_a_misspelt_value_of_a_matcher_is_reported_at_the_matcher() -> None:
    below = Route(PAGER, match={"service": "shop"}, matchers=['alertname=~"Down|Slow"', 'severity="pgae"'])
    [(code, message, at)] = linted(Routing(CHAT, routes=[Route(match={"service": "shop"}, routes=[below])]))
    assert (code, at) == ("unmatched-route", "'severity=\"pgae\"'")
    assert message.startswith("no alert has the label severity='pgae'")


def test_the_route_of_an_alert_has_its_mute_times(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    from obscode.project.route_report import report_lines, route_reports

    shop = Service("shop", selector={"job": "shop"}, alerts=[DOWN])
    routing = Routing(CHAT, routes=[Route(PAGER, match={"severity": "page"}, mute=[WEEKENDS], active=[NIGHTS])])
    artifacts = compile(Definitions(Project("team"), [shop], routing=routing))

    def lines(at: datetime | None) -> list[str]:
        [report] = route_reports(artifacts, "Down", {}, at)
        return [line.strip() for line in report_lines(report) if "interval" in line or " at " in line][1:]

    times = [
        "mute_time_intervals: weekends (saturday,sunday)",
        "active_time_intervals: nights (18:00-24:00,00:00-08:00 Europe/Berlin)",
    ]
    assert lines(None) == times
    monday, sunday = datetime(2030, 1, 7, 22, tzinfo=UTC), datetime(2030, 1, 6, 22, tzinfo=UTC)
    assert lines(monday) == [*times, "at Monday 2030-01-07 22:00 UTC: not muted"]
    assert lines(sunday) == [*times, "at Sunday 2030-01-06 22:00 UTC: muted, in weekends"]
    noon = monday.replace(hour=12)
    assert lines(noon) == [*times, "at Monday 2030-01-07 12:00 UTC: muted, not in nights"]
    [report] = route_reports(artifacts, "Down", {}, noon)
    assert json.loads(json.dumps(report.as_json()))["routes"][0]["muted"] is True
