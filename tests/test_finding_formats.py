"""`obscode check --format`: findings as documents for editors, GitHub Actions and code scanning."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conftest import CommandResult, ProjectFolder

from obscode.findings.code import Code
from obscode.findings.finding import Finding, SourceSpan
from obscode.findings.formats import FORMATS
from obscode.findings.formats.report import Report

ODD = Code("test-odd", "Names are  even.", severity="warning", why="readers count them.")
OWN = Code("test-owner", "Alerts have an owner.", severity="note")
SPAN = SourceSpan("rules/my shop.yml", 3, 5, 3, 9)
FINDINGS = [
    Finding(ODD, "100% of 'a:b, c'\nare odd", "write\r\neven", SPAN, "error"),
    Finding(OWN, "no owner", span=SourceSpan("a,b:c.yml", 1, 2, 4, 3), severity="note"),
    Finding(ODD, "nowhere", severity="warning"),
]
REPORT = Report(FINDINGS, {"test-odd"}, "1.2")
RULES = "groups:\n- name: g\n  rules:\n  - record: 'a:b'\n    expr: sum(rate(errors_total[5m])\n"
# A warning and a note.
STYLE = "groups:\n- name: g\n  rules:\n  - alert: Down\n    expr: up\n"


@pytest.fixture
def folder(project_folder: ProjectFolder) -> ProjectFolder:
    (project_folder.root / "rules.yml").write_text(RULES)
    (project_folder.root / "style.yml").write_text(STYLE)
    return project_folder


def test_gitlab_has_an_object_for_each_finding_with_a_place() -> None:
    listed = json.loads(FORMATS["gitlab"](REPORT))
    fingerprints = {item.pop("fingerprint") for item in listed}
    assert len(fingerprints) == 2
    assert listed == [
        {
            "description": "100% of 'a:b, c'\nare odd; write\r\neven",
            "check_name": "test-odd",
            "severity": "major",
            "location": {"path": "rules/my shop.yml", "lines": {"begin": 3}},
        },
        {
            "description": "no owner",
            "check_name": "test-owner",
            "severity": "info",
            "location": {"path": "a,b:c.yml", "lines": {"begin": 1}},
        },
    ]


def test_the_fingerprint_of_gitlab_stays_when_a_finding_moves_and_differs_for_equal_findings() -> None:
    def fingerprints(*lines: int) -> list[str]:
        findings = [Finding(ODD, "odd", span=SourceSpan("a.yml", line)) for line in lines]
        return [item["fingerprint"] for item in json.loads(FORMATS["gitlab"](Report(findings)))]

    assert fingerprints(1, 5) == fingerprints(2, 9)
    assert len(set(fingerprints(1, 5))) == 2


def test_json_has_an_object_for_each_finding_and_null_for_what_is_not_known() -> None:
    assert json.loads(FORMATS["json"](REPORT)) == [
        {
            "code": "test-odd",
            "severity": "error",
            "message": "100% of 'a:b, c'\nare odd",
            "hint": "write\r\neven",
            "file": "rules/my shop.yml",
            "line": 3,
            "column": 5,
            "end_line": 3,
            "end_column": 9,
            "url": "docs/checks.md#test-odd",
            "fixable": False,
            "fix": None,
        },
        {
            "code": "test-owner",
            "severity": "note",
            "message": "no owner",
            "hint": None,
            "file": "a,b:c.yml",
            "line": 1,
            "column": 2,
            "end_line": 4,
            "end_column": 3,
            "url": None,
            "fixable": False,
            "fix": None,
        },
        {
            "code": "test-odd",
            "severity": "warning",
            "message": "nowhere",
            **dict.fromkeys(("hint", "file", "line", "column", "end_line", "end_column")),
            "url": "docs/checks.md#test-odd",
            "fixable": False,
            "fix": None,
        },
    ]


def test_github_commands_escape_values_and_have_columns_in_one_line_only() -> None:
    assert FORMATS["github"](REPORT).split("\n") == [
        "::error file=rules/my shop.yml,line=3,col=5,endLine=3,endColumn=9,title=test-odd"
        "::100%25 of 'a:b, c'%0Aare odd%0Awrite%0D%0Aeven",
        "::notice file=a%2Cb%3Ac.yml,line=1,endLine=4,title=test-owner::no owner",
        "::warning title=test-odd::nowhere",
    ]


def test_sarif_has_the_codes_as_rules_and_the_findings_as_results() -> None:
    log = json.loads(FORMATS["sarif"](REPORT))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["tool"]["driver"] == {
        "name": "obscode",
        "version": "1.2",
        "rules": [
            {
                "id": "test-odd",
                "shortDescription": {"text": "Names are even."},
                "help": {"text": "Names are even. Why: readers count them. See docs/checks.md#test-odd"},
                "defaultConfiguration": {"level": "warning"},
            },
            {
                "id": "test-owner",
                "shortDescription": {"text": "Alerts have an owner."},
                "help": {"text": "Alerts have an owner."},
                "defaultConfiguration": {"level": "note"},
            },
        ],
    }
    assert run["results"] == [
        result(
            "test-odd", 0, "error", "100% of 'a:b, c'\nare odd\nhint: write\r\neven", "rules/my%20shop.yml", 3, 5, 3, 9
        ),
        result("test-owner", 1, "note", "no owner", "a%2Cb%3Ac.yml", 1, 2, 4, 3),
        {"ruleId": "test-odd", "ruleIndex": 0, "level": "warning", "message": {"text": "nowhere"}},
    ]


def result(code: str, number: int, level: str, text: str, uri: str, *region: int) -> dict[str, Any]:
    keys = ("startLine", "startColumn", "endLine", "endColumn")
    location = {
        "artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"},
        "region": dict(zip(keys, region, strict=True)),
    }
    locations = [{"physicalLocation": location}]
    return {"ruleId": code, "ruleIndex": number, "level": level, "message": {"text": text}, "locations": locations}


def test_sarif_has_absolute_uris_for_files_elsewhere_and_no_end_that_is_not_known() -> None:
    spans = [SourceSpan("/else where/a.yml", 2), SourceSpan("http://localhost:1/metrics", 1)]
    log = json.loads(FORMATS["sarif"](Report([Finding(ODD, "odd", span=span) for span in spans])))
    assert [each["locations"][0]["physicalLocation"] for each in log["runs"][0]["results"]] == [
        {"artifactLocation": {"uri": "file:///else%20where/a.yml"}, "region": {"startLine": 2, "startColumn": 1}},
        {"artifactLocation": {"uri": "http://localhost:1/metrics"}, "region": {"startLine": 1, "startColumn": 1}},
    ]


def test_a_document_without_findings_is_complete() -> None:
    assert [FORMATS[name](Report([])) for name in ("json", "github")] == ["[]", ""]
    assert json.loads(FORMATS["sarif"](Report([])))["runs"] == [
        {"tool": {"driver": {"name": "obscode", "rules": []}}, "columnKind": "unicodeCodePoints", "results": []}
    ]


def test_check_prints_the_document_only_on_stdout(folder: ProjectFolder) -> None:
    for form in ("json", "sarif"):
        ended = folder.run("check", "rules.yml", "--format", form)
        assert ended.exit == 1
        assert json.loads(ended.out)
        assert ended.err == "1 error: 1 rule file\n"
    assert folder.run("check", "rules.yml", "--format", "github", "--quiet").out == (
        "::error file=rules.yml,line=5,col=14,endLine=5,endColumn=15,title=promql-syntax"
        "::a:b: unclosed left parenthesis%0Athe expression is 'sum(rate(errors_total[5m])'\n"
    )


def test_text_ends_with_where_codes_are_explained(folder: ProjectFolder) -> None:
    last = "Explanations: docs/checks.md#CODE, or run: obscode explain CODE"
    assert folder.run("check", "rules.yml").err.splitlines()[-1] == last
    assert last not in folder.run("check", "rules.yml", "--quiet").err


def test_errors_that_end_a_command_are_in_the_document(folder: ProjectFolder) -> None:
    ended = folder.run("check", "none.yml", "--format", "github")
    assert ended == CommandResult(2, "::error title=missing-file::none.yml does not exist\n", "")
    folder.write(
        shop='shop = Service("shop", owner="a", alerts=[Alert("Down", "up == 0", severity="pag", summary="x")])'
    )
    ended = folder.run("check", "--format", "json")
    assert (ended.exit, [each["code"] for each in json.loads(ended.out)]) == (1, ["unknown-severity"])


FAILING = {
    "an error": (["rules.yml"], 1),
    "a warning": (["style.yml"], 0),
    "a warning, from warnings on": (["style.yml", "--fail-on", "warning"], 1),
    "a warning, from notes on": (["style.yml", "--fail-on", "note"], 1),
    "an error, from warnings on": (["rules.yml", "--fail-on", "warning"], 1),
    "a note that is not reported": (["note.yml", "--fail-on", "note"], 0),
    "a note": (["note.yml", "--fail-on", "note", "--notes"], 1),
    "a note, from warnings on": (["note.yml", "--fail-on", "warning", "--notes"], 0),
}


@pytest.mark.parametrize(("arguments", "code"), FAILING.values(), ids=FAILING)
def test_the_exit_code_depends_on_the_severity(folder: ProjectFolder, arguments: list[str], code: int) -> None:
    (folder.root / "note.yml").write_text(STYLE.replace("expr: up", "expr: up == 0"))
    assert folder.run("check", *arguments).exit == code


def test_findings_of_checks_are_reported_without_tools(folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    folder.write(shop='shop = Service("shop", owner="a", alerts=[Alert("Down", "up", severity="page", summary="x")])')
    ended = folder.run("check", "--format", "json")
    assert (ended.exit, [each["code"] for each in json.loads(ended.out)]) == (2, ["tool-error", "alert-comparison"])
