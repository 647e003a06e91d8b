"""The command line: every command has help with an example, a documented exit code, and starts fast."""

from __future__ import annotations

import gc
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from conftest import REPOSITORY, CommandResult, ProjectFolder, tree

from obscode.cli.app import main
from obscode.findings.errors import Exit
from obscode.toolchain import TOOLS, Tool, find_all, variable
from obscode.verify.mutation import MutationScore

SHOP = """\
shop = Service(
    "shop",
    owner="team-shop",
    scrape=ScrapeJob(["localhost:8000"]),
    metrics=[metrics.Counter("requests_total", labels=["path", "status"])],
    recording_rules=[RecordingRule(":requests:rate5m", "sum(rate(requests_total[5m]))")],
    severity="page",
    alerts=[Alert("Down", "up == 0", for_="5m", summary="down")],
    dashboard=[Row("Requests", panels.TimeSeries("Rate", ":requests:rate5m"))],
)
"""

# The modules of the command line; they import the library when a command runs.
CLI = [
    "app",
    "backtest",
    "build",
    "check",
    "comment",
    "cost",
    "diff",
    "doctor",
    "drift",
    "explain",
    "fake",
    "graph",
    "handbook",
    "import_",
    "init",
    "list",
    "metrics",
    "options",
    "presets",
    "preview",
    "progress_display",
    "route",
    "terminal",
    "test",
    "tools",
    "watch",
    "why",
]
# Dependencies that `--help` does not need; importing them would take most of its time.
HEAVY = ["grafanalib", "promql_parser", "yaml", "rich", "prometheus_client", "fastapi", "hypothesis"]


def commands(command: click.Command, *path: str) -> Iterator[tuple[str, click.Command]]:
    """Every command with its full name, such as `obscode tools install`."""
    yield " ".join(["obscode", *path]), command
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from commands(below, *path, name)


COMMANDS = dict(commands(main))


@pytest.fixture
def shop(project_folder: ProjectFolder) -> ProjectFolder:
    return project_folder.write(shop=SHOP)


# --- help ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("called", COMMANDS)
def test_every_command_has_help_with_an_example(called: str, project_folder: ProjectFolder) -> None:
    arguments = called.split()[1:]
    for option in ("-h", "--help"):
        result = project_folder.run(*arguments, option)
        assert result.exit == Exit.OK
        assert result.out.startswith(f"Usage: obscode {' '.join(arguments)}".rstrip())
    command = COMMANDS[called]
    assert command.help
    assert len(command.help.splitlines()[0]) < 120
    assert f"Example: {called}" in command.help


@pytest.mark.parametrize("called", COMMANDS)
def test_every_option_has_help(called: str) -> None:
    options = [option for option in COMMANDS[called].params if isinstance(option, click.Option)]
    assert [option.name for option in options if not option.help] == []


@pytest.mark.parametrize("called", [name for name in COMMANDS if name != "obscode"])
def test_the_reference_documents_every_command_with_its_options(called: str) -> None:
    sections = re.split(r"^## ", (REPOSITORY / "docs" / "commands.md").read_text(), flags=re.MULTILINE)
    (section,) = (section for section in sections if section.startswith(f"{called}\n"))
    options = [name for param in COMMANDS[called].params if isinstance(param, click.Option) for name in param.opts]
    assert [name for name in options if f"`{name}" not in section] == []
    arguments = [param for param in COMMANDS[called].params if isinstance(param, click.Argument)]
    if arguments:
        assert f"`{called} " in section


def test_the_table_of_the_reference_has_every_command() -> None:
    page = (REPOSITORY / "docs" / "commands.md").read_text()
    assert sorted(re.findall(r"^\| \[`(obscode .*?)`\]\(#", page, re.MULTILINE)) == sorted(
        COMMANDS.keys() - {"obscode"}
    )


@pytest.mark.parametrize("called", [name for name in COMMANDS if name != "obscode"])
def test_the_list_of_commands_shows_whole_sentences(called: str) -> None:
    assert not COMMANDS[called].get_short_help_str(limit=70).endswith("...")


