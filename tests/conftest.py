"""What tests share: a project in a temporary folder, the command line, the real tools, markers, goldens."""

from __future__ import annotations

import linecache
import os
import random
import signal
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest
from click.testing import CliRunner
from hypothesis import settings

from obscode.cli.app import main
from obscode.project import cache

pytest_plugins = ["code_recorder", "goldens", "tool_fixtures"]

REPOSITORY = Path(__file__).parents[1]

# A session that ignores the signal, as below nohup, would have its children ignore it, too; tests send it to them.
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

# The same examples on every run, so that a failure can be repeated.
settings.register_profile("same", derandomize=True, deadline=None, database=None)
settings.load_profile("same")

# promtool allocates much and ends soon: with less garbage collection a run takes a quarter less of a processor.
os.environ.setdefault("GOGC", "400")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`pytest --write-goldens` writes the actual output into tests/goldens; read the diff."""
    parser.addoption("--shuffle", type=int, metavar="SEED", help="run the tests in a random order")
    parser.addoption("--write-goldens", action="store_true", help="write the actual output into tests/goldens")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The order of `--shuffle`, the same for every worker of xdist."""
    if (seed := config.getoption("--shuffle")) is not None:
        random.Random(seed).shuffle(items)


@pytest.fixture(autouse=True)
def _no_cached_lines() -> None:
    """Excerpts of `a.yml` are of the file of this test, not of a file with this name in another folder."""
    linecache.clearcache()


@dataclass(frozen=True)
class CommandResult:
    """The exit code and the output of a command."""

    exit: int
    out: str
    err: str


@dataclass(frozen=True)
class ProjectFolder:
    """A folder with `definitions/`, which is the current one while a test runs."""

    root: Path

    @property
    def definitions(self) -> Path:
        return self.root / "definitions"

    @property
    def build(self) -> Path:
        return self.root / "build"

    def write(self, **sources: str) -> ProjectFolder:
        """Write `definitions/<name>.py`, each beginning with `from obscode import *`."""
        self.definitions.mkdir(exist_ok=True)
        for name, source in sources.items():
            (self.definitions / f"{name}.py").write_text(f"from obscode import *\n\n{dedent(source)}")
        return self

    def run(self, *arguments: str) -> CommandResult:
        """Run the command line in this process."""
        result = CliRunner().invoke(main, arguments)
        unexpected = result.exception
        if unexpected is not None and not isinstance(unexpected, SystemExit):
            raise unexpected
        return CommandResult(result.exit_code, result.stdout, result.stderr)


@pytest.fixture
def project_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ProjectFolder:
    """An empty project: `project.py` and nothing else."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path.with_name(f"{tmp_path.name}-cache")))
    return ProjectFolder(tmp_path).write(project='project = Project("team", self_monitoring=False)\n')


def tree(folder: Path) -> dict[str, str | bytes]:
    """The content of a folder by path: the bytes of files, the targets of links, folders."""
    content: dict[str, str | bytes] = {}
    for root, folders, names in os.walk(folder):
        for path in (Path(root) / name for name in [*folders, *names]):
            name = path.relative_to(folder).as_posix()
            if path.is_symlink():
                content[name] = f"link to {path.readlink()}"
            elif path.is_dir():
                content[name] = "folder"
            else:
                content[name] = path.read_bytes() if path.is_file() else "something else"
    return content
