"""VictoriaMetrics and vmalert for the tests: Debian's package, unpacked into ``.tools/victoria-metrics`` without root.

    python -m obscode.toolchain.victoria_metrics

`obscode check` needs none of them. The package is 57 MB.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from obscode.findings.errors import ToolError
from obscode.toolchain import debian
from obscode.toolchain.find import ROOT

PROGRAMS = ("victoria-metrics", "vmalert", "vmalert-tool")
FOLDER = "victoria-metrics"
_SUITES = ("sid", "trixie")  # older ones have no vmalert-tool


def program(name: str, root: Path = ROOT) -> Path | None:
    """The path of an installed program, or None."""
    path = root / FOLDER / "bin" / name
    return path if path.is_file() else None


def install(root: Path = ROOT, log: Callable[[str], None] = print) -> None:
    """Install the newest package of the system's mirror; raises ToolError. Nothing if it is installed."""
    root = root.absolute()  # apt runs in another folder
    if all(program(name, root) for name in PROGRAMS):
        return
    root.mkdir(parents=True, exist_ok=True)
    problems: list[str] = []
    mirrors = debian.mirrors()
    suites = _SUITES if not mirrors or mirrors[0].distribution == "Debian" else (mirrors[0].suite,)
    for suite in suites:
        with TemporaryDirectory(prefix=".new-", dir=root) as work:
            try:
                debian.unpack(mirrors, suite, ["victoria-metrics"], Path(work), log)
                programs = [Path(work, "unpacked/usr/bin", name) for name in PROGRAMS]
                if missing := [path.name for path in programs if not path.is_file()]:
                    raise ToolError(f"the package contains no {missing[0]}")
            except ToolError as error:
                problems.append(f"{suite}: {error.findings[0].message}")
                continue
            home = Path(work, "home")
            (home / "bin").mkdir(parents=True)
            for path in programs:
                path.rename(home / "bin" / path.name)
            shutil.rmtree(root / FOLDER, ignore_errors=True)
            home.rename(root / FOLDER)
            return
    raise ToolError(f"VictoriaMetrics was not installed: {'; '.join(problems)}")


if __name__ == "__main__":
    try:
        install()
    except ToolError as failure:
        sys.exit(failure.findings[0].message)
