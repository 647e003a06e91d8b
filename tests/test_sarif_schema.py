"""The SARIF logs of obscode are valid in the published schema: `tests/sarif_schema/README.md`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from conftest import ProjectFolder
from jsonschema import Draft4Validator, FormatChecker

from obscode.checks import registry
from obscode.findings.finding import Finding, SourceSpan
from obscode.findings.formats import FORMATS
from obscode.findings.formats.report import Report

FORMAT = FormatChecker(formats=())


@FORMAT.checks("uri")
def has_a_scheme(value: object) -> bool:
    return bool(urlsplit(str(value)).scheme)


@FORMAT.checks("uri-reference")
def is_reference(value: object) -> bool:
    return " " not in str(value) and "\\" not in str(value)


SCHEMA = json.loads((Path(__file__).parent / "sarif_schema" / "schema.json").read_text())
VALIDATOR = Draft4Validator(SCHEMA, format_checker=FORMAT)


def errors(log: Any) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(log)]


def test_findings_of_every_code_and_place_are_valid() -> None:
    places = [
        None,
        SourceSpan("my rules/ü.yml", 3, 5, 4, 9),
        SourceSpan("/elsewhere/a.yml", 2),
        SourceSpan("http://localhost:1/metrics", 0, 0),
    ]
    codes = registry.codes()
    findings = [Finding(code, "odd", "even", place) for code in codes.values() for place in places]
    assert errors(json.loads(FORMATS["sarif"](Report(findings, codes.keys(), "1.0")))) == []
    assert errors(json.loads(FORMATS["sarif"](Report([])))) == []


def test_a_log_with_fixes_is_valid(project_folder: ProjectFolder) -> None:
    rules = "groups:\n- name: g\n  rules:\n  - record: a:b:c\n    expr: quantile by (b) (99, x)\n"
    (project_folder.root / "rules.yml").write_text(rules)
    log = json.loads(project_folder.run("check", "rules.yml", "--format", "sarif").out)
    assert log["runs"][0]["results"][0]["fixes"]
    assert errors(log) == []


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("version",), "2.0.0", "'2.0.0' is not one of ['2.1.0']"),
        (("runs", 0, "results", 0, "level"), "bad", "'bad' is not one of ['none', 'note', 'warning', 'error']"),
        (("runs", 0, "tool", "driver", "name"), 1, "1 is not of type 'string'"),
    ],
)
def test_the_schema_rejects_other_logs(path: tuple[str | int, ...], value: object, message: str) -> None:
    code = next(iter(registry.codes().values()))
    log = json.loads(FORMATS["sarif"](Report([Finding(code, "odd")])))
    *parents, last = path
    at = log
    for step in parents:
        at = at[step]
    at[last] = value
    assert errors(log) == [message]
