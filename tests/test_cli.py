"""The command line: every command explains itself, ends with a code that tells how it went, and starts fast."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from conftest import REPOSITORY, CommandResult, ProjectFolder, tree

from obscode.cli.app import main
from obscode.findings.errors import Exit
from obscode.toolchain import Tool

SHOP = """\
shop = Service(
    "shop",
    owner="team-shop",
    scrape=ScrapeJob(["localhost:8000"]),
    metrics=[metrics.Counter("requests_total", labels=["path", "status"])],
    recording_rules=[RecordingRule(":requests:rate5m", "sum(rate(requests_total[5m]))")],
    alerts=[Alert("Down", "up == 0", for_="5m", summary="down")],
    dashboard=[Row("Requests", panels.TimeSeries("Rate", ":requests:rate5m"))],
)
"""

# What only some commands need: on the way to the help text it would cost more than the rest.
CLI = ["app", "build", "check", "explain", "list", "options", "terminal", "test", "tools"]
HEAVY = ["grafanalib", "promql_parser", "yaml", "rich", "prometheus_client", "fastapi", "hypothesis"]


def commands(command: click.Command, *path: str) -> Iterator[tuple[str, click.Command]]:
    """Every command with how it is called: `obscode tools install`."""
    yield " ".join(["obscode", *path]), command
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from commands(below, *path, name)


COMMANDS = dict(commands(main))


@pytest.fixture
def shop(project_folder: ProjectFolder) -> ProjectFolder:
    return project_folder.write(shop=SHOP)


# --- help --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("called", COMMANDS)
def test_a_command_says_what_it_does_with_an_example(called: str, project_folder: ProjectFolder) -> None:
    words = called.split()[1:]
    for option in ("-h", "--help"):
        ended = project_folder.run(*words, option)
        assert ended.exit == Exit.OK
        assert ended.out.startswith(f"Usage: obscode {' '.join(words)}".rstrip())
    command = COMMANDS[called]
    assert command.help
    assert len(command.help.splitlines()[0]) < 120
    if command is not main:
        assert f"Example: {called}" in command.help


@pytest.mark.parametrize("called", COMMANDS)
def test_every_option_says_what_it_is_for(called: str) -> None:
    options = [option for option in COMMANDS[called].params if isinstance(option, click.Option)]
    assert [option.name for option in options if not option.help] == []


@pytest.mark.parametrize("called", COMMANDS)
def test_the_readme_names_every_command(called: str) -> None:
    assert called in (REPOSITORY / "README.md").read_text()


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys; from obscode.cli.app import main; "
        "main(['--help'], standalone_mode=False); print(*sys.modules, file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    imported = {name.partition(".")[0] for name in ended.stderr.split()}
    assert imported & set(HEAVY) == set()
    ours = {name for name in ended.stderr.split() if name.startswith("obscode")}
    light = {
        "",
        ".cli",
        *(f".cli.{module}" for module in CLI),
        ".findings",
        ".findings.code",
        ".findings.errors",
        ".findings.finding",
    }
    assert ours == {f"obscode{name}" for name in light}


def test_the_version_is_the_one_of_the_package(project_folder: ProjectFolder) -> None:
    ended = project_folder.run("--version")
    assert ended.exit == Exit.OK
    assert ended.out.startswith("obscode, version ")


# --- exit codes --------------------------------------------------------------------------------------------------

# Arguments that cannot be, and what is said at the end.
UNKNOWN = {
    "a command": (["frobnicate"], "No such command 'frobnicate'."),
    "an option": (["build", "--frobnicate"], "No such option '--frobnicate'."),
    "a third argument": (["build", "definitions", "build"], "Got unexpected extra argument (build)"),
    "a check": (
        ["explain", "rul-name"],
        "there is no code 'rul-name'\n  hint: did you mean 'rule-name' or 'alert-name'?",
    ),
    "a check like no other": (["explain", "x"], "there is no code 'x'\n  hint: obscode explain lists all codes"),
}


@pytest.mark.parametrize(("arguments", "told"), UNKNOWN.values(), ids=UNKNOWN)
def test_what_cannot_be_run_ends_with_two(arguments: list[str], told: str, shop: ProjectFolder) -> None:
    before = tree(shop.root)
    ended = shop.run(*arguments)
    assert ended.exit == Exit.ERROR
    assert ended.err.endswith(f"{told}\n")
    assert tree(shop.root) == before


def test_an_output_that_cannot_be_written_ends_with_two(shop: ProjectFolder) -> None:
    shop.build.write_text("a file")
    before = tree(shop.root)
    for arguments in (["build"], ["build", "--check"]):
        assert shop.run(*arguments) == CommandResult(
            Exit.ERROR, "", "error[output]: build is a file\n  hint: name a folder with --out\n"
        )
    assert tree(shop.root) == before


def test_a_file_of_others_in_the_way_ends_with_two(shop: ProjectFolder) -> None:
    (shop.build / "prometheus").mkdir(parents=True)
    (shop.build / "prometheus" / "prometheus.yml").write_text("by hand\n")
    before = tree(shop.root)
    ended = shop.run("build")
    assert (ended.exit, ended.err) == (
        Exit.ERROR,
        "error[output]: build/prometheus/prometheus.yml exists, and obscode did not write it\n"
        "  hint: move it away, or name another folder with --out\n",
    )
    assert tree(shop.root) == before


@pytest.mark.parametrize("command", ["build", "check", "list", "test"])
def test_findings_end_with_one(command: str, project_folder: ProjectFolder) -> None:
    project_folder.write(shop='shop = Service("my shop")\n')
    arguments = ["--definitions", "definitions"] if command == "test" else []
    ended = project_folder.run(command, *arguments)
    assert ended.exit == Exit.FINDINGS
    assert ended.err.startswith("definitions/shop.py:3:16: error[service-name]: 'my shop' cannot be a name\n")


def test_the_module_is_the_command(shop: ProjectFolder) -> None:
    command = [sys.executable, "-m", "obscode", "build", "--quiet"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert (shop.build / "prometheus" / "prometheus.yml").is_file()


# --- what is said ------------------------------------------------------------------------------------------------


def test_a_build_says_what_it_made_and_whether_something_changed(shop: ProjectFolder) -> None:
    summary = "build: 6 files, 1 recording rule, 1 alert, 1 dashboard"
    assert shop.run("build") == CommandResult(0, f"{summary}\n", "")
    assert shop.run("build") == CommandResult(0, f"{summary}, up to date\n", "")
    assert shop.run("build", "--check") == CommandResult(0, f"{summary}, up to date\n", "")


def test_a_quiet_build_says_nothing(shop: ProjectFolder) -> None:
    assert shop.run("build", "-q") == CommandResult(0, "", "")
    assert shop.run("build", "--quiet", "--check") == CommandResult(0, "", "")


def test_a_verbose_build_names_the_files_that_changed(shop: ProjectFolder) -> None:
    shop.run("build")
    shop.write(shop=SHOP.replace("5m", "1m"))
    assert shop.run("build", "--verbose").out.splitlines()[:-1] == [
        "stale    grafana/dashboards/team/shop.json",
        "stale    prometheus/rules/shop.yml",
    ]
    assert shop.run("build", "-v").out.splitlines()[:-1] == []


def test_the_output_may_be_anywhere(shop: ProjectFolder) -> None:
    assert shop.run("build", "definitions", "--out", "deep/out").exit == Exit.OK
    assert (shop.root / "deep" / "out" / "prometheus" / "prometheus.yml").is_file()
    assert not shop.build.exists()


def test_list_shows_what_there_is_and_where(shop: ProjectFolder) -> None:
    assert shop.run("list").out == (
        """\
