"""`obscode check --fix`: certain remedies are written into files, and nothing else changes."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
from conftest import ProjectFolder

from obscode.findings.code import Code
from obscode.findings.finding import Finding, SourceSpan
from obscode.findings.fix import Fix
from obscode.findings.formats import FORMATS
from obscode.findings.formats.report import Report
from obscode.project.check_files import check_files
from obscode.project.fixes import apply_fixes

ODD = Code("test-odd", "Names are even.", severity="warning")

# The rule of a group with `interval: 1m`, and what --fix makes of it.
RULES = {
    "bool of the whole condition": ("alert: A\n    expr: up == bool 0", "alert: A\n    expr: up == 0"),
    "for below the interval": ("alert: A\n    expr: up == 0\n    for: 15s", "alert: A\n    expr: up == 0\n    for: 1m"),
    "a quantile in percent": (
        "record: a:b:c\n    expr: histogram_quantile(99, sum by (job, le) (rate(x_bucket[5m])))",
        "record: a:b:c\n    expr: histogram_quantile(0.99, sum by (job, le) (rate(x_bucket[5m])))",
    ),
    "buckets by other labels": (
        "record: a:b:c\n    expr: histogram_quantile(0.9, sum by (job,  pod) (rate(x_bucket[5m])))",
        "record: a:b:c\n    expr: histogram_quantile(0.9, sum by (job,  pod, le) (rate(x_bucket[5m])))",
    ),
    "buckets without grouping, in double quotes": (
        'record: a:b:c\n    expr: "histogram_quantile(0.9, sum(rate(x_bucket{a=\\"b\\"}[5m])))"',
        'record: a:b:c\n    expr: "histogram_quantile(0.9, sum by (le)(rate(x_bucket{a=\\"b\\"}[5m])))"',
    ),
    "vector(0) beside labels, in a block": (
        "record: a:b:c\n    expr: |  # kept\n      # or\n      sum by (job) (x)\n        or\n      vector(0)",
        "record: a:b:c\n    expr: |  # kept\n      # or\n      sum by (job) (x)\n        or on ()\n      vector(0)",
    ),
    "a metric that received a unit": (
        "record: a:b:c\n    expr: sum by (job) (rate(node_cpu{mode='idle'}[5m]))",
        "record: a:b:c\n    expr: sum by (job) (rate(node_cpu_seconds_total{mode='idle'}[5m]))",
    ),
}

# What may have several meanings, or several places.
UNCERTAIN = {
    "bool inside": "alert: A\n    expr: (up == bool 0) + 1",
    "bool between numbers": "alert: A\n    expr: 1 < bool 2",
    "a quantile that may be 0.02 or 0.2": "record: a:b:c\n    expr: quantile by (job) (2, x_seconds)",
    "le removed by without": "record: a:b:c\n    expr: histogram_quantile(0.9, sum without (le, vmrange) (x_bucket))",
    "a metric whose unit changed": "record: a:b:c\n    expr: rate(node_disk_io_time_weighted[5m])",
    "a metric that occurs twice": "record: a:b:c\n    expr: rate(node_cpu[5m]) / rate(node_cpu[1h])",
    "a value that may be a text": 'alert: A\n    expr: up{code="500|502"} == 0',
}


def rule_file(rule: str) -> str:
    return f"groups:\n- name: g\n  interval: 1m\n  rules:\n  - {rule}\n"


@pytest.mark.parametrize("name", RULES)
def test_a_certain_fix_of_a_rule_is_written_and_the_finding_is_gone(name: str, tmp_path: Path) -> None:
    before, after = (rule_file(rule) for rule in RULES[name])
    file = tmp_path / "rules.yml"
    file.write_text(before)
    (fixed,) = apply_fixes(check_files([file]).findings, [file])
    assert file.read_text() == after
    assert fixed.finding.code.name not in {finding.code.name for finding in check_files([file]).findings}


@pytest.mark.parametrize("name", UNCERTAIN)
def test_what_is_not_certain_is_reported_and_stays(name: str, tmp_path: Path) -> None:
    file = tmp_path / "rules.yml"
    file.write_text(rule_file(UNCERTAIN[name]))
    findings = check_files([file]).findings
    assert findings
    assert apply_fixes(findings, [file]) == []
    assert file.read_text() == rule_file(UNCERTAIN[name])


@pytest.mark.parametrize(("quantile", "is_fixed"), [("49", False), ("50", True), ("100", True), ("101", False)])
def test_a_quantile_from_50_to_100_is_a_percentage(quantile: str, is_fixed: bool, tmp_path: Path) -> None:
    file = tmp_path / "rules.yml"
    file.write_text(rule_file(f"record: a:b:c\n    expr: quantile by (job) ({quantile}, x_seconds)"))
    assert bool(apply_fixes(check_files([file]).findings, [file])) is is_fixed


def test_line_ends_and_the_byte_order_mark_and_the_permissions_of_a_file_stay(tmp_path: Path) -> None:
    file = tmp_path / "rules.yml"
    text = "\ufeffgroups:\r\n- name: ä\r\n  rules:\r\n  - alert: A\r\n    expr: up == bool 0"
    file.write_bytes(text.encode())
    file.chmod(0o640)
    link = tmp_path / "link.yml"
    link.symlink_to(file)
    assert len(apply_fixes(check_files([link]).findings, [link])) == 1
    assert file.read_bytes() == text.replace("bool ", "").encode()
    assert file.stat().st_mode & 0o777 == 0o640
    assert link.is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.yml", "rules.yml"]


DASHBOARD = r"""{"title": "x", "panels": [{"id": 1, "type": "gauge", "title": "R", "fieldConfig": {"defaults": {
  "unit": "short", "thresholds": {"steps": [{"color": "green", "value": "null"}, {"color": "red", "value": 80}]}}},
  "targets": [{"refId": "A", "expr": "rate(\u0061_total{x=\"\u00e4\",job=\"$job\"}[$__interval])"}]}],
 "templating": {"list": [{"name": "job", "type": "query", "multi": true, "query": "label_values(up, job)",
  "refresh": 0}]}}
