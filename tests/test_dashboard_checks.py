"""Checks of dashboards are registered and documented, and agree with their examples."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import date
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import pytest
from conftest import REPOSITORY, ProjectFolder
from dashboard_check_cases import (
    PROMETHEUS,
    VALUES,
    Json,
    as_v2,
    broken,
    completed,
    config_map,
    element,
    folded,
    in_library,
    item,
    panel,
    paths,
    text,
    v2,
    v2_variable,
    variable,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from obscode.checks import Check, Profile
from obscode.checks.dashboards import lint, rules
from obscode.checks.metric_renames import RELEASES, rename_of
from obscode.findings.errors import Exit
from obscode.findings.finding import Finding
from obscode.project.lint_files import lint_files
from obscode.reader.dashboards.json_positions import JsonText

RULES = {rule.name: rule for rule in rules()}

# https://github.com/grafana/dashboard-linter/blob/main/docs/index.md
DASHBOARD_LINTER = """
    template-datasource-rule template-job-rule template-instance-rule template-label-promql-rule
    template-on-time-change-reload-rule panel-datasource-rule panel-title-description-rule panel-units-rule
    panel-no-targets-rule target-promql-rule target-logql-rule target-logql-auto-rule target-rate-interval-rule
    target-job-rule target-instance-rule target-counter-agg-rule uneditable-dashboard
"""

# Settings that the examples of these checks need.
PROFILES: dict[str, Profile] = {"target-logql-auto-rule": "mixin"}
KNOWN_SERIES = {"unknown-series": {"up"}}


def findings(
    dashboard: Any, profile: Profile = "default", file: str = "example.json", **requested: Any
) -> list[Finding]:
    """The findings of all checks in a dashboard."""
    return lint(dashboard if isinstance(dashboard, str) else text(dashboard), file, profile=profile, **requested)


def names(result: Iterable[Finding]) -> set[str]:
    return {finding.code.name for finding in result}


def messages(result: Iterable[Finding], check: str = "") -> list[str]:
    return [finding.message for finding in result if check in ("", finding.code.name)]


def query(expr: str, kind: str = "timeseries", **more: Any) -> Json:
    """A panel with one query."""
    return {"type": kind, "title": "Example", "targets": [{"refId": "A", "expr": expr, **more}]}


def of(check: str, fragment: Json, profile: Profile = "default") -> list[str]:
    """The messages of one check in a fragment."""
    return messages(findings(completed(fragment), profile), check)


# --- the rules and their examples --------------------------------------------------------------------------------


def test_rules_of_dashboard_linter_keep_their_names() -> None:
    assert set(DASHBOARD_LINTER.split()) <= RULES.keys()


def example(rule: Check, fragment: str, *checks: Check) -> list[Finding]:
    source, profile = text(completed(json.loads(fragment))), PROFILES.get(rule.name, "default")
    series = KNOWN_SERIES.get(rule.name)
    return lint(source, "example.json", profile=profile, known_series=series, checks=checks or None)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_reports_its_bad_example(rule: Check) -> None:
    assert names(example(rule, rule.bad, *examined_with(rule))) == {rule.name}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_accepts_its_good_example(rule: Check) -> None:
    assert example(rule, rule.good, *examined_with(rule)) == []


def examined_with(rule: Check) -> list[Check]:
    """The check alone; dashboard-json reports values of the wrong type that other checks read."""
    return list(RULES.values()) if rule.last else [rule]


def test_no_good_example_has_an_error() -> None:
    errors = {rule.name: [f for f in example(rule, rule.good) if f.severity == "error"] for rule in RULES.values()}
    assert {name: result for name, result in errors.items() if result} == {}


# --- whole messages ----------------------------------------------------------------------------------------------


def reported(dashboard: Any) -> str:
    return "\n".join(map(str, findings(dashboard, file="shop.json")))


def test_the_caret_is_under_the_matcher_of_a_query() -> None:
    bad = completed(query('sum(up{env="prod", job="$job"})'))
    assert reported(bad) == (
        """\
shop.json:23:41: error[multi-value-equals]: query A of panel 'Example' matches job="$job", which matches nothing \
when several values of $job are selected
   23 |           "expr": "sum(up{env=\\"prod\\", job=\\"$job\\"})"
      |                                         ^^^^^^^^^^^^
  hint: write job=~"$job\""""
    )


def test_the_caret_is_under_the_value_of_a_threshold() -> None:
    steps = [{"color": "green", "value": None}, {"color": "red", "value": 80}]
    config = {"defaults": {"unit": "percentunit", "thresholds": {"mode": "absolute", "steps": steps}}}
    bad = completed({**query("a / b", "gauge"), "fieldConfig": config})
    assert reported(bad) == (
        """\
shop.json:39:26: error[percentunit-threshold]: panel 'Example' has a threshold at 80, which is 8000 % as percentunit
   39 |                 "value": 80
      |                          ^^
  hint: write 0.8"""
    )


def test_the_caret_is_under_the_position_of_an_overlapping_panel() -> None:
    upper = {**query("sum(a)"), "title": "Upper", "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8}}
    lower = {**query("sum(b)"), "title": "Lower", "gridPos": {"x": 6, "y": 4, "w": 18, "h": 8}}
    assert reported(completed({"panels": [upper, lower]})) == (
        """\
shop.json:36:18: warning[grid-overlap]: panel 'Lower' overlaps panel 'Upper'
   36 |       "gridPos": {
      |                  ^
  hint: set y to 8 or more, where the other one ends"""
    )


def test_the_caret_is_under_the_syntax_error() -> None:
    assert reported('{"title": "Shop",\n "panels": [,]}\n') == (
        """\
shop.json:2:13: error[dashboard-json]: invalid JSON: expecting value
    2 |  "panels": [,]}
      |             ^
  hint: compare it with what Grafana exports"""
    )


def test_duplicate_keys_have_their_position_in_the_file() -> None:
    source = """\
{"title": "Shop", "uid": "shop", "schemaVersion": 39, "panels": [],
 "templating": {"list": [], "l\\u0069st": []},
 "tags": ["title", "tags"], "title": "Checkout"}
"""
    result = [
        str(finding) for finding in findings(source, file="shop.json") if finding.code.name == "duplicate-json-key"
    ]
    assert result == [
        """\
shop.json:2:29: error[duplicate-json-key]: key 'list' is a duplicate
    2 |  "templating": {"list": [], "l\\u0069st": []},
      |                             ^^^^^^^^^^^
  hint: keep one of them""",
        """\
shop.json:3:29: error[duplicate-json-key]: key 'title' is a duplicate
    3 |  "tags": ["title", "tags"], "title": "Checkout"}
      |                             ^^^^^^^
  hint: keep one of them""",
    ]


def test_duplicate_keys_in_the_json_of_a_config_map_have_their_position() -> None:
    inner = '{"title": "a", "panels": [], "schemaVersion": 39, "title": "b"}'
    source = json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "data": {"a.json": inner}})
    [finding] = [each for each in findings(source) if each.code.name == "duplicate-json-key"]
    assert finding.span
    assert source[finding.span.column - 1 : finding.span.end_column - 1] == r"\"title\""


def test_a_query_of_loki_has_as_many_characters_as_one_of_prometheus() -> None:
    def problems(length: int) -> list[str]:
        expr = '{a="b"}' + " " * (length - 7)
        return of("target-logql-rule", {**query(expr, "logs"), "datasource": {"type": "loki", "uid": "l"}})

    assert problems(16_384) == []
    assert [message.partition(": ")[2] for message in problems(16_385)] == ["it has 16385 characters, at most 16384"]


NO_JSON = {
    "nothing": (" \n", "1:1", "the file is empty"),
    "no number": ('{"title": "NaN",\n "id": NaN}', "2:8", "invalid JSON: NaN is not a valid number"),
    "below all numbers": ('{"id": -Infinity}', "1:8", "invalid JSON: -Infinity is not a valid number"),
    "a long number": (
        '{"id": 1' + "0" * 5000 + "}",
        "1:8",
        "invalid JSON: a number with more than 4300 digits is not a valid number",
    ),
    "too deep": ("[" * 100_000, "1:1", "the JSON is nested too deeply"),
    "a page": ("<html>", "1:1", "invalid JSON: expecting value"),
    "two": ('{"title": "a"}\n{"title": "b"}', "2:1", "invalid JSON: extra data"),
}


@pytest.mark.parametrize(("source", "where", "why"), NO_JSON.values(), ids=NO_JSON)
def test_invalid_json_is_reported_with_the_reason(source: str, where: str, why: str) -> None:
    (finding,) = findings(source)
    assert (str(finding.span), finding.message) == (f"example.json:{where}", why)


def test_the_excerpt_of_a_minified_file_is_short() -> None:
    panels = [panel({**query("sum(up{job='$job'})"), "title": f"Größe {n}"}, n) for n in range(50)]
    result = findings(json.dumps(completed({"panels": panels}), ensure_ascii=False))
    assert len(result) == 50
    for finding in result:
        source, carets = str(finding).splitlines()[1:3]
        assert len(source) < 200
        start, end = carets.index("^"), len(carets)
        assert source[start:end] == "job='$job'"


