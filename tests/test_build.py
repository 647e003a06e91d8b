"""The output folder is complete at any time, and keeps files of others."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import build_in_loop
import pytest
from build_in_loop import VERSIONS
from conftest import CommandResult, ProjectFolder, tree

from obscode.artifacts.files import File
from obscode.findings.errors import Exit, OutputError
from obscode.project.build import Difference, compare, write
from obscode.project.manifest import MANIFEST
from obscode.project.publish import JOURNAL

FILES = [File("prometheus/prometheus.yml", "global: {}\n"), File("prometheus/rules/shop.yml", "größe: 1\n")]
FEWER = FILES[:1]
MANIFEST_TEXT = b"""\
# Files that obscode build wrote; it replaces and removes these and no others.
prometheus/prometheus.yml
prometheus/rules/shop.yml
"""
COMPLETE = {
    MANIFEST: MANIFEST_TEXT,
    "prometheus": "folder",
    "prometheus/prometheus.yml": b"global: {}\n",
    "prometheus/rules": "folder",
    "prometheus/rules/shop.yml": "größe: 1\n".encode(),
}
KILLS = int(os.environ.get("OBSCODE_KILLS", "25"))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "build"


def rejected(files: list[File], out: Path) -> str:
    """The message of a write that fails; nothing changes."""
    before = tree(out.parent)
    with pytest.raises(OutputError) as error:
        write(files, out)
    assert tree(out.parent) == before
    assert error.value.exit == Exit.ERROR
    return str(error.value).replace(str(out.parent), "HERE")


# --- the files of a build ------------------------------------------------------------------------------------------


def test_the_first_build_creates_the_folder_and_its_parents(tmp_path: Path) -> None:
    out = tmp_path / "a" / "b" / "build"
    assert write(FILES, out) == Difference(missing=(MANIFEST, *(file.path for file in FILES)))
    assert tree(out) == COMPLETE
    assert tree(out.parent).keys() == {"build", *(f"build/{path}" for path in COMPLETE)}


def test_an_unchanged_build_writes_nothing(out: Path) -> None:
    write(FILES, out)
    before = [(path, path.stat()) for path in sorted([out, *out.rglob("*")])]

    assert not write(FILES, out)

    assert [(path, path.stat()) for path in sorted([out, *out.rglob("*")])] == before


def test_a_file_that_is_no_longer_built_is_removed_but_not_a_folder_that_may_be_mounted(out: Path) -> None:
    write(FILES, out)
    assert write(FEWER, out) == Difference(stale=(MANIFEST,), extra=("prometheus/rules/shop.yml",))
    assert tree(out).keys() == {MANIFEST, "prometheus", "prometheus/prometheus.yml", "prometheus/rules"}


def test_an_emptied_folder_below_the_second_level_is_removed(out: Path) -> None:
    write([File("grafana/dashboards/shop/basket/a.json", "{}")], out)
    write([], out)
    assert tree(out).keys() == {MANIFEST, "grafana", "grafana/dashboards"}


def test_a_file_that_was_edited_or_removed_is_written_again(out: Path) -> None:
    write(FILES, out)
    (out / FILES[0].path).write_text("changed\n")
    (out / FILES[1].path).unlink()
    assert write(FILES, out) == Difference(stale=(FILES[0].path,), missing=(FILES[1].path,))
    assert tree(out) == COMPLETE


def test_the_mode_of_the_folder_is_kept(out: Path) -> None:
    write(FEWER, out)
    out.chmod(0o750)
    write(FILES, out)
    assert stat.S_IMODE(out.stat().st_mode) == 0o750


def test_a_symbolic_link_to_the_folder_is_kept(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "build").symlink_to("elsewhere")
    write(FILES, tmp_path / "build")
    assert (tmp_path / "build").is_symlink()
    assert tree(tmp_path / "elsewhere") == COMPLETE


def test_a_file_keeps_its_mode_and_a_new_one_follows_the_umask(out: Path) -> None:
    write(FEWER, out)
    (out / FILES[0].path).chmod(0o640)
    umask = os.umask(0o027)
    try:
        write([File(FILES[0].path, "new"), FILES[1]], out)
    finally:
        os.umask(umask)
    modes = [stat.S_IMODE((out / path).stat().st_mode) for path in (FILES[0].path, FILES[1].path, "prometheus/rules")]
    assert modes == [0o640, 0o640, 0o750]


def test_a_file_system_without_fsync_is_written(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fsync(handle: int) -> None:
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(os, "fsync", fsync)
    write(FILES, out)
    assert tree(out) == COMPLETE


def test_only_files_that_differ_are_touched(out: Path) -> None:
    write(FILES, out)
    before = {path: (out / path).stat() for path in (MANIFEST, FILES[1].path)}
    inodes = {path: (out / path).stat().st_ino for path in (".", "prometheus", "prometheus/rules")}
    write([File(FILES[0].path, "new"), FILES[1]], out)
    assert {path: (out / path).stat() for path in before} == before
    assert {path: (out / path).stat().st_ino for path in inodes} == inodes


# --- files of others -----------------------------------------------------------------------------------------------


def test_files_of_others_are_kept(out: Path) -> None:
    write(FILES, out)
    others = {
        "README.md": b"read me",
        "prometheus/rules/hand.yml": b"by hand",
        "deep/er/note": b"",
    }
    for name, content in others.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_bytes(content)
    (out / "link").symlink_to("README.md")
    (out / "dangling").symlink_to("nowhere")
    (out / "link to a folder").symlink_to("deep")
    (out / "empty" / "folder").mkdir(parents=True)
    inode = (out / "README.md").stat().st_ino

    write(FEWER, out)

    assert tree(out) == {
        **{path: content for path, content in COMPLETE.items() if path != "prometheus/rules/shop.yml"},
        MANIFEST: MANIFEST_TEXT.replace(b"prometheus/rules/shop.yml\n", b""),
        **others,
        "deep": "folder",
        "deep/er": "folder",
        "link": "link to README.md",
        "dangling": "link to nowhere",
        "link to a folder": "link to deep",
        "empty": "folder",
        "empty/folder": "folder",
    }
    assert (out / "README.md").stat().st_ino == inode


def test_files_of_others_are_not_visited(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def visit(*args: object, **kwargs: object) -> None:
        raise AssertionError("a build lists no folder")

    write(FILES, out)
    (out / "prometheus" / "hand.yml").touch()
    for function in ("os.listdir", "os.walk", "os.link", "shutil.copy2"):
        monkeypatch.setattr(function, visit)
    write(FEWER, out)
    write(FILES, out)
    monkeypatch.undo()
    assert tree(out) == {**COMPLETE, "prometheus/hand.yml": b""}


def test_a_process_that_has_a_file_open_keeps_writing_to_it(out: Path) -> None:
    write(FILES, out)
    with (out / "log").open("w") as log:
        write(FEWER, out)
        log.write("still here")
    assert (out / "log").read_text() == "still here"


CONFLICTS = {
    "a file": "prometheus/prometheus.yml",
    "a folder": "prometheus/prometheus.yml/",
    "a file in the place of a folder": "prometheus",
    "a link": "prometheus/prometheus.yml -> elsewhere",
    "a link in the place of a folder": "prometheus -> elsewhere",
}


@pytest.mark.parametrize("what", CONFLICTS.values(), ids=CONFLICTS)
def test_a_file_of_others_in_the_place_of_an_output_file_is_an_error(what: str, out: Path) -> None:
    name, _, target = what.partition(" -> ")
    path = out / name
    path.parent.mkdir(parents=True)
    if target:
        path.symlink_to(target)
    elif name.endswith("/"):
        path.mkdir()
    else:
        path.touch()
    assert rejected(FILES, out) == (
        f"error[output-error]: HERE/build/{name.rstrip('/')} exists, and obscode did not write it\n"
        "  hint: move it away, or name another folder with --out"
    )


def test_every_conflicting_file_is_reported(out: Path) -> None:
    for file in FILES:
        (out / file.path).parent.mkdir(parents=True, exist_ok=True)
        (out / file.path).touch()
    assert rejected(FILES, out).count("obscode did not write it") == 2


def test_a_manifest_with_paths_outside_the_folder_removes_nothing(out: Path) -> None:
    write(FEWER, out)
    (out.parent / "victim").write_text("alive")
    (out / "deep").mkdir()
    (out / "deep" / "victim").write_text("alive")
    with (out / MANIFEST).open("a") as manifest:
        manifest.write(f"../victim\n{out.parent}/victim\ndeep/../../victim\ndeep\n\n.\n..\n/\n~\n")
    write(FILES, out)
    assert (out.parent / "victim").read_text() == "alive"
    assert (out / "deep" / "victim").read_text() == "alive"
    assert (out / MANIFEST).read_bytes() == MANIFEST_TEXT


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"", None], ids=["damaged", "empty", "lost"])
def test_without_a_manifest_identical_files_are_adopted(content: bytes | None, out: Path) -> None:
    write(FILES, out)
    before = {file.path: (out / file.path).stat() for file in FILES}
    (out / MANIFEST).unlink()
    if content is not None:
        (out / MANIFEST).write_bytes(content)
    state = {"missing" if content is None else "stale": (MANIFEST,)}
    assert write(FILES, out) == Difference(adopted=tuple(file.path for file in FILES), **state)
    assert tree(out) == COMPLETE
    assert {file.path: (out / file.path).stat() for file in FILES} == before
    assert not write(FILES, out)


def test_without_a_manifest_files_with_other_content_are_rejected(out: Path) -> None:
    write(FILES, out)
    (out / MANIFEST).unlink()
    (out / FILES[0].path).write_text("by hand")
    assert rejected(FILES, out) == (
        "error[output-error]: HERE/build/prometheus/prometheus.yml exists, and obscode did not write it\n"
        "  hint: move it away, or name another folder with --out"
    )


def test_a_link_to_identical_content_is_not_adopted(out: Path) -> None:
    write(FILES, out)
    (out / MANIFEST).unlink()
    (out / FILES[0].path).rename(out / "elsewhere")
    (out / FILES[0].path).symlink_to("../elsewhere")
    assert "prometheus.yml exists, and obscode did not write it" in rejected(FILES, out)


def test_a_manifest_with_conflict_markers_lists_the_files_of_both_branches(out: Path) -> None:
    ours, theirs = (File(f"prometheus/rules/{name}.yml", name) for name in ("ours", "theirs"))
    write([ours, theirs], out)
    lines = ["<<<<<<< HEAD", ours.path, "||||||| 1234567", "=======", theirs.path, ">>>>>>> other"]
    (out / MANIFEST).write_text("\n".join(lines) + "\n")
    assert write([ours], out) == Difference(stale=(MANIFEST,), extra=(theirs.path,))
    assert not write([ours], out)


def test_the_order_of_a_manifest_does_not_matter(out: Path) -> None:
    """`merge=union` in .gitattributes joins the lines of two branches without sorting them."""
    write(FILES, out)
    (out / MANIFEST).write_text("\n".join(reversed([file.path for file in FILES])) + "\n")
    assert not compare(FILES, out)
    assert not write(FILES, out)


def test_a_manifest_that_is_a_folder_is_reported(out: Path) -> None:
    (out / MANIFEST).mkdir(parents=True)
    text = (
        "error[output-error]: HERE/build/.obscode-manifest is a folder\n"
        "  hint: remove it; obscode build writes a file of this name"
    )
    assert rejected(FILES, out) == text
    with pytest.raises(OutputError) as error:
        compare(FILES, out)
    assert str(error.value).replace(str(out.parent), "HERE") == text


def test_a_manifest_removes_no_file_through_a_link(out: Path) -> None:
    write(FILES, out)
    (out.parent / "elsewhere").mkdir()
    (out.parent / "elsewhere" / "victim").write_text("alive")
    (out / "link").symlink_to("../elsewhere")
    with (out / MANIFEST).open("a") as manifest:
        manifest.write("link/victim\n")
    write(FILES, out)
    assert (out.parent / "elsewhere" / "victim").read_text() == "alive"


# --- folders that cannot be written --------------------------------------------------------------------------------


def test_an_output_folder_that_is_a_file_is_reported(out: Path) -> None:
    out.write_text("a file")
    text = "error[output-error]: HERE/build is a file\n  hint: name a folder with --out"
    assert rejected(FILES, out) == text
    with pytest.raises(OutputError) as error:
        compare(FILES, out)
    assert str(error.value).replace(str(out.parent), "HERE") == text


@pytest.mark.parametrize("above", ["a file", "/dev/full", "/proc"])
def test_a_folder_that_cannot_be_created_is_reported(above: str, tmp_path: Path) -> None:
    (tmp_path / "a file").touch()
    with pytest.raises(OutputError) as error:
        write(FILES, tmp_path / above / "build")
    assert error.value.findings[0].message.startswith("cannot write ")


def test_a_build_runs_inside_its_output_folder(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(FEWER, out)
    monkeypatch.chdir(out / "prometheus")
    write(FILES, Path(".."))
    assert tree(out) == COMPLETE
    assert Path.cwd() == out / "prometheus"


@pytest.fixture
def as_ordinary_user(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of an ordinary user; a test that runs as root drops its rights."""
    folder = Path(tempfile.mkdtemp())
    user = os.geteuid()
    if user == 0:
        os.chown(folder, 65534, 65534)
        os.seteuid(65534)
    yield folder
    os.seteuid(user)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o700)
    shutil.rmtree(folder)


