"""YAML with positions: every value knows where it is in the file, and every problem of the text is reported.

PyYAML drops the first of two equal keys without an error and forgets positions, so this module reads PyYAML's events.
Bare words have the meaning of YAML 1.2, which is also that of Go's parser: `on` is a string.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

import yaml

from obscode.findings.code import Code
from obscode.findings.finding import Finding, SourceSpan
from obscode.findings.source import Source

YAML_SYNTAX = Code(
    "yaml-syntax",
    "The file is valid YAML.",
    why="a tool that reads the file stops at the first syntax error, so nothing of the file is used.",
    bad="groups: [\n",
    good="groups: []\n",
)
DUPLICATE_KEY = Code(
    "duplicate-yaml-key",
    "A key occurs once in a mapping.",
    why="Prometheus and Alertmanager reject the file; other tools use one of the two values without an error.",
    bad="alert: Down\nexpr: up == 0\nexpr: up == 1\n",
    good="alert: Down\nexpr: up == 0\n",
)
INVALID_VALUE = Code(
    "invalid-value",
    "A value in a document has the type and the form that its key requires.",
    why="the tool that reads the document rejects it as a whole.",
    bad="- alert: Down\n  expr: up == 0\n  for: five minutes\n",
    good="- alert: Down\n  expr: up == 0\n  for: 5m\n",
)

_MAX_DEPTH = 100  # a document nested deeper than this is not a configuration
_MAX_VALUES = 2_000_000  # with aliases counted as often as they are used: ten lines can stand for 10^9 values
_MAX_DIGITS = 30  # 1e999999999 would have a thousand million digits
_LINE_END = re.compile("\r\n|[\n\r]")
_BLOCK = ("|", ">")

_TAG = "tag:yaml.org,2002:"
# YAML 1.2's core schema.
_NULL = re.compile(r"~|null|Null|NULL|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")

# The parser in C is ten times as fast; PyYAML may be installed without it.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


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
        return [0, *(match.end() for match in _LINE_END.finditer(self.text))]

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
        inner = [self, *(entry.value for entry in self.entries.values())]
        for holder in inner:
            if entry := holder.entries.get(part):
                value = entry.value
                if item is not None:
                    return value.item_span(item)
                return entry.key if value.content is None else value.place
        return self.place

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
        offsets = _offsets(self.content, self.source_text.text[self.start : self.end], self.style)
        if not 0 <= start < len(offsets):
            return self.place
        last = offsets[min(max(end, start + 1), len(offsets)) - 1] + 1
        return self.source_text.span(self.start + offsets[start], self.start + last)

    def characters_span(self, part: str, start: int, end: int) -> SourceSpan | None:
        value = self.get(part)
        return value.characters(start, end) if value else self.span(part)

    def nested_text(self) -> YamlText:
        """The string as a text of its own, such as a file in a ConfigMap."""
        if self.style != "|" or self.source_text is None or self.source_text.fixed:
            return YamlText(self.file, str(self.content), fixed=self.place)
        outer = self.source_text
        written = _LINE_END.split(outer.text[self.start : self.end])[1:]
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

    def strings(self) -> dict[str, str]:
        """The content of a mapping from strings to strings."""
        return {name: entry.value.content for name, entry in self.entries.items()}


@dataclass(frozen=True, eq=False)
class YamlEntry:
    """A key of a mapping, and its value."""

    key: SourceSpan
    value: YamlNode


@dataclass(frozen=True)
class YamlStream:
    """The documents of a text, and what is wrong with the text; without documents if it has a syntax error."""

    documents: tuple[YamlNode, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def is_valid(self) -> bool:
        """False if the text has a syntax error."""
        return all(finding.code != YAML_SYNTAX for finding in self.findings)


def parse_yaml(text: str | YamlText, file: str = "") -> YamlStream:
    """The documents of a YAML text. Never raises: a syntax error is a finding."""
    source = text if isinstance(text, YamlText) else YamlText(file, text)
    builder = _Builder(source)
    try:
        documents = tuple(builder.documents())
    except _SyntaxError as error:
        return YamlStream((), (*builder.findings, error.finding))
    return YamlStream(documents, tuple(builder.findings))


def decimal(text: str) -> Decimal | None:
    """The exact number in a text, or None: for other text, and for numbers that are absurdly large or small."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if not number or (number.is_finite() and abs(number.adjusted()) < _MAX_DIGITS) else None


