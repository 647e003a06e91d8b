"""Where the values of a JSON text stand: lines and columns of the paths that findings name, and no others."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from obscode.findings.finding import SourceSpan
from obscode.reader.dashboards.json_cursor import WITHIN, Path

_BREAK = re.compile("\n")
_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_SCALAR = re.compile(r"[^\s,\]}]+")
# To skip what no finding points into: only strings and brackets matter.
_NESTING = re.compile(_STRING.pattern + r"|[\[{]|[\]}]", re.DOTALL)
_CHARACTER = re.compile(
    r"(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL
)

# A minified dashboard is one line of half a megabyte; this much of it is shown.
_WIDEST = 160

Span = tuple[int, int]
Trie = dict[str | int, Any]


@dataclass(frozen=True)
class JsonPlace(SourceSpan):
    """A place in a JSON text, with its line, or with what is around it where the line is long."""

    source: str = field(default="", compare=False, repr=False)
    cut: int = field(default=0, compare=False, repr=False)  # what was left out before

    def excerpt(self) -> str:
        if not self.source.strip():
            return ""
        start = self.column - 1 - self.cut
        end = self.end_column - 1 - self.cut if self.end_line == self.line else len(self.source)
        carets = "^" * max(1, min(end, len(self.source)) - start)
        pad = "".join("\t" if character == "\t" else " " for character in self.source[:start])
        return f"{self.line:>5} | {self.source}\n{' ' * 5} | {pad}{carets}"


class Places:
    """The places of values, found by their paths in one reading of the text."""

    def __init__(self, text: str, file: str, expected: Iterable[Path]) -> None:
        self._text, self._file = text, file
        self._breaks = [match.start() for match in _BREAK.finditer(text)]
        self._inner: dict[Path, tuple[list[int], Places]] = {}
        outer: list[Path] = []
        inner: dict[Path, list[Path]] = {}
        for path in expected:
            if WITHIN in path:
                at = path.index(WITHIN)
                inner.setdefault(path[:at], []).append(path[at + 1 :])
                path = path[:at]
            outer.append(path)
        self._spans = dict(_Reader(text).value((), _trie(outer)))
        for path, below in inner.items():
            start, end = self._spans[path]
            held = str(json.loads(text[start:end]))
            self._inner[path] = (self._offsets(start), Places(held, file, below))

    def place(self, path: Path, within: Span | None = None) -> SourceSpan:
        """The place of a value, or of some characters of a text; of what holds it when it is not there."""
        return self.cross_definition_findings(*self._span(path, within))

    def _span(self, path: Path, within: Span | None) -> Span:
        if WITHIN in path:
            at = path.index(WITHIN)
            offsets, places = self._inner[path[:at]]
            start, end = places._span(path[at + 1 :], within)
            return offsets[min(start, len(offsets) - 1)], offsets[min(end, len(offsets) - 1)]
        while path and path not in self._spans:
            path, within = path[:-1], None
        start, end = self._spans.get(path, (0, 1))
        if within and not path:
            return within
        if within and self._text.startswith('"', start):
            offsets = self._offsets(start, within[1])
            return offsets[min(within[0], len(offsets) - 1)], offsets[min(within[1], len(offsets) - 1)]
        return start, end

    def cross_definition_findings(self, start: int, end: int) -> SourceSpan:
        line, column = self.line_and_column(start)
        end_line, end_column = self.line_and_column(max(start, end))
        first = start - column + 1
        last = self._text.find("\n", start)
        last = len(self._text) if last < 0 else last
        cut = max(0, column - _WIDEST // 4) if last - first > _WIDEST else 0
        source = self._text[first + cut : min(last, first + cut + _WIDEST)]
        return JsonPlace(self._file, line, column, end_line, end_column, source, cut)

    def _offsets(self, start: int, most: int | None = None) -> list[int]:
        """Where each character of a string stands: escapes take more room in the file than in its value."""
        offsets = [start + 1]
        for match in _CHARACTER.finditer(self._text, start + 1):
            if match[0] == '"' or (most is not None and len(offsets) > most):
                break
            offsets.append(match.end())
        return offsets

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """Both count from 1."""
        before = bisect_left(self._breaks, offset)
        return before + 1, offset - (self._breaks[before - 1] if before else -1)


def _trie(paths: Iterable[Path]) -> Trie:
    root: Trie = {}
    for path in paths:
        below = root
        for step in path:
            below = below.setdefault(step, {})
    return root


class _Reader:
    """Goes into what is wanted and over the rest; the text is JSON that has been read before."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = _skip_space(text, 0)

    def value(self, path: Path, expected: Trie) -> Iterator[tuple[Path, Span]]:
        """The spans of what is wanted within the value here, then its own."""
        start = self.at
        opening = self.text[start : start + 1]
        if expected and opening == "{":
            yield from self._members(path, expected)
        elif expected and opening == "[":
            yield from self._elements(path, expected)
        else:
            self.at = self._end(start)
        yield path, (start, self.at)

    def _members(self, path: Path, expected: Trie) -> Iterator[tuple[Path, Span]]:
        self.at = _skip_space(self.text, self.at + 1)
        while self.text.startswith('"', self.at):
            end = self._end(self.at)
            key = _unquoted(self.text[self.at : end])
            self.at = _skip_space(self.text, _skip_space(self.text, end) + 1)  # over the colon
            yield from self._child(path, key, expected)
        self.at += 1

    def _elements(self, path: Path, expected: Trie) -> Iterator[tuple[Path, Span]]:
        self.at = _skip_space(self.text, self.at + 1)
        index = 0
        while self.at < len(self.text) and self.text[self.at] != "]":
            yield from self._child(path, index, expected)
            index += 1
        self.at += 1

    def _child(self, path: Path, key: str | int, expected: Trie) -> Iterator[tuple[Path, Span]]:
        if key in expected:
            yield from self.value((*path, key), expected[key])
        else:
            self.at = self._end(self.at)
        self.at = _skip_space(self.text, self.at)
        if self.text.startswith(",", self.at):
            self.at = _skip_space(self.text, self.at + 1)

    def _end(self, at: int) -> int:
        """Where the value that begins here ends."""
        first = self.text[at : at + 1]
        if first in ("{", "["):
            return self._closing(at)
        match = (_STRING if first == '"' else _SCALAR).match(self.text, at)
        return match.end() if match else len(self.text)

    def _closing(self, at: int) -> int:
        depth = 0
        for match in _NESTING.finditer(self.text, at):
            if match[0] in ("{", "["):
                depth += 1
            elif match[0] in ("}", "]"):
                depth -= 1
                if not depth:
                    return match.end()
        return len(self.text)


def _skip_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _unquoted(text: str) -> str:
    return str(json.loads(text)) if "\\" in text else text[1:-1]
