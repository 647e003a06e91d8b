"""Values of YAML documents: a value knows where it is in the file."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from obscode.findings.code import Code
from obscode.findings.finding import SourceSpan
from obscode.findings.source import Source

INVALID_VALUE = Code(
    "invalid-value",
    "A value in a document has the type and the form that its key requires.",
    why="the tool that reads the document rejects it as a whole.",
    bad="- alert: Down\n  expr: up == 0\n  for: five minutes\n",
    good="- alert: Down\n  expr: up == 0\n  for: 5m\n",
)

LINE_END = re.compile("\r\n|[\n\r]")
BLOCK_STYLES = ("|", ">")


@dataclass(frozen=True)
class YamlText:
    """The text of a file, or of a block scalar inside one.

    Attributes:
        file: the file's path.
        line: number of lines of the file before this text.
        column: number of columns of each line of the file before this text.
        fixed: the position of the whole text, if its characters cannot be located one by one.
    """

    file: str
    text: str = field(repr=False)
    line: int = 0
    column: int = 0
    fixed: SourceSpan | None = None

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in LINE_END.finditer(self.text))]

    def span(self, start: int, end: int) -> SourceSpan:
        """The position in the file of some characters of the text."""
        if self.fixed:
            return self.fixed
        line, column = self._position(start)
        return SourceSpan(self.file, line, column, *self._position(max(start, end)))

    def _position(self, index: int) -> tuple[int, int]:
        line = bisect_right(self._starts, index)
        return self.line + line, self.column + index - self._starts[line - 1] + 1


@dataclass(frozen=True, eq=False)
class YamlNode(Source):
    """A value of a YAML document.

    Attributes:
        content: a string, a number, true or false, None, a tuple of nodes, or a mapping of keys to entries.
        place: the position that findings point at: of a mapping its first key, of a list its first item, of a block
            scalar its first line.
        raw: the text of a scalar, whatever its type; empty for other values.
        last_line: the last line of the value in the file.
        size: the number of values, with aliases counted as often as they are used.
    """

    content: Any
    place: SourceSpan
    raw: str = ""
    last_line: int = 0
    size: int = 1
    style: str = field(default="", repr=False)
    start: int = field(default=0, repr=False)
    end: int = field(default=0, repr=False)
    source_text: YamlText | None = field(default=None, repr=False)
    # Comments in the file ignore findings by line: obscode.reader.ignore_comments.
    ignore: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def file(self) -> str:
        return self.place.file

    @property
    def entries(self) -> Mapping[str, YamlEntry]:
        """The entries of a mapping; empty for other values."""
        return self.content if isinstance(self.content, Mapping) else {}

    @property
    def items(self) -> tuple[YamlNode, ...]:
        """The items of a list; empty for other values."""
        return self.content if isinstance(self.content, tuple) else ()

    def get(self, key: str) -> YamlNode | None:
        """The value of a key, or None."""
        entry = self.entries.get(key)
        return entry.value if entry else None

    def text(self, key: str) -> str:
        """The string value of a key; empty if there is none."""
        value = self.get(key)
        return value.content if value and isinstance(value.content, str) else ""

    def span(self, part: str = "", item: int | None = None) -> SourceSpan | None:
        """The span of a key's value: of this mapping, or of a mapping in it, such as `summary` in `annotations`."""
        if not part:
            return self.place if item is None else self.item_span(item)
        if entry := self._entry(part):
            value = entry.value
            if item is not None:
                return value.item_span(item)
            return entry.key if value.content is None else value.place
        return self.place

    def _entry(self, part: str) -> YamlEntry | None:
        """The entry of a key in this mapping, or in a mapping in it."""
        holders = [self, *(entry.value for entry in self.entries.values())]
        return next((entry for holder in holders if (entry := holder.entries.get(part))), None)

    def item_span(self, item: int) -> SourceSpan:
        """The span of one item: an item of a list, or a key of a mapping with its value."""
        if item < len(self.entries):
            entry = list(self.entries.values())[item]
            key, last = entry.key, entry.value.place
            return SourceSpan(key.file, key.line, key.column, last.end_line, last.end_column)
        return self.items[item].place if item < len(self.items) else self.place

    def characters(self, start: int, end: int) -> SourceSpan:
        """The position in the file of some characters of a string, also inside a block or a quoted scalar."""
        if self.source_text is None or not isinstance(self.content, str):
            return self.place
        offsets = self._character_offsets
        if not 0 <= start < len(offsets):
            return self.place
        last = offsets[min(max(end, start + 1), len(offsets)) - 1] + 1
        return self.source_text.span(self.start + offsets[start], self.start + last)

    @cached_property
    def _character_offsets(self) -> list[int]:
        """The offsets of the characters of a string; computed once, for all findings in it."""
        assert self.source_text is not None
        return _offsets(self.content, self.source_text.text[self.start : self.end], self.style)

    def characters_span(self, part: str, start: int, end: int) -> SourceSpan | None:
        entry = self._entry(part)
        return entry.value.characters(start, end) if entry else self.span(part)

    def nested_text(self) -> YamlText:
        """The string as a text of its own, such as a file in a ConfigMap."""
        if self.style != "|" or self.source_text is None or self.source_text.fixed:
            return YamlText(self.file, str(self.content), fixed=self.place)
        outer = self.source_text
        written = LINE_END.split(outer.text[self.start : self.end])[1:]
        inner = str(self.content).split("\n")
        indents = (len(w.rstrip()) - len(i.rstrip()) for w, i in zip(written, inner, strict=False) if i.strip())
        first = outer.span(self.start, self.start).line  # the line of the `|`
        return YamlText(self.file, str(self.content), first, outer.column + next(indents, 0))

    def describe(self) -> str:
        """The value as a message names it: `the string 'a'`."""
        if isinstance(self.content, str):
            return f"the string {_shortened(self.content)!r}"
        if isinstance(self.content, bool):
            return str(self.content).lower()
        if isinstance(self.content, Decimal):
            return f"the number {self.content}"
        if self.content is None:
            return "empty"
        return "a mapping" if isinstance(self.content, Mapping) else "a list"

    def plain(self) -> Any:
        """The value without positions; a number is an integer, or its text."""
        if isinstance(self.content, Mapping):
            return {name: entry.value.plain() for name, entry in self.content.items()}
        if isinstance(self.content, tuple):
            return [item.plain() for item in self.content]
        if isinstance(self.content, Decimal):
            return int(self.raw) if re.fullmatch(r"-?(?:0|[1-9][0-9]{0,15})", self.raw) else self.raw
        return self.content

    def strings(self) -> dict[str, str]:
        """The content of a mapping from strings to strings."""
        return {name: entry.value.content for name, entry in self.entries.items()}