KIND            NAME              DETAIL          SOURCE
service         shop              team-shop       definitions/shop.py:3:8
scrape job      shop              localhost:8000  definitions/shop.py:6:12
counter         requests_total    {path, status}  definitions/shop.py:7:14
recording rule  :requests:rate5m                  definitions/shop.py:8:22
alert           Down              page, for 5m    definitions/shop.py:9:13
dashboard       shop              5 panels        definitions/shop.py:3:8
"""
    )


def test_explain_shows_why_bad_and_good(project_folder: ProjectFolder) -> None:
    told = project_folder.run("explain", "alert-summary").out
    assert told.splitlines()[0] == "alert-summary (error): Every alert has a summary: one line that says what is wrong."
    assert [line for line in told.splitlines() if line in ("Bad:", "Good:")] == ["Bad:", "Good:"]
    assert "\n    Alert(" in told


# --- check -------------------------------------------------------------------------------------------------------


@pytest.fixture
def tools(promtool: Tool, shop: ProjectFolder) -> ProjectFolder:
    """The tools of the repository at hand in the folder of the test."""
    (shop.root / ".tools").symlink_to(REPOSITORY / ".tools")
    return shop


@pytest.mark.usefixtures("promtool")
def test_check_asks_promtool_and_amtool_and_writes_nothing(tools: ProjectFolder) -> None:
    before = tree(tools.root)
    ended = tools.run("check")
    assert (ended.exit, ended.err) == (Exit.OK, "")
    assert ended.out.startswith("OK: 1 recording rule, 1 alert, 1 dashboard (promtool ")
    assert "amtool " in ended.out
    assert tools.run("check", "--quiet") == CommandResult(0, "", "")
    assert tree(tools.root) == before


def test_an_error_of_promtool_is_reported_at_the_definition(promtool: Tool, tools: ProjectFolder) -> None:
    tools.write(
        shop="""\
        shop = Service("shop", alerts=[Alert("Down", "up ==", summary="a", ignore={"promql-syntax": "promtool tells"})])
        """
    )
    ended = tools.run("check")
    assert ended.exit == Exit.FINDINGS
    expected = f"definitions/shop.py:3:32: error[promtool]: promtool {promtool.version}: Down: could not parse"
    assert [line for line in ended.err.splitlines() if line.startswith(expected)] != []


def test_promtool_accepts_a_duplicate_that_is_ignored(promtool: Tool, tools: ProjectFolder) -> None:
    tools.write(
        shop="""\
        shop = Service(
            "shop",
            recording_rules=[
                RecordingRule("job:up:sum", "sum by (job) (up{a='1'})"),
                RecordingRule("job:up:sum", "sum by (job) (up{a='2'})", ignore={"duplicate-record": "other series"}),
            ],
        )
        """
    )
    assert tools.run("check").err == ""


def test_what_amtool_says_is_told_without_the_line_that_only_counts() -> None:
    from obscode import Project
    from obscode.verify.promtool import _finding

    said = subprocess.CompletedProcess(
        [], 1, "Checking 'a.yml'  FAILED: field url_file not found\n\n", "amtool: error: failed to validate 1 file(s)\n"
    )
    tool = Tool("amtool", Path("amtool"), "0.25.0", "here")
    finding = _finding(tool, said, Project("p"))
    assert finding.message == "amtool 0.25.0: Checking 'a.yml'  FAILED: field url_file not found"


def test_without_tools_check_says_how_to_get_them(shop: ProjectFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(shop.root))
    monkeypatch.delenv("OBSCODE_PROMTOOL", raising=False)
    ended = shop.run("check")
    assert ended.exit == Exit.ERROR
    assert ended.err.startswith("error[tools]: promtool not found")
