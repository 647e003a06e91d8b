"""The cache keeps texts by key, and is right or empty whatever happens to its folder."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import tree

from obscode.project import cache
from obscode.project.cache import FOLDER, VARIABLE, Cache, code_key, key

HOUR = 3600


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / FOLDER


def used(path: Path, hours_ago: float) -> None:
    then = time.time() - hours_ago * HOUR
    os.utime(path, (then, then))


def test_a_text_is_returned_by_its_kind_and_key(folder: Path) -> None:
    Cache(folder).put("tests", "a", "größe\r\n\x00")
    assert Cache(folder).get("tests", "a") == "größe\r\n\x00"
    assert Cache(folder).get("tests", "b") is None
    assert Cache(folder).get("builds", "a") is None


def test_a_second_text_replaces_the_first(folder: Path) -> None:
    for text in ("one", "", "three"):
        Cache(folder).put("tests", "a", text)
        assert Cache(folder).get("tests", "a") == text


def test_git_and_backups_skip_the_folder(folder: Path) -> None:
    Cache(folder).put("tests", "a", "")
    files = tree(folder)
    assert files.keys() == {".gitignore", "CACHEDIR.TAG", "tests", "tests/a"}
    assert files[".gitignore"] == b"*\n"
    assert files["CACHEDIR.TAG"].startswith(b"Signature: 8a477f597d28d172789f06886806bc55\n")  # type: ignore[arg-type]


def test_the_folder_is_for_its_user_alone(folder: Path) -> None:
    Cache(folder).put("tests", "a", "")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_folder_is_beside_the_definitions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Cache.beside(Path("definitions")).folder == tmp_path / FOLDER
    monkeypatch.setenv(VARIABLE, str(tmp_path / "elsewhere"))
    assert Cache.beside(Path("definitions")).folder == tmp_path / "elsewhere"


DAMAGE = {
    "empty": b"",
    "another digest": b"obscode cache 1 sha256 " + b"0" * 64 + b"\n{}",
    "no digest": b"{}",
    "cut off": b"obscode cache 1 sha256 ",
    "one long line": b"x" * 100_000,
    "not UTF-8": cache._head(b"\xff") + b"\xff",
}


@pytest.mark.parametrize("content", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_entry_is_no_entry(content: bytes, folder: Path) -> None:
    Cache(folder).put("tests", "a", "{}")
    (folder / "tests" / "a").write_bytes(content)
    assert Cache(folder).get("tests", "a") is None
    Cache(folder).put("tests", "a", "{}")
    assert Cache(folder).get("tests", "a") == "{}"


def test_one_changed_byte_is_noticed(folder: Path) -> None:
    Cache(folder).put("tests", "a", "severity: page")
    path = folder / "tests" / "a"
    path.write_bytes(path.read_bytes().replace(b"page", b"Page"))
    assert Cache(folder).get("tests", "a") is None


@pytest.mark.parametrize("place", ["", "tests", "tests/a"])
def test_something_in_the_place_of_a_folder_or_an_entry_is_no_error(place: str, folder: Path) -> None:
    if place == "tests/a":
        (folder / place).mkdir(parents=True)
    else:
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text("a file")
    before = tree(folder.parent)
    with Cache(folder) as stored:
        stored.put("tests", "a", "text")
        assert stored.get("tests", "a") is None
    assert before.items() <= tree(folder.parent).items()


def test_a_folder_that_cannot_be_written_is_no_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    Cache(folder).put("tests", "a", "old")
    monkeypatch.setattr(Path, "replace", full)
    Cache(folder).put("tests", "a", "new")
    assert Cache(folder).get("tests", "a") == "old"
    assert tree(folder / "tests").keys() == {"a"}


# --- size --------------------------------------------------------------------------------------------------------


def test_the_entries_that_were_not_used_for_the_longest_time_are_deleted(folder: Path) -> None:
    with Cache(folder, max_entries=3) as stored:
        for name, hours in (("a", 4), ("b", 3), ("c", 2)):
            stored.put("tests", name, name)
            used(folder / "tests" / name, hours)
        assert stored.get("tests", "a") == "a"  # used now
        stored.put("builds", "d", "d")
    assert tree(folder).keys() - {".gitignore", "CACHEDIR.TAG", "tests", "builds"} == {"tests/a", "tests/c", "builds/d"}


@pytest.mark.parametrize(("spare", "left"), [(0, {"a", "b"}), (-1, {"b"})])
def test_the_size_is_bounded(spare: int, left: set[str], folder: Path) -> None:
    entry = len(cache._head(b"")) + 10
    with Cache(folder, max_bytes=2 * entry + spare) as stored:
        for name, hours in (("a", 2), ("b", 1)):
            stored.put("tests", name, "x" * 10)
            used(folder / "tests" / name, hours)
    assert tree(folder / "tests").keys() == left


def test_reading_alone_deletes_nothing(folder: Path) -> None:
    Cache(folder).put("tests", "a", "a")
    with Cache(folder, max_entries=0) as stored:
        assert stored.get("tests", "a") == "a"
    assert tree(folder / "tests").keys() == {"a"}


@pytest.mark.parametrize(("hours", "left"), [(0.9, {"a", ".new-1-0"}), (1.1, {"a"})])
def test_what_a_killed_process_left_is_deleted_after_an_hour(hours: float, left: set[str], folder: Path) -> None:
    with Cache(folder) as stored:
        stored.put("tests", "a", "a")
        (folder / "tests" / ".new-1-0").write_text("half")
        used(folder / "tests" / ".new-1-0", hours)
    assert tree(folder / "tests").keys() == left


# --- several processes -------------------------------------------------------------------------------------------

WRITER = """
import sys
from pathlib import Path
from obscode.project.cache import Cache

for i in range(100):
    with Cache(Path(sys.argv[1]), max_entries=2) as cache:
        text = sys.argv[2] * (1 + i % 3 * 50_000)
        cache.put("tests", str(i % 4), text)
        got = cache.get("tests", str(i % 4))
        assert got is None or set(got) <= set("ab"), "mixed or damaged"
        assert got is None or len(set(got)) == 1, "mixed"
"""


def test_processes_can_use_one_folder_at_a_time(folder: Path) -> None:
    commands = [[sys.executable, "-c", WRITER, str(folder), letter] for letter in "ab"]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for command in commands]
    assert [(process.communicate(timeout=60)[1], process.returncode) for process in processes] == [("", 0), ("", 0)]
    assert not list(folder.rglob(".new-*"))


# --- keys --------------------------------------------------------------------------------------------------------


def test_a_key_depends_on_each_part_and_on_where_parts_end() -> None:
    parts: list[tuple[str | bytes, ...]] = [(), ("",), ("", ""), ("ab",), ("a", "b"), ("b", "a"), ("1:a",), ("\udcff",)]
    assert len({key(*part) for part in parts}) == len(parts)
    assert key("a", "ü") == key("a", "ü".encode())


def test_the_key_of_the_code_changes_with_a_file_and_not_with_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "shop_package"
    (package / "__pycache__").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    keys = []
    for name, text in (("a.py", "1"), ("a.py", "1"), ("__pycache__/a.pyc", "1"), ("a.py", "2"), ("b.py", "")):
        (package / name).write_text(text)
        keys.append(code_key.__wrapped__("shop_package"))
    monkeypatch.delitem(sys.modules, "shop_package")
    assert keys[0] == keys[1] == keys[2]
    assert len(set(keys)) == 3