def test_the_reference_documents_existing_commands_only() -> None:
    page = (REPOSITORY / "docs" / "commands.md").read_text()
    documented = set(re.findall(r"^## (obscode.*)$", page, re.MULTILINE))
    assert documented == set(COMMANDS) - {"obscode"}
    for code in Exit:
        assert f"| {int(code)} |" in page
    for name in TOOLS:
        assert f"`{variable(name)}`" in page


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys; from obscode.cli.app import main; "
        "main(['--help'], standalone_mode=False); print(*sys.modules, file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    imported = {name.partition(".")[0] for name in result.stderr.split()}
    assert imported & set(HEAVY) == set()
    ours = {name for name in result.stderr.split() if name.startswith("obscode")}
    light = {
        "",
        ".cli",
        *(f".cli.{module}" for module in CLI),
        ".findings",
        ".findings.code",
        ".findings.errors",
        ".findings.finding",
        ".findings.fix",
        ".findings.secret_text",
    }
    assert ours == {f"obscode{name}" for name in light}


def test_garbage_is_collected_again_after_a_build(shop: ProjectFolder) -> None:
    for arguments in (["build"], ["build", "--check"], ["build", "no-such-folder"]):
        shop.run(*arguments)
        assert gc.isenabled(), arguments


def test_version_prints_the_version_of_the_package(project_folder: ProjectFolder) -> None:
    result = project_folder.run("--version")
    assert result.exit == Exit.OK
    assert result.out.startswith("obscode, version ")


# --- exit codes ----------------------------------------------------------------------------------------------------

# Invalid arguments, and the end of the error.
UNKNOWN = {
    "a command": (["frobnicate"], "No such command 'frobnicate'."),
    "an option": (["build", "--frobnicate"], "No such option '--frobnicate'."),
    "a third argument": (["build", "definitions", "build"], "Got unexpected extra argument (build)"),
    "a check": (["explain", "grid-overlaps"], "there is no code 'grid-overlaps'\n  hint: did you mean 'grid-overlap'?"),
    "slo without a name": (
        ["explain", "slo"],
        "explain slo needs the name of an SLO\n  hint: write obscode explain slo SERVICE/SLO",
    ),
    "a name unlike any check": (["explain", "x"], "there is no code 'x'\n  hint: obscode explain lists all codes"),
}


@pytest.mark.parametrize(("arguments", "message"), UNKNOWN.values(), ids=UNKNOWN)
def test_invalid_arguments_exit_with_2(arguments: list[str], message: str, shop: ProjectFolder) -> None:
    before = tree(shop.root)
    result = shop.run(*arguments)
    assert result.exit == Exit.ERROR
    assert result.err.endswith(f"{message}\n")
    assert tree(shop.root) == before


def test_an_output_folder_that_cannot_be_written_exits_with_2(shop: ProjectFolder) -> None:
    shop.build.write_text("a file")
    before = tree(shop.root)
    for arguments in (["build"], ["build", "--check"]):
        assert shop.run(*arguments) == CommandResult(
            Exit.ERROR, "", "error[output-error]: build is a file\n  hint: name a folder with --out\n"
        )
    assert tree(shop.root) == before


def test_a_conflicting_file_of_others_exits_with_2(shop: ProjectFolder) -> None:
    (shop.build / "prometheus").mkdir(parents=True)
    (shop.build / "prometheus" / "prometheus.yml").write_text("by hand\n")
    before = tree(shop.root)
    result = shop.run("build")
    assert (result.exit, result.err) == (
        Exit.ERROR,
        "error[output-error]: build/prometheus/prometheus.yml exists, and obscode did not write it\n"
        "  hint: move it away, or name another folder with --out\n",
    )
    assert tree(shop.root) == before


@pytest.mark.parametrize("command", ["build", "check", "list", "test"])
def test_errors_in_definitions_exit_with_1(command: str, project_folder: ProjectFolder) -> None:
    project_folder.write(shop='shop = Service("my shop")\n')
    arguments = ["--definitions", "definitions"] if command == "test" else []
    result = project_folder.run(command, *arguments)
    assert result.exit == Exit.FINDINGS
    assert result.err.startswith("definitions/shop.py:3:16: error[service-name]: 'my shop' is not a valid name\n")