@given(VALUES, st.sampled_from([None, 1]))
def test_the_span_of_a_path_contains_its_value(value: Any, indent: int | None) -> None:
    source = json.dumps(value, indent=indent)
    every = [(), *paths(value)]
    places = JsonText(source, "example.json")
    for path in every:
        place = places.place(path)
        lines = source.split("\n")[place.line - 1 : place.end_line]
        lines[-1] = lines[-1][: place.end_column - 1]
        lines[0] = lines[0][place.column - 1 :]
        assert json.loads("\n".join(lines)) == reduce(getitem, path, value)


def test_control_characters_of_a_dashboard_are_escaped() -> None:
    argument = completed({**query("sum(up"), "title": "a\nb\x1b[31m"})
    argument["panels"][0]["targets"][0]["refId"] = "A\r\ud800"
    assert [message.partition(" is not")[0] for message in messages(findings(argument), "target-promql-rule")] == [
        r"query A\r\ud800 of panel 'a\nb\x1b[31m'"
    ]


# --- invalid JSON ------------------------------------------------------------------------------------------------

WHOLE = completed(
    {
        "annotations": {"list": [{"name": "Deploys", "expr": "changes(build_info[5m])", "datasource": PROMETHEUS}]},
        "__inputs": [{"name": "DS", "type": "datasource", "pluginId": "prometheus"}],
        "templating": {"list": [variable("datasource"), variable("job"), variable("instance")]},
        "panels": [
            {**query("sum by (job) (rate(x_total{job='$job'}[$__interval]))", legendFormat="{{pod}}"), "repeat": "job"},
            {
                **query("a / b", "gauge", instant=True),
                "options": {"reduceOptions": {"calcs": ["last"], "fields": ""}},
                "fieldConfig": {
                    "defaults": {
                        "unit": "percentunit",
                        "max": 1,
                        "mappings": [],
                        "color": {"mode": "thresholds"},
                        "thresholds": {"mode": "absolute", "steps": [{"value": None}, {"value": 80}]},
                    },
                    "overrides": [
                        {"matcher": {"id": "byName"}, "properties": [{"id": "unit", "value": "s"}]},
                        {"properties": [{"id": "thresholds", "value": {"steps": [{"value": 1}, {"value": 0}]}}]},
                    ],
                },
            },
            {
                "type": "row",
                "title": "More",
                "collapsed": True,
                "repeat": "job",
                "panels": [query("rate(sum(x)[5m:])")],
            },
            {"type": "graph", "yaxes": [{"format": "s"}], "yAxis": {"format": "s"}, "styles": [{"unit": "s"}]},
            {
                "type": "logs",
                "datasource": {"type": "loki", "uid": "l"},
                "targets": [{"refId": "A", "expr": "{a='b'}"}],
            },
            {"type": "stat", "libraryPanel": {"uid": "u", "name": "n"}},
            {"type": "table", "targets": [{"refId": "A", "datasource": {"type": "mysql"}, "rawSql": "SELECT $x"}]},
        ],
        "rows": [{"title": "Old", "repeat": "job", "collapse": False, "panels": [query("up")]}],
    }
)
WHOLE_V2 = v2(
    {"panel-1": element(1, expr="sum(up{job='$job'})", legendFormat="{{pod}}"), "panel-2": element(2, expr="up")},
    [item("panel-1"), item("panel-2", x=6, repeat="job"), item("panel-9")],
    v2_variable("job", multi=True),
)
RESOURCE = {"apiVersion": "dashboard.grafana.app/v1", "kind": "Dashboard", "metadata": {"name": "x"}, "spec": WHOLE}


@given(VALUES)
def test_no_json_raises_an_exception(value: Any) -> None:
    for wrapped in (
        value,
        {"panels": value, "rows": value},
        {"spec": value, "kind": "Dashboard", "apiVersion": "a/v2"},
    ):
        assert isinstance(findings(wrapped), list)


@settings(max_examples=300)
@given(st.sampled_from([WHOLE, WHOLE_V2, RESOURCE]).flatmap(broken), st.sampled_from(["default", "mixin"]))
def test_no_damaged_dashboard_raises_an_exception(dashboard: Any, profile: Profile) -> None:
    source = text(dashboard)
    lines = source.split("\n")
    for finding in findings(source, profile, known_series={"up"}):
        assert finding.span is not None
        assert finding.message.isprintable()
        assert finding.hint.isprintable()
        assert 1 <= finding.span.line <= len(lines)
        assert finding.span.column <= len(lines[finding.span.line - 1]) + 1


@given(st.text(max_size=40) | st.sampled_from(['{"a": NaN}', "[" * 100_000, "1" * 10_000, '{"title": "\\ud800"}', ""]))
def test_no_text_raises_an_exception(source: str) -> None:
    for finding in findings(source):
        str(finding).encode()


