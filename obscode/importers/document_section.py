"""The mappings of a document, key by key, and the definitions that are made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from obscode.findings.finding import SourceSpan
from obscode.findings.suggestions import did_you_mean
from obscode.importers.document import Entry, Report, Value, decimal
from obscode.model.source import Origin


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
    """The value of a document that a definition was made from, and those of its arguments."""

    whole: SourceSpan | None = None
    arguments: Mapping[str, Value] = field(default_factory=dict)

    def span(self, argument: str = "", item: int | None = None, positional: tuple[str, ...] = ()) -> SourceSpan | None:
        value = self.arguments.get(argument)
        if value is None:
            return self.whole
        return value.place if item is None else _item_span(value, item)


def origin(place: SourceSpan, **arguments: Value | None) -> DocumentOrigin:
    """The origin of a definition, with the values that its arguments were read from."""
    given = {name: value for name, value in arguments.items() if value is not None}
    return DocumentOrigin(place.file, place.line, place, given)


def _item_span(value: Value, item: int) -> SourceSpan:
    """The span of one item: of a list's value, or of a mapping's key and value."""
    content = value.content
    if isinstance(content, Mapping) and item < len(content):
        entry = list(content.values())[item]
        key, last = entry.key, entry.value.place
        return SourceSpan(key.file, key.line, key.column, last.end_line, last.end_column)
    return content[item].place if isinstance(content, tuple) and item < len(content) else value.place
