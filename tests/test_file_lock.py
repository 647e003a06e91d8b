"""One process at a time writes to a folder; others wait, for a limited time."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from conftest import tree

from obscode.artifacts.files import File
from obscode.findings.errors import OutputError
from obscode.project import build
from obscode.project.file_lock import LockTimeoutError, exclusive_lock


def unexpected_wait() -> None:
    raise AssertionError("no other process holds the lock")


def test_a_free_lock_is_taken_without_waiting_and_leaves_no_file(tmp_path: Path) -> None:
    for _ in range(2):
        with exclusive_lock(tmp_path, unexpected_wait, 0):
            assert tree(tmp_path) == {}
    assert tree(tmp_path) == {}


def test_a_held_lock_raises_after_the_waiting_time(tmp_path: Path) -> None:
    with (
        exclusive_lock(tmp_path, unexpected_wait, 0),
        pytest.raises(LockTimeoutError),
        exclusive_lock(tmp_path, unexpected_wait, 0),
    ):
        raise AssertionError("two locks at a time")


def test_a_waiting_process_reports_once_and_continues_when_the_lock_is_released(tmp_path: Path) -> None:
    waits: list[str] = []
    waiting, locked = threading.Event(), threading.Event()

    def wait() -> None:
        waits.append("waiting")
        waiting.set()

    def second() -> None:
        with exclusive_lock(tmp_path, wait, 60):
            locked.set()

    thread = threading.Thread(target=second)
    with exclusive_lock(tmp_path, unexpected_wait, 0):
        thread.start()
        assert waiting.wait(10)
        assert not locked.wait(0.3)  # three attempts
    thread.join(10)
    assert locked.is_set()
    assert waits == ["waiting"]


def test_an_error_in_the_block_releases_the_lock(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="inside"), exclusive_lock(tmp_path, unexpected_wait, 0):
        raise OSError("inside")
    with exclusive_lock(tmp_path, unexpected_wait, 0):
        pass


def test_a_build_reports_that_it_waits_and_fails_if_the_other_does_not_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "_WAIT_SECONDS", 0.2)
    monkeypatch.chdir(tmp_path)
    lines: list[str] = []
    (tmp_path / "build").mkdir()
    with exclusive_lock(tmp_path / "build", unexpected_wait, 0), pytest.raises(OutputError) as error:
        build.write([File("a", "text")], Path("build"), lines.append)
    assert lines == ["waiting for another build to end"]
    assert str(error.value) == (
        "error[output-error]: another build of build did not end within 0.2 s\n"
        "  hint: stop it, or name another folder with --out"
    )
    assert tree(tmp_path) == {"build": "folder"}
