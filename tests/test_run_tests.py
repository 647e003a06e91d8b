"""`obscode test` as a process: interruption, progress without a terminal, cached results."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ProjectFolder

from obscode.project.cache import Cache
from obscode.toolchain import Tool

ALERT = """\
shop = Service(
    "shop",
    alerts=[
        Alert(
            "Down",
            "up == 0",
            severity="page",
            summary="down",
            tests=[AlertTest(name, {'up{job="shop"}': "0x20"}, fires=["6m"]) for name in ("one", "two")],
        )
    ],
)
"""
# A promtool that says which version it is, runs one test, and then sleeps in a process of its own.
SLOW = """\
#!/bin/sh
if [ "$1" = "--version" ]; then echo "promtool, version 3.5.3 (branch: x)"; exit 0; fi
echo "  SUCCESS"
sleep 300 &
echo $! > "{folder}/child"
wait
"""


@pytest.fixture
def slow(project_folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProjectFolder]:
    """A project whose promtool does not end."""
    tool = project_folder.root / "promtool"
    tool.write_text(SLOW.format(folder=project_folder.root))
    tool.chmod(0o755)
    monkeypatch.setenv("OBSCODE_PROMTOOL", str(tool))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    (project_folder.root / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(project_folder.root / "tmp"))
    project_folder.write(shop=ALERT)
    yield project_folder
    child = project_folder.root / "child"
    if child.exists() and is_running(int(child.read_text())):
        os.kill(int(child.read_text()), signal.SIGKILL)


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def await_file(path: Path, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while not (path.exists() and path.read_text().strip()):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_the_run_with_the_results_so_far(number: signal.Signals, code: int, slow: ProjectFolder) -> None:
    command = [sys.executable, "-m", "obscode", "test", "--no-cache"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            await_file(slow.root / "child", process)
            time.sleep(0.3)  # the first result is read
            process.send_signal(number)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, err) == (code, "")
    assert out == "INTERRUPTED: 1 of 2 tests ran, 0 failed (promtool 3.5.3)\n"
    assert not is_running(int((slow.root / "child").read_text()))
    assert list((slow.root / "tmp").iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_ctrl_c_prints_the_mutants_that_were_decided(slow: ProjectFolder) -> None:
    tool = Path(os.environ["OBSCODE_PROMTOOL"])
    tool.write_text(tool.read_text().replace('echo "  SUCCESS"', 'echo "  FAILED:"; echo no; echo "  SUCCESS"'))
    slow.write(shop=ALERT.replace("up == 0", "up < 1"))
    command = [sys.executable, "-m", "obscode", "test", "--mutate"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            await_file(slow.root / "child", process)
            time.sleep(0.3)  # the first results are read
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, err) == (130, "")
    assert out == "shop/Down: 1 of 1 mutants detected (100.0%), 3 not decided\nINTERRUPTED\n"


def test_progress_is_printed_without_a_terminal(slow: ProjectFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = Path(os.environ["OBSCODE_PROMTOOL"])
    tool.write_text(tool.read_text().replace("sleep 300", "sleep 2").replace("wait", 'wait; echo "  SUCCESS"'))
    monkeypatch.setattr("obscode.cli.test._HEARTBEAT", 0.7)
    result = slow.run("test", "--no-cache")
    assert result.out == "OK: 2 tests of 1 alert (promtool 3.5.3)\n"
    lines = result.err.splitlines()
    assert len(lines) >= 2
    assert lines[0].startswith("test: 1 of 2")
    assert all(line.startswith("test: ") for line in lines)


REPLACED = {
    "fewer results than tests": 'echo "  SUCCESS"',
    "more results than tests": 'echo "  SUCCESS"; echo "  SUCCESS"; echo "  SUCCESS"',
    "no results": "exit 0",
}


@pytest.mark.parametrize("script", REPLACED.values(), ids=list(REPLACED))
def test_a_promtool_with_other_output_passes_no_run(script: str, slow: ProjectFolder) -> None:
    Path(os.environ["OBSCODE_PROMTOOL"]).write_text(SLOW.partition('echo "  SUCCESS"')[0] + script + "\n")
    result = slow.run("test", "--no-cache")
    assert result.exit == 2
    assert "promtool 3.5.3 reported" in result.err


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of another process")
def test_a_promtool_without_enough_memory_ends_the_run(
    project_folder: ProjectFolder, promtool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBSCODE_PROMTOOL", str(promtool.path))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setattr("obscode.verify.processes._MEMORY", 2**30 // 2)
    series = "{f'up{{job=\"{n}\"}}': '1x999999' for n in range(9)}"
    project_folder.write(shop=ALERT.replace("""{'up{job="shop"}': "0x20"}""", series))
    result = project_folder.run("test", "--no-cache")
    assert (result.exit, result.err) == (
        2,
        f"error[tool-error]: promtool {promtool.version} needs more than 0.5 GiB of memory\n"
        "  hint: shorten the series of the tests, or their number\n",
    )


# --- cache -------------------------------------------------------------------------------------------------------


def entries(project: ProjectFolder) -> list[Path]:
    return sorted((Cache.beside(project.definitions).folder / "unit-test").glob("*"))


def test_only_tests_that_passed_are_cached(
    project_folder: ProjectFolder, newest_promtool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBSCODE_PROMTOOL", str(newest_promtool.path))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    times = 'fires=["6m"] if name == "one" else (), quiet=["6m"] if name == "two" else ()'
    project_folder.write(shop=ALERT.replace('fires=["6m"]', times))
    failed = project_folder.run("test")
    assert (failed.exit, len(entries(project_folder))) == (1, 1)
    assert project_folder.run("test").out == failed.out


def test_a_changed_rule_a_changed_test_and_another_promtool_run_again(
    project_folder: ProjectFolder, newest_promtool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = project_folder.root / "promtool"
    copy.write_bytes(newest_promtool.path.read_bytes())
    copy.chmod(0o755)
    monkeypatch.setenv("OBSCODE_PROMTOOL", str(copy))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    project_folder.write(shop=ALERT)
    assert "cached" not in project_folder.run("test").out
    assert "OK: 2 tests (2 cached)" in project_folder.run("test").out
    project_folder.write(shop=ALERT.replace("up == 0", "up < 1"))
    assert "cached" not in project_folder.run("test").out
    project_folder.write(shop=ALERT.replace("0x20", "0x30"))
    assert "cached" not in project_folder.run("test").out
    project_folder.write(shop=ALERT)
    os.utime(copy, (1, 1))
    assert "cached" not in project_folder.run("test").out


def test_another_obscode_runs_the_tests_again(
    project_folder: ProjectFolder, newest_promtool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBSCODE_PROMTOOL", str(newest_promtool.path))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    project_folder.write(shop=ALERT)
    project_folder.run("test")
    monkeypatch.setattr("obscode.verify.unit_tests.code_key", lambda: "of other code")
    assert "cached" not in project_folder.run("test").out


def test_a_test_with_other_expected_annotations_runs_again(
    project_folder: ProjectFolder, newest_promtool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBSCODE_PROMTOOL", str(newest_promtool.path))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    expected = ALERT.replace('["6m"]', '["6m"], alerts=[ExpectedAlert(annotations={"summary": "down"})]')
    project_folder.write(shop=expected)
    assert project_folder.run("test").exit == 0
    project_folder.write(shop=expected.replace('{"summary": "down"}', '{"summary": "up"}'))
    assert project_folder.run("test").exit == 1


@pytest.mark.parametrize("content", [b"", b"passed", b"\xff", b"obscode cache 1 sha256 0\npassed"])
def test_a_damaged_entry_is_not_a_result(
    content: bytes, project_folder: ProjectFolder, newest_promtool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBSCODE_PROMTOOL", str(newest_promtool.path))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    project_folder.write(shop=ALERT)
    project_folder.run("test")
    for entry in entries(project_folder):
        entry.write_bytes(content)
    assert "cached" not in project_folder.run("test").out
    assert "OK: 2 tests (2 cached)" in project_folder.run("test").out
