"""Where the tools are: a variable of the environment, PATH, the folder ``.tools/``."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from obscode.findings.errors import ToolError
from obscode.findings.finding import relative

Name = Literal["promtool", "prometheus", "amtool", "alertmanager"]

TOOLS: tuple[Name, ...] = ("promtool", "prometheus", "amtool", "alertmanager")

ROOT = Path(".tools")
"""Where `install` puts generations of the tools: ``.tools/bookworm/bin/promtool``."""

_ON_PATH: dict[Name, tuple[str, ...]] = {"alertmanager": ("alertmanager", "prometheus-alertmanager")}  # Debian's name
_CONTAINER: dict[Name, str] = {"amtool": "prom/alertmanager", "alertmanager": "prom/alertmanager"}
_SECONDS = 30  # a --version takes 0.1 s; a loaded CI machine takes longer


@dataclass(frozen=True)
class Tool:
    """A program that was run once to ask for its version; ``source`` says where it was found."""

    name: Name
    path: Path
    version: str
    source: str

    @property
    def version_tuple(self) -> tuple[int, ...]:
        """``2.42.0+ds`` is ``(2, 42, 0)``; a build that does not know its version is ``()``."""
        digits = re.match(r"\d+(\.\d+)*", self.version)
        return tuple(int(part) for part in digits.group().split(".")) if digits else ()

    def at_least(self, *version: int) -> bool:
        """Whether the tool is that version or newer: ``tool.at_least(2, 50)``."""
        return self.version_tuple >= version


def find(name: Name, root: Path = ROOT) -> Tool | None:
    """The tool to use, or None: the environment's, else the one on PATH, else the newest in ``root``."""
    return next(_at_hand(name, root, broken=[]), None)


def find_all(name: Name, root: Path = ROOT) -> list[Tool]:
    """Every version at hand, oldest first; of two copies of one version, the one that `find` prefers."""
    versions: dict[tuple[int, ...], Tool] = {}
    for tool in _at_hand(name, root, broken=[]):
        versions.setdefault(tool.version_tuple, tool)
    return [versions[version] for version in sorted(versions)]


def require(name: Name, root: Path = ROOT) -> Tool:
    """The tool to use; ToolError says where it was looked for and how to get it."""
    broken: list[str] = []
    if tool := next(_at_hand(name, root, broken), None):
        return tool
    looked = f"{variable(name)} is not set, and it is neither on PATH nor in {root}"
    raise ToolError("; ".join([f"{name} was not found: {looked}", *broken]), _how_to_get(name))


def variable(name: Name) -> str:
    """The variable of the environment that names the tool to use: ``OBSCODE_PROMTOOL``."""
    return f"OBSCODE_{name.upper()}"


def runs(name: Name, path: Path, source: str) -> Tool:
    """The tool at this path; ToolError says why it is not one."""
    try:
        return Tool(name, path, _version(name, path, path.stat().st_mtime_ns), source)
    except OSError as problem:
        raise ToolError(f"{path} does not run: {problem.strerror or problem}") from None


def _at_hand(name: Name, root: Path, broken: list[str]) -> Iterator[Tool]:
    """Every copy that runs, the preferred first; what does not run is told in ``broken``."""
    if chosen := os.environ.get(variable(name)):
        yield _chosen(name, chosen)
    for program in _ON_PATH.get(name, (name,)):
        if path := shutil.which(program):
            yield from _runs_or_told(name, Path(path).absolute(), "PATH", broken)
    fetched = [
        tool
        for path in root.absolute().glob(f"*/bin/{name}")  # absolute: callers change the folder they run a tool in
        for tool in _runs_or_told(name, path, relative(str(path.parent.parent)), broken)
    ]
    yield from sorted(fetched, key=lambda tool: (tool.version_tuple, tool.source), reverse=True)


def _chosen(name: Name, value: str) -> Tool:
    """The tool that the environment names: one that does not run is an error, never passed over in silence."""
    path = Path(shutil.which(value) or Path(value).expanduser()).absolute()
    try:
        return runs(name, path, "environment")
    except ToolError as error:
        problem = f"{variable(name)} is set to {value!r}: {error.findings[0].message}"
        raise ToolError(problem, f"set {variable(name)} to the path of {name}, or unset it") from None


def _runs_or_told(name: Name, path: Path, source: str, broken: list[str]) -> Iterator[Tool]:
    try:
        yield runs(name, path, source)
    except ToolError as error:
        broken.append(error.findings[0].message)


@cache  # ``changed`` is part of the key: a program that was replaced is asked again
def _version(name: Name, path: Path, changed: int) -> str:
    """What ``--version`` says, on stdout (2.x) or stderr (the first releases)."""
    try:
        ran = subprocess.run(
            [path, "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise ToolError(f"{path} does not run: no answer to --version in {_SECONDS} s") from None
    said = (ran.stdout + ran.stderr).strip()
    if ran.returncode:
        first = said.splitlines()[0] if said else "it says nothing"
        raise ToolError(f"{path} does not run: --version exits {ran.returncode}: {first}")
    answer = re.search(rf"^{name}, version +(\d\S*)?", said, re.MULTILINE)
    if not answer:
        raise ToolError(f"{path} is not {name}: its --version says {said[:60]!r}")
    return answer[1] or "unknown"  # `go install` builds do not know their version


def _how_to_get(name: Name) -> str:
    package = _CONTAINER.get(name, "prom/prometheus")
    return f"""get it in one of these ways:
      Debian, Ubuntu  obscode tools install  (into .tools/, needs no root)
      other Linux     obscode tools install, or the package of your distribution
      macOS           brew install {package.removeprefix("prom/")}
      container       COPY --from={package} /bin/{name} /usr/local/bin/{name}
      anywhere        set {variable(name)} to the path of {name}"""
