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

import build_in_loop
import pytest
from build_in_loop import VERSIONS
from conftest import CommandResult, ProjectFolder, tree

from obscode.artifacts.files import File
from obscode.findings.errors import Exit, OutputError
from obscode.project.build import MANIFEST, Difference, compare, write

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


def test_a_file_that_is_no_longer_built_is_removed_with_its_folder(out: Path) -> None:
    write(FILES, out)
    assert write(FEWER, out) == Difference(stale=(MANIFEST,), extra=("prometheus/rules/shop.yml",))
    assert tree(out).keys() == {MANIFEST, "prometheus", "prometheus/prometheus.yml"}


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


def test_a_process_that_has_a_file_open_keeps_writing_to_it(out: Path) -> None:
    write(FILES, out)
    with (out / "log").open("w") as log:
        write(FEWER, out)
        log.write("still here")
    assert (out / "log").read_text() == "still here"


def test_without_hard_links_files_of_others_are_copied(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(*args: object, **kwargs: object) -> None:
        raise OSError("no hard links here")

    write(FILES, out)
    (out / "README.md").write_text("read me")
    (out / "link").symlink_to("nowhere")
    monkeypatch.setattr(os, "link", link)
    write(FEWER, out)
    assert (out / "README.md").read_text() == "read me"
    assert (out / "link").is_symlink()


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


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"", b"<<<<<<< HEAD\nprometheus/prometheus.yml\n=======\n"])
def test_a_damaged_manifest_is_rewritten_or_reported(content: bytes, out: Path) -> None:
    write(FEWER, out)
    (out / MANIFEST).write_bytes(content)
    if b"prometheus" in content:
        write(FILES, out)
        assert tree(out) == COMPLETE
    else:
        assert "prometheus.yml exists, and obscode did not write it" in rejected(FILES, out)


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


def test_the_current_folder_is_never_replaced(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (out / "below").mkdir(parents=True)
    monkeypatch.chdir(out / "below")
    assert rejected(FILES, out) == (
        "error[output-error]: HERE/build contains the current folder\n  hint: name another folder with --out"
    )


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
    as_ordinary_user.chmod(0o500)
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


def test_an_unreadable_folder_of_others_is_reported_and_kept(as_ordinary_user: Path) -> None:
    out = as_ordinary_user / "build"
    write(FEWER, out)
    (out / "private").mkdir(mode=0)
    with pytest.raises(OutputError, match="Permission denied"):
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


@pytest.mark.parametrize("function", ["obscode.project.build.replace_folder", "os.link", "pathlib.Path.write_bytes"])
def test_an_error_at_any_step_leaves_the_old_tree(function: str, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(FILES, out)
    (out / "README.md").touch()

    def fails(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(function, fails)
        patch.setattr(shutil, "copy2", fails)
        assert rejected(FEWER, out) == (
            "error[output-error]: cannot write HERE/build: No space left on device\n"
            "  hint: the folder is unchanged; fix the cause, or name another folder with --out"
        )


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


def test_a_killed_build_leaves_a_complete_tree(tmp_path: Path) -> None:
    out = tmp_path / "build"
    trees = []
    for files in VERSIONS:
        write(files, out)
        (out / "others").write_text("stays")
        trees.append(tree(out))
    moments = random.Random(7)
    leftovers = 0
    for _ in range(KILLS):
        writer = subprocess.Popen([sys.executable, build_in_loop.__file__, str(out)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        time.sleep(moments.uniform(0, 0.02))
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        assert tree(out) in trees
        leftovers += len(list(tmp_path.iterdir())) - 1
    write(VERSIONS[0], out)
    assert tree(out) == trees[0]
    assert list(tmp_path.iterdir()) == [out]
    assert leftovers, "no build was killed halfway: the test proves nothing"


def test_a_killed_command_leaves_a_complete_tree(project_folder: ProjectFolder) -> None:
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
        assert tree(project_folder.build) in trees
    assert project_folder.run("build").exit == 0
    assert sorted(path.name for path in project_folder.root.iterdir()) == ["build", "definitions"]
    assert not list(project_folder.definitions.rglob("__pycache__"))


def test_leftovers_of_a_killed_build_are_removed_by_an_unchanged_build(out: Path) -> None:
    write(FILES, out)
    left = out.with_name(".build.obscode-new")
    (left / "prometheus").mkdir(parents=True)
    assert not write(FILES, out)
    assert not left.exists()


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