class _SyntaxError(Exception):
    def __init__(self, message: str, span: SourceSpan, hint: str = "") -> None:
        super().__init__(message)
        self.finding = Finding(YAML_SYNTAX, f"invalid YAML: {message}", hint, span)


class _Builder:
    """Builds nodes from events. PyYAML's own composer recurses without a limit."""

    def __init__(self, source: YamlText) -> None:
        self.source = source
        self.findings: list[Finding] = []
        self.anchors: dict[str, YamlNode | None] = {}
        self.events = self._parsed()

    def documents(self) -> Iterator[YamlNode]:
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                self.anchors = {}
            elif isinstance(event, yaml.NodeEvent):
                node = self.node(event, 0)
                if node.content is not None:
                    yield node

    def _parsed(self) -> Iterator[Any]:
        try:
            yield from yaml.parse(self.source.text, Loader=_LOADER)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            index = mark.index if mark else 0
            problem = str(error.problem or error.context).replace("in this context", "here")
            raise _SyntaxError(problem, self.source.span(index, index + 1)) from None
        except yaml.reader.ReaderError as error:
            span = self.source.span(error.position, error.position + 1)
            raise _SyntaxError(f"the character {_code_point(error.character)} is not allowed", span) from None

    def node(self, event: Any, depth: int) -> YamlNode:
        """The node that begins with an event."""
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if depth > _MAX_DEPTH:
            message = f"it is nested more than {_MAX_DEPTH} levels deep"
            raise _SyntaxError(message, self._span(event))
        if event.anchor:
            self.anchors[event.anchor] = None
        if isinstance(event, yaml.MappingStartEvent):
            node = self._mapping(event, depth)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._sequence(event, depth)
        else:
            node = self._scalar(event)
        if node.size > _MAX_VALUES:
            raise _SyntaxError(f"its aliases expand to more than {_MAX_VALUES} values", self._span(event))
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def _alias(self, event: Any) -> YamlNode:
        if event.anchor not in self.anchors:
            raise _SyntaxError(f"there is no anchor {event.anchor!r}", self._span(event))
        node = self.anchors[event.anchor]
        if node is None:
            raise _SyntaxError(f"the anchor {event.anchor!r} contains itself", self._span(event))
        return node

    def _scalar(self, event: Any) -> YamlNode:
        start, end = event.start_mark.index, event.end_mark.index
        place = self._block_place(start, end) if event.style in _BLOCK else self.source.span(start, end)
        content = self._value(event, place)
        style = event.style or ""
        last = place.end_line if style not in _BLOCK else self._last_line(start, end)
        raw = str(event.value)
        return YamlNode(content, place, raw, last, 1, style, start, end, self.source)

    def _value(self, event: Any, place: SourceSpan) -> Any:
        """The content of a scalar by its tag, or by its form if it is plain and has no tag."""
        value, tag = str(event.value), event.tag
        if tag is None or tag == "!":
            kind = _kind(value) if event.implicit[0] and tag is None else "str"
        else:
            kind = tag.removeprefix(_TAG)
        if kind == "null":
            return None
        if kind == "bool":
            return value.lower() == "true"
        if kind in ("int", "float"):
            number = decimal(value)
            return value if number is None else number
        if kind not in ("str", "binary", "timestamp"):
            message = f"the tag {kind!r} is unknown"
            self.findings.append(Finding(INVALID_VALUE, message, "remove the tag", place))
        return value

    def _sequence(self, event: Any, depth: int) -> YamlNode:
        items = []
        end = event
        for end in self.events:
            if isinstance(end, yaml.SequenceEndEvent):
                break
            items.append(self.node(end, depth + 1))
        place = items[0].place if items else self._span(event, end)
        last = max((item.last_line for item in items), default=place.end_line)
        size = 1 + sum(item.size for item in items)
        return YamlNode(tuple(items), place, "", max(last, place.line), size)

    def _mapping(self, event: Any, depth: int) -> YamlNode:
        own: dict[str, YamlEntry] = {}
        merged: dict[str, YamlEntry] = {}
        place, last, size, end = None, 0, 1, event
        for end in self.events:
            if isinstance(end, yaml.MappingEndEvent):
                break
            is_merge = isinstance(end, yaml.ScalarEvent) and end.value == "<<" and end.implicit[0]
            key, value = self.node(end, depth + 1), self.node(next(self.events), depth + 1)
            place = place or key.place
            last, size = max(last, key.place.end_line, value.last_line), size + value.size
            if is_merge:
                merged = self._merged(value) | merged
            else:
                self._add(own, key, value)
        place = place or self._span(event, end)
        entries = own | {name: entry for name, entry in merged.items() if name not in own}
        return YamlNode(entries, place, "", max(last, place.line), size)

    def _add(self, own: dict[str, YamlEntry], key: YamlNode, value: YamlNode) -> None:
        if isinstance(key.content, tuple | Mapping):
            hint = "write a string before the colon"
            self.findings.append(Finding(INVALID_VALUE, f"a key is {key.describe()}", hint, key.place))
        elif key.raw in own:
            message = f"key {key.raw!r} is a duplicate of the one in line {own[key.raw].key.line}"
            self.findings.append(Finding(DUPLICATE_KEY, message, "keep one of them", key.place))
        else:
            own[key.raw] = YamlEntry(key.place, value)

    def _merged(self, value: YamlNode) -> dict[str, YamlEntry]:
        merged: dict[str, YamlEntry] = {}
        for each in value.items or (value,):
            if isinstance(each.content, Mapping):
                merged = {**each.content, **merged}  # the first of several wins
            else:
                message = f"<< is {each.describe()}, not a mapping"
                self.findings.append(Finding(INVALID_VALUE, message, "write a mapping, or an alias", each.place))
        return merged

    # --- positions -----------------------------------------------------------------------------------------------

    def _span(self, event: Any, end: Any = None) -> SourceSpan:
        return self.source.span(event.start_mark.index, (end or event).end_mark.index)

    def _block_place(self, start: int, end: int) -> SourceSpan:
        """The first line of a block scalar that is not blank."""
        text = self.source.text
        header = _LINE_END.search(text, start, end)
        at = header.end() if header else end
        while at < end:
            line_end = _LINE_END.search(text, at, end)
            stop = line_end.start() if line_end else end
            line = text[at:stop]
            if line.strip():
                return self.source.span(at + len(line) - len(line.lstrip()), at + len(line.rstrip()))
            at = line_end.end() if line_end else end
        return self.source.span(start, start + 1)

    def _last_line(self, start: int, end: int) -> int:
        written = self.source.text[start:end].rstrip()
        return self.source.span(start, start + len(written)).end_line


def _kind(value: str) -> str:
    """The type of a plain scalar."""
    if _NULL.fullmatch(value):
        return "null"
    if _BOOL.fullmatch(value):
        return "bool"
    return "float" if _NUMBER.fullmatch(value) else "str"


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def _code_point(character: Any) -> str:
    return f"U+{character if isinstance(character, int) else ord(character):04X}"


# An escape in a double-quoted scalar, or an escaped line end, which stands for nothing.
_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|(\r\n|[\n\r])|.)", re.DOTALL)


def _offsets(value: str, written: str, style: str) -> list[int]:
    """Where each character of a scalar's value is in its source text.

    Line breaks and indentation differ between the two; the other characters have the same order.
    """
    start = 0
    if style in _BLOCK:
        header = _LINE_END.search(written)
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
