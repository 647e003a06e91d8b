"""A build with the cache has the result of a build without it, whatever changed in between."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from conftest import CommandResult, ProjectFolder, tree

from obscode.cli import terminal
from obscode.project import cache, pipeline, unchanged_build
from obscode.project.build_inputs import FileState

PROJECT = """
import json
import os
from pathlib import Path

import naming  # beside the folder
from . import _shared

HERE = Path(__file__).resolve().parent
project = Project("team")
owners = json.loads((HERE / "owners.json").read_text())
extra = HERE / "extra.json"
names = [*owners, *(json.loads(extra.read_text()) if extra.exists() else [])]
names += [path.stem for path in HERE.glob("services/*.txt")]
try:
    names += (HERE / "optional").read_text().split()
except FileNotFoundError:
    pass
suffix = os.environ.get("SUFFIX", "")
services = [
    Service(
        naming.service(name) + suffix,
        recording_rules=[RecordingRule(f"{name}_requests", f"sum(rate({name}_requests_total[5m])) > {_shared.LIMIT}")],
    )
    for name in names
]
"""
FILES = {
    "definitions/project.py": f"from obscode import *\n{PROJECT}",
    "definitions/_shared.py": "LIMIT = 10.5\n",
    "definitions/owners.json": '["shop"]',
    "definitions/services/billing.txt": "",
    "naming.py": 'def service(name):\n    return f"the-{name}"\n',
    "pyproject.toml": '[tool.obscode.severity]\nrule-name = "warning"\n',
}
RULES = "build/prometheus/rules/the-shop.yml"


class Pair:
    """Two equal projects: one is built with the cache, the other without."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folders = [ProjectFolder(root / name) for name in ("with", "without")]
        self.monkeypatch = monkeypatch
        self.compiled = 0
        for folder in self.folders:
            folder.root.mkdir()
        compile_folder = pipeline.compile_folder

        def counted(*args: object) -> pipeline.Compilation:
            self.compiled += 1
            return compile_folder(*args)  # type: ignore[arg-type]

        monkeypatch.setattr(pipeline, "compile_folder", counted)

    def edit(self, change: Callable[[Path], object]) -> None:
        for folder in self.folders:
            change(folder.root)

    def write(self, **files: str) -> None:
        for name, text in files.items():
            self.edit(lambda root, name=name, text=text: written(root / name, text))  # type: ignore[misc]

    def run(self, *arguments: str) -> tuple[CommandResult, bool]:
        """The result, which is the same with the cache and without; and whether the one with the cache compiled."""
        results, trees = [], []
        for folder, options in zip(self.folders, ([], ["--no-cache"]), strict=True):
            self.monkeypatch.chdir(folder.root)
            results.append(folder.run("build", *options, *arguments))
            trees.append(tree(folder.build))
        assert results[0] == results[1]
        assert trees[0] == trees[1]
        compiled, self.compiled = self.compiled, 0
        return results[0], compiled == 2