def test_a_folder_without_write_permission_is_reported(as_ordinary_user: Path) -> None:
    out = as_ordinary_user / "build"
    write(FEWER, out)
    (out / "prometheus").chmod(0o500)
    assert rejected(FILES, out) == (
        "error[output-error]: cannot write HERE/build: Permission denied\n"
        "  hint: the folder is unchanged; fix the cause, or name another folder with --out"
    )
    assert not write(FEWER, out)


def test_a_file_without_read_permission_is_reported(as_ordinary_user: Path) -> None:
    out = as_ordinary_user / "build"
    write(FILES, out)
    (out / FILES[0].path).chmod(0)
    for action in (write, compare):
        with pytest.raises(OutputError, match="Permission denied"):
            action(FILES, out)


def test_a_folder_whose_files_cannot_be_removed_is_reported_before_anything_changes(as_ordinary_user: Path) -> None:
    out = as_ordinary_user / "build"
    write(FILES, out)
    (out / "prometheus" / "rules").chmod(0o500)
    assert "cannot write HERE/build: Permission denied" in rejected([File("prometheus/prometheus.yml", "new")], out)


def test_a_read_only_parent_is_no_hindrance(as_ordinary_user: Path) -> None:
    """The parent of a mount point often belongs to root."""
    out = as_ordinary_user / "build"
    write(FEWER, out)
    as_ordinary_user.chmod(0o500)
    write(FILES, out)
    assert tree(out) == COMPLETE