"""


def test_fixes_of_a_dashboard_are_written_between_escapes(tmp_path: Path) -> None:
    file = tmp_path / "d.json"
    file.write_text(DASHBOARD)
    fixed = apply_fixes(check_files([file]).findings, [file])
    assert [each.finding.code.name for each in fixed] == [
        "null-threshold-base",
        "multi-value-equals",
        "target-rate-interval-rule",
        "template-on-time-change-reload-rule",
    ]
    expected = DASHBOARD.replace('"null"', "null").replace("job=", "job=~").replace("$__", "$__rate_")
    assert file.read_text() == expected.replace('"refresh": 0', '"refresh": 2')


def finding(file: Path, column: int, before: str, after: str, end: int = 0) -> Finding:
    return Finding(ODD, "odd", span=SourceSpan(str(file), 1, column, 1 if end else 0, end)).with_fix(before, after)


def test_of_overlapping_fixes_the_first_is_written(tmp_path: Path) -> None:
    file = tmp_path / "a.yml"
    file.write_text("one two three\n")
    findings = [finding(file, 5, "two", "2"), finding(file, 1, "one two", "12"), finding(file, 9, "three", "3")]
    assert [each.fix for each in apply_fixes(findings, [tmp_path])] == [Fix("one two", "12"), Fix("three", "3")]
    assert file.read_text() == "12 3\n"


@pytest.mark.parametrize(
    ("column", "before", "after", "end"),
    [(5, "too", "2", 0), (1, "on", "1", 0), (1, "one", '"1"', 0), (1, "one two", "12", 4), (1, "one\ntwo", "1", 0)],
)
def test_a_fix_whose_text_is_not_there_or_that_needs_quotes_is_not_written(
    column: int, before: str, after: str, end: int, tmp_path: Path
) -> None:
    file = tmp_path / "a.yml"
    file.write_text("one two three\n")
    assert finding(file, column, before, after, end).edit is None
    assert apply_fixes([finding(file, column, before, after, end)], [file]) == []


def test_a_file_that_changed_since_it_was_checked_stays(tmp_path: Path) -> None:
    file = tmp_path / "a.yml"
    file.write_text("one\n")
    odd = finding(file, 1, "one", "1")
    assert odd.edit
    file.write_text("two\n")
    assert apply_fixes([odd], [file]) == []
    assert file.read_text() == "two\n"


def test_files_that_the_command_does_not_name_stay(tmp_path: Path) -> None:
    for name in ("a.yml", "b.yml"):
        (tmp_path / name).write_text("one\n")
    findings = [finding(tmp_path / name, 1, "one", "1") for name in ("a.yml", "b.yml")]
    assert len(apply_fixes(findings, [tmp_path / "a.yml"])) == 1
    assert (tmp_path / "b.yml").read_text() == "one\n"


def test_a_file_that_cannot_be_written_is_an_error_and_stays(
    project_folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, before = project_folder.root / "a.yml", rule_file(RULES["bool of the whole condition"][0])
    file.write_text(before)

    def full(descriptor: int, mode: str) -> None:
        os.close(descriptor)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("obscode.project.fixes.os.fdopen", full)
    ended = project_folder.run("check", "a.yml", "--fix")
    assert ended.exit == 2
    assert "error[output-error]: a.yml cannot be written: No space left on device" in ended.err
    assert file.read_text() == before
    assert {path.name for path in project_folder.root.iterdir()} == {"a.yml", "definitions"}


def test_the_command_prints_each_fix_and_the_findings_that_remain(project_folder: ProjectFolder) -> None:
    rules = project_folder.root / "rules.yml"
    rules.write_text(rule_file("record: a:b:c\n    expr: quantile by (pod) (99, x)\n  - alert: A\n    expr: up"))
    before = project_folder.run("check", "rules.yml")
    assert before.exit == 1
    assert before.err.endswith("run: obscode explain CODE\n1 finding can be fixed with --fix.\n")
    assert "fixed" not in project_folder.run("check", "rules.yml", "--quiet").err
    ended = project_folder.run("check", "rules.yml", "--fix")
    assert ended.exit == 0
    assert ended.out.startswith("fixed rules.yml:6:30: quantile-range: '99' is now '0.99'\nFixed 1 finding.\n")
    assert "warning[alert-comparison]" in ended.err
    assert project_folder.run("check", "rules.yml", "--fix", "--format", "json").out.startswith("[")


def test_definitions_are_fixed_but_not_where_a_line_is_several_definitions(project_folder: ProjectFolder) -> None:
    source = """
        project = Project("team", evaluation_interval="1m")
        NAMES = ["One", "Two"]
        shop = Service(
            "shop",
            metrics=[metrics.Counter("x_total", labels={"code": ["200", "500"]})],
            scrape=ScrapeJob(["a:1"]),
            slos=[SLO("up", 0.999, sli.Uptime("up"))],
            alerts=[
                Alert("ü", 'rate(x_total{code="500|502"}[5m]) > 1', severity="page", summary="s", for_="15s"),
                *[Alert(name, "up == 0", severity="page", summary="s", for_="15s") for name in NAMES],
            ],
        )
        """.replace("ü", "Odd")
    project_folder.write(
        project="from obscode import metrics, sli\n" + "\n".join(line[8:] for line in source.split("\n"))
    )
    file = project_folder.definitions / "project.py"
    before = file.read_text()
    ended = project_folder.run("check", "--fix", "--format", "json")
    assert [line.partition(": ")[2] for line in ended.err.splitlines() if line.startswith("fixed")] == [
        "slo-objective: '0.999' is now '99.9'",
        "regex-in-matcher: 'code=' is now 'code=~'",
        "alert-interval: '15s' is now '1m'",
    ]
    expected = before.replace("0.999", "99.9").replace("code=", "code=~").replace('for_="15s"),', 'for_="1m"),')
    assert file.read_text() == expected


def test_json_and_sarif_have_the_fix(tmp_path: Path) -> None:
    file = tmp_path / "a b.yml"
    file.write_text("one two three\n")
    findings = [finding(file, 5, "two", "2"), finding(file, 5, "too", "2")]
    fixable, other = json.loads(FORMATS["json"](Report(findings)))
    edit = {"line": 1, "column": 5, "end_line": 1, "end_column": 8, "before": "two", "after": "2"}
    assert (fixable["fixable"], fixable["fix"]) == (True, edit)
    assert (other["fixable"], other["fix"]) == (False, None)
    fixable, other = json.loads(FORMATS["sarif"](Report(findings)))["runs"][0]["results"]
    place = fixable["locations"][0]["physicalLocation"]["artifactLocation"]
    region = {"startLine": 1, "startColumn": 5, "endLine": 1, "endColumn": 8}
    replacement = {"deletedRegion": region, "insertedContent": {"text": "2"}}
    change = {"artifactLocation": place, "replacements": [replacement]}
    assert fixable["fixes"] == [{"description": {"text": "odd"}, "artifactChanges": [change]}]
    assert "fixes" not in other