def test_the_module_runs_the_command(shop: ProjectFolder) -> None:
    command = [sys.executable, "-m", "obscode", "build", "--quiet"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert (shop.build / "prometheus" / "prometheus.yml").is_file()


# --- output --------------------------------------------------------------------------------------------------------


def test_a_build_prints_what_it_compiled_and_whether_it_was_up_to_date(shop: ProjectFolder) -> None:
    summary = "build: 7 files, 1 recording rule, 1 alert, 1 dashboard"
    assert shop.run("build") == CommandResult(0, f"{summary}\n", "")
    assert shop.run("build") == CommandResult(0, f"{summary}, up to date\n", "")
    assert shop.run("build", "--check") == CommandResult(0, f"{summary}, up to date\n", "")


def test_a_quiet_build_prints_nothing(shop: ProjectFolder) -> None:
    assert shop.run("build", "-q") == CommandResult(0, "", "")
    assert shop.run("build", "--quiet", "--check") == CommandResult(0, "", "")


def test_a_verbose_build_prints_each_changed_file(shop: ProjectFolder) -> None:
    shop.run("build")
    shop.write(shop=SHOP.replace("5m", "1m"))
    assert shop.run("build", "--verbose").out.splitlines()[:-1] == [
        "stale    grafana/dashboards/team/shop.json",
        "stale    prometheus/rules/shop.yml",
    ]
    assert shop.run("build", "-v").out.splitlines()[:-1] == []


def test_the_output_folder_can_be_anywhere(shop: ProjectFolder) -> None:
    assert shop.run("build", "definitions", "--out", "deep/out").exit == Exit.OK
    assert (shop.root / "deep" / "out" / "prometheus" / "prometheus.yml").is_file()
    assert not shop.build.exists()


def test_list_prints_all_definitions_with_their_source(shop: ProjectFolder) -> None:
    assert shop.run("list").out == (
        """\
KIND            NAME              DETAIL          SOURCE
service         shop              team-shop       definitions/shop.py:3:8
scrape job      shop              localhost:8000  definitions/shop.py:6:12
counter         requests_total    {path, status}  definitions/shop.py:7:14
recording rule  :requests:rate5m                  definitions/shop.py:8:22
alert           Down              page, for 5m    definitions/shop.py:10:13
dashboard       shop              5 panels        definitions/shop.py:3:8
"""
    )


def test_list_prints_which_slos_have_one_shape(project_folder: ProjectFolder) -> None:
    project_folder.write(
        shop="""\
        sli = sli.Ratio(errors='requests_total{code=~"5.."}', total="requests_total")
        shop, pay = (
            Service(name, selector={"app": name}, slos=[SLO("a", 99.9, sli), SLO("b", 99, sli, period="28d")])
            for name in ("shop", "pay")
        )
        """
    )
    rows = [line.split("  ") for line in project_folder.run("list").out.splitlines() if line.startswith("slo ")]
    assert [[cell.strip() for cell in row if cell.strip()][1:3] for row in rows] == [
        ["pay/a", "99.9 % over 30d, shape 1"],
        ["pay/b", "99 % over 28d, shape 2"],
        ["shop/a", "99.9 % over 30d, shape 1"],
        ["shop/b", "99 % over 28d, shape 2"],
    ]


def test_explain_prints_why_bad_and_good(project_folder: ProjectFolder) -> None:
    output = project_folder.run("explain", "alert-summary").out
    assert (
        output.splitlines()[0] == "alert-summary (error): Every alert has a summary: one line that says what is wrong."
    )
    assert [line for line in output.splitlines() if line in ("Bad:", "Good:")] == ["Bad:", "Good:"]
    assert "\n    Alert(" in output


# --- check ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def tools(promtool: Tool, shop: ProjectFolder) -> ProjectFolder:
    """A project folder with the tools of the repository."""
    (shop.root / ".tools").symlink_to(REPOSITORY / ".tools")
    return shop


@pytest.mark.usefixtures("promtool")
def test_check_runs_promtool_and_amtool_and_writes_nothing(tools: ProjectFolder) -> None:
    before = tree(tools.root)
    result = tools.run("check")
    assert (result.exit, result.err) == (Exit.OK, "")
    assert result.out.startswith("OK: 1 recording rule, 1 alert, 1 dashboard (promtool ")
    assert "amtool " in result.out
    assert tools.run("check", "--quiet") == CommandResult(0, "", "")
    assert tree(tools.root) == before


def test_an_error_of_promtool_is_reported_at_the_definition(promtool: Tool, tools: ProjectFolder) -> None:
    tools.write(
        shop="""\
        shop = Service(
            "shop",
            severity="page",
            alerts=[Alert("Down", "up == )", summary="a", ignore={"promql-syntax": "promtool does"})],
        )
        """
    )
    result = tools.run("check")
    assert result.exit == Exit.FINDINGS
    # Without a version where all that are installed reject it.
    expected = r"definitions/shop\.py:6:34: error\[promtool\]: promtool( \S+)?: Down: could not parse"
    assert len([line for line in result.err.splitlines() if re.match(expected, line)]) == 1


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


def test_an_error_of_amtool_is_reported_without_the_number_of_files() -> None:
    from obscode.verify.promtool import _output_lines

    failed = subprocess.CompletedProcess(
        [], 1, "Checking 'a.yml'  FAILED: field url_file not found\n\n", "amtool: error: failed to validate 1 file(s)\n"
    )
    assert _output_lines(failed) == ["Checking 'a.yml'  FAILED: field url_file not found"]


def test_check_without_tools_prints_how_to_install_them(shop: ProjectFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(shop.root))
    monkeypatch.delenv("OBSCODE_PROMTOOL", raising=False)
    result = shop.run("check")
    assert result.exit == Exit.ERROR
    assert result.err.startswith("error[tool-error]: promtool not found")


def test_an_internal_error_exits_with_2_and_a_traceback(shop: ProjectFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*args: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("obscode.project.pipeline.compile_folder", fails)
    before = tree(shop.root)
    result = shop.run("build")
    assert (result.exit, result.out) == (Exit.ERROR, "")
    assert result.err.startswith("Traceback")
    assert result.err.endswith("ZeroDivisionError: a bug\n\ninternal error in obscode; no files were written\n")
    assert tree(shop.root) == before


# --- test --------------------------------------------------------------------------------------------------------

ALERT_TEST = """\
shop = Service(
    "shop",
    alerts=[
        Alert(
            "Down",
            "up == 0",
            severity="page",
            for_="5m",
            summary="down",
            tests=[AlertTest("no target is up", {'up{job="shop"}': "0x20"}, fires=["%s"])],
        )
    ],
)
"""


@pytest.mark.usefixtures("promtool")
def test_test_runs_the_unit_tests_on_every_promtool(tools: ProjectFolder) -> None:
    versions = ", ".join(tool.version for tool in find_all("promtool"))
    tools.write(shop=ALERT_TEST % "6m")
    assert tools.run("test") == CommandResult(Exit.OK, f"OK: 1 test of 1 alert (promtool {versions})\n", "")
    assert tools.run("test").out == f"OK: 1 test (1 cached) of 1 alert (promtool {versions})\n"
    assert tools.run("test", "--no-cache").out == f"OK: 1 test of 1 alert (promtool {versions})\n"
    assert tools.run("test", "shop", "--quiet") == CommandResult(Exit.OK, "", "")


@pytest.mark.usefixtures("promtool")
def test_a_failed_unit_test_is_reported_at_its_definition(tools: ProjectFolder) -> None:
    tools.write(shop=ALERT_TEST % "4m")
    result = tools.run("test", "--quiet")
    assert (result.exit, result.err) == (Exit.FINDINGS, "")
    versions = ", ".join(tool.version for tool in find_all("promtool"))
    assert result.out == (
        f"FAILED shop/Down: no target is up (promtool {versions})\n"
        "  definitions/shop.py:6:9\n"
        "  at 4m: Down is not firing\n"
        "\n"
        f"FAILED: 1 of 1 test (promtool {versions})\n"
    )


@pytest.mark.usefixtures("promtool")
def test_an_unknown_suite_is_reported_with_a_similar_name(tools: ProjectFolder) -> None:
    tools.write(shop=ALERT_TEST % "6m")
    assert tools.run("test", "shop/Dwon").err == (
        "error[invalid-argument]: no unit tests match 'shop/Dwon'\n  hint: did you mean 'shop/Down'?\n"
    )


@pytest.mark.parametrize(("survivors", "code"), [((0, 0), Exit.OK), ((0, 1), Exit.FINDINGS), ((1, 0), Exit.FINDINGS)])
def test_mutate_exits_with_1_if_any_suite_misses_too_many_mutants(
    survivors: tuple[int, int], code: Exit, shop: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = [MutationScore("suite", 2, ["survivor"] * count) for count in survivors]
    some_tool = Tool("promtool", Path("promtool"), "3.5.3", "PATH")
    monkeypatch.setattr("obscode.verify.unit_tests.installed_promtools", lambda oldest: [some_tool])
    monkeypatch.setattr("obscode.verify.mutation.MutationRun.finish", lambda run: None)
    monkeypatch.setattr("obscode.verify.mutation.MutationRun.scores", scores)
    assert shop.run("test", "--mutate").exit == code


@pytest.mark.usefixtures("promtool")
def test_mutate_lists_the_mutants_that_no_test_detects(tools: ProjectFolder) -> None:
    tools.write(shop=ALERT_TEST % "6m")
    result = tools.run("test", "--mutate")
    assert result.out == (
        "survived  shop/Down  Down: label severity becomes mutated\n"
        "    severity: page-mutated\n"
        "shop/Down: 0 of 1 mutants detected (0.0%)\n"
    )
    assert result.exit == Exit.FINDINGS
