"""Find installed tools: an environment variable, PATH, the folder ``.tools/``."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from obscode.findings.errors import ToolError
from obscode.findings.finding import relative
from obscode.toolchain import fingerprints

Name = Literal["promtool", "prometheus", "amtool", "alertmanager"]

TOOLS: tuple[Name, ...] = ("promtool", "prometheus", "amtool", "alertmanager")

#: The folder that `install` writes to: ``.tools/bookworm/bin/promtool``.
ROOT = Path(".tools")

_ON_PATH: dict[Name, tuple[str, ...]] = {"alertmanager": ("alertmanager", "prometheus-alertmanager")}  # Debian's name
_CONTAINER: dict[Name, str] = {"amtool": "prom/alertmanager", "alertmanager": "prom/alertmanager"}
_SECONDS = 30  # a --version takes 0.1 s; a loaded CI machine takes longer


@dataclass(frozen=True)
class Tool:
    """An installed tool; ``source`` is `environment`, `PATH` or a folder in ``.tools/``."""

    name: Name
    path: Path
    version: str
    source: str

    @property
    def version_tuple(self) -> tuple[int, ...]:
        """``2.42.0+ds`` is ``(2, 42, 0)``; empty for a build without a version."""
        digits = re.match(r"\d+(\.\d+)*", self.version)
        return tuple(int(part) for part in digits.group().split(".")) if digits else ()

    def at_least(self, *version: int) -> bool:
        """True for that version or a newer one: ``tool.at_least(2, 50)``."""
        return self.version_tuple >= version


def find(name: Name, root: Path = ROOT) -> Tool | None:
    """The preferred tool, or None: the environment variable's, the one on PATH, the newest in ``root``."""
    return next(_installed(name, root, broken=[]), None)


def find_all(name: Name, root: Path = ROOT) -> list[Tool]:
    """Every installed version, oldest first; of two copies of one version, the one that `find` prefers."""
    return _versions(_installed(name, root, broken=[]))


def _versions(tools: Iterable[Tool]) -> list[Tool]:
    versions: dict[tuple[int, ...], Tool] = {}
    for tool in tools:
        versions.setdefault(tool.version_tuple, tool)
    return [versions[version] for version in sorted(versions)]


def find_supported(name: Name, oldest: str, root: Path = ROOT) -> list[Tool]:
    """Every installed version, oldest first, that is not older than ``oldest``, such as `2.42`.

    Raises ToolError if there is none.
    """
    installed = find_all(name, root) or [require(name, root)]
    version = tuple(int(number) for number in oldest.split("."))
    supported = [tool for tool in installed if tool.at_least(*version) or not tool.version_tuple]
    if not supported:
        newest = installed[-1]
        message = f"{name} {newest.version} is older than {oldest}, the oldest version of the project"
        raise ToolError(message, _how_to_install(name))
    return supported


def survey(root: Path = ROOT) -> tuple[list[Tool], list[ToolError]]:
    """Every installed tool by name and version, and an error for each that was changed after its installation.

    Compares whole files, where other commands compare sizes and times. Tools that were changed are not run.
    """
    changed: list[ToolError] = []
    tools = [tool for name in TOOLS for tool in _versions(_installed(name, root, broken=[], changed=changed))]
    return tools, changed


def require(name: Name, root: Path = ROOT) -> Tool:
    """The preferred tool; the ToolError for a missing one lists where obscode looked and how to install it."""
    broken: list[str] = []
    if tool := next(_installed(name, root, broken), None):
        return tool
    places = f"{variable(name)} is not set, and there is no {name} on PATH or in {root}"
    raise ToolError("; ".join([f"{name} not found: {places}", *broken]), _how_to_install(name))


def variable(name: Name) -> str:
    """The environment variable that names the tool to use: ``OBSCODE_PROMTOOL``."""
    return f"OBSCODE_{name.upper()}"


def runs(name: Name, path: Path, source: str) -> Tool:
    """The tool at a path; raises ToolError if it does not run or is another program."""
    try:
        return Tool(name, path, _version(name, path, path.stat().st_mtime_ns), source)
    except OSError as problem:
        raise ToolError(f"{path} does not run: {problem.strerror or problem}") from None


