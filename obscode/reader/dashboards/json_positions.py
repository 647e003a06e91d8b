"""The positions of the values in a JSON text, by their paths."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count

from obscode.findings.finding import SourceSpan
from obscode.findings.secret_text import masked_line
from obscode.reader.dashboards.json_cursor import WITHIN, Path

_BREAK = re.compile("\n")
_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_SCALAR = re.compile(r"[^\s,\]}]+")
# To skip a value: only strings and brackets matter.
_NESTING = re.compile(_STRING.pattern + r"|[\[{]|[\]}]", re.DOTALL)
_STRUCTURE = re.compile(_NESTING.pattern + "|,", re.DOTALL)
_CHARACTER = re.compile(
    r"(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL
)

# A minified dashboard is one line of half a megabyte; an excerpt has this many characters.
_WIDEST = 160

Span = tuple[int, int]


@dataclass(frozen=True)
class JsonPlace(SourceSpan):
    """A position in a JSON text, with its line, or with an excerpt of a long line."""

    source: str = field(default="", compare=False, repr=False)
    cut: int = field(default=0, compare=False, repr=False)  # the characters before the excerpt

    def excerpt(self) -> str:
        if not self.source.strip():
            return ""
        start = self.column - 1 - self.cut
        end = self.end_column - 1 - self.cut if self.end_line == self.line else len(self.source)
        carets = "^" * max(1, min(end, len(self.source)) - start)
        pad = "".join("\t" if character == "\t" else " " for character in self.source[:start])
        return f"{self.line:>5} | {masked_line(self.source)}\n{' ' * 5} | {pad}{carets}"


class JsonText:
    """A JSON text of a file, which locates its values by their paths.

    An object or a list is indexed when a position inside it is needed, once.
    """

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file = text, file
        self._children: dict[int, dict[str | int, int]] = {}
        self._inner: dict[Path, tuple[list[int], JsonText]] = {}

    def place(self, path: Path, within: Span | None = None) -> SourceSpan:
        """The place of a value, or of some characters of a string; of what holds it if it is missing."""
        return self._source_span(*self._span(path, within))

    def _span(self, path: Path, within: Span | None) -> Span:
        if WITHIN in path:
            at = path.index(WITHIN)
            offsets, inner = self._text_at(path[:at])
            start, end = inner._span(path[at + 1 :], within)
            return offsets[min(start, len(offsets) - 1)], offsets[min(end, len(offsets) - 1)]
        if within and not path:
            return within
        start = _skip_space(self.text, 0)
        for step in path:
            children = self._members(start)
            if step not in children:
                within = None
                break
            start = children[step]
        if within and self.text.startswith('"', start):
            offsets = self._offsets(start, within[1])
            return offsets[min(within[0], len(offsets) - 1)], offsets[min(within[1], len(offsets) - 1)]
        return start, self._end(start)

    def _text_at(self, path: Path) -> tuple[list[int], JsonText]:
        """The JSON in the string at a path, with the position of each of its characters."""
        if path not in self._inner:
            start, end = self._span(path, None)
            self._inner[path] = (self._offsets(start), JsonText(str(json.loads(self.text[start:end])), self.file))
        return self._inner[path]

    def _source_span(self, start: int, end: int) -> SourceSpan:
        line, column = self.line_and_column(start)
        end_line, end_column = self.line_and_column(max(start, end))
        first = start - column + 1
        last = self.text.find("\n", start)
        last = len(self.text) if last < 0 else last
        cut = max(0, column - _WIDEST // 4) if last - first > _WIDEST else 0
        source = self.text[first + cut : min(last, first + cut + _WIDEST)]
        return JsonPlace(self.file, line, column, end_line, end_column, source, cut)

    def _offsets(self, start: int, most: int | None = None) -> list[int]:
        """The position of each character of a string; escape sequences are longer than their value."""
        offsets = [start + 1]
        for match in _CHARACTER.finditer(self.text, start + 1):
            if match[0] == '"' or (most is not None and len(offsets) > most):
                break
            offsets.append(match.end())
        return offsets

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """The line and the column, from 1."""
        before = bisect_left(self._breaks, offset)
        return before + 1, offset - (self._breaks[before - 1] if before else -1)

    @cached_property
    def _breaks(self) -> list[int]:
        return [match.start() for match in _BREAK.finditer(self.text)]

    def _members(self, start: int) -> dict[str | int, int]:
        """Where each member of the object or list at a position begins; the text was parsed before."""
        if start not in self._children:
            opening = self.text[start : start + 1]
            members = self._of_object(start) if opening == "{" else self._of_list(start) if opening == "[" else ()
            self._children[start] = dict(members)
        return self._children[start]

    def _of_object(self, start: int) -> Iterator[tuple[str, int]]:
        at = _skip_space(self.text, start + 1)
        while self.text.startswith('"', at):
            end = self._end(at)
            value = _skip_space(self.text, _skip_space(self.text, end) + 1)  # after the colon
            yield _unquoted(self.text[at:end]), value
            at = self._next(value)

    def _of_list(self, start: int) -> Iterator[tuple[int, int]]:
        at = _skip_space(self.text, start + 1)
        for index in count():
            if at >= len(self.text) or self.text[at] == "]":
                return
            yield index, at
            at = self._next(at)

    def _next(self, at: int) -> int:
        """Where the member after the value at a position begins."""
        at = _skip_space(self.text, self._end(at))
        return _skip_space(self.text, at + 1) if self.text.startswith(",", at) else at

    def _end(self, at: int) -> int:
        """The end of the value that begins here."""
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


def duplicate_keys(text: str) -> Iterator[tuple[str, Span]]:
    """The keys of valid JSON that their objects have already, with their positions."""
    open_values: list[set[str] | None] = [None]  # the keys of each open object; None for a list
    is_key = False
    for match in _STRUCTURE.finditer(text):
        token, keys = match[0], open_values[-1]
        if token in ("{", "["):
            open_values.append(set() if token == "{" else None)
            is_key = token == "{"
        elif token in ("}", "]"):
            open_values.pop()
        elif token == ",":
            is_key = keys is not None
        elif is_key and keys is not None:
            key = _unquoted(token)
            if key in keys:
                yield key, match.span()
            keys.add(key)
            is_key = False


def _skip_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _unquoted(text: str) -> str:
    return str(json.loads(text)) if "\\" in text else text[1:-1]