WRONG_TYPES = {
    "a list that is an object": ({"panels": {"a": 1}}, "panels is an object, not a list"),
    "a panel that is a number": ({"panels": [1]}, "panels[0] is a number, not an object"),
    "a title that is a list": ({"panels": [{"title": []}]}, "panels[0].title is a list, not a text"),
    "a grid that is a text": ({"panels": [{"gridPos": "8"}]}, "panels[0].gridPos is a text, not an object"),
    "a label that is a number": (
        {"templating": {"list": [{"name": "k", "type": "custom", "label": 5}]}, "panels": [{"title": "$k"}]},
        "templating.list[0].label is a number, not a text",
    ),
    "a number that is none": ({"panels": [{"id": 10**400}]}, "panels[0].id is too large, not a number"),
    "a whole list": ([], "the file is not a JSON object, so it contains no dashboard"),
    "another file": ({"name": "left-pad"}, "the file contains no dashboard"),
    "a list without a dashboard": ([{"a": 1}, 5], "the file contains no dashboard"),
    "a ConfigMap without a dashboard": (
        {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a.yaml": "b"}},
        "the file contains a resource of kind 'ConfigMap', not a dashboard",
    ),
    "another resource": (
        {"apiVersion": "folder.grafana.app/v1", "kind": "Folder", "spec": {}},
        "the file contains a resource of kind 'Folder', not a dashboard",
    ),
}


@pytest.mark.parametrize(("value", "message"), WRONG_TYPES.values(), ids=WRONG_TYPES)
def test_a_value_of_the_wrong_type_is_reported(value: Any, message: str) -> None:
    argument = {"editable": False, **value} if isinstance(value, dict) and "panels" in value else value
    assert messages(findings(argument), "dashboard-json") == [message]


@pytest.mark.parametrize("value", [False, 0, ""])
def test_false_values_of_javascript_count_as_missing(value: Any) -> None:
    defaults = {"unit": "short", "thresholds": {"steps": value}}
    argument = {**query("sum(up)"), "repeat": value, "fieldConfig": {"defaults": defaults, "overrides": value}}
    assert of("dashboard-json", argument) == []


def test_grafana_computes_the_places_of_the_panels_of_old_rows() -> None:
    place = {"x": 0, "y": 0, "w": 12, "h": 8}
    panels = [{**query("sum(up)"), "gridPos": place, "id": number} for number in (1, 2)]
    old = {**completed({"panels": []}), "rows": [{"title": "R", "panels": panels}]}
    assert messages(findings(old), "grid-overlap") == []


def test_false_counts_as_a_missing_string() -> None:
    argument = {**query("sum(up)"), "repeat": False, "interval": False, "description": "D"}
    assert findings(completed(argument)) == []


# --- forms -------------------------------------------------------------------------------------------------------

BAD = completed(query("sum(up{job='$job'})"))

FORMS = {
    "classic": BAD,
    "as the API gives it": {"dashboard": BAD, "meta": {"slug": "example"}},
    "as the API takes it": {"dashboard": BAD, "overwrite": True},
    "v1": {"apiVersion": "dashboard.grafana.app/v1beta1", "kind": "Dashboard", "metadata": {}, "spec": BAD},
    "in a folded row": {**BAD, "panels": [{"type": "row", "title": "R", "collapsed": True, "panels": BAD["panels"]}]},
    "in a row of Grafana 4": {**BAD, "panels": [], "rows": [{"title": "R", "panels": BAD["panels"]}]},
    "v2": v2({"panel-1": element(1, expr="sum(up{job='$job'})")}, [item("panel-1")], v2_variable("job", multi=True)),
    "in a list": [BAD],
    "in a ConfigMap": config_map(BAD),
    "in a list of ConfigMaps": {"apiVersion": "v1", "kind": "ConfigMapList", "items": [{}, config_map(BAD)]},
    "for the operator": {"kind": "GrafanaDashboard", "spec": {"json": text(BAD)}},
}


@pytest.mark.parametrize("dashboard", FORMS.values(), ids=FORMS)
def test_a_panel_is_checked_in_every_form_of_dashboard(dashboard: Any) -> None:
    assert names(findings(dashboard)) == {"multi-value-equals"}


# Other forms of panels and dashboards.
WRAPPINGS: dict[str, Callable[[Json], Any]] = {
    "v1": lambda bad: {"apiVersion": "dashboard.grafana.app/v1", "kind": "Dashboard", "metadata": {}, "spec": bad},
    "v2": as_v2,
    "in a list": lambda bad: [completed({"panels": []}), bad],
    "in a ConfigMap": config_map,
    "in a folded row": folded,
    "in a library panel": in_library,
}

# Checks without a finding in a form that lacks the key.
APART = {
    "in a folded row": {"grid-overlap", "open-row-panels"},  # its own place; no rows in rows
    "in a library panel": {"open-row-panels", "duplicate-panel-id"},
    "v2": {"grid-overlap", "open-row-panels", "dashboard-json"},  # tested above; no such rows; read more loosely
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_reports_its_bad_example_in_every_form_of_dashboard(rule: Check, wrapping: str) -> None:
    bad = json.loads(rule.bad)
    if "apiVersion" in bad or rule.name in APART.get(wrapping, ()):
        return
    argument = WRAPPINGS[wrapping](completed(bad))
    result = findings(argument, PROFILES.get(rule.name, "default"), known_series=KNOWN_SERIES.get(rule.name))
    assert rule.name in names(result)


def test_the_caret_is_within_a_dashboard_in_a_string() -> None:
    bad = completed(query('sum(up{env="ü\\t\\\\", job="$job"})'))
    (finding,) = findings(config_map(bad))
    source, carets = finding.span.excerpt().splitlines() if finding.span else ("", "")
    assert source[carets.index("^") : len(carets)] == r"job=\\\"$job\\\""


def test_the_caret_is_under_a_syntax_error_within_a_string() -> None:
    held = config_map({})
    held["data"]["example.json"] = '{"title": "Größe",\n "panels": [,]}'
    assert reported(held) == (
        """\
shop.json:9:60: error[dashboard-json]: invalid JSON: expecting value
    9 |     "example.json": "{\\"title\\": \\"Größe\\",\\n \\"panels\\": [,]}"
      |                                                            ^
  hint: compare it with what Grafana exports"""
    )


def test_the_content_of_a_library_panel_is_checked() -> None:
    reference = {"id": 1, "title": "Up", "gridPos": {"x": 0, "y": 0, "w": 8, "h": 8}, "libraryPanel": {"uid": "u"}}
    content = {**BAD["panels"][0], "title": "Up"}
    whole = {**BAD, "panels": [reference], "__elements": {"u": {"uid": "u", "kind": 1, "model": content}}}
    assert messages(findings(whole)) == [
        "query A of panel 'Up' matches job=\"$job\", which matches nothing when several values of $job are selected"
    ]
    of_old_grafana = {**whole, "__elements": [whole["__elements"]["u"]]}
    assert messages(findings(of_old_grafana)) == messages(findings(whole))
    del whole["__elements"]
    assert findings(whole) == [], "whether it reads $job cannot be told"


def test_v2_panels_overlap_only_within_one_row() -> None:
    elements = {"a": element(1, expr="sum(up)"), "b": element(2, expr="sum(up)")}
    assert findings(v2(elements, [item("a"), item("b", x=12)])) == []
    assert messages(findings(v2(elements, [item("a"), item("b", x=6)]))) == ["panel 'Panel 2' overlaps panel 'Panel 1'"]
    apart = v2(elements, [item("a")])
    rows = apart["spec"]["layout"]["spec"]["rows"]
    rows.append(json.loads(json.dumps(rows[0]).replace('"name": "a"', '"name": "b"')))
    assert findings(apart) == []


def test_a_panel_that_repeats_by_a_variable_may_match_it_with_equals() -> None:
    by_itself = {**query("sum(up{job='$job'})"), "repeat": "job"}
    row: Json = {"type": "row", "title": "$job", "repeat": "job", "collapsed": False, "panels": []}
    behind = query("sum(up{job='$job'})")
    assert findings(completed(by_itself)) == []
    assert findings(completed({"panels": [row, behind]})) == []
    assert findings(completed({"panels": [{**row, "collapsed": True, "panels": [behind]}]})) == []
    other: Json = {"type": "row", "title": "All", "collapsed": False, "panels": []}
    assert names(findings(completed({"panels": [row, other, behind]}))) == {"multi-value-equals"}
    named = v2({"p": element(1, expr="sum(up{job='$job'})")}, [item("p", repeat="job")], v2_variable("job", multi=True))
    assert findings(named) == []


# --- datasources and languages -----------------------------------------------------------------------------------

# A datasource, a query in another language than PromQL, and the messages.
LANGUAGES = {
    "Loki by its type": ({"type": "loki", "uid": "${datasource}x"}, "{job='a'} |= `b", "target-logql-rule"),
    "Loki by its variable": ({"type": "prometheus", "uid": "${loki_datasource}"}, "{job='a'} | json", None),
    "Loki by its name": ("Loki", "{job='a'} |= `b`", None),
    "Loki by its text": (None, "{job='a'} |= `b`", None),
    "MySQL": ({"type": "mysql", "uid": "m"}, "SELECT 1", None),
    "VictoriaMetrics": ({"type": "victoriametrics-metrics-datasource", "uid": "v"}, "rate(x) default 0", None),
    "Prometheus by its text": (None, "sum(up", "target-promql-rule"),
    "Prometheus by its name": ("prometheus-main", "sum(up", "target-promql-rule"),
}


@pytest.mark.parametrize(("datasource", "expr", "check"), LANGUAGES.values(), ids=LANGUAGES)
def test_only_queries_for_prometheus_are_parsed_as_promql(datasource: Any, expr: str, check: str | None) -> None:
    result = names(findings(completed({**query(expr, "stat"), "datasource": datasource})))
    assert {name for name in result if name.startswith("target-")} == ({check} if check else set())


def test_a_mixed_panel_may_read_the_selected_datasource() -> None:
    mixed = {"type": "datasource", "uid": "-- Mixed --"}
    chosen = {**query("sum(up)", datasource=PROMETHEUS), "datasource": mixed}
    fixed = {**query("sum(up)", datasource={"type": "prometheus", "uid": "p"}), "datasource": mixed}
    assert findings(completed(chosen)) == []
    assert of("panel-datasource-rule", {"panels": [fixed, query("sum(up)")]}) == [
        "panel 'Example' reads 'p', not the selected datasource"
    ]


def test_a_datasource_without_a_variable_may_be_fixed() -> None:
    mysql = {"type": "mysql", "uid": "m"}
    panels = [query("sum(up)"), {**query(""), "datasource": mysql, "targets": [{"refId": "A", "rawSql": "SELECT 1"}]}]
    assert of("panel-datasource-rule", {"panels": panels}) == []
    assert of("panel-datasource-rule", {"panels": panels}, "mixin") == [
        "panel 'Example' reads 'm', not the selected datasource"
    ]
    assert of("panel-datasource-rule", {"panels": [panels[0], {**query("sum(up)"), "datasource": None}]}) == [
        "panel 'Example' reads the default datasource, not the selected datasource"
    ]


def test_an_input_of_an_export_selects_the_datasource() -> None:
    requested = [{"name": "DS_PROMETHEUS", "type": "datasource", "pluginId": "prometheus"}]
    export = {**query("sum(up)"), "datasource": {"type": "prometheus", "uid": "${DS_PROMETHEUS}"}}
    whole = {**completed({"panels": [export], "templating": {"list": []}}), "__inputs": requested}
    assert findings(whole) == []
    del whole["__inputs"]
    undefined = [f for f in findings(whole) if f.code.name == "undefined-variable"]
    assert messages(undefined) == [
        "the datasource of panel 'Example' uses variable 'DS_PROMETHEUS', which is not defined"
    ]
    assert undefined[0].severity == "warning", "a deployment may replace it"


def test_panels_with_the_same_fixed_datasource_are_reported_together() -> None:
    def reading(uid: str, title: str) -> Json:
        return {**query("sum(up)"), "title": title, "datasource": {"type": "prometheus", "uid": uid}}

    panels = [reading("p", "A"), reading("p", "B"), reading("q", "C"), reading("grafanacloud-usage", "D")]
    panels.append(query("sum(up)"))
    assert of("panel-datasource-rule", {"panels": panels}) == [
        "panel 'A' and 1 more read 'p', not the selected datasource",
        "panel 'C' reads 'q', not the selected datasource",
    ]
    assert of("panel-datasource-rule", {"panels": panels}, "mixin") == [
        "panel 'A' reads 'p', not the selected datasource",
        "panel 'B' reads 'p', not the selected datasource",
        "panel 'C' reads 'q', not the selected datasource",
        "panel 'D' reads 'grafanacloud-usage', not the selected datasource",
    ]


# --- differences from dashboard-linter ---------------------------------------------------------------------------


def test_a_panel_with_empty_mappings_needs_a_unit() -> None:
    config = {"defaults": {"mappings": []}, "overrides": []}
    assert of("panel-units-rule", {**query("sum(up)"), "fieldConfig": config}) == ["panel 'Example' has no unit"]
    config["defaults"] = {"mappings": [{"type": "value", "options": {"0": {"text": "down"}}}]}
    assert of("panel-units-rule", {**query("sum(up)"), "fieldConfig": config}) == []


@pytest.mark.parametrize("unit", ["s", "eps", "recps", "sishort", "lengthcm", "suffix:jobs", "prefix:v", "currencyEUR"])
def test_units_of_grafana_13_and_custom_units_are_accepted(unit: str) -> None:
    config = {"defaults": {"unit": unit}, "overrides": []}
    assert of("panel-units-rule", {**query("sum(up)"), "fieldConfig": config}, "mixin") == []


@pytest.mark.parametrize(("unit", "default", "mixin"), [("seconds", 1, 1), ("jobs", 0, 1), ("Bytes/sec", 1, 1)])
def test_a_unit_that_grafana_does_not_know_is_reported(unit: str, default: int, mixin: int) -> None:
    argument = {**query("sum(up)"), "fieldConfig": {"defaults": {"unit": unit}, "overrides": []}}
    assert len(of("panel-units-rule", argument)) == default
    assert len(of("panel-units-rule", argument, "mixin")) == mixin


@pytest.mark.parametrize(("kind", "reported"), [("graph", 1), ("timeseries", 0)])
def test_the_axes_of_a_graph_panel_have_a_unit_but_not_those_of_its_successor(kind: str, reported: int) -> None:
    axes = [{"format": "seconds"}, {"format": "jobs per second"}]
    argument = {**query("sum(up)", kind), "fieldConfig": {"defaults": {"unit": "s"}, "overrides": []}, "yaxes": axes}
    assert messages(findings(completed(argument)), "panel-units-rule") == reported * [
        "panel 'Example' has the unit 'seconds', which Grafana does not know"
    ]


@pytest.mark.parametrize(("profile", "severity"), [("default", "warning"), ("mixin", "error")])
def test_a_style_rule_is_an_error_in_the_profile_mixin(profile: Profile, severity: str) -> None:
    argument = completed({**query("sum(up)"), "fieldConfig": {"defaults": {}, "overrides": []}})
    assert [f.severity for f in findings(argument, profile) if f.code.name == "panel-units-rule"] == [severity]


@pytest.mark.parametrize(
    ("count", "subject"),
    [
        (1, "panel 'P0' of type 'flant-statusmap-panel' requires"),
        (2, "panel 'P0' and 1 more of type 'flant-statusmap-panel' require"),
        (3, "panel 'P0' and 2 more of type 'flant-statusmap-panel' require"),
    ],
)
def test_a_removed_type_of_panel_is_reported_once_with_the_number_of_its_panels(count: int, subject: str) -> None:
    panels = [{**query("sum(up)", "flant-statusmap-panel"), "title": f"P{n}"} for n in range(count)]
    assert messages(findings(completed({"panels": panels})), "angular-panel") == [
        f"{subject} AngularJS, which Grafana 12 removed"
    ]


@pytest.mark.parametrize("kind", ["heatmap", "bargauge", "piechart", "histogram", "status-history", "candlestick"])
def test_promql_is_checked_in_every_type_of_panel(kind: str) -> None:
    assert len(of("target-promql-rule", query("sum(up", kind))) == 1


COUNTERS = {
    "sum(requests_total{job='a'})": (0, 1),
    "sum(requests_total{job='a'}) / sum(rate(requests_total[5m]))": (1, 1),
    "a and on (job) (requests_total > 0) / rate(requests_total[5m])": (0, 1),
    "job:requests_total / rate(job:requests_total[5m])": (0, 1),
    "sum(rate(requests_total{job='a'}[5m]))": (0, 0),
    "count(requests_total)": (0, 1),
    "requests_total - requests_total offset 1h": (0, 2),
    "sum(started_total) - sum(completed_total)": (0, 2),
    "sum(a_total) by (x) - sum(b_total) / rate(a_total[5m])": (0, 2),
    "sum(a_total) by (x) + rate(a_total[5m])": (1, 1),
    "changes(restarts_total[1h])": (0, 1),
    "node_mem_total": (0, 1),
    "a * on (pod) group_left (node) (requests_total * 0 + 1)": (0, 1),
    "pool_total / rate(pool_total[5m])": (1, 1),
    "max_over_time(requests_total[1h]) - min_over_time(requests_total[1h])": (0, 2),
    "sum(reconciles_total{job='a'})": (0, 1),
    "max(brick_capacity_bytes_total)": (0, 1),
    "max(repo_pending_request_total)": (0, 1),
    "uptime_seconds_total": (0, 1),
    "process_uptime_seconds_total / rate(process_uptime_seconds_total[5m])": (1, 1),
}


@pytest.mark.parametrize(("expr", "reported"), COUNTERS.items())
def test_the_value_of_a_counter_is_reported(expr: str, reported: tuple[int, int]) -> None:
    counts = [len(of("target-counter-agg-rule", query(expr), profile)) for profile in ("default", "mixin")]
    assert tuple(counts) == reported


# Panels of a series whose rate another panel shows, and the number of findings.
PROVEN: dict[str, tuple[Json, int]] = {
    "a graph": (query("sum(a_total)"), 1),
    "a graph of Grafana 6": (query("sum(a_total)", "graph"), 1),
    "one value": (query("sum(a_total)", "stat"), 0),
    "a graph that says so": ({**query("sum(a_total)"), "title": "Requests since the start"}, 0),
    "a legend that says so": (query("sum(a_total)", legendFormat="Total"), 0),
    "a hidden query": (query("sum(a_total)", hide=True), 0),
}


@pytest.mark.parametrize(("argument", "reported"), PROVEN.values(), ids=PROVEN)
def test_the_value_of_a_series_whose_rate_is_shown_is_reported(argument: Json, reported: int) -> None:
    panels = {"panels": [argument, query("sum(rate(a_total[5m]))")]}
    assert len(of("target-counter-agg-rule", panels)) == reported


RATES = {
    "rate(x[$__rate_interval])": (0, 0),
    "rate(x[${__rate_interval}])": (0, 0),
    "rate(x[5m])": (0, 1),
    "increase(x[5m])": (0, 1),
    "increase(x[$__range])": (0, 0),
    "rate(x[$__interval])": (1, 1),
    "rate(x[[[__interval]]])": (1, 1),
    "irate(x[$window])": (0, 1),
    "avg_over_time(x[$__interval])": (0, 0),
    "histogram_quantile(0.9, sum by (le) (rate(x[$__interval])))": (1, 1),
    "max_over_time(rate(x[5m])[1h:])": (0, 0),
    "sum(rate(x[5m])) / sum(rate(y[5m]))": (0, 2),
    "rate(x[$__interval]) or irate(x[5m])": (0, 2),
    "rate(x[$__interval]) or irate(y[5m])": (1, 2),
    "rate(x[$__interval]) default 0": (0, 1),
}


@pytest.mark.parametrize(("expr", "reported"), RATES.items())
def test_a_rate_over_the_interval_is_reported(expr: str, reported: tuple[int, int]) -> None:
    counts = [len(of("target-rate-interval-rule", query(expr), profile)) for profile in ("default", "mixin")]
    assert tuple(counts) == reported


# Panels, and whether their window is empty when zoomed in.
ZOOMED: dict[str, tuple[Json, int]] = {
    "an interval of its own": ({**query("rate(x[$__interval])"), "interval": "2m"}, 0),
    "an interval of the query": (query("rate(x[$__interval])", interval="2m"), 0),
    "a rate in a heatmap": (query("sum by (le) (rate(x_bucket[$__interval]))", "heatmap"), 1),
    "each sample once, in a heatmap": (query("sum by (le) (increase(x_bucket[$__interval]))", "heatmap"), 0),
    "each sample once, in few bars": ({**query("increase(x[$__interval])"), "maxDataPoints": 24}, 0),
    "many points": ({**query("increase(x[$__interval])"), "maxDataPoints": "1000"}, 1),
}


@pytest.mark.parametrize(("argument", "reported"), ZOOMED.values(), ids=ZOOMED)
def test_an_interval_with_a_minimum_is_accepted(argument: Json, reported: int) -> None:
    assert len(of("target-rate-interval-rule", argument)) == reported


def test_only_the_profile_mixin_requires_job_and_instance() -> None:
    argument = completed(query("sum(up)"))
    demanded = {"template-job-rule", "template-instance-rule", "target-job-rule", "target-instance-rule"}
    assert findings(argument) == []
    assert names(findings(argument, "mixin")) == demanded
    both = completed(query("sum(up{job=~'$job', instance=~'${instance:regex}'})"))
    assert findings(both, "mixin") == []
    equals = completed({**query("sum(up{job='$job', instance=~'$instance'})"), "repeat": "job"})
    assert messages(findings(equals, "mixin")) == ["query A of panel 'Example' reads 'up' without job=~\"$job\""]


# --- checks that dashboard-linter does not have ------------------------------------------------------------------

# PromQL with variables, and whether it parses for any value.
VARIABLES = {
    "sum(up{job=~'$job'}) $operator 5": True,
    "up{$filters}": True,
    "$query": True,
    "${metric}_total{a='b'}": True,
    "topk($n, up)": True,
    "rate(up[$window])": True,
    "rate(up[${window}m] offset $offset)": True,
    "$aggregation(up)": True,
    "sum by ($label) (up)": True,
    "holt_winters(up[5m], 0.5, 0.5)": True,
    "up # a comment with $dollars": True,
    "sum(up{job=~'$job'} $operator 5": False,
    "up / 5{job='$job'}": False,
    "rate(up)": False,
}


@pytest.mark.parametrize(("expr", "parses"), VARIABLES.items())
def test_a_variable_may_replace_any_part_of_a_query(expr: str, parses: bool) -> None:
    assert (of("target-promql-rule", query(expr)) == []) is parses


# MetricsQL, and whether a dashboard of these queries reads VictoriaMetrics.
METRICSQL = {
    "rate(x) keep_metric_names": True,
    "sum(x) default 0": True,
    "a if b": True,
    "a ifnot (b)": True,
    "up{job='a' or job='b'}": True,
    "x > 8Ki": True,
    "rate(x[3i])": True,
    "range_median(x)": True,
    "median_over_time(x[5m])": True,
    "WITH (a = b) sum(a)": True,
    "rate(vm_rows)": True,
    "rate(cpu{vm_name='a'})": False,
    "rate(x{job='victoria-metrics'})": True,
    "rate(x)": False,
    "sum(x) or 0": False,
    "sum by (default) (rate(x))": False,
    "up{job='a'} or rate(up{job='b'})": False,
    "rate(x{default='if'})": False,
    "rate(x) > 8e3": False,
    "rate(my_range_median(x))": False,
}


@pytest.mark.parametrize(("expr", "metricsql"), METRICSQL.items())
def test_queries_of_victoriametrics_are_no_errors(expr: str, metricsql: bool) -> None:
    assert [f.severity for f in findings(completed(query(expr)))] == ["note" if metricsql else "error"]


def test_an_error_in_a_dashboard_of_victoriametrics_is_a_note() -> None:
    panels = [query("range_median(x)"), query("rate(x)")]
    assert of("target-promql-rule", {"panels": panels})[1] == (
        "query A of panel 'Example' is not PromQL but may be MetricsQL: "
        'expected type range vector in call to function "rate", got instant vector'
    )
    reading = {"name": "x", "type": "query", "query": "query_result(rate(x))", "refresh": 2}
    checked = [f for f in findings(completed(reading)) if f.code.name == "template-label-promql-rule"]
    assert [f.severity for f in checked] == ["error"]
    for sign in ({"tags": ["VictoriaMetrics"]}, {"tags": ["Percona"]}, {"uid": "pmm-home"}):
        checked = [f for f in findings({**completed(reading), **sign}) if f.code.name == "template-label-promql-rule"]
        assert [f.severity for f in checked] == ["note"]
    described = {**completed(reading), "description": "Of Percona Server."}
    assert "error" in [f.severity for f in findings(described) if f.code.name == "template-label-promql-rule"]


def test_a_syntax_error_behind_a_variable_has_its_position() -> None:
    bad = completed(query('rate(up{job=~"${job:regex}"}[$window]) + av_over_time(up[$window])'))
    assert reported(bad).splitlines()[:3] == [
        "shop.json:23:63: error[target-promql-rule]: query A of panel 'Example' is not PromQL: "
        'unknown function with name "av_over_time"',
        '   23 |           "expr": "rate(up{job=~\\"${job:regex}\\"}[$window]) + av_over_time(up[$window])"',
        "      |                                                               ^^^^^^^^^^^^",
    ]


LEGENDS = [
    ("sum by (job) (up)", "{{job}}", 0),
    ("sum by (job) (up)", "{{ instance }} of {{job}}", 1),
    ("sum(up)", "{{job}}", 1),
    ("up", "{{job}}", 0),
    ("topk(5, up)", "{{job}}", 0),
    ("topk(5, sum by (pod) (up))", "{{job}}", 1),
    ("label_replace(sum by (pod) (up), 'job', '$1', 'pod', '(.*)')", "{{job}}", 0),
    ("label_replace(sum by (pod) (up), '$name', '$1', 'pod', '(.*)')", "{{job}}", 0),
    ("sum by ($by) (up)", "{{job}}", 0),
    ("sum by (job) (a) * on (job) group_left (pod) b", "{{pod}}", 0),
    ("count_values('version', up)", "{{version}}", 0),
    ("histogram_quantile(0.9, sum by (le, job) (rate(x_bucket[5m])))", "{{job}}", 0),
    ("histogram_quantile(0.9, sum by (le, job) (rate(x_bucket[5m])))", "{{le}}", 1),
    ("sum without (pod) (up)", "{{job}}", 0),
    ("sum(up{job='$job'})", "$job", 0),
    ("sum(up) $by", "{{job}}", 0),
    ("$aggregation(up)", "{{job}}", 0),
    ("count_values('$label', up)", "{{job}}", 0),
]


@pytest.mark.parametrize(("expr", "legend", "reported"), LEGENDS)
def test_a_legend_with_a_dropped_label_is_reported(expr: str, legend: str, reported: int) -> None:
    assert len(of("dropped-legend-label", query(expr, legendFormat=legend))) == reported


SUMS = {
    "sum(rate(x_total[5m]))": 0,
    "rate(sum(x_total)[5m:])": 1,
    "rate(sum by (job) (x_total)[5m:1m])": 1,
    "increase((sum(x_total))[5m:])": 1,
    "rate(sum(rate(x_total[5m]))[5m:])": 1,
    "max_over_time(sum(rate(x_total[5m]))[1h:])": 0,
    "rate(topk(5, x_total)[5m:])": 0,
    "rate(max without (replica) (x_total)[5m:])": 0,
    "increase(avg by (job) (x_total)[5m:])": 1,
    "rate(job:requests:sum[5m])": 1,
    "avg_over_time(job:requests:sum[5m])": 0,
    "rate(vllm:tokens_sum[5m])": 0,
    "rate(job:requests:max[5m])": 0,
    "rate(requests:sum[5m])": 0,
    "deriv(sum(x)[5m:])": 0,
}


@pytest.mark.parametrize(("expr", "reported"), SUMS.items())
def test_the_rate_of_a_sum_is_reported(expr: str, reported: int) -> None:
    assert len(of("rate-of-sum", query(expr))) == reported


UNDEFINED = {
    "up{a='$missing'}": 1,
    "up{a='${missing:regex}'}": 1,
    "up{a='[[missing]]'}": 1,
    "rate(up[$__rate_interval])": 0,
    "rate(up[$__rate_intervall])": 1,
    "label_replace(up, 'a', '$1', 'b', '(.*)')": 0,
    "label_replace(up, 'a', '$name', 'b', '(?P<name>.*)')": 0,
    "up{a=~'b$'}": 0,
    "up{a=~'\\\\$price'}": 0,
    "up / $__range_s * ${__from:date:seconds}": 0,
}


@pytest.mark.parametrize(("expr", "reported"), UNDEFINED.items())
def test_an_undefined_variable_is_reported(expr: str, reported: int) -> None:
    argument = {"templating": {"list": [variable("datasource")]}, "panels": [query(expr)]}
    assert len(of("undefined-variable", argument)) == reported


def test_a_missing_ref_id_is_an_error_only_where_grafana_adds_none() -> None:
    def severities(dashboard: Any) -> list[tuple[str, str]]:
        reported = findings(dashboard)
        return [(each.severity, each.hint) for each in reported if each.code.name == "missing-ref-id"]

    classic = completed(query("sum(up)"))
    classic["panels"][0]["targets"] = [{"expr": "sum(a)"}, {"refId": "A", "expr": "sum(b)"}]
    assert severities(classic) == [("note", 'add "refId": "B"')]

    panel = element(1, expr="sum(up)")
    queries = panel["spec"]["data"]["spec"]["queries"]
    del queries[0]["spec"]["refId"]
    resource = v2({"panel-1": panel}, [item("panel-1")])
    assert severities(resource) == [("warning", 'add "refId": "A"')]
    queries.append(queries[0])
    assert severities(resource) == [("error", 'add "refId": "A"')] * 2


# Queries, and what is reported of the metrics in them.
RENAMED = {
    "sum(rate(node_cpu[5m]))": ["'node_cpu', which node_exporter 0.16.0 replaced"],
    "node_cpu / node_cpu + node_boot_time": [
        "'node_cpu', which node_exporter 0.16.0 replaced",
        "'node_boot_time', which node_exporter 0.16.0 replaced",
    ],
    "node_cpu_seconds_total": [],
    "node_cpu_seconds_total or node_cpu": [],
    "rate(node_cpu[5m]) or cpu_usage": [],
    "node_cpu or node_intr": [
        "'node_cpu', which node_exporter 0.16.0 replaced",
        "'node_intr', which node_exporter 0.16.0 replaced",
    ],
    "my_node_cpu + node_cpus": [],
    "up{__name__='node_cpu'}": [],
    "rate(apiserver_request_latencies_bucket[5m])": [
        "'apiserver_request_latencies_bucket', which Kubernetes 1.17 replaced"
    ],
    "wmi_os_info": ["'wmi_os_info', which windows_exporter 0.13.0 replaced"],
    "prometheus_local_storage_memory_series": [
        "'prometheus_local_storage_memory_series', which Prometheus 2.0.0 removed"
    ],
    "sum(container_memory_rss{pod_name=~'a.*'})": [
        "'container_memory_rss' by its label 'pod_name', which Kubernetes 1.16 removed"
    ],
    "sum(container_memory_rss{pod='a'} or container_memory_rss{pod_name='a'})": [],
    "sum(my_memory{pod_name='a'})": [],
}


@pytest.mark.parametrize(("expr", "reported"), RENAMED.items())
def test_a_renamed_metric_is_reported(expr: str, reported: list[str]) -> None:
    assert of("renamed-metric", query(expr)) == [f"query A of panel 'Example' reads {what}" for what in reported]


def test_a_renamed_metric_is_reported_once_with_its_new_name_and_its_source() -> None:
    reading = {**variable("host"), "query": "label_values(wmi_os_info{job='a'}, instance)"}
    panels = [query("rate(kubelet_pod_start_latency_microseconds_sum[5m])")] * 2
    result = findings(completed({"templating": {"list": [variable("datasource"), reading]}, "panels": panels}))
    assert [(f.message, f.hint) for f in result if f.code.name == "renamed-metric"] == [
        (
            "query A of panel 'Example' reads 'kubelet_pod_start_latency_microseconds_sum', "
            "which Kubernetes 1.17 replaced",
            "read kubelet_pod_start_duration_seconds_sum; see https://github.com/kubernetes/kubernetes/pull/83837",
        ),
        (
            "variable 'host' reads 'wmi_os_info', which windows_exporter 0.13.0 replaced",
            "read windows_os_info; see https://github.com/prometheus-community/windows_exporter/releases/tag/v0.13.0",
        ),
    ]


def test_each_release_that_renamed_metrics_has_a_date_and_a_source() -> None:
    for release in RELEASES:
        assert date.fromisoformat(release.date) < date(2026, 12, 1)
        assert release.url.startswith("https://")
        olds = [re.split(r"[+>*]", name)[0] for name in release.names.split()]
        assert len(olds) == len({*olds})
        assert all(rename_of(old) for old in olds)
        news = [renamed.new.partition("{")[0] for old in olds if (renamed := rename_of(old)) and renamed.new]
        assert not [new for new in news if rename_of(new)], "the new name is current"


# Queries, and whether the series of their graphs change from step to step.
TOPK = {
    "topk(5, up)": 1,
    "sort_desc(topk by (job) (5, up))": 1,
    "bottomk(5, sum by (pod) (up))": 1,
    "topk(5, up) > 0": 1,
    "sum(topk(5, up))": 0,
    "max_over_time(topk(5, up)[5m:])": 0,
    "up and topk(5, avg_over_time(up[1h] @ end()))": 0,
    "topk(5, up @ end())": 0,
    "sum by (id) (up) * on (id) group_left topk by (id) (1, info)": 0,
    "my_topk(5)": 0,
}


@pytest.mark.parametrize(("expr", "reported"), TOPK.items())
def test_topk_of_each_point_in_time_is_reported(expr: str, reported: int) -> None:
    assert len(of("topk-over-time", query(expr))) == reported
    assert of("topk-over-time", query(expr, "stat")) == []
    assert of("topk-over-time", query(expr, instant=True)) == []


def test_an_undefined_datasource_is_an_error_where_others_are_selected() -> None:
    argument = {**query("sum(up)"), "datasource": {"type": "prometheus", "uid": "${prometheusds}"}}
    for listed, severity in (([], "warning"), ([variable("datasource")], "error")):
        result = findings(completed({"templating": {"list": listed}, "panels": [argument]}))
        assert [f.severity for f in result if f.code.name == "undefined-variable"] == [severity]


def test_undefined_variables_of_titles_repeats_and_datasources_are_reported() -> None:
    argument = {**query("sum(up)"), "title": "$a in $USD", "repeat": "b", "datasource": {"uid": "${c}"}}
    whole = completed({"templating": {"list": []}, "panels": [argument]})
    assert [message.partition(",")[0] for message in messages(findings(whole), "undefined-variable")] == [
        "panel '$a in $USD' uses variable 'a'",
        "the datasource of panel '$a in $USD' uses variable 'c'",
        "the repeat of panel '$a in $USD' uses variable 'b'",
    ]


USED = {
    "in a query": {"targets": [{"refId": "A", "expr": "sum(up{a=~'$job'})"}]},
    "in a title": {"title": "of ${job:text}"},
    "in a repeat": {"repeat": "job"},
    "in a link": {"links": [{"title": "logs", "url": "/d/x?var-job=%24%7Bjob%7D"}]},
    "in a plugin's own language": {"type": "marcusolsson-dynamictext-panel", "options": {"content": "{{ job }}"}},
}


@pytest.mark.parametrize("used", USED.values(), ids=USED)
def test_a_variable_may_be_used_anywhere(used: Json) -> None:
    listed = [variable("datasource"), variable("job")]
    argument = {"templating": {"list": listed}, "panels": [{**query("sum(up)"), **used}]}
    assert of("unused-variable", argument) == []


# Parts of a dashboard, and the severity of a finding about its unused variable.
UNUSED: dict[str, tuple[Json, str]] = {
    "a link that leads elsewhere": ({"links": [{"type": "link", "url": "/d/x", "includeVars": False}]}, "warning"),
    "a link with all variables": ({"links": [{"type": "dashboards", "includeVars": True}]}, "note"),
    "a data link with all variables": ({"annotations": {"list": [{"url": "/d/x?${__all_variables}"}]}}, "note"),
    "a data link with the parameters": ({"annotations": {"list": [{"url": "/d/x?${__url.params}"}]}}, "note"),
}


@pytest.mark.parametrize(("part", "severity"), UNUSED.values(), ids=UNUSED)
def test_an_unused_variable_that_links_pass_on_is_a_note(part: Json, severity: str) -> None:
    listed = [variable("datasource"), variable("job")]
    whole = completed({"templating": {"list": listed}, "panels": [query("sum(up)")], **part})
    assert [f.severity for f in findings(whole) if f.code.name == "unused-variable"] == [severity]


def test_an_unused_variable_that_is_hidden_is_a_note() -> None:
    listed = [variable("datasource"), {**variable("job"), "hide": 2}, {**variable("instance"), "hide": 1}]
    result = findings(completed({"templating": {"list": listed}, "panels": [query("sum(up)")]}))
    assert [(f.message, f.severity) for f in result] == [
        ("variable 'job' is not used", "note"),
        ("variable 'instance' is not used", "warning"),
    ]


def test_a_reference_to_itself_does_not_use_a_variable() -> None:
    alone = {**variable("job"), "regex": "/$job/"}
    chained = {**variable("instance"), "query": "label_values(up{job=~'$job'}, instance)"}
    listed = [variable("datasource"), alone]
    assert len(of("unused-variable", {"templating": {"list": listed}, "panels": [query("sum(up)")]})) == 1
    assert of("unused-variable", {"templating": {"list": [*listed, chained]}, "panels": [query("sum(up)")]}) == [
        "variable 'instance' is not used"
    ]


def test_variables_are_not_reported_if_a_library_panel_may_use_them() -> None:
    reference = {"type": "stat", "targets": None, "libraryPanel": {"uid": "u", "name": "n"}}
    listed = [variable("datasource"), variable("job")]
    assert of("unused-variable", {"templating": {"list": listed}, "panels": [reference]}) == []


def test_a_row_with_the_id_of_a_panel_is_reported() -> None:
    row: Json = {"type": "row", "title": "R", "id": 1, "collapsed": False, "panels": []}
    assert of("duplicate-panel-id", {"panels": [{**row, "gridPos": None}, {**query("sum(up)"), "id": 1}]}) == [
        "row 'R' has the id 1 of panel 'Example'"
    ]


def test_panels_with_the_id_0_get_others_from_grafana() -> None:
    panels = [{**query("sum(up)"), "id": 0}, {**query("sum(up)"), "id": 0}]
    assert of("duplicate-panel-id", {"panels": panels}) == []


def test_a_map_needs_no_query() -> None:
    assert of("panel-no-targets-rule", {"type": "geomap", "title": "M", "targets": []}) == []


@pytest.mark.parametrize("mark", [{"repeatPanelId": 1}, {"repeatedByRow": True}])
def test_copies_of_repeated_panels_are_not_checked(mark: Json) -> None:
    first = {**query("sum(up{job=~'$job'})"), "repeat": "job", "id": 1, "gridPos": {"x": 0, "y": 0, "w": 24, "h": 8}}
    copy = {**first, **mark, "repeat": None, "scopedVars": {"job": {"value": "a"}}}
    assert names(findings(completed({"panels": [first, {**copy, "id": 1}]}))) == set()
    old = {"title": "R", "panels": [{**copy, "gridPos": None, "targets": []}]}
    assert of("panel-no-targets-rule", {"panels": [first], "rows": [old]}) == []


def test_an_input_of_an_export_selects_the_datasource_of_a_variable() -> None:
    requested = [{"name": "DS_PROMETHEUS", "type": "datasource", "pluginId": "prometheus"}]
    job = {**variable("job"), "datasource": {"type": "prometheus", "uid": "${DS_PROMETHEUS}"}}
    argument = {"templating": {"list": [variable("datasource"), job]}, "panels": [query("sum(up{job=~'$job'})")]}
    assert of("template-job-rule", {**argument, "__inputs": requested}) == []
    assert of("template-job-rule", argument) == ["variable 'job' does not read the datasource that is chosen"]


def test_a_query_of_another_exporter_need_not_match_job() -> None:
    heeding = [{"refId": ref, "expr": f"node_{ref}{{job=~'$job'}}"} for ref in "AB"]
    for expr, reported in {"node_c": 1, "kube_c": 0, "job:node_c:sum": 0, "vector(1)": 0, "node_c + kube_c": 0}.items():
        argument = {**query(""), "targets": [*heeding, {"refId": "C", "expr": expr}]}
        assert len(of("target-job-rule", argument)) == reported, expr


def test_a_unit_and_thresholds_of_the_same_fields_may_be_in_two_overrides() -> None:
    of_count = {"matcher": {"id": "byName", "options": "Count"}}
    steps = {"mode": "absolute", "steps": [{"value": None}, {"value": 80}]}
    overrides = [
        {**of_count, "properties": [{"id": "thresholds", "value": steps}]},
        {**of_count, "properties": [{"id": "unit", "value": "none"}]},
    ]
    config = {"defaults": {"unit": "percentunit"}, "overrides": overrides}
    assert of("percentunit-threshold", {**query("a / b", "table"), "fieldConfig": config}) == []
    config["overrides"] = overrides[:1]
    assert len(of("percentunit-threshold", {**query("a / b", "table"), "fieldConfig": config})) == 1


def test_an_undefined_variable_of_a_layout_is_reported() -> None:
    argument = v2({"p": element(1, expr="sum(up)")}, [item("p", repeat="zone")])
    assert messages(findings(argument), "undefined-variable") == [
        "the repeat of panel 'Panel 1' uses variable 'zone', which is not defined"
    ]


def gauge(unit: str, *values: Any, kind: str = "gauge", expr: str = "a / b", **defaults: Any) -> Json:
    steps = [{"color": "green", "value": value} for value in values]
    thresholds = {"mode": "absolute", "steps": steps}
    config = {"defaults": {"unit": unit, "thresholds": thresholds, **defaults}, "overrides": []}
    return {**query(expr, kind), "fieldConfig": config}


THRESHOLDS = {
    "a ratio with 80": (gauge("percentunit", None, 80), {("percentunit-threshold", "error")}),
    "a ratio with 80 that is not drawn": (
        gauge("percentunit", None, 80, kind="timeseries"),
        {("percentunit-threshold", "note")},
    ),
    "a ratio with 0.8": (gauge("percentunit", None, 0.8, 1), set()),
    "a ratio above one, as the range says": (gauge("percentunit", None, 1.5, max=2), set()),
    "percent with 80": (gauge("percent", None, 80), set()),
    "percent of a ratio": (gauge("percent", None, 0.8), {("percentunit-threshold", "error")}),
    "percent that is one": (gauge("percent", None, 0.8, expr="100 * a / b"), set()),
    "out of order": (gauge("s", None, 90, 80), {("threshold-order", "error")}),
    "out of order, not drawn": (gauge("s", None, 90, 80, kind="timeseries"), {("threshold-order", "note")}),
    "below the first": (gauge("s", 90, 80), set()),
    "twice the same": (gauge("s", None, 80, 80), {("threshold-order", "note")}),
    "the text null": (gauge("s", "null", 80), {("null-threshold-base", "error")}),
    "no null at all": (gauge("s", 0, 80), set()),
    "a number as a text, which browsers compare as one": (gauge("s", None, "80", ""), set()),
    "a text that is no number": (gauge("s", None, "high"), {("null-threshold-base", "error")}),
    "a ratio that may be above one": (gauge("percentunit", None, 0.9, 1.5), {("percentunit-threshold", "note")}),
    "a ratio of ten": (gauge("percentunit", None, 10), {("percentunit-threshold", "note")}),
    "a ratio above ten": (gauge("percentunit", None, 10.1), {("percentunit-threshold", "error")}),
    "percent with a slash in a string": (gauge("percent", None, 1, expr="used{path='/'}"), set()),
    "percent, recorded as such": (gauge("percent", None, 1, expr="a_percent / on(x) b"), set()),
    "percent over minutes": (gauge("percent", None, 1, expr="idle / 60"), set()),
}


@pytest.mark.parametrize(("argument", "reported"), THRESHOLDS.values(), ids=THRESHOLDS)
def test_thresholds_are_in_order_and_in_the_unit_of_the_panel(argument: Json, reported: set[tuple[str, str]]) -> None:
    assert {(finding.code.name, finding.severity) for finding in findings(completed(argument))} == reported


GRIDS = {
    "side by side": ([(0, 0, 12, 8), (12, 0, 12, 8)], 0),
    "one above the other": ([(0, 0, 24, 8), (0, 8, 24, 8)], 0),
    "one in another": ([(0, 0, 24, 8), (2, 2, 4, 4)], 1),
    "each on the first": ([(0, 0, 24, 8), (0, 4, 12, 8), (12, 4, 12, 8)], 2),
    "beyond the last column": ([(16, 0, 12, 8)], 1),
    "without a size": ([(0, 0, 0, 0), (0, 0, 12, 8)], 0),
}


@pytest.mark.parametrize(("places", "reported"), GRIDS.values(), ids=GRIDS)
def test_overlapping_panels_are_reported(places: list[tuple[int, ...]], reported: int) -> None:
    panels = [{**query("sum(up)"), "gridPos": dict(zip("xywh", place, strict=True))} for place in places]
    assert len(of("grid-overlap", {"panels": panels})) == reported


def test_an_overlap_of_a_row_is_a_note() -> None:
    row: Json = {"type": "row", "title": "R", "collapsed": False, "gridPos": {"x": 0, "y": 0, "w": 24, "h": 1}}
    below = {**query("sum(up)"), "gridPos": {"x": 0, "y": 0, "w": 24, "h": 8}}
    result = findings(completed({"panels": [{**row, "panels": []}, below]}))
    assert [(f.message, f.severity) for f in result] == [("panel 'Example' overlaps row 'R'", "note")]


def test_panels_of_a_collapsed_row_do_not_overlap_those_after_it() -> None:
    place = {"x": 0, "y": 1, "w": 24, "h": 8}
    row = {"type": "row", "title": "Folded", "collapsed": True, "gridPos": {"x": 0, "y": 0, "w": 24, "h": 1}}
    inside = {**query("sum(up)"), "gridPos": place}
    assert of("grid-overlap", {"panels": [{**row, "panels": [inside]}, {**query("sum(up)"), "gridPos": place}]}) == []


LOGQL = {
    "{job='a'} |= `b`": 0,
    "sum by (level) (count_over_time({job='a'} | json | level=~`$level` [$__auto]))": 0,
    '{job="a"} | line_format "{{.msg}} ("': 0,
    "$query": 0,
    "{job='a'": 1,
    "{job='a'} |= `b": 1,
    "sum(rate({job='a'}[5m])": 1,
    "sum(up)": 1,
}


@pytest.mark.parametrize(("expr", "reported"), LOGQL.items())
def test_incomplete_logql_is_reported(expr: str, reported: int) -> None:
    loki = {**query(expr, "logs"), "datasource": {"type": "loki", "uid": "${loki_datasource}"}}
    assert len(of("target-logql-rule", loki)) == reported


VARIABLE_QUERIES = {
    "label_values(up, job)": 0,
    "label_values(job)": 0,
    "label_values(up{a=~'$job'}, $label)": 0,
    "label_values({__name__=~'a.*'}, instance)": 0,
    "label_names()": 0,
    "metrics(node_.*)": 0,
    "query_result(topk(5, sum by (job) (up)))": 0,
    "up{job='a'}": 0,
    "label_values(up, @resource.k8s.node.label.node.kubernetes.io/type)": 0,
    'label_values(up, "k8s.pod.name")': 0,
    "label_values(up, ${label:raw})": 0,
    "label_values(up, )": 1,
    "label_values(up{a, b='c', })": 1,
    "label_values(up{a='b', job)": 1,
    "query_result(sum(up)": 1,
    "label_values(up, job": 1,
}


@pytest.mark.parametrize(("requested", "reported"), VARIABLE_QUERIES.items())
def test_an_invalid_query_of_a_variable_is_reported(requested: str, reported: int) -> None:
    assert len(of("template-label-promql-rule", {**variable("job"), "query": requested})) == reported


def test_an_unknown_series_is_reported_if_the_series_are_known() -> None:
    argument = completed({"panels": [query("sum(up) / sum(reqests_total)"), query("sum(${metric}_total)")]})
    assert messages(findings(argument, known_series={"requests_total", "up"}), "unknown-series") == [
        "query A of panel 'Example' reads 'reqests_total', which no service exposes and no rule records"
    ]
    assert messages(findings(argument), "unknown-series") == []


# --- the file .lint ----------------------------------------------------------------------------------------------


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two dashboards, each with two counters as they stand."""
    monkeypatch.chdir(tmp_path)
    for title in ("Shop", "Stock"):
        targets = [
            {"refId": ref, "expr": f"{name}_total / rate({name}_total[5m])"}
            for ref, name in (("A", "requests"), ("B", "errors"))
        ]
        whole = completed({**query(""), "title": "Traffic", "targets": targets})
        Path(f"{title.lower()}.json").write_text(text({**whole, "title": title}))
    return tmp_path


FILES = ["shop.json", "stock.json"]

# What `.lint` says, and what is left of the four findings, by severity.
LINT_FILES: dict[str, tuple[str, list[str]]] = {
    "nothing": ("", ["error"] * 4),
    "a rule": ("exclusions:\n  target-counter-agg-rule:\n", []),
    "a rule with a reason": ("exclusions:\n  target-counter-agg-rule:\n    reason: totals are meant\n", []),
    "a dashboard": (
        "exclusions:\n  target-counter-agg-rule:\n    entries:\n    - dashboard: Shop\n      reason: meant so\n",
        ["error"] * 2,
    ),
    "a panel": ("exclusions:\n  target-counter-agg-rule:\n    entries:\n    - panel: Traffic\n", []),
    "a query": (
        "exclusions:\n  target-counter-agg-rule:\n    entries:\n    - panel: Traffic\n      targetIdx: 1\n",
        ["error"] * 2,
    ),
    "a query as a text": (
        "exclusions:\n  target-counter-agg-rule:\n    entries:\n    - dashboard: Shop\n      targetIdx: '0'\n",
        ["error"] * 3,
    ),
    "a warning": ("warnings:\n  target-counter-agg-rule:\n", ["warning"] * 4),
    "both": ("exclusions:\n  target-counter-agg-rule:\nwarnings:\n  target-counter-agg-rule:\n", ["warning"] * 4),
}


@pytest.mark.parametrize(("lint_file", "severities"), LINT_FILES.values(), ids=LINT_FILES)
def test_the_lint_file_excludes_findings(lint_file: str, severities: list[str], two: Path) -> None:
    Path(".lint").write_text(lint_file)
    result = lint_files(FILES, profile="mixin")
    assert [finding.severity for finding in result if finding.code.name == "target-counter-agg-rule"] == severities
    assert "lint-file" not in names(result)


IN_VAIN = """\
exclusions:
  target-counter-agg-rule:
    entries:
    - dashboard: Shop
      panel: Traffc
    - dashboard: Elsewhere
  rate-of-sum:
  target-job-rule:
  rat-of-sum:
warnings: 5
other:
"""


def test_an_exclusion_without_a_finding_is_reported(two: Path) -> None:
    Path(".lint").write_text(IN_VAIN)
    reported = [
        f"{finding.span}: {finding.message}" for finding in lint_files(FILES) if finding.code.name == "lint-file"
    ]
    assert reported == [
        ".lint:4:7: target-counter-agg-rule excludes nothing here",
        ".lint:7:3: rate-of-sum excludes nothing here",
        ".lint:9:3: there is no rule 'rat-of-sum'",
        ".lint:10:11: this is the number 5, not a mapping",
        ".lint:11:1: there is no section 'other'",
    ]
    reported = [f"{f.span}: {f.message}" for f in lint_files(FILES[:1]) if "excludes nothing" in f.message]
    assert reported == [".lint:4:7: target-counter-agg-rule excludes nothing here"], "the other file was not looked at"


ODD_LINT_FILES = [
    "[",
    "- a",
    "a: [",
    "5",
    "exclusions: [a]",
    "exclusions: {a: b}",
    "exclusions: {rate-of-sum: {entries: a}}",
]


@pytest.mark.parametrize(
    "lint_file",
    [*ODD_LINT_FILES, "exclusions: {rate-of-sum: {entries: [a, {targetIdx: x}, {b: c}]}}", "\x00", "[" * 9999],
)
def test_an_invalid_lint_file_is_reported_and_excludes_nothing(lint_file: str, two: Path) -> None:
    Path(".lint").write_text(lint_file)
    result = lint_files(FILES)
    assert "lint-file" in names(result)
    assert len(messages(result, "target-counter-agg-rule")) == 4


# --- files and the command ---------------------------------------------------------------------------------------


def test_files_that_cannot_be_read_are_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("latin.json").write_bytes(b'{"title": "Gr\xf6\xdfe"}')
    Path("folder.json").mkdir()
    Path("loop.json").symlink_to("loop.json")
    Path("wide.json").write_text(text(BAD), "utf-16")
    result = lint_files(["latin.json", "folder.json", "loop.json", "wide.json"])
    assert [f"{finding.span}: {finding.message}" for finding in result] == [
        "folder.json:1:1: cannot read folder.json: Is a directory",
        "latin.json:1:1: cannot read latin.json: it is not UTF-8",
        "loop.json:1:1: cannot read loop.json: Too many levels of symbolic links",
        "wide.json:1:1: cannot read wide.json: it is UTF-16, not UTF-8",
    ]


def test_findings_of_other_files_are_reported_if_a_file_is_missing(project_folder: ProjectFolder) -> None:
    (project_folder.root / "bad.json").write_text(text(BAD))
    ended = project_folder.run("check", "bad.json", "none.json")
    assert ended.exit == Exit.ERROR
    assert "none.json does not exist" in ended.err
    assert "bad.json:23:27: error[multi-value-equals]" in ended.err


def test_a_byte_order_mark_and_other_line_ends_are_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("shop.json").write_bytes(b"\xef\xbb\xbf" + text(BAD).replace("\n", "\r\n").encode())
    (finding,) = lint_files(["shop.json"])
    assert str(finding.span) == str(findings(BAD, file="shop.json")[0].span)


def test_the_command_checks_dashboard_files(project_folder: ProjectFolder) -> None:
    (project_folder.root / "good.json").write_text(text(completed(query("sum(up)"))))
    (project_folder.root / "bad.json").write_text(text(BAD))
    ended = project_folder.run("check", "good.json")
    assert (ended.exit, ended.out, ended.err) == (Exit.OK, "OK: 1 dashboard\n", "")
    ended = project_folder.run("check", "good.json", "bad.json")
    assert (ended.exit, ended.out) == (Exit.FINDINGS, "1 error: 2 dashboards\n")
    assert ended.err.startswith("bad.json:23:27: error[multi-value-equals]: ")
    ended = project_folder.run("check", "good.json", "--profile", "mixin")
    assert ended.exit == Exit.FINDINGS
    assert "error[target-job-rule]" in ended.err


def test_a_missing_file_is_an_error(project_folder: ProjectFolder) -> None:
    ended = project_folder.run("check", "none.json", "definitions")
    assert (ended.exit, ended.out, ended.err) == (
        Exit.ERROR,
        "",
        "error[missing-file]: none.json does not exist\n"
        "Explanations: docs/checks.md#CODE, or run: obscode explain CODE\n",
    )
    assert project_folder.run("check", "a", "b").err.endswith("Got unexpected extra argument (b)\n")


def test_warnings_do_not_fail_the_command(project_folder: ProjectFolder) -> None:
    (project_folder.root / "shop.json").write_text(text({**completed(query("sum(up)")), "editable": True}))
    ended = project_folder.run("check", "shop.json", "--quiet", "--notes")
    assert (ended.exit, ended.out) == (Exit.OK, "")
    assert "note[uneditable-dashboard]" in ended.err


def test_the_dashboards_of_this_repository_have_no_findings() -> None:
    files = sorted((REPOSITORY / "build" / "grafana" / "dashboards").rglob("*.json"))
    assert files
    assert [str(finding) for finding in lint_files(files)] == []
