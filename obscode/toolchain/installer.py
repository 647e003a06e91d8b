"""Install versions of the tools into ``.tools/``: completely or not at all, one install at a time."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory

from obscode.findings.errors import ToolError
from obscode.findings.finding import relative
from obscode.project.file_lock import LockTimeoutError, exclusive_lock
from obscode.toolchain import debian, fingerprints, release
from obscode.toolchain.find import ROOT, TOOLS, Tool, find, runs

Log = Callable[[str], None]

NEWEST_FIRST = ("sid", "trixie", "bookworm")
#: Selects the official release archives, in the place of a Debian suite.
RELEASE = "release"

_FALLBACK = {"sid": ("trixie",)}  # sid changes daily: packages can be missing, or need a newer C library
_UNFINISHED = ".new-"
_WAIT_SECONDS = 900.0  # for another install; three generations over a slow line take minutes
_BY_HAND = """install the tools in another way, and set OBSCODE_PROMTOOL, OBSCODE_PROMETHEUS, OBSCODE_AMTOOL and
      OBSCODE_ALERTMANAGER to their paths if they are not on PATH:
      macOS           brew install prometheus alertmanager
      container       copy them from the images prom/prometheus and prom/alertmanager"""


def install(root: Path = ROOT, suites: Sequence[str] | None = None, log: Log = lambda line: None) -> list[Tool]:
    """Install missing tools into ``root/<suite>/bin`` and return all tools of the suites; raises ToolError.

    Without suites: nothing if all four tools are installed; else the official release archives, or if they cannot be
    downloaded the newest packages of the system's mirror that run here. With suites: each of them, with trixie if sid
    is not available. With Ubuntu's mirror, Ubuntu's own suite replaces Debian's; without a mirror, the release archives
    do. ``log`` receives a line for each step and each replacement. An installed suite is kept; delete its folder to
    install it again. Needs no root, starts no server and leaves the system's apt untouched.
    """
    if suites is None and (tools := _preferred_tools(root)):
        log("all tools are installed")
        return tools
    offered = [] if suites and set(suites) == {RELEASE} else debian.mirrors()
    selection = plan(suites, offered, log)
    try:
        with _only_install(root.absolute(), log):
            installed = [_first_that_works(root.absolute(), choice, offered, log) for choice in selection]
    except OSError as error:
        raise ToolError(f"cannot write {root}: {error}", _BY_HAND) from None
    return list(dict.fromkeys(tool for tools in installed for tool in tools))


def _preferred_tools(root: Path) -> list[Tool]:
    """The preferred version of each tool; empty if one of them is missing."""
    tools = [tool for name in TOOLS if (tool := find(name, root))]
    return tools if len(tools) == len(TOOLS) else []


def plan(suites: Sequence[str] | None, offered: Sequence[debian.Mirror], log: Log) -> list[tuple[str, ...]]:
    """For each version to install, the suites to try in order."""
    if suites is None:
        if not offered:
            return [(RELEASE,)]
        newest = NEWEST_FIRST if offered[0].distribution == "Debian" else (offered[0].suite,)
        return [(RELEASE, *newest)]
    for suite in suites:
        if not re.fullmatch(r"[a-z]+", suite):  # it becomes a folder name and a word in apt's sources
            raise ToolError(f"{suite!r} is not a suite", f"write one of {', '.join(NEWEST_FIRST)}, or {RELEASE}")
    return list(dict.fromkeys(_choices(suite, offered, log) for suite in suites))


def _choices(suite: str, offered: Sequence[debian.Mirror], log: Log) -> tuple[str, ...]:
    if suite == RELEASE:
        return (RELEASE,)
    if not offered:
        log(f"{suite}: this system has no Debian packages; installing the release archives instead")
        return (RELEASE,)
    if offered[0].distribution == "Ubuntu" and suite in NEWEST_FIRST:
        log(f"{suite}: this system's mirror is Ubuntu's; installing {offered[0].suite} instead")
        return (offered[0].suite,)
    return (suite, *_FALLBACK.get(suite, ()))


def _first_that_works(root: Path, suites: Sequence[str], offered: Sequence[debian.Mirror], log: Log) -> list[Tool]:
    problems = []
    for suite, instead in zip_longest(suites, suites[1:]):
        try:
            return _install_suite(root, suite, offered, log)
        except ToolError as error:
            problems.append(f"{suite}: {error.findings[0].message}")
            if instead:
                log(f"{problems[-1]}; installing {instead} instead")
    raise ToolError(f"no tools were installed: {'; '.join(problems)}", _BY_HAND)


def _install_suite(root: Path, suite: str, offered: Sequence[debian.Mirror], log: Log) -> list[Tool]:
    """The four tools of a suite: installed ones, or downloaded ones that run."""
    home = root / (release.folder() if suite == RELEASE else suite)
    try:
        tools = _all_run(home)
    except ToolError:
        with TemporaryDirectory(prefix=_UNFINISHED, dir=root, ignore_cleanup_errors=True) as work:
            tree = Path(work, "tree")
            if suite == RELEASE:
                release.build(Path(work), tree, log)
            else:
                debian.build(offered, suite, Path(work), tree, log)
            _all_run(tree)
            fingerprints.record(tree)
            shutil.rmtree(home, ignore_errors=True)  # its tools do not run, or were changed
            tree.rename(home)
        tools = _all_run(home)
    if not fingerprints.is_recorded(home):  # installed by an older obscode
        fingerprints.record(home)
    promtool, amtool = tools[TOOLS.index("promtool")], tools[TOOLS.index("amtool")]
    log(f"{home.name}: Prometheus {promtool.version}, Alertmanager {amtool.version}")
    return tools


def _all_run(home: Path) -> list[Tool]:
    """The four tools; raises ToolError if one does not run, or was changed after its installation."""
    for name in TOOLS:
        if file := fingerprints.altered(home, name):
            raise ToolError(f"{file} was changed after its installation")
    return [runs(name, home / "bin" / name, source=relative(str(home))) for name in TOOLS]


@contextmanager
def _only_install(root: Path, log: Log) -> Iterator[None]:
    """Create the folder, hold its lock, and remove what killed installs left."""
    root.mkdir(parents=True, exist_ok=True)
    (root / ".gitignore").write_text("*\n")
    try:
        with exclusive_lock(root, lambda: log("waiting for another install to end"), _WAIT_SECONDS):
            for left in root.glob(f"{_UNFINISHED}*"):
                shutil.rmtree(left)
            yield
    except LockTimeoutError:
        raise ToolError(f"another install into {root} did not end within {_WAIT_SECONDS:g} s", _BY_HAND) from None
