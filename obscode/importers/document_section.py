"""The mappings of a document, key by key, and the definitions that are made of them."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from obscode.errors import SourceSpan, did_you_mean
from obscode.importers.document import Entry, Report, Value, decimal
from obscode.model.definition import Origin


class Section:
    """A mapping of which the keys are known; whatever else is in it is told."""

    def __init__(self, report: Report, value: Value, name: str, known: Sequence[str], place: SourceSpan | None = None):
        self.report, self.name = report, name
        self.place = place or value.place
        entries: Mapping[str, Entry] = {}
        if isinstance(value.content, Mapping):
            entries = value.content
        else:
            report.add("value", f"{name} is {value.said}, not a mapping", f"it takes {', '.join(known)}", self.place)
        for key in entries:
            if key not in known:
                hint = did_you_mean(key, known) or f"{name} takes {', '.join(known)}"
                report.add("unknown-key", f"{name} has no key {key!r}", hint, entries[key].key)
        # A key without a value is one that was left out, as it is for the tools that these formats belong to.
        self.entries = {k: e for k, e in entries.items() if k in known and e.value.content is not None}

    def __contains__(self, key: str) -> bool:
        return key in self.entries

    def value(self, key: str) -> Value | None:
        """The value of a key, if it is there."""
        return self.entries[key].value if key in self.entries else None

    def text(self, key: str, *, required: bool = False) -> str:
        """A string; an empty one where it is missing."""
        value = self._of(key, str, "a string", required)
        return value.content if value else ""

    def number(self, key: str, *, required: bool = False) -> Decimal | None:
        """A number, exact."""
        value = self._of(key, Decimal, "a number", required)
        return value.content if value else None

    def flag(self, key: str) -> bool | None:
        """True or false; None where it is missing."""
        value = self._of(key, bool, "true or false", required=False)
        return value.content if value else None

    def choice(self, key: str, *choices: str, required: bool = False) -> str:
        """One of several words; an empty string where it is none of them."""
        text = self.text(key, required=required)
        if not text or text in choices:
            return text
        *others, last = choices
        hint = did_you_mean(text, others and choices) or f"it is {', '.join(others)} or {last}"
        self.refuse(key, "value", f"{key} {text!r} is not known here", hint if others else f"only {last} is")
        return ""

    def either(self, *keys: str) -> str:
        """The one of several keys that is there; an empty string where there is none, or more than one."""
        given = [key for key in keys if key in self]
        if len(given) == 1:
            return given[0]
        has = f"both {' and '.join(given)}" if given else f"neither {' nor '.join(keys)}"
        hint = f"{'keep' if given else 'write'} one of them"
        self.report.add("missing-key", f"{self.name} has {has}", hint, self.place)
        return ""

    def section(self, key: str, *known: str, required: bool = False) -> Section | None:
        """A mapping within this one."""
        if key not in self:
            if required:
                self.lacks(key)
            return None
        return Section(self.report, self.entries[key].value, key, known, self.entries[key].key)

    def items(self, key: str, *, required: bool = False) -> Sequence[Value]:
        """The items of a list."""
        value = self._of(key, tuple, "a list", required)
        if value and required and not value.content:
            self.refuse(key, "missing-key", f"{key} is empty", "write one item at least", whole=True)
        return value.content if value else ()

    def strings(self, key: str) -> Value:
        """A mapping from strings to strings; what is none is told and left out."""
        value = self._of(key, Mapping, "a mapping", required=False)
        if value is None:
            return Value({}, self.place)
        kept = {}
        for name, entry in value.content.items():
            if isinstance(entry.value.content, str):
                kept[name] = entry
            else:
                self._wrong_kind(name, entry, "a string")
        return replace(value, content=kept)

    def refuse(self, key: str, check: str, message: str, hint: str = "", *, whole: bool = False) -> None:
        """Note a problem with the value of a key, or with the key as a whole."""
        entry = self.entries[key]
        self.report.add(check, message, hint, entry.key if whole else entry.value.place)

    def lacks(self, key: str) -> None:
        """Note that a key is missing."""
        self.report.add("missing-key", f"{self.name} has no {key}", f"write {key}: into it", self.place)

    def _of(self, key: str, kind: Any, wanted: str, required: bool) -> Value | None:
        entry = self.entries.get(key)
        if entry is None:
            if required:
                self.lacks(key)
            return None
        if not isinstance(entry.value.content, kind):
            self._wrong_kind(key, entry, wanted)
            return None
        return entry.value

    def _wrong_kind(self, key: str, entry: Entry, wanted: str) -> None:
        value = entry.value
        hint = f"{key} takes {wanted}"
        if wanted == "a string" and isinstance(value.content, Decimal | bool):
            hint = f'write {key}: "{str(value.content).lower()}"'
        elif wanted == "a number" and isinstance(value.content, str):
            number = value.content.strip(" %")
            hint = f"write {key}: {number}" if decimal(number) is not None else hint
        place = entry.key if value.content is None else value.place
        self.report.add("value", f"{key} is {value.said}, not {wanted}", hint, place)


def plain(number: Decimal) -> int | float:
    """A number as it stands in a definition: 99, 99.9."""
    return int(number) if number == number.to_integral_value() else float(number)


# --- where definitions come from ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class DocumentOrigin(Origin):
    """The place in a document that a definition was made from, and those of its arguments.

    A definition looks for its arguments in a Python call, so one is made up here: each of its arguments
    stands where the document says it.
    """

    span: SourceSpan | None = None
    arguments: Mapping[str, Value] = field(default_factory=dict)

    def place(self) -> SourceSpan | None:
        """The span of the value that says what the definition is."""
        return self.span

    def call(self) -> ast.Call:
        """The call that would make the definition, at the places of the document."""
        keywords = [ast.keyword(arg=name, value=_syntax(value)) for name, value in self.arguments.items()]
        return ast.Call(func=ast.Name(id="load"), args=[], keywords=keywords)


def origin(place: SourceSpan, **arguments: Value | None) -> DocumentOrigin:
    """The origin of a definition, with the values that its arguments were read from."""
    given = {name: value for name, value in arguments.items() if value is not None}
    return DocumentOrigin(place.file, place.line, None, place.column, place, given)


def _syntax(value: Value) -> ast.expr:
    content, at = value.content, _position(value.place)
    if isinstance(content, Mapping):
        keys: list[ast.expr | None] = [ast.Constant(name, **_position(entry.key)) for name, entry in content.items()]
        return ast.Dict(keys, [_syntax(entry.value) for entry in content.values()], **at)
    if isinstance(content, tuple):
        return ast.List([_syntax(item) for item in content], **at)
    return ast.Constant(str(content), **at)


def _position(place: SourceSpan) -> dict[str, Any]:
    """Lines, and columns in bytes from 0, as Python's syntax has them."""

    def offset(line: int, column: int) -> int:
        return len(linecache.getline(place.file, line)[: column - 1].encode())

    return {
        "lineno": place.line,
        "col_offset": offset(place.line, place.column),
        "end_lineno": place.end_line,
        "end_col_offset": offset(place.end_line, place.end_column),
    }