def written(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pair:
    for name in ("SUFFIX", cache.VARIABLE):
        monkeypatch.delenv(name, raising=False)
    pair = Pair(tmp_path, monkeypatch)
    pair.write(**FILES)
    return pair


def changed(name: str, old: str, new: str) -> Callable[[Path], None]:
    def edit(root: Path) -> None:
        text = (root / name).read_text()
        assert old in text
        (root / name).write_text(text.replace(old, new))

    return edit


def with_old_time(name: str, old: str, new: str) -> Callable[[Path], None]:
    """The file has the same size and the same time as before."""

    def edit(root: Path) -> None:
        before = (root / name).stat()
        changed(name, old, new)(root)
        os.utime(root / name, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert (root / name).stat().st_size == before.st_size

    return edit


def added(name: str, text: str = "") -> Callable[[Path], None]:
    return lambda root: written(root / name, text)


def removed(name: str) -> Callable[[Path], None]:
    return lambda root: shutil.rmtree(root / name) if (root / name).is_dir() else (root / name).unlink()


def linked(name: str) -> Callable[[Path], None]:
    """The path is a link to a copy of what was there."""

    def edit(root: Path) -> None:
        (root / name).rename(root / "elsewhere")
        (root / name).symlink_to(os.path.relpath(root / "elsewhere", (root / name).parent))

    return edit


def damaged(root: Path) -> None:
    for path in root.glob(".obscode-cache/*/*"):
        path.write_bytes(path.read_bytes().replace(b"rule-name", b"rule-nome").replace(b"files", b"filet"))


def replaced_record(text: str) -> Callable[[Path], None]:
    """A record with a right digest and another content."""

    def edit(root: Path) -> None:
        for path in root.glob(".obscode-cache/builds/*"):
            cache.Cache(root / ".obscode-cache").put("builds", path.name, text)

    return edit


def all_times_changed(root: Path) -> None:
    for path in root.rglob("[!.]*"):
        os.utime(path, (1, 1))


def environment(name: str, value: str) -> Callable[[Path], None]:
    return lambda root: os.environ.update({name: value})


# What changes, and whether the next build compiles.
EDITS: dict[str, tuple[Callable[[Path], object], bool]] = {
    "nothing": (lambda root: None, False),
    "a definition": (changed("definitions/project.py", "5m", "9m"), True),
    "a definition, with an error": (changed("definitions/project.py", "5m", "5x"), True),
    "a syntax error": (changed("definitions/project.py", "project =", "project = ="), True),
    "an imported file": (changed("definitions/_shared.py", "10.5", "20.5"), True),
    "an imported file of the same size and time": (with_old_time("definitions/_shared.py", "10.5", "20.5"), True),
    "a module beside the folder": (changed("naming.py", "the-", "our-"), True),
    "a module beside the folder is a package now": (added("naming/__init__.py", "service = str.upper\n"), True),
    "a module that hides one of Python": (added("definitions/_shared/__init__.py", "LIMIT = 1\n"), True),
    "a new file": (added("definitions/more.py", "from obscode import *\nmore = Service('more')\n"), True),
    "a new folder": (added("definitions/team/more.py", "from obscode import *\nmore = Service('more')\n"), True),
    "a file less": (removed("definitions/project.py"), True),
    "a data file": (changed("definitions/owners.json", "shop", "cafe"), True),
    "a data file of the same size and time": (with_old_time("definitions/owners.json", "shop", "cafe"), True),
    "a data file that did not exist": (added("definitions/extra.json", '["cafe"]'), True),
    "a data file that was opened and did not exist": (added("definitions/optional", "cafe"), True),
    "a data file in a listed folder": (added("definitions/services/cafe.txt"), True),
    "a data file less in a listed folder": (removed("definitions/services/billing.txt"), True),
    "an environment variable that is read": (environment("SUFFIX", "-new"), True),
    "an environment variable that is not read": (environment("OBSCODE_TEST_OTHER", "x"), False),
    "the settings": (changed("pyproject.toml", "warning", "error"), True),
    "the settings, which are invalid": (added("pyproject.toml", "[tool.obscode]\nnote = true\n"), True),
    "no settings": (removed("pyproject.toml"), True),
    "a file's time": (lambda root: (root / "definitions" / "project.py").touch(), False),
    "all times": (all_times_changed, False),
    "a file of the output": (changed(RULES, "groups", "group"), True),
    "a file of the output with the same time": (with_old_time(RULES, "groups", "Groups"), True),
    "a file of the output less": (removed(RULES), True),
    "the output folder less": (removed("build"), True),
    "a link in place of a file of the output": (linked(RULES), True),
    "a link in place of a folder of the output": (linked("build/prometheus/rules"), True),
    "a link in place of the output folder": (linked("build"), True),
    "a foreign file in the output": (added("build/README.md", "read me"), True),
    "a foreign rule file in the output": (added("build/prometheus/rules/hand.yml", "groups: []"), True),
    "the journal of a stopped build": (added("build/.obscode-journal"), True),
    "no manifest": (removed("build/.obscode-manifest"), True),
    "another manifest": (changed("build/.obscode-manifest", "prometheus/prometheus.yml\n", ""), True),
    "a file beside the definitions": (added("README.md", "read me"), False),
    "a damaged record": (damaged, True),
    "a record that is no JSON": (replaced_record("{"), True),
    "a record of another form": (replaced_record('{"inputs": [], "report": {}}'), True),
    "a record that is nested too deep": (replaced_record("[" * 100_000), True),
    "a record with a number as a path": (
        replaced_record('{"inputs": {"files": {}, "folders": {}, "kinds": {"1": ""}}, "report": {}, "written": true}'),
        True,
    ),
    "a record with other values": (
        replaced_record('{"inputs": {"files": {"a": 1}}, "report": {"files": 1, "summary": "", "findings": []}}'),
        True,
    ),
    "no cache": (lambda root: shutil.rmtree(root / ".obscode-cache", ignore_errors=True), True),
}


@pytest.mark.parametrize("name", EDITS)
def test_a_build_after_an_edit_is_the_same_with_the_cache(name: str, pair: Pair) -> None:
    edit, compiles = EDITS[name]
    first, _ = pair.run()
    assert "warning[rule-name]" in first.err
    pair.edit(edit)
    _, check_compiled = pair.run("--check")
    result, compiled = pair.run("-v")
    again, compiled_again = pair.run("-v")

    assert (check_compiled, compiled) == (compiles, compiles)
    assert (again.exit, compiled_again) == (result.exit, bool(result.exit))


def test_a_build_without_the_cache_leaves_it_alone(pair: Pair) -> None:
    pair.run("--no-cache")
    assert not (pair.folders[0].root / cache.FOLDER).exists()


def test_a_check_has_the_record_of_a_build_but_a_build_not_that_of_a_check(pair: Pair) -> None:
    """A build rejects links in the output folder, which a check follows."""
    pair.run("--no-cache")
    assert [pair.run(*options)[1] for options in (["--check"], ["--check"], [], ["--check"], [])] == [
        True,
        False,
        True,
        False,
        False,
    ]


def test_other_code_of_obscode_compiles_again(pair: Pair) -> None:
    pair.run()
    pair.monkeypatch.setattr(unchanged_build, "code_key", lambda: "another")
    assert pair.run()[1]
    pair.monkeypatch.setattr(unchanged_build, "code_key", lambda: "")  # no files that could be compared
    assert [pair.run()[1] for _ in range(2)] == [True, True]


def test_a_cache_that_cannot_be_written_is_no_error(pair: Pair) -> None:
    pair.write(**{".obscode-cache": "a file"})
    assert [pair.run()[1] for _ in range(2)] == [True, True]


def test_a_change_while_the_build_runs_is_not_missed(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    compile_folder = pipeline.compile_folder

    def edited_meanwhile(*args: object) -> pipeline.Compilation:
        result = compile_folder(*args)  # type: ignore[arg-type]
        changed("definitions/_shared.py", "10.5", "20.5")(Path.cwd())
        return result

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "compile_folder", edited_meanwhile)
        pair.run()
    assert pair.run()[1]


# --- definitions that are never reused -----------------------------------------------------------------------------

# A statement of a definitions file, and why the next build compiles again.
IMPURE = {
    "import time; time.time()": "definitions/shop.py:3 reads the clock",
    "from datetime import datetime; datetime.now()": "definitions/shop.py:3 reads the clock",
    "from datetime import date; date.today()": "definitions/shop.py:3 reads the clock",
    "import random; random.choice('ab')": "definitions/shop.py:3 reads random numbers",
    "import random; random.Random().random()": "definitions/shop.py:3 reads random numbers",
    "import random; random.SystemRandom().random()": "definitions/shop.py:3 reads random numbers",
    "import uuid; uuid.uuid4()": "definitions/shop.py:3 reads random numbers",
    "from datetime import datetime; datetime.fromtimestamp(0)": "definitions/shop.py:3 reads the clock",
    "import platform; platform.node()": "definitions/shop.py:3 reads the state of the system",
    "import os; os.getpid()": "definitions/shop.py:3 reads the state of the system",
    "print('hello')": "definitions/shop.py:3 prints",
    "import sys; sys.stderr.write('hello\\n')": "definitions/shop.py:3 prints",
    "hash('shop')": "definitions/shop.py:3 reads a hash or an address in memory",
    "import os; [entry.stat() for entry in os.scandir('.')]": "definitions/shop.py:3 reads the status of a file",
    "from posix import stat; stat('.')": "definitions/shop.py:3 reads the status of a file",
    "open('created', 'w').close()": "writes created",
    "import os; os.makedirs('folder', exist_ok=True)": "raises the audit event os.mkdir",
    "import subprocess; subprocess.run(['true'])": "raises the audit event subprocess.Popen",
    "import socket; socket.gethostname()": "raises the audit event socket.gethostname",
    "import os; os.environ['NEW'] = '1'; del os.environ['NEW']": "raises the audit event os.putenv",
    "import threading; threading.Thread(target=str).start()": "definitions/shop.py:3 starts a thread",
    "import sys; sys.argv[1:]": "reads sys.argv",
    "open('/dev/null').close()": "reads /dev/null, which is not a file",
}
# Statements that have the same result in every build, and do nothing else.
PURE = [
    "import random; random.Random(7).choice('ab')",
    "from datetime import timedelta; str(timedelta(minutes=5))",
    "import json, re, logging, itertools, textwrap, hashlib, math",
    "import logging; logging.getLogger('shop').debug('hello')",
    "import os; os.getcwd()",
    "import io; io.StringIO().write('hello')",
    "from dataclasses import make_dataclass; D = make_dataclass('D', ['a'], frozen=True); {D(1)}",
]


def described(err: str) -> str:
    line = next((line for line in err.splitlines() if line.startswith("the next build compiles again: ")), "")
    return line.removeprefix("the next build compiles again: ")


@pytest.mark.parametrize("statement", IMPURE)
def test_a_definition_that_reads_more_than_files_is_compiled_again(
    statement: str, project_folder: ProjectFolder
) -> None:
    project_folder.write(shop=f"{statement}\n")
    result = project_folder.run("build", "-v")
    assert IMPURE[statement] in described(result.err).split("; ")
    assert described(project_folder.run("build", "-v").err) != ""


@pytest.mark.parametrize("statement", PURE)
def test_a_definition_that_has_the_same_result_each_time_is_reused(
    statement: str, project_folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    project_folder.write(shop=f"{statement}\n")
    assert described(project_folder.run("build", "-v").err) == ""
    monkeypatch.setattr(pipeline, "compile_folder", None)  # not called
    assert project_folder.run("build", "-v").out.endswith("up to date\n")


CHECK = """
import time

@check(Service, severity="warning", docstring="A sentence.\\n\\nBad:\\n    a\\n\\nGood:\\n    b")
def test_late(service, context):
    {statement}
    yield service.finding(test_late, "late")

project = Project("team", checks=[test_late])
shop = Service("shop")
"""


@pytest.mark.parametrize(
    ("statement", "reason"), [("time.time()", "definitions/project.py:8 reads the clock"), ("str()", "")]
)
def test_the_code_of_a_project_check_counts_too(statement: str, reason: str, project_folder: ProjectFolder) -> None:
    project_folder.write(project=CHECK.format(statement=statement))
    result = project_folder.run("build", "-v")
    assert "warning[test-late]" in result.err
    assert described(result.err) == reason


NOISY = """
def noisy():
    import os, sys, time
    sys.audit("test.event")
    time.time()
    os.environ.get("OBSCODE_TEST_OTHER")
"""


def test_what_the_display_of_progress_does_is_no_input(
    project_folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It starts a thread, which is an audit event since Python 3.12, and reads the clock and the width."""
    exec(NOISY, display := dict(vars(terminal)))
    load = vars(pipeline)["read_folder"]
    monkeypatch.setattr(pipeline, "read_folder", lambda *args: display["noisy"]() or load(*args))
    assert described(project_folder.run("build", "-v").err) == ""
    monkeypatch.setenv("OBSCODE_TEST_OTHER", "1")
    monkeypatch.setattr(pipeline, "compile_folder", None)  # not called
    assert project_folder.run("build").out.endswith("up to date\n")


def any_edit(random: Random) -> Callable[[Path], object]:
    """Write one of two contents to a file, or remove it, or change what does not count."""
    contents: list[tuple[str, list[str | None]]] = [
        ("definitions/_shared.py", ["LIMIT = 10.5\n", "LIMIT = 20.5\n"]),
        ("definitions/owners.json", ['["shop"]', '["cafe"]', "["]),
        ("definitions/more.py", ["from obscode import *\nmore = Service('more')\n", "", None]),
        ("definitions/optional", ["cafe", "bakery", None]),
        ("definitions/services/cafe.txt", ["", None]),
        ("naming.py", ["def service(name):\n    return name\n", FILES["naming.py"]]),
        ("naming/__init__.py", ["service = str.upper\n", None]),
        ("pyproject.toml", [FILES["pyproject.toml"], ""]),
        ("build/prometheus/prometheus.yml", ["", None]),
        ("build/prometheus/rules/hand.yml", ["groups: []\n", None]),
        (".obscode-cache/builds/other", ["{}", None]),
    ]
    name, texts = random.choice(contents)
    text = random.choice(texts)

    def edit(root: Path) -> None:
        if text is not None:
            written(root / name, text)
        elif (root / name).exists():
            (root / name).unlink()

    return edit


@pytest.mark.parametrize("seed", range(4))
def test_any_sequence_of_edits_and_builds_is_the_same_with_the_cache(seed: int, pair: Pair) -> None:
    random = Random(seed)
    for _ in range(12):
        if random.random() < 0.5:
            pair.edit(any_edit(random))
        pair.run(*random.choice([[], ["-v"], ["--check"]]))  # compares


@pytest.mark.parametrize("name", ["LANG", "LC_ALL", "PYTHONHASHSEED", "TZ"])
def test_a_variable_that_changes_python_itself_compiles_again(name: str, pair: Pair) -> None:
    pair.run()
    pair.monkeypatch.setenv(name, "C")
    assert pair.run()[1]


# A file, what is written to it, how long ago in seconds, and whether its size and times are enough to recognise it.
SETTLED = {"old": (3600.0, True), "new": (0.0, False), "whole seconds": (1.5, False), "in the future": (-60.0, False)}


@pytest.mark.parametrize("name", SETTLED)
def test_a_file_is_recognised_by_its_times_once_they_cannot_stay_the_same(name: str, tmp_path: Path) -> None:
    seconds, is_settled = SETTLED[name]
    path = tmp_path / "file"
    path.write_text("content")
    written = max(path.stat().st_mtime_ns, path.stat().st_ctime_ns)
    if name == "whole seconds":
        written = (written // 1_000_000_000 + 60) * 1_000_000_000
        os.utime(path, ns=(written, written))
    assert bool(FileState.read(str(path), written + int(seconds * 1e9)).signature) == is_settled


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="this system has no /proc")
def test_a_file_of_the_kernel_is_read_each_time() -> None:
    assert FileState.read("/proc/self/stat", time.time_ns() + 10**12).signature == ""


def test_a_profiler_is_left_alone(project_folder: ProjectFolder) -> None:
    calls: list[str] = []
    sys.setprofile(lambda frame, event, argument: calls.append(event))
    try:
        result = project_folder.run("build", "-v")
        assert sys.getprofile() is not None
    finally:
        sys.setprofile(None)
    assert described(result.err) == "a profiler is active"
    assert calls


def test_the_environment_and_the_functions_of_os_are_restored(project_folder: ProjectFolder) -> None:
    def state() -> tuple[object, ...]:
        return os.stat, os.lstat, os.readlink, type(os.environ), type(sys.argv), list(sys.meta_path), sys.getprofile()

    before = state()
    project_folder.run("build")
    assert state() == before


# --- cost ----------------------------------------------------------------------------------------------------------

UNCHANGED = """
import sys
from obscode.cli.app import main
main(["build"], standalone_mode=False)
print(*(name for name in sys.modules if name.startswith("obscode")), file=sys.stderr)
print(*sys.modules, file=sys.stderr)
"""


def test_an_unchanged_build_imports_no_compiler(project_folder: ProjectFolder) -> None:
    outputs = []
    for _ in range(3):
        command = [sys.executable, "-c", UNCHANGED]
        run = subprocess.run(command, capture_output=True, text=True, cwd=project_folder.root)
        assert run.returncode == 0, run.stderr
        outputs.append(run)
    first, *unchanged = [output.stderr.splitlines()[0].split() for output in outputs]
    assert "obscode.compiler" in first
    added = {"project", "project.build_inputs", "project.cache", "project.unchanged_build"}
    for modules in unchanged:
        own = {name.removeprefix("obscode.") for name in modules} - {"obscode"}
        assert {name for name in own if name.partition(".")[0] not in ("cli", "findings")} == added
    assert not {"grafanalib", "promql_parser", "yaml", "rich"} & set(outputs[1].stderr.split())
