"""Findings and the source spans they point at."""

from __future__ import annotations

import linecache
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from obscode.findings.code import Code, Severity
from obscode.findings.fix import Fix
from obscode.findings.secret_text import masked, masked_line

if TYPE_CHECKING:
    from obscode.findings.source import Source


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
        """The source line with a caret under the span; empty when the file cannot be read."""
        source = masked_line(linecache.getline(self.file, self.line).rstrip("\n"))
        if not source.strip():
            return ""
        last = self.end_column if self.end_line == self.line else len(source) + 1
        width = max(1, min(last, len(source) + 1) - self.column)
        gutter = f"{self.line:>5} | "
        pad = "".join("\t" if c == "\t" else " " for c in source[: self.column - 1])
        return f"{gutter}{source}\n{' ' * 5} | {pad}{'^' * width}"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: its code, what is wrong with which value, and what to write instead.

    ``source`` is the definition or the node of a file where the finding can be ignored, ``fix`` a certain remedy.
    ``hidden`` are secrets, for which message, hint and excerpt have `*`; those of known forms are hidden anyway.
    """

    code: Code
    message: str
    hint: str = ""
    span: SourceSpan | None = None
    severity: Severity = "error"
    source: Source | None = field(default=None, compare=False, repr=False)
    fix: Fix | None = field(default=None, compare=False, repr=False)
    hidden: Sequence[str] = field(default=(), compare=False, repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.code, Code):
            raise TypeError(f"{self.code!r} is not a Code")
        # A message may quote a value, and it is printed and logged.
        object.__setattr__(self, "message", _hide(masked(self.message), self.hidden))
        object.__setattr__(self, "hint", _hide(masked(self.hint), self.hidden))

    def __str__(self) -> str:
        head = f"{self.severity}[{self.code.name}]: {self.message}"
        lines = [f"{self.span}: {head}" if self.span else head]
        if excerpt := self.excerpt():
            lines.append(excerpt)
        if self.hint:
            lines.append(f"  hint: {self.hint}")
        return "\n".join(lines)

    def excerpt(self) -> str:
        """The source line with a caret under the span; empty without a span."""
        return _hide(self.span.excerpt(), self.hidden) if self.span else ""

    def at(self, span: SourceSpan | None) -> Finding:
        """The finding with the caret at another span."""
        return replace(self, span=span)

    def with_fix(self, before: str, after: str) -> Finding:
        """The finding with a certain remedy: the text with which its span begins, and what to write instead."""
        return replace(self, fix=Fix(before, after))

    @property
    def edit(self) -> SourceSpan | None:
        """What the fix replaces; None without a fix, and where the file has another text."""
        if self.fix is None or self.span is None:
            return None
        span = self.span
        line = linecache.getline(span.file, span.line).rstrip("\n")
        start, end = span.column - 1, span.column - 1 + len(self.fix.before)
        is_inside = span.end_line != span.line or end < span.end_column
        if not is_inside or not self.fix.applies_to(line[start:]):
            return None
        return SourceSpan(span.file, span.line, span.column, span.line, end + 1)

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """Sort key: file, line, column, code, message."""
        span = self.span or SourceSpan("", 0)
        return (span.file, span.line, span.column, self.code.name, self.message)


def _hide(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "*" * len(secret))
    return text


def relative(path: str) -> str:
    """The path as a user would type it: relative when it is below the current folder; a URL as it is."""
    if "://" in path:
        return path
    try:
        shorter = os.path.relpath(path)
    except (ValueError, OSError):  # another drive, or a current folder that is gone
        return path
    return path if shorter.startswith("..") else shorter
