"""A container that mounts the output folder, or a part of it, sees every build; a mount point can be built into."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

from obscode.artifacts.files import File
from obscode.project.build import write
from obscode.toolchain import Tool
from obscode.verify import servers

_NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")
_PREPARE = """
from pathlib import Path
from conftest import tree
from obscode.artifacts.files import File
from obscode.findings.errors import OutputError
from obscode.project.build import compare, write
import build_in_loop
out, view = Path("build"), Path("view")
"""


@cache
def _why_no_mounts() -> str:
    """The reason why an ordinary user cannot mount here; empty if mounts work."""
    if not shutil.which("unshare"):
        return "there is no unshare"
    ended = subprocess.run([*_NAMESPACE, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, text=True)
    return f"unshare: {ended.stderr.strip()}" if ended.returncode else ""


@pytest.fixture(autouse=True)
def _mounts() -> None:
    if reason := _why_no_mounts():
        pytest.skip(reason)


def run_with_mounts(folder: Path, mounts: str, script: str) -> None:
    """Run Python after `mount` commands, in a namespace of its own."""
    command = [*_NAMESPACE, "sh", "-ec", f'{mounts}\nexec "$0" "$@"', sys.executable, "-c", _PREPARE + script]
    environment = {"PYTHONPATH": ":".join(sys.path), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("part", [".", "prometheus", "prometheus/rules", "grafana/dashboards"])
def test_a_bind_mount_shows_every_build(part: str, tmp_path: Path) -> None:
    old, new = ([File("prometheus/rules/a.yml", text), File("prometheus/prometheus.yml", text)] for text in "12")
    write([*old, File("grafana/dashboards/shop/a.json", "{}")], tmp_path / "build")
    (tmp_path / "view").mkdir()
    run_with_mounts(
        tmp_path,
        f"mount --bind build/{part} view",
        f"""
for files in ({new!r}, [], {old!r}, [*{new!r}, File("grafana/dashboards/team/b.json", "new")]):
    write(files, out)
    assert tree(view) == tree(out / {part!r}), (tree(view), files)
    assert (view / ".").stat().st_ino == (out / {part!r}).stat().st_ino
assert tree(view)
""",
    )


def test_a_mount_point_is_an_output_folder(tmp_path: Path) -> None:
    (tmp_path / "build").mkdir()
    run_with_mounts(
        tmp_path,
        "mount -t tmpfs none build",
        """
for files in (*build_in_loop.VERSIONS, build_in_loop.VERSIONS[0]):
    assert write(files, out)
    assert not compare(files, out)
    assert {path for path in tree(out) if path.endswith((".yml", ".json"))} == {file.path for file in files}
""",
    )


def test_a_mount_point_below_the_output_folder_is_written(tmp_path: Path) -> None:
    (tmp_path / "build/prometheus/rules").mkdir(parents=True)
    run_with_mounts(
        tmp_path,
        "mount -t tmpfs none build/prometheus/rules",
        """
for files in (*build_in_loop.VERSIONS, [], build_in_loop.VERSIONS[0]):
    write(files, out)
    assert not compare(files, out)
""",
    )


@pytest.mark.parametrize("full", ["build", "build/prometheus/rules"])
def test_a_full_disk_leaves_the_folder_as_it_was(full: str, tmp_path: Path) -> None:
    (tmp_path / full).mkdir(parents=True)
    run_with_mounts(
        tmp_path,
        f"mount -t tmpfs -o size=200k none {full}",
        """
small = [File(f"prometheus/rules/{i}.yml", "small") for i in range(3)]
write(small, out)
before = tree(out)
large = [File(f"prometheus/rules/{i}.yml", "large" * 12_000) for i in range(6)]
try:
    write([File("alertmanager/alertmanager.yml", "first"), *large], out)
except OutputError as error:
    assert str(error) == (
        "error[output-error]: cannot write build: No space left on device\\n"
        "  hint: the folder is unchanged; fix the cause, or name another folder with --out"
    ), error
else:
    raise AssertionError("360 KB on 200 KB")
assert tree(out) == before
assert not compare(small, out)
""",
    )


def _rules(number: int, text: str) -> File:
    lines = [f"      - record: file{number}:rule{i}\n        expr: vector(1) * {len(text)}\n" for i in range(20)]
    head = f"groups:\n  - name: group-{number}\n    rules:\n"
    return File(f"prometheus/rules/file-{number}.yml", head + "".join(lines) + f"# {text}\n" * 500)


CONFIGURATION = File("prometheus/prometheus.yml", "rule_files:\n  - rules/*.yml\n")
BUILDS = {
    # A reload that fails, because a file is removed between Prometheus' glob and its read, keeps the rules before it.
    "files are added and removed": [range(10), range(5, 15)],
    "files change": [range(10), range(10)],
}


@contextmanager
def _builds(builds: list[list[File]], out: Path) -> Iterator[list[int]]:
    """Build in a loop while the block runs; yields the growing list of builds."""
    stopped, built = threading.Event(), [0]

    def build() -> None:
        while not stopped.is_set():
            write(builds[len(built) % 2], out)
            built.append(len(built))

    thread = threading.Thread(target=build)
    thread.start()
    try:
        yield built
    finally:
        stopped.set()
        thread.join()


def _reload(url: str) -> bool:
    request = urllib.request.Request(f"{url}/-/reload", method="POST")
    try:
        urllib.request.urlopen(request, timeout=30).close()
    except urllib.error.HTTPError:
        return False
    return True


@pytest.mark.parametrize("what", BUILDS)
def test_a_prometheus_that_reloads_during_builds_loses_no_rule(
    what: str, newest_prometheus: Tool, tmp_path: Path
) -> None:
    """It reads a bind mount of `build/prometheus`."""
    builds = [
        [CONFIGURATION, *(_rules(number, text) for number in numbers)]
        for numbers, text in zip(BUILDS[what], ("one", "other"), strict=True)
    ]
    in_both = {f"file{number}" for number in BUILDS[what][0] if number in BUILDS[what][1]}
    out, view = tmp_path / "build", tmp_path / "view"
    write(builds[0], out)
    view.mkdir()
    url = f"http://{servers.LOOPBACK}:{servers.free_port()}"
    mount = [*_NAMESPACE, "sh", "-ec", 'mount --bind "$0" "$1"; shift; exec "$@"', str(out / "prometheus"), str(view)]
    command = [
        *mount,
        str(newest_prometheus.path),
        f"--config.file={view}/prometheus.yml",
        f"--storage.tsdb.path={tmp_path / 'data'}",
        f"--web.listen-address={url.removeprefix('http://')}",
        "--web.enable-lifecycle",
    ]
    loaded = set()
    with servers.running(command, f"{url}/-/ready", tmp_path):
        with _builds(builds, out) as built:
            for number in range(2_000):
                if number > 30 and len(built) > 10:
                    break
                assert _reload(url) or what == "files are added and removed"
                rules = [rule for group in servers.get(f"{url}/api/v1/rules")["groups"] for rule in group["rules"]]
                assert {rule["name"].partition(":")[0] for rule in rules} >= in_both
                assert len(rules) >= 200
                loaded.add(" ".join(sorted({rule["query"] for rule in rules})))
            assert len(built) > 10
        assert _reload(url)
    assert len(loaded) > 1, "no build was loaded: the test proves nothing"
