"""Servers for the tests: Debian's packages, unpacked into folders of ``.tools`` without root.

    python -m obscode.toolchain.server_packages

`obscode check` needs none of them.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from obscode.findings.errors import ToolError
from obscode.toolchain import debian
from obscode.toolchain.find import ROOT


@dataclass(frozen=True)
class ServerPackage:
    """A package of Debian.

    Attributes:
        name: of the package.
        folder: where its programs are installed, below ``.tools``.
        programs: those that the tests run.
        suites: those of Debian that have them, the preferred one first.
    """

    name: str
    folder: str
    programs: Sequence[str]
    suites: Sequence[str] = ("sid", "trixie")

    def program(self, name: str, root: Path = ROOT) -> Path | None:
        """The path of an installed program, or None."""
        path = root / self.folder / "bin" / name
        return path if path.is_file() else None

    def install(self, root: Path = ROOT, log: Callable[[str], None] = print) -> None:
        """Install the newest package of the system's mirror; raises ToolError. Nothing if it is installed."""
        root = root.absolute()  # apt runs in another folder
        if all(self.program(name, root) for name in self.programs):
            return
        root.mkdir(parents=True, exist_ok=True)
        problems: list[str] = []
        mirrors = debian.mirrors()
        suites = self.suites if not mirrors or mirrors[0].distribution == "Debian" else (mirrors[0].suite,)
        for suite in suites:
            with TemporaryDirectory(prefix=".new-", dir=root) as work:
                try:
                    debian.unpack(mirrors, suite, [self.name], Path(work), log)
                    self._move(Path(work), root)
                except ToolError as error:
                    problems.append(f"{suite}: {error.findings[0].message}")
                else:
                    return
        raise ToolError(f"{self.name} was not installed: {'; '.join(problems)}")

    def _move(self, work: Path, root: Path) -> None:
        """Move the programs of an unpacked package into their folder, all in one step."""
        programs = [work / "unpacked" / "usr" / "bin" / name for name in self.programs]
        if missing := [path.name for path in programs if not path.is_file()]:
            raise ToolError(f"the package contains no {missing[0]}")
        home = work / "home"
        (home / "bin").mkdir(parents=True)
        for path in programs:
            path.rename(home / "bin" / path.name)
        shutil.rmtree(root / self.folder, ignore_errors=True)
        home.rename(root / self.folder)


#: 57 MB; older suites have no vmalert-tool.
VICTORIA_METRICS = ServerPackage(
    "victoria-metrics", "victoria-metrics", ("victoria-metrics", "vmalert", "vmalert-tool")
)
#: 5 MB.
PUSHGATEWAY = ServerPackage(
    "prometheus-pushgateway", "pushgateway", ("prometheus-pushgateway",), ("bookworm", "trixie", "sid")
)
#: 11 MB each: the oldest and the newest version, whose metrics differ.
NODE_EXPORTERS = (
    ServerPackage(
        "prometheus-node-exporter", "node-exporter", ("prometheus-node-exporter",), ("bookworm", "trixie", "sid")
    ),
    ServerPackage("prometheus-node-exporter", "node-exporter-sid", ("prometheus-node-exporter",)),
)


def main() -> None:
    """Install all packages; exits with the messages of those that were not installed."""
    failures = []
    for package in (VICTORIA_METRICS, PUSHGATEWAY, *NODE_EXPORTERS):
        try:
            package.install()
        except ToolError as error:
            failures.append(error.findings[0].message)
    if failures:
        sys.exit("\n".join(failures))


if __name__ == "__main__":
    main()
