"""The mappings of a YAML document, read key by key: unknown keys, missing keys and wrong types are reported."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from obscode.findings.code import Code, Severity
from obscode.findings.finding import Finding, SourceSpan
from obscode.findings.source import Source
from obscode.findings.suggestions import did_you_mean
from obscode.reader.yaml_nodes import INVALID_VALUE, YamlEntry, YamlNode
from obscode.reader.yaml_parser import decimal

UNKNOWN_KEY = Code(
    "unknown-key",
    "A mapping in a document has only keys that the format defines.",
    why="Prometheus and Alertmanager reject a file with an unknown key; a typo in an optional key has no effect.",
    bad="- alert: Down\n  expr: up == 0\n  anotations: {summary: down}\n",
    good="- alert: Down\n  expr: up == 0\n  annotations: {summary: down}\n",
)
MISSING_KEY = Code(
    "missing-key",
    "A mapping in a document has all keys that the format requires.",
    why="the tool that reads the document rejects it as a whole.",
    bad="- alert: Down\n",
    good="- alert: Down\n  expr: up == 0\n",
)


class Report:
    """Collects the findings of one reader."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def add(
        self,
        code: Code,
        message: str,
        hint: str = "",
        span: SourceSpan | None = None,
        *,
        severity: Severity | None = None,
        source: Source | None = None,
    ) -> None:
        """Add a finding."""
        self.findings.append(Finding(code, message, hint, span, severity or code.severity, source))


