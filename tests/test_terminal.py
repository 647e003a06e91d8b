"""Terminals get colours, tables and progress; pipes and files get plain text."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Mapping

import pytest
from conftest import ProjectFolder
from hypothesis import given
from hypothesis import strategies as st

from obscode.cli import terminal
from obscode.findings.code import Code, Severity
from obscode.findings.finding import Finding, SourceSpan

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
INVALID = 'shop = Service("shop", recording_rules=[RecordingRule("a b", "up"), RecordingRule(":up:sum", "sum(")])\n'


def on_terminal(*arguments: str, environment: Mapping[str, str] | None = None) -> str:
    """The output of a command whose stdout and stderr are a terminal of 100 columns."""
    leader, follower = pty.openpty()
    variables = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR")}
    variables |= {"TERM": "xterm-256color", "COLUMNS": "100", **(environment or {})}
    command = [sys.executable, "-m", "obscode", *arguments]
    process = subprocess.Popen(command, stdin=follower, stdout=follower, stderr=follower, env=variables)
    os.close(follower)
    output = b""
    while chunk := _read(leader):
        output += chunk
    process.wait()
    os.close(leader)
    return output.decode().replace("\r\n", "\n")


def _read(leader: int) -> bytes:
    try:
        return os.read(leader, 65536)
    except OSError:  # Linux reports the closed terminal as an error
        return b""


@pytest.fixture
def invalid(project_folder: ProjectFolder) -> ProjectFolder:
    return project_folder.write(shop=INVALID)


def test_findings_have_the_same_text_on_a_terminal_and_in_a_pipe(invalid: ProjectFolder) -> None:
    plain = invalid.run("build").err
    coloured = on_terminal("build")
    assert "\x1b[1;31merror[" in coloured
    assert plain in ESCAPE.sub("", coloured)
    assert "\x1b" not in plain


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=str)
@pytest.mark.usefixtures("invalid")
def test_a_terminal_can_be_without_colours(environment: dict[str, str]) -> None:
    assert "\x1b[1;31m" not in on_terminal("build", environment=environment)


def test_colours_can_be_forced_in_a_pipe(invalid: ProjectFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[1;31merror[" in invalid.run("build").err


def test_tables_have_the_same_cells_on_a_terminal_and_in_a_pipe(project_folder: ProjectFolder) -> None:
    project_folder.write(
        shop='shop = Service("shop", alerts=[Alert("Down", "up == 0", severity="page", summary="down")])\n'
    )
    plain = project_folder.run("list").out
    coloured = ESCAPE.sub("", on_terminal("list"))
    for line in plain.splitlines():
        assert re.search(r"\s+".join(map(re.escape, line.split())), coloured), line


def test_progress_is_shown_on_a_terminal_only(project_folder: ProjectFolder) -> None:
    assert project_folder.run("build").err == ""
    displayed = ESCAPE.sub("", on_terminal("build", environment={"NO_COLOR": "1"}))
    assert re.findall(r"\b(load|compile|render|check)\b", displayed)[:1] == ["load"]


def test_a_build_on_a_terminal_leaves_only_its_summary(project_folder: ProjectFolder) -> None:
    visible = [line for line in screen(on_terminal("build")) if line]
    assert visible == ["build: 5 files, 0 recording rules, 0 alerts, 0 dashboards"]


def screen(output: str) -> list[str]:
    """The lines that are visible after progress was erased: a minimal terminal of carriage returns and erased lines."""
    lines, row, column = [""], 0, 0
    for token in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|\n|\r|[^\x1b\n\r]+", output):
        if token == "\n":
            row, column = row + 1, 0
            lines += [""] * (row + 1 - len(lines))
        elif token == "\r":
            column = 0
        elif token == "\x1b[2K":
            lines[row] = ""
        elif token.endswith("A") and token.startswith("\x1b["):
            row -= int(token[2:-1] or "1")
        elif not token.startswith("\x1b"):
            lines[row] = lines[row][:column].ljust(column) + token + lines[row][column + len(token) :]
            column += len(token)
    return lines


SPANS = st.one_of(st.none(), st.builds(SourceSpan, st.just(__file__), st.integers(1, 40), st.integers(1, 80)))
SEVERITIES: list[Severity] = ["error", "warning", "note"]


# rich removes control characters, which would change the state of the terminal.
TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"]))


@given(st.builds(Finding, st.just(Code("test-code", "")), TEXTS, TEXTS, SPANS, st.sampled_from(SEVERITIES)))
def test_a_coloured_finding_has_the_text_of_the_finding(finding: Finding) -> None:
    assert terminal.finding_text(finding).plain == str(finding)


@pytest.mark.parametrize(
    ("severities", "text"),
    [
        (["error"], "1 error"),
        (["error", "error"], "2 errors"),
        (["warning", "error", "note", "warning"], "1 error, 2 warnings, 1 note"),
    ],
)
def test_findings_are_counted_by_severity(severities: list[Severity], text: str) -> None:
    findings = [Finding(Code("test-code", ""), "message", severity=severity) for severity in severities]
    assert terminal.count_by_severity(findings) == text
