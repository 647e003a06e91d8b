"""promtool reads all rule files in one process, and its messages are findings at the definitions of the rules."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from obscode import Alert, Project, RecordingRule, Service, testing
from obscode.artifacts.project import Artifacts
from obscode.compiler import Definitions, compile
from obscode.renderers import render
from obscode.toolchain import Tool
from obscode.verify import promtool as module
from obscode.verify.processes import run
from obscode.verify.promtool import check

GOOD = RecordingRule("job:up:sum", "sum by (job) (up)")


def artifacts(*services: Service) -> Artifacts:
    return compile(Definitions(Project("team"), list(services)))


def broken(name: str) -> Service:
    """A service with a rule that promtool 2.42 and 3.5 reject, and obscode does not check here."""
    return Service(name, recording_rules=[GOOD, RecordingRule(f"{name}:up:typo", "sum by (job) (up) +* 1")])


def validated(tools: list[Tool], *services: Service) -> list[str]:
    compiled = artifacts(*services)
    return [str(finding) for finding in check(compiled, render(compiled), tools, [])]


def test_messages_of_several_files_are_at_their_rules(promtool: Tool) -> None:
    messages = validated([promtool], broken("shop"), Service("till", recording_rules=[GOOD]), broken("desk"))
    names = [re.search(r"promtool [^:]*: (\w+:up:typo): could not parse", text) for text in messages]
    assert sorted(name[1] for name in names if name) == ["desk:up:typo", "shop:up:typo"]
    assert len(messages) == 2


def test_one_process_reads_all_rule_files(promtool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[tuple[str, ...]] = []

    def counted(tool: Tool, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
        commands.append(arguments)
        return run(tool, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "run", counted)
    assert validated([promtool], *(Service(f"s{n}", recording_rules=[GOOD]) for n in range(20))) == []
    assert [arguments[:2] for arguments in commands].count(("check", "rules")) == 1


@pytest.mark.parametrize(("files", "processes"), [(2, 1), (3, 2)])
def test_a_process_reads_a_limited_number_of_files(
    files: int, processes: int, promtool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_FILES", 2)
    commands: list[tuple[str, ...]] = []

    def counted(tool: Tool, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
        commands.append(arguments)
        return run(tool, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "run", counted)
    # The panels of the project are one more file.
    validated([promtool], *(Service(f"s{n}", recording_rules=[GOOD]) for n in range(files - 1)))
    assert [arguments[:2] for arguments in commands].count(("check", "rules")) == processes


def test_output_of_another_form_is_read_file_by_file(promtool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:

    def reworded(tool: Tool, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
        result = run(tool, *arguments, **options)  # type: ignore[arg-type]
        return subprocess.CompletedProcess(result.args, result.returncode, result.stdout, "failure in some file")

    monkeypatch.setattr(module, "run", reworded)
    (message,) = validated([promtool], broken("shop"), Service("till", recording_rules=[GOOD]))
    assert "shop" in message
    assert "failure in some file" in message


OLD = Tool("promtool", Path("old"), "2.42.0+ds", "PATH")
NEW = Tool("promtool", Path("new"), "3.5.3", "PATH")
CHANGE = "Prometheus does not load this rule or configuration file; change the definition"


def rejecting(*versions: Tool) -> Callable[..., subprocess.CompletedProcess[str]]:
    """A process that rejects a rule in these versions."""

    def rejects(tool: Tool, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
        message = '5:11: group "shop-records", rule 1, "job:up:sum": could not parse expression: an error'
        failed = tool in versions and arguments[1] == "rules"
        text = f"  FAILED:\n{arguments[3]}: {message}\n" if failed else ""
        return subprocess.CompletedProcess(arguments, int(failed), "", text)

    return rejects


@pytest.mark.parametrize(
    ("versions", "findings"),
    [
        (
            [OLD],
            [
                (
                    "promtool 2.42.0+ds: job:up:sum: could not parse expression: an error",
                    "promtool 3.5.3 accepts it; change the definition, or write "
                    'oldest_prometheus="3.5" in the Project if no older Prometheus loads the output',
                )
            ],
        ),
        ([NEW], [("promtool 3.5.3: job:up:sum: could not parse expression: an error", CHANGE)]),
        (
            [OLD, NEW],
            [("promtool: job:up:sum: could not parse expression: an error", CHANGE)],
        ),
    ],
)
def test_the_hint_names_the_newer_version_that_accepts_a_rule(
    versions: list[Tool], findings: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "run", rejecting(*versions))
    compiled = artifacts(Service("shop", recording_rules=[GOOD]))
    reported = check(compiled, render(compiled), [OLD, NEW], [])
    assert [(finding.message, finding.hint) for finding in reported] == findings


def test_two_messages_of_one_version_in_one_place_are_two_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    def rejects(tool: Tool, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
        rule = 'group "shop-records", rule 1, "job:up:sum": '
        text = f"  FAILED:\n{arguments[3]}: 5:1: {rule}one\n{arguments[3]}: 5:1: {rule}two\n"
        failed = arguments[1] == "rules"
        return subprocess.CompletedProcess(arguments, int(failed), "", text if failed else "")

    monkeypatch.setattr(module, "run", rejects)
    compiled = artifacts(Service("shop", recording_rules=[GOOD]))
    messages = [finding.message for finding in check(compiled, render(compiled), [OLD, NEW], [])]
    assert messages == ["promtool: job:up:sum: one", "promtool: job:up:sum: two"]


@pytest.mark.parametrize(
    ("expr", "character"),
    [
        ("sum by (job) (up) +* 1", "*"),
        ("""
            sum by (job) (ü)
            """, "ü"),
        ("""
            sum by (job) (
              up{job="ü"} +* 1
            )
            """, "*"),
        ("sum by (job) (up) +", "+"),
    ],
)  # fmt: skip
def test_an_error_in_an_expression_is_at_its_character(expr: str, character: str, promtool: Tool) -> None:
    rule = RecordingRule("job:up:typo", expr)
    compiled = artifacts(Service("shop", recording_rules=[rule]))
    (finding,) = check(compiled, render(compiled), [promtool], [])
    assert finding.span
    line = Path(__file__).read_text().splitlines()[finding.span.line - 1]
    assert "RecordingRule(" in line  # the expression is not a literal there
    assert rule.promql()[module._character(finding.message.split(": ", 2)[2], rule.promql()) or 0] == character


def test_rules_are_tested_on_promtools_that_the_project_supports(monkeypatch: pytest.MonkeyPatch) -> None:
    requested: list[tuple[str, str]] = []

    def supported(name: str, oldest: str) -> list[Tool]:
        requested.append((name, oldest))
        return []

    monkeypatch.setattr(testing, "find_supported", supported)
    shop = Service("shop", alerts=[Alert("Down", "up == 0", severity="page", summary="down")])
    testing.rules_of(shop, Project("team", oldest_prometheus="3.1")).assert_firing("Down", at="5m")
    testing.rules_of(shop).assert_firing("Down", at="5m")
    assert requested == [("promtool", "3.1"), ("promtool", "2.42")]
