"""Parse YAML with positions; report every problem of the text.

PyYAML drops the first of two equal keys without an error and forgets positions, so this module reads PyYAML's events.
Bare words have the meaning of YAML 1.2, which is also that of Go's parser: `on` is a string.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import yaml

from obscode.findings.code import Code
from obscode.findings.finding import Finding, SourceSpan
from obscode.reader.yaml_nodes import BLOCK_STYLES, INVALID_VALUE, LINE_END, YamlEntry, YamlNode, YamlText

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
_MAX_DEPTH = 100  # a document nested deeper than this is not a configuration
_MAX_VALUES = 2_000_000  # with aliases counted as often as they are used: ten lines can stand for 10^9 values
_MAX_DIGITS = 30  # 1e999999999 would have a thousand million digits

_TAG = "tag:yaml.org,2002:"
# YAML 1.2's core schema.
_NULL = re.compile(r"~|null|Null|NULL|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")

# The parser in C is ten times as fast; PyYAML may be installed without it.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


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
        place = self._block_place(start, end) if event.style in BLOCK_STYLES else self.source.span(start, end)
        content = self._value(event, place)
        style = event.style or ""
        last = place.end_line if style not in BLOCK_STYLES else self._last_line(start, end)
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
        header = LINE_END.search(text, start, end)
        at = header.end() if header else end
        while at < end:
            line_end = LINE_END.search(text, at, end)
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


def _code_point(character: Any) -> str:
    return f"U+{character if isinstance(character, int) else ord(character):04X}"