@dataclass(frozen=True, eq=False)
class YamlEntry:
    """A key of a mapping, and its value."""

    key: SourceSpan
    value: YamlNode


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


# An escape in a double-quoted scalar, or an escaped line end, which stands for nothing.
_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|(\r\n|[\n\r])|.)", re.DOTALL)


def _offsets(value: str, written: str, style: str) -> list[int]:
    """Where each character of a scalar's value is in its source text.

    Line breaks and indentation differ between the two; the other characters have the same order.
    """
    start = 0
    if style in BLOCK_STYLES:
        header = LINE_END.search(written)
        start = header.end() if header else len(written)
    elif style in ('"', "'"):
        start = 1
    offsets, at = [], start
    for character in value:
        if style == '"':
            at, result, step = _next_quoted(written, at, character)
        else:
            result = at if character.isspace() else written.find(character, at)
            result = at if result < 0 else result
            step = 2 if style == "'" and written.startswith("''", result) else 1
            at = result if character.isspace() and not written[result : result + 1].isspace() else result + step
        offsets.append(min(result, max(len(written) - 1, 0)))
    return offsets


def _next_quoted(written: str, at: int, character: str) -> tuple[int, int, int]:
    """In a double-quoted scalar: where to go on, where the character is, and its length."""
    while at < len(written):
        escape = _ESCAPE.match(written, at)
        if escape and escape[1] is None:
            return escape.end(), at, escape.end() - at
        if escape:
            at = escape.end()
        elif character.isspace() or written[at] == character:
            return at + 1, at, 1
        else:
            at += 1
    return at, at, 1