def test_an_unreadable_folder_of_others_is_no_hindrance(as_ordinary_user: Path) -> None:
    out = as_ordinary_user / "build"
    write(FEWER, out)
    (out / "private").mkdir(mode=0)
    write(FILES, out)
    assert (out / "private").is_dir()


def test_a_full_disk_leaves_the_old_tree(out: Path) -> None:
    """A limit on the file size simulates the full disk: the write fails halfway."""
    write(FILES, out)
    before = tree(out.parent)

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    writing = f"write([File('prometheus/prometheus.yml', 'x' * 5000)], Path({str(out)!r}))"
    script = f"from obscode.project.build import *; {writing}"
    ended = subprocess.run(
        [sys.executable, "-c", script], preexec_fn=limited, capture_output=True, text=True, check=False
    )
    assert ended.stderr.splitlines()[-2:] == [
        f"obscode.findings.errors.OutputError: error[output-error]: cannot write {out}: File too large",
        "  hint: the folder is unchanged; fix the cause, or name another folder with --out",
    ]
    assert tree(out.parent) == before


@pytest.mark.parametrize("function", ["os.fdopen", "os.fsync", "os.open", "pathlib.Path.mkdir"])
@pytest.mark.parametrize("call", range(4))
def test_an_error_before_the_first_rename_leaves_the_old_tree(
    function: str, call: int, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first call opens the journal; `Path.mkdir` is also called for the output folder itself."""
    module, name = (os, function.partition(".")[2]) if function.startswith("os.") else (Path, "mkdir")
    original = getattr(module, name)
    calls = 0

    def fails_once(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call + 1 + (module is os and name == "open"):  # os.open: the lock
            raise OSError(28, "No space left on device")
        return original(*args, **kwargs)

    write(FILES, out)
    new = [*FEWER, File("prometheus/prometheus.container.yml", "new"), *(File(f"new/{i}/a", "new") for i in range(4))]
    with monkeypatch.context() as patch:
        patch.setattr(module, name, fails_once)
        assert rejected(new, out) == (
            "error[output-error]: cannot write HERE/build: No space left on device\n"
            "  hint: the folder is unchanged; fix the cause, or name another folder with --out"
        )
    assert write(new, out).stopped == ()


def test_an_error_after_the_first_rename_is_repaired_by_the_next_build(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Path.replace

    def fails(self: Path, target: Path) -> Path:
        if target.name == "prometheus.yml":
            raise OSError(5, "Input/output error")
        return original(self, target)

    write(FILES, out)
    new = [File(file.path, "new") for file in FILES]
    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises(OutputError) as error:
        write(new, out)
    monkeypatch.undo()
    assert str(error.value).replace(str(out.parent), "HERE") == (
        "error[output-error]: cannot write HERE/build: Input/output error\n"
        "  hint: some files are new and some are old; fix the cause, and run obscode build again"
    )
    assert list(compare(new, out).lines()) == ["stopped  .obscode-journal", "stale    prometheus/prometheus.yml"]
    lines: list[str] = []
    assert write(new, out, lines.append)
    assert [line.replace(str(out.parent), "HERE") for line in lines] == [
        "an earlier build of HERE/build was stopped before its end; this one repairs the folder"
    ]
    assert tree(out) == {**COMPLETE, **{file.path: b"new" for file in FILES}}


# --- concurrent and killed builds ----------------------------------------------------------------------------------


def test_concurrent_builds_all_succeed(project_folder: ProjectFolder) -> None:
    def build_it(number: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "obscode", "build", f"definitions-{number % 2}", "-o", "build"]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    for number in (0, 1):
        shutil.copytree(project_folder.definitions, project_folder.root / f"definitions-{number}")
    with ThreadPoolExecutor(4) as pool:
        ended = list(pool.map(build_it, range(4)))
    waiting = "waiting for another build to end\n"
    assert {(e.returncode, e.stderr.replace(waiting, "")) for e in ended} == {(0, "")}
    assert sorted(path.name for path in project_folder.root.iterdir()) == [
        "build",
        "definitions",
        "definitions-0",
        "definitions-1",
    ]


def is_mixture(mixed: dict[str, str | bytes], trees: list[dict[str, str | bytes]]) -> bool:
    """True if each file is complete, of one tree or the other, and the journal is there to report it."""
    known = {content for whole in trees for content in whole.values()}
    for path, content in mixed.items():
        if Path(path).name == MANIFEST:  # lists the files of both
            assert {*content.splitlines()} >= {*map(str.encode, mixed)} & {file.path.encode() for file in VERSIONS[0]}
        elif not Path(path).name.startswith((".obscode-new-", JOURNAL)):
            assert content in known, path
    return JOURNAL in mixed


def test_a_folder_that_a_stopped_build_emptied_is_removed(tmp_path: Path) -> None:
    out = tmp_path / "build"
    write(VERSIONS[1], out)
    for file in (out / "grafana" / "dashboards" / "version-1").iterdir():
        file.unlink()  # the build was killed here, before it removed the folder
    (out / JOURNAL).write_text("# Temporary files\n")

    write(VERSIONS[0], out)

    assert [folder.name for folder in (out / "grafana" / "dashboards").iterdir()] == ["version-0"]


def test_a_killed_build_leaves_complete_files_and_the_next_build_repairs_and_reports_it(tmp_path: Path) -> None:
    out = tmp_path / "build"
    trees = []
    for files in VERSIONS:
        write(files, out)
        (out / "others").write_text("stays")
        trees.append(tree(out))
    moments = random.Random(7)
    mixtures = 0
    for number in range(KILLS):
        writer = subprocess.Popen([sys.executable, build_in_loop.__file__, str(out)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        time.sleep(moments.uniform(0, 0.05))
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        left = tree(out)
        if left not in trees:
            assert is_mixture(left, trees), sorted(left)
            mixtures += 1
        for version in (number % 2, 1 - number % 2):
            lines: list[str] = []
            assert compare(VERSIONS[version], out).stopped == ((JOURNAL,) if JOURNAL in tree(out) else ())
            assert bool(write(VERSIONS[version], out, lines.append).stopped) == bool(lines)
            assert tree(out) == trees[version]
    assert mixtures, "no build was killed halfway: the test proves nothing"


def test_a_killed_command_leaves_complete_files(project_folder: ProjectFolder) -> None:
    sources = [
        f'shop = Service("shop", recording_rules=[RecordingRule(f":up:r{{i}}", "sum(up) + {n}") for i in range(50)])\n'
        for n in range(2)
    ]
    trees = []
    for source in sources:
        project_folder.write(shop=source)
        assert project_folder.run("build").exit == 0
        trees.append(tree(project_folder.build))
    moments = random.Random(7)
    for number in range(max(3, KILLS // 5)):
        project_folder.write(shop=sources[number % 2])
        ended = subprocess.Popen([sys.executable, "-m", "obscode", "build"], stdout=subprocess.DEVNULL)
        time.sleep(moments.uniform(0.1, 0.5))
        ended.send_signal(signal.SIGKILL)
        ended.wait()
        left = tree(project_folder.build)
        assert left in trees or is_mixture(left, trees)
    assert project_folder.run("build").exit == 0
    assert tree(project_folder.build) in trees
    assert sorted(path.name for path in project_folder.root.iterdir()) == ["build", "definitions"]
    assert not list(project_folder.definitions.rglob("__pycache__"))


def test_a_build_without_changes_removes_the_temporary_files_of_a_killed_build(out: Path) -> None:
    write(FILES, out)
    (out / "deep" / "er").mkdir(parents=True)
    names = ["prometheus/rules/.obscode-new-0", "deep/er/.obscode-new-1"]
    for name in names:
        (out / name).write_text("half")
    (out / JOURNAL).write_text("".join(f"{name}\n" for name in names))
    assert write(FILES, out) == Difference(stopped=(JOURNAL,))
    assert tree(out) == {**COMPLETE, "deep": "folder", "deep/er": "folder"}
    assert not write(FILES, out)


def test_a_journal_removes_temporary_files_below_the_folder_only(out: Path) -> None:
    write(FILES, out)
    elsewhere = out.parent / "elsewhere"
    elsewhere.mkdir()
    victims = [elsewhere / ".obscode-new-1", out.parent / ".obscode-new-2", out / "mine.yml"]
    for victim in victims:
        victim.write_text("alive")
    (out / "link").symlink_to("../elsewhere")
    lines = ["link/.obscode-new-1", "../.obscode-new-2", str(victims[1]), "mine.yml", "", "missing/.obscode-new-3"]
    (out / JOURNAL).write_text("\n".join(lines))
    write(FILES, out)
    assert [victim.read_text() for victim in victims] == ["alive"] * 3
    assert not (out / JOURNAL).exists()


def test_a_link_in_the_place_of_a_temporary_file_is_not_followed(out: Path) -> None:
    out.mkdir()
    (out.parent / "victim").write_text("alive")
    for number in range(4):
        (out / f".obscode-new-{number}").symlink_to("../victim")
    write([File("a", "1"), File("b", "2")], out)
    assert (out.parent / "victim").read_text() == "alive"


# --- build --check -----------------------------------------------------------------------------------------------


def test_compare_lists_what_is_stale_missing_and_extra(out: Path) -> None:
    write(FILES, out)
    (out / FILES[0].path).write_text("changed")
    before = tree(out.parent)
    other = File("grafana/shop.json", "{}")
    difference = compare([FILES[0], other], out)
    assert list(difference.lines()) == [
        f"stale    {MANIFEST}",
        "stale    prometheus/prometheus.yml",
        "missing  grafana/shop.json",
        "extra    prometheus/rules/shop.yml",
    ]
    assert tree(out.parent) == before


def test_compare_lists_no_removed_file_as_extra(out: Path) -> None:
    write(FILES, out)
    (out / FILES[1].path).unlink()
    assert list(compare(FILES[:1], out).lines()) == [f"stale    {MANIFEST}"]


def test_compare_lists_no_file_outside_the_folder_as_extra(out: Path) -> None:
    write(FILES, out)
    (out.parent / "victim").write_text("alive")
    with (out / MANIFEST).open("a") as manifest:
        manifest.write("../victim\n")
    assert list(compare(FILES, out).lines()) == [f"stale    {MANIFEST}"]


@pytest.mark.parametrize("kind", ["stale", "missing", "extra"])
def test_a_difference_of_any_kind_is_true(kind: str) -> None:
    assert Difference(**{kind: ["a"]})
    assert not Difference()


def test_build_check_mentions_rule_files_of_others(project_folder: ProjectFolder) -> None:
    assert project_folder.run("build").exit == 0
    rules = project_folder.build / "prometheus" / "rules"
    rules.mkdir(exist_ok=True)
    for name in ("hand.yml", ".hidden.yml", "README.md", "hand.yaml"):
        (rules / name).touch()
    ended = project_folder.run("build", "--check")
    assert ended.exit == 0
    assert ended.err == "".join(
        f"note: obscode did not write build/prometheus/rules/{name}; Prometheus loads it with rules/*.yml\n"
        for name in (".hidden.yml", "hand.yml")
    )
    assert project_folder.run("build", "--check", "--quiet") == CommandResult(0, "", "")


def test_build_lists_the_files_that_it_adopts(project_folder: ProjectFolder) -> None:
    assert project_folder.run("build").exit == 0
    paths = [path for path in tree(project_folder.build) if path.endswith((".yml", ".json", ".gitattributes"))]
    (project_folder.build / MANIFEST).unlink()
    adopted = project_folder.run("build")
    assert adopted.exit == 0
    head = f"adopted {len(paths)} files with the same content: .gitattributes, "
    assert adopted.out.startswith(head) or len(paths) < 2
    (project_folder.build / MANIFEST).unlink()
    listed = project_folder.run("build", "--verbose").out.splitlines()
    assert [line for line in listed if line.startswith("adopted")] == [f"adopted  {path}" for path in sorted(paths)]


def test_build_reports_a_build_that_was_stopped(project_folder: ProjectFolder) -> None:
    assert project_folder.run("build").exit == 0
    (project_folder.build / JOURNAL).touch()
    ended = project_folder.run("build", "--check")
    assert (ended.exit, ended.out) == (Exit.FINDINGS, f"stopped  {JOURNAL}\n")
    assert ended.err == "build has files of a build that was stopped before its end; run: obscode build\n"
    ended = project_folder.run("build")
    assert ended.err == "an earlier build of build was stopped before its end; this one repairs the folder\n"
    assert project_folder.run("build", "--check").exit == 0


def test_a_build_into_a_folder_of_others_says_so(project_folder: ProjectFolder) -> None:
    project_folder.build.mkdir()
    (project_folder.build / "other").touch()
    line = "build has files that obscode did not write; they stay as they are\n"
    assert project_folder.run("build").err == line
    assert project_folder.run("build").err == ""


@pytest.mark.parametrize("arguments", [(), ("--check",)])
@pytest.mark.parametrize(
    ("out", "relation"),
    [("definitions", "is"), ("definitions/build", "is inside"), (".", "contains"), ("link", "is")],
)
def test_an_output_folder_among_the_definitions_is_rejected(
    out: str, relation: str, arguments: tuple[str, ...], project_folder: ProjectFolder
) -> None:
    (project_folder.root / "link").symlink_to("definitions")
    before = tree(project_folder.root)
    ended = project_folder.run("build", "--out", out, *arguments)
    assert (ended.exit, ended.err) == (
        Exit.ERROR,
        f"error[output-error]: the output folder {out} {relation} the definitions folder definitions\n"
        "  hint: name a folder beside it with --out, such as build\n",
    )
    assert tree(project_folder.root) == before


def test_build_check_writes_nothing(project_folder: ProjectFolder) -> None:
    before = tree(project_folder.root)
    ended = project_folder.run("build", "--check")
    assert ended.exit == Exit.FINDINGS
    assert ended.err == "build is out of date; run: obscode build\n"
    assert set(ended.out.splitlines()) >= {"missing  prometheus/prometheus.yml", f"missing  {MANIFEST}"}
    assert tree(project_folder.root) == before

    assert project_folder.run("build").exit == 0
    before = tree(project_folder.root)
    assert project_folder.run("build", "--check", "--quiet") == CommandResult(0, "", "")
    assert tree(project_folder.root) == before


def test_a_build_works_without_file_locks(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """NFS rejects locks on folders; builds work there, but do not wait for each other."""

    def flock(*args: object) -> None:
        raise OSError(9, "Bad file descriptor")

    monkeypatch.setattr("fcntl.flock", flock)
    write(FILES, out)
    assert tree(out) == COMPLETE


@pytest.mark.skipif(not shutil.which("git"), reason="needs git")
def test_branches_that_each_add_a_service_merge_without_a_conflict(project_folder: ProjectFolder) -> None:
    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)

    def commit(service: str) -> None:
        rule = f'RecordingRule(":up:{service}", "sum(up)")'
        project_folder.write(**{service: f'{service} = Service("{service}", recording_rules=[{rule}])\n'})
        assert project_folder.run("build").exit == 0
        git("add", ".")
        git("commit", "-qm", service)

    git("init", "-qb", "main")
    commit("shop")
    for service in ("stock", "tax"):
        git("checkout", "-qb", service, "main")
        commit(service)
    git("merge", "-q", "stock")
    assert project_folder.run("build", "--check", "--quiet") == CommandResult(0, "", "")