def table(tools: Sequence[Tool]) -> list[Sequence[str]]:
    """A header, then one row per tool; tools of which there is no version are `missing`."""
    rows: list[Sequence[str]] = [("TOOL", "VERSION", "FROM", "PATH")]
    for name in TOOLS:
        versions = [tool for tool in tools if tool.name == name]
        rows += [(name, tool.version, tool.source, relative(str(tool.path))) for tool in versions]
        rows += [] if versions else [(name, "missing", "", "")]
    return rows


def _installed(name: Name, root: Path, broken: list[str], changed: list[ToolError] | None = None) -> Iterator[Tool]:
    """Every copy that runs, the preferred one first; messages on others are added to ``broken``.

    Raises ToolError for a tool in ``root`` that was changed after its installation. With the list ``changed``, compares
    whole files and adds the error to the list.
    """
    if value := os.environ.get(variable(name)):
        yield _from_environment(name, value)
    for program in _ON_PATH.get(name, (name,)):
        if path := shutil.which(program):
            yield from _try_run(name, Path(path).absolute(), "PATH", broken)
    downloaded: list[Tool] = []
    for copy in _downloaded(name, root):
        if error := _changed(name, copy, full=changed is not None):
            if changed is None:
                raise error
            changed.append(error)
            continue
        downloaded += _try_run(name, copy, relative(str(copy.parent.parent)), broken)
    yield from sorted(downloaded, key=lambda tool: (tool.version_tuple, tool.source), reverse=True)


def _downloaded(name: Name, root: Path) -> list[Path]:
    return sorted(root.absolute().glob(f"*/bin/{name}"))  # absolute: callers change the folder they run a tool in


def _changed(name: Name, path: Path, *, full: bool = False) -> ToolError | None:
    """The error for a downloaded tool of which a file is not as `obscode tools install` wrote it."""
    home = path.parent.parent
    if file := fingerprints.altered(home, name, full=full):
        message = f"{relative(str(file))} was changed after its installation; it is not run"
        return ToolError(message, f"delete {relative(str(home))}, and run: obscode tools install")
    return None


def _from_environment(name: Name, value: str) -> Tool:
    """The tool that the environment variable names; raises ToolError if it does not run, though others may."""
    path = Path(shutil.which(value) or Path(value).expanduser()).absolute()
    try:
        return runs(name, path, "environment")
    except ToolError as error:
        problem = f"{variable(name)} is set to {value!r}: {error.findings[0].message}"
        raise ToolError(problem, f"set {variable(name)} to the path of {name}, or unset it") from None


def _try_run(name: Name, path: Path, source: str, broken: list[str]) -> Iterator[Tool]:
    try:
        yield runs(name, path, source)
    except ToolError as error:
        broken.append(error.findings[0].message)


@cache  # ``changed`` (mtime) is part of the key: a replaced program is run again
def _version(name: Name, path: Path, changed: int) -> str:
    """The version that ``--version`` prints, on stdout (2.x) or stderr (the first releases)."""
    try:
        ran = subprocess.run(
            [path, "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise ToolError(f"{path} does not run: no answer to --version in {_SECONDS} s") from None
    output = (ran.stdout + ran.stderr).strip()
    if ran.returncode:
        first = output.splitlines()[0] if output else "no output"
        raise ToolError(f"{path} does not run: --version exits {ran.returncode}: {first}")
    answer = re.search(rf"^{name}, version +(\d\S*)?", output, re.MULTILINE)
    if not answer:
        raise ToolError(f"{path} is not {name}: --version prints {output[:60]!r}")
    return answer[1] or "unknown"  # `go install` builds have no version


def _how_to_install(name: Name) -> str:
    package = _CONTAINER.get(name, "prom/prometheus")
    return f"""install it:
      Debian, Ubuntu  obscode tools install  (into .tools/, needs no root)
      other Linux     obscode tools install, or the package of your distribution
      macOS           brew install {package.removeprefix("prom/")}
      container       COPY --from={package} /bin/{name} /usr/local/bin/{name}
      anywhere        set {variable(name)} to the path of {name}"""
