"""Fetches generations of the tools into ``.tools/``: whole or not at all, one install at a time."""

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
from obscode.toolchain import debian, release
from obscode.toolchain.find import ROOT, TOOLS, Tool, runs

Log = Callable[[str], None]

NEWEST_FIRST = ("sid", "trixie", "bookworm")
RELEASE = "release"
"""Asks for the official release archive, in the place where a suite of Debian is named."""

_INSTEAD = {"sid": ("trixie",)}  # sid moves: its packages may miss, or want a newer C library than the system's
_UNFINISHED = ".new-"
_WAIT_SECONDS = 900.0  # for another install; three generations over a slow line take minutes
_BY_HAND = """get the tools in another way, and set OBSCODE_PROMTOOL, OBSCODE_PROMETHEUS, OBSCODE_AMTOOL and
      OBSCODE_ALERTMANAGER to their paths where they are not on PATH:
      macOS           brew install prometheus alertmanager
      container       copy them from the images prom/prometheus and prom/alertmanager"""


def install(root: Path = ROOT, suites: Sequence[str] | None = None, log: Log = lambda line: None) -> list[Tool]:
    """Fetches what is missing into ``root/<suite>/bin``; gives all tools of the suites that were asked for.

    Without suites: the newest that this system's mirror offers and that runs here. With suites: each of
    them; sid's place is taken by trixie when sid cannot be had. Where the mirror is Ubuntu's, its own
    suite stands for Debian's; where there is none, the official release archive does. ``progress`` is
    told what is done and every such exchange. A generation that is there is kept: delete its folder to
    fetch it again. Starts no server, asks for no root, leaves the system's apt untouched.
    """
    offered = [] if suites and set(suites) == {RELEASE} else debian.mirrors()
    wishes = plan(suites, offered, log)
    try:
        with _only_install(root.absolute(), log):
            installed = [_first_that_works(root.absolute(), wish, offered, log) for wish in wishes]
    except OSError as problem:
        raise ToolError(f"{root} cannot be written: {problem}", _BY_HAND) from None
    return list(dict.fromkeys(tool for tools in installed for tool in tools))


def plan(suites: Sequence[str] | None, offered: Sequence[debian.Mirror], log: Log) -> list[tuple[str, ...]]:
    """What to install: for each generation the suites to try, in their order."""
    if suites is None:
        if not offered:
            return [(RELEASE,)]
        newest = NEWEST_FIRST if offered[0].distribution == "Debian" else (offered[0].suite,)
        return [(*newest, RELEASE)]
    for suite in suites:
        if not re.fullmatch(r"[a-z]+", suite):  # it becomes a folder and a word of apt's sources
            raise ToolError(f"{suite!r} is not a suite", f"write one of {', '.join(NEWEST_FIRST)}, or {RELEASE}")
    return list(dict.fromkeys(_wish(suite, offered, log) for suite in suites))


def _wish(suite: str, offered: Sequence[debian.Mirror], log: Log) -> tuple[str, ...]:
    if suite == RELEASE:
        return (RELEASE,)
    if not offered:
        log(f"{suite}: this system has no Debian packages; taking the release archive instead")
        return (RELEASE,)
    if offered[0].distribution == "Ubuntu" and suite in NEWEST_FIRST:
        log(f"{suite}: this system's mirror is Ubuntu's; taking {offered[0].suite} instead")
        return (offered[0].suite,)
    return (suite, *_INSTEAD.get(suite, ()))


def _first_that_works(root: Path, wish: Sequence[str], offered: Sequence[debian.Mirror], log: Log) -> list[Tool]:
    problems = []
    for suite, instead in zip_longest(wish, wish[1:]):
        try:
            return _generation(root, suite, offered, log)
        except ToolError as error:
            problems.append(f"{suite}: {error.findings[0].message}")
            if instead:
                log(f"{problems[-1]}; taking {instead} instead")
    raise ToolError(f"no tools were installed: {'; '.join(problems)}", _BY_HAND)


def _generation(root: Path, suite: str, offered: Sequence[debian.Mirror], log: Log) -> list[Tool]:
    """The four tools of a suite: those that are there, or fetched ones that were seen to run."""
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
            shutil.rmtree(home, ignore_errors=True)  # what is there does not run
            tree.rename(home)
        tools = _all_run(home)
    promtool, amtool = tools[TOOLS.index("promtool")], tools[TOOLS.index("amtool")]
    log(f"{home.name}: Prometheus {promtool.version}, Alertmanager {amtool.version}")
    return tools


def _all_run(home: Path) -> list[Tool]:
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
