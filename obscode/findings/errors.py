"""Exit codes, and the exceptions that stop a command; each carries its findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum

from obscode.findings.code import Code
from obscode.findings.finding import Finding

INVALID_ARGUMENT = Code(
    "invalid-argument",
    "Arguments of commands and of `obscode.testing` name something that exists.",
    why="A test of an alert that does not exist would always pass.",
    bad="obscode explain slo shop/availabilty",
    good="obscode explain slo shop/availability",
)
LOAD = Code(
    "load-error",
    "The definitions folder exists, and Python can run every file in it.",
    why="obscode imports each file of the folder as a module; a file with an error defines nothing.",
    bad="import requets",
    good="import requests",
)
OUTPUT = Code(
    "output-error",
    "The output folder can be written, lies apart from the definitions, and no file of others is in the way.",
    why="obscode changes only files that its `.obscode-manifest` lists, and adopts identical ones. After an error"
    " before the first change, such as a full disk, the folder is as it was.",
    bad="touch build/prometheus && obscode build",
    good="obscode build --out build",
)
TOOLS = Code(
    "tool-error",
    "promtool and amtool are installed and run.",
    why="obscode validates its output with the programs that will read it. `obscode tools` lists the installed"
    " versions, `obscode tools install` installs missing ones.",
    bad="OBSCODE_PROMTOOL=/does/not/exist obscode check",
    good="obscode tools install && obscode check",
)


class Exit(IntEnum):
    """The exit codes of every command."""

    OK = 0
    FINDINGS = 1
    ERROR = 2


class ObscodeError(Exception):
    """Stops a command; carries a finding for each problem.

    ``exit`` is the exit code of the command: 1 when definitions were read and have errors, 2 when obscode could not
    run.
    """

    exit = Exit.ERROR
    code = INVALID_ARGUMENT

    def __init__(self, findings: Iterable[Finding] | str, hint: str = "") -> None:
        if isinstance(findings, str):
            findings = [Finding(self.code, findings, hint)]
        self.findings: Sequence[Finding] = tuple(sorted(set(findings), key=lambda f: f.order))
        super().__init__(self.findings)

    def __str__(self) -> str:
        return "\n".join(str(finding) for finding in self.findings)


class LoadError(ObscodeError):
    """Definitions that cannot be read: a missing folder, a syntax error, an exception."""

    code = LOAD


class DefinitionError(ObscodeError):
    """Definitions that were read and have errors."""

    exit = Exit.FINDINGS


class OutputError(ObscodeError):
    """An output folder that cannot be written."""

    code = OUTPUT


class ToolError(ObscodeError):
    """A tool (promtool, amtool, ...) that is missing, does not run, or cannot be installed."""

    code = TOOLS