class Section:
    """A mapping with known keys. Keys without a value count as missing, as for the tools that define the formats."""

    def __init__(
        self,
        report: Report,
        value: YamlNode,
        name: str,
        known: Sequence[str],
        place: SourceSpan | None = None,
        *,
        tolerated: Sequence[str] = (),
    ) -> None:
        """``tolerated`` are keys of other systems: they are accepted, and no hint suggests them."""
        self.report, self.name, self.node = report, name, value
        self.place = place or value.place
        if not isinstance(value.content, Mapping):
            message = f"{name} is {value.describe()}, not a mapping"
            report.add(INVALID_VALUE, message, f"its keys are {', '.join(known)}", self.place)
        for key, entry in value.entries.items():
            if key not in known and key not in tolerated:
                hint = did_you_mean(key, known) or f"its keys are {', '.join(known)}"
                report.add(UNKNOWN_KEY, f"{name} has an unknown key {key!r}", hint, entry.key)
        self.entries = {
            k: e for k, e in value.entries.items() if k in (*known, *tolerated) and e.value.content is not None
        }

    def __contains__(self, key: str) -> bool:
        return key in self.entries

    def value(self, key: str) -> YamlNode | None:
        """The value of a key, or None."""
        return self.entries[key].value if key in self.entries else None

    def text(self, key: str, *, required: bool = False) -> str:
        """A string; empty if it is missing."""
        value = self._of(key, str, "a string", required)
        return value.content if value else ""

    def scalar(self, key: str, *, required: bool = False) -> str:
        """The text of a scalar of any type, as Go's parser assigns it to a string; empty if it is missing."""
        value = self._of(key, str | Decimal | bool, "a string", required)
        return value.raw if value else ""

    def number(self, key: str, *, required: bool = False) -> Decimal | None:
        """An exact number."""
        value = self._of(key, Decimal, "a number", required)
        return value.content if value else None

    def flag(self, key: str) -> bool | None:
        """True or false; None if it is missing."""
        value = self._of(key, bool, "true or false", required=False)
        return value.content if value else None

    def choice(self, key: str, *choices: str, required: bool = False) -> str:
        """One of several strings; empty if it is another one."""
        text = self.text(key, required=required)
        if not text or text in choices:
            return text
        *others, last = choices
        listed = f"{', '.join(others)} or {last}" if others else last
        hint = (did_you_mean(text, choices) if others else "") or f"write {listed}"
        self.error_at(key, INVALID_VALUE, f"{key} is {text!r}", hint)
        return ""

    def exactly_one(self, *keys: str) -> str:
        """The only one of several keys that the mapping has; empty, with a finding, if it has none or several."""
        present = [key for key in keys if key in self]
        if len(present) == 1:
            return present[0]
        has = f"both {' and '.join(present)}" if present else f"neither {' nor '.join(keys)}"
        hint = f"{'keep' if present else 'write'} one of them"
        self.report.add(MISSING_KEY, f"{self.name} has {has}", hint, self.place)
        return ""

    def section(self, key: str, *known: str, required: bool = False) -> Section | None:
        """A mapping within this one."""
        if key not in self:
            if required:
                self.missing(key)
            return None
        return Section(self.report, self.entries[key].value, key, known, self.entries[key].key)

    def items(self, key: str, *, required: bool = False) -> Sequence[YamlNode]:
        """The items of a list."""
        value = self._of(key, tuple, "a list", required)
        if value and required and not value.content:
            self.error_at(key, MISSING_KEY, f"{key} is empty", "write at least one item", whole=True)
        return value.items if value else ()

    def sections(self, key: str, known: Sequence[str], name: Callable[[YamlNode], str] | str) -> list[Section]:
        """The mappings of a list; other items are reported."""
        items = [(item, name if isinstance(name, str) else name(item)) for item in self.items(key)]
        return [Section(self.report, item, its_name, known) for item, its_name in items]

    def strings(self, key: str, *, scalars: bool = False) -> YamlNode:
        """A mapping from strings to strings; other values are reported and left out.

        ``scalars``: numbers, true and false are strings, as for Go's parser.
        """
        value = self._of(key, Mapping, "a mapping", required=False)
        if value is None:
            return YamlNode({}, self.place)
        retained: dict[str, YamlEntry] = {}
        for name, entry in value.entries.items():
            if isinstance(entry.value.content, str):
                retained[name] = entry
            elif scalars and isinstance(entry.value.content, Decimal | bool):
                retained[name] = replace(entry, value=replace(entry.value, content=entry.value.raw))
            else:
                self._wrong_type(name, entry, "a string")
        return replace(value, content=retained)

    def scalars(self, key: str) -> dict[str, str]:
        """A mapping from strings to scalars of any type, as their texts; other values are reported and left out."""
        value = self._of(key, Mapping, "a mapping", required=False)
        retained: dict[str, str] = {}
        for name, entry in value.entries.items() if value else ():
            if isinstance(entry.value.content, tuple | Mapping):
                self._wrong_type(name, entry, "a string")
            else:
                retained[name] = entry.value.raw if entry.value.content is not None else ""
        return retained

    def scalar_items(self, key: str) -> list[str]:
        """A list of scalars of any type, as their texts; other items are reported and left out."""
        retained = []
        for item in self.items(key):
            if isinstance(item.content, tuple | Mapping) or item.content is None:
                message = f"an item of {key} is {item.describe()}, not a string"
                self.report.add(INVALID_VALUE, message, "", item.place, source=self.node)
            else:
                retained.append(item.raw)
        return retained

    def error_at(self, key: str, code: Code, message: str, hint: str = "", *, whole: bool = False) -> None:
        """Report an error at the value of a key, or at the key itself."""
        entry = self.entries[key]
        self.report.add(code, message, hint, entry.key if whole else entry.value.place, source=self.node)

    def missing(self, key: str) -> None:
        """Report that a key is missing."""
        self.report.add(MISSING_KEY, f"{self.name} has no {key}", f"add {key}:", self.place, source=self.node)

    def _of(self, key: str, kind: Any, expected: str, required: bool) -> YamlNode | None:
        entry = self.entries.get(key)
        if entry is None:
            if required:
                self.missing(key)
            return None
        if not isinstance(entry.value.content, kind):
            self._wrong_type(key, entry, expected)
            return None
        return entry.value

    def _wrong_type(self, key: str, entry: YamlEntry, expected: str) -> None:
        value = entry.value
        hint = f"write {expected}"
        if expected == "a string" and isinstance(value.content, Decimal | bool):
            hint = f'write {key}: "{str(value.content).lower()}"'
        elif expected == "a number" and isinstance(value.content, str):
            number = value.content.strip(" %")
            hint = f"write {key}: {number}" if decimal(number) is not None else hint
        place = entry.key if value.content is None else value.place
        message = f"{key} is {value.describe()}, not {expected}"
        self.report.add(INVALID_VALUE, message, hint, place, source=self.node)
