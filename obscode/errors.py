"""What can be wrong with a definition, and how it is told: place, caret, the value seen, a hint."""

from __future__ import annotations

import linecache
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

Severity = Literal["error", "warning"]


class Exit(IntEnum):
    """The exit codes of every command."""

    OK = 0
    FINDINGS = 1
    ERROR = 2


@dataclass(frozen=True)
class SourceSpan:
    """A span of a source file; lines and columns count from 1, the end column is exclusive."""

    file: str
    line: int
    column: int = 1
    end_line: int = 0
    end_column: int = 0

    def __str__(self) -> str:
        return f"{relative(self.file)}:{self.line}:{self.column}"

    def excerpt(self) -> str:
        """The source line with a caret under the span, or nothing when the file cannot be read."""
        source = linecache.getline(self.file, self.line).rstrip("\n")
        if not source.strip():
            return ""
        last = self.end_column if self.end_line == self.line else len(source) + 1
        width = max(1, min(last, len(source) + 1) - self.column)
        gutter = f"{self.line:>5} | "
        pad = "".join("\t" if c == "\t" else " " for c in source[: self.column - 1])
        return f"{gutter}{source}\n{' ' * 5} | {pad}{'^' * width}"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: the check that saw it, what it saw, and what to write instead."""

    check: str
    message: str
    hint: str = ""
    place: SourceSpan | None = None
    severity: Severity = "error"

    def __str__(self) -> str:
        head = f"{self.severity}[{self.check}]: {self.message}"
        lines = [f"{self.place}: {head}" if self.place else head]
        if self.place and (excerpt := self.place.excerpt()):
            lines.append(excerpt)
        if self.hint:
            lines.append(f"  hint: {self.hint}")
        return "\n".join(lines)

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """Findings are told in the order of the user's files."""
        place = self.place or SourceSpan("", 0)
        return (place.file, place.line, place.column, self.check, self.message)


class ObscodeError(Exception):
    """Something that stops a command; carries findings, one for each problem seen.

    ``exit`` is the code that the command ends with: 1 when definitions were read and found
    wrong, 2 when obscode could not do its work at all.
    """

    exit = Exit.ERROR

    def __init__(self, findings: Iterable[Finding] | str, hint: str = "") -> None:
        if isinstance(findings, str):
            findings = [Finding(self.check, findings, hint)]
        self.findings: Sequence[Finding] = tuple(sorted(set(findings), key=lambda f: f.order))
        super().__init__(self.findings)

    check = "obscode"

    def __str__(self) -> str:
        return "\n".join(str(finding) for finding in self.findings)


class LoadError(ObscodeError):
    """Definitions that could not be read: a missing folder, a syntax error, an exception."""

    check = "load"


class DefinitionError(ObscodeError):
    """Definitions that were read and are wrong."""

    check = "definition"
    exit = Exit.FINDINGS


class OutputError(ObscodeError):
    """An output folder that cannot be written."""

    check = "output"


class ToolError(ObscodeError):
    """A tool (promtool, amtool, ...) that is missing or did not run."""

    check = "tools"


def relative(path: str) -> str:
    """The path as a user would type it: relative when it is below the current folder."""
    try:
        shorter = os.path.relpath(path)
    except (ValueError, OSError):  # another drive, or a current folder that is gone
        return path
    return path if shorter.startswith("..") else shorter


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint naming the nearest known words, or an empty string when none is near."""
    from difflib import get_close_matches  # imported when something is wrong: 5 ms

    near = get_close_matches(word, sorted(set(known)), n=2, cutoff=0.6)
    return f"did you mean {' or '.join(repr(n) for n in near)}?" if near else ""


def closest_typo(word: str, known: Iterable[str]) -> str:
    """The known word that one differs from by a slip of the pen, as `reqests_total` does; empty where there is none."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, sorted(set(known)), n=1, cutoff=0.9)), "")
