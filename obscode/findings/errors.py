"""Exit codes, and the exceptions that stop a command; each carries its findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum

from obscode.findings.finding import Finding


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
    code = "obscode"

    def __init__(self, findings: Iterable[Finding] | str, hint: str = "") -> None:
        if isinstance(findings, str):
            findings = [Finding(self.code, findings, hint)]
        self.findings: Sequence[Finding] = tuple(sorted(set(findings), key=lambda f: f.order))
        super().__init__(self.findings)

    def __str__(self) -> str:
        return "\n".join(str(finding) for finding in self.findings)


class LoadError(ObscodeError):
    """Definitions that cannot be read: a missing folder, a syntax error, an exception."""

    code = "load"


class DefinitionError(ObscodeError):
    """Definitions that were read and have errors."""

    code = "definition"
    exit = Exit.FINDINGS


class OutputError(ObscodeError):
    """An output folder that cannot be written."""

    code = "output"


class ToolError(ObscodeError):
    """A tool (promtool, amtool, ...) that is missing or did not run."""

    code = "tools"
