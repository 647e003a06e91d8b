"""YAML documents of other tools: every value knows its place, and everything wrong is told at once.

PyYAML takes the last of two equal keys without a word, and forgets where a value stood; here its syntax tree
is read instead. What a bare word means is as in YAML 1.2: `on` is a string.
"""

from __future__ import annotations

import linecache
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from obscode.findings.errors import DefinitionError, LoadError
from obscode.findings.finding import Finding, SourceSpan, relative
from obscode.model import argument_types
from obscode.model.definition import Definition
from obscode.model.source import PythonCall

_ENDINGS = (".yaml", ".yml")
_TAG = "tag:yaml.org,2002:"
_BLOCK = ("|", ">")
_DIGITS = 30  # 1e999999999 would be a text of a thousand million digits
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # where YAML ends a line


class DocumentError(DefinitionError):
    """Documents of another tool that were read, and say what obscode cannot mean."""

    code = "document"


class Report:
    """What is wrong with the documents of one load."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.syntax_findings = False

    def add(self, check: str, message: str, hint: str = "", place: SourceSpan | None = None) -> None:
        """Note a problem."""
        self.findings.append(Finding(check, message, hint, place))

    def stop(self, definitions: Iterable[Definition] = ()) -> None:
        """Raise LoadError or DocumentError for what was noted, and for what is wrong with the definitions."""
        found = [*self.findings, *(problem for each in _held(definitions) for problem in argument_types.problems(each))]
        if found:
            raise (LoadError if self.syntax_findings else DocumentError)(found)


def _held(definitions: Iterable[Definition]) -> Iterator[Definition]:
    """The definitions, and those that stand in mappings below them, which are no children."""
    for definition in definitions:
        yield definition
        for each in definition.walk():
            for mapping in (value for value in vars(each).values() if isinstance(value, Mapping)):
                yield from (value for value in mapping.values() if isinstance(value, Definition))


# --- values ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Value:
    """A value of a document: text, a number, true or false, nothing, a list, or a mapping by key."""

    content: Any
    place: SourceSpan

    @property
    def said(self) -> str:
        """The value in a sentence."""
        if isinstance(self.content, str):
            return f"the string {argument_types.shown(self.content)}"
        if isinstance(self.content, bool):
            return str(self.content).lower()
        if isinstance(self.content, Decimal):
            return f"the number {self.content}"
        if self.content is None:
            return "nothing"
        return "a mapping" if isinstance(self.content, Mapping) else "a list"

    def strings(self) -> dict[str, str]:
        """The content of a mapping from strings to strings."""
        return {name: entry.value.content for name, entry in self.content.items()}


@dataclass(frozen=True)
class Entry:
    """A key of a mapping, and its value."""

    key: SourceSpan
    value: Value


# --- files -------------------------------------------------------------------------------------------------------


def documents(path: str | Path, report: Report) -> list[Value]:
    """The documents of a file, or of all YAML files in a folder; those that hold a list are many.

    A path that is not absolute is seen from the folder of the file that calls the importer.
    """
    caller = PythonCall.of_caller()
    folder = Path(caller.file).parent if Path(caller.file).is_file() else Path.cwd()
    found = [document for file in _files(folder / path, caller.span()) for document in _read(file, report)]
    if not found and not report.findings:
        report.add("document", f"{relative(str(folder / path))} holds no document", place=caller.span())
    return found


def _files(path: Path, asked: SourceSpan | None) -> list[Path]:
    path = Path(os.path.normpath(path))  # links are kept: the output names the file as the user does
    if path.is_file():
        return [path]
    shown = relative(str(path))
    if not path.is_dir():
        hint = "a path is seen from the folder of the file that it is written in"
        raise LoadError([Finding("load", f"{shown} does not exist", hint, asked)])
    files = sorted(file for file in path.iterdir() if file.suffix in _ENDINGS and file.is_file())
    if not files:
        raise LoadError([Finding("load", f"{shown} holds no YAML files", "they end in .yaml or .yml", asked)])
    return files


class _Loader(yaml.SafeLoader):
    """YAML 1.2's core schema, which is what people expect who never read 1.1's; and merge keys."""

    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012  declared so by PyYAML


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", list("-+.0123456789")),
    ("merge", r"<<", ["<"]),
):
    _Loader.add_implicit_resolver(_TAG + _tag, re.compile(f"(?:{_pattern})$"), _first)


def _read(file: Path, report: Report) -> Iterator[Value]:
    linecache.checkcache(str(file))
    try:
        text = file.read_bytes().decode("utf-8-sig")
        nodes = [node for node in yaml.compose_all(text, Loader=_Loader) if node is not None]
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, OSError) as error:
        report.syntax_findings = True
        report.findings.append(_unreadable(error, file))
        return
    tree = _Tree(file, _BREAK.split(text), report)
    for node in nodes:
        value = tree.value(node)
        yield from value.content if isinstance(value.content, tuple) else (value,)


def _unreadable(error: Exception, file: Path) -> Finding:
    place = SourceSpan(str(file), 1)
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        mark = error.problem_mark
        place = SourceSpan(str(file), mark.line + 1, mark.column + 1, mark.line + 1, mark.column + 2)
        why = str(error.problem)
    elif isinstance(error, UnicodeDecodeError):
        why = "it is not UTF-8"
    elif isinstance(error, RecursionError):
        why = "it is nested too deep"
    else:
        why = error.strerror or str(error) if isinstance(error, OSError) else str(error).partition("\n")[0]
    return Finding("yaml", f"{relative(str(file))} cannot be read: {why}", "mend the YAML", place)


class _Tree:
    """The values of one file."""

    def __init__(self, file: Path, lines: Sequence[str], report: Report) -> None:
        self.file, self.lines, self.report = str(file), lines, report
        self.seen: dict[int, Value | None] = {}

    def value(self, node: yaml.Node) -> Value:
        """The value of a node; that of an alias is made once."""
        if id(node) not in self.seen:
            self.seen[id(node)] = None
            self.seen[id(node)] = Value(self._content(node), self.place(node))
        value = self.seen[id(node)]
        if value is None:
            self.report.add("value", "an alias stands within what it names", "write the value out", self.place(node))
            return Value(None, self.place(node))
        return value

    def place(self, node: yaml.Node) -> SourceSpan:
        """The span of a node: of a mapping its first key, of a list its first item, of a block its first line."""
        if isinstance(node, yaml.MappingNode) and node.value:
            return self.place(node.value[0][0])
        if isinstance(node, yaml.SequenceNode) and node.value:
            return self.place(node.value[0])
        start, end = node.start_mark, node.end_mark
        if isinstance(node, yaml.ScalarNode) and node.style in _BLOCK:
            for number in range(start.line + 1, end.line + 1):
                line = self.lines[number] if number < len(self.lines) else ""
                if line.strip():
                    indent = len(line) - len(line.lstrip())
                    return SourceSpan(self.file, number + 1, indent + 1, number + 1, len(line.rstrip()) + 1)
        return SourceSpan(self.file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)

    def _content(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node)
        if isinstance(node, yaml.SequenceNode):
            return tuple(self.value(item) for item in node.value)
        assert isinstance(node, yaml.ScalarNode)
        if node.tag == _TAG + "null":
            return None
        if node.tag == _TAG + "bool":
            return node.value.lower() == "true"
        if node.tag == _TAG + "float":
            number = decimal(node.value)
            return node.value if number is None else number
        if node.tag != _TAG + "str":
            self.report.add("value", f"obscode does not know the tag {node.tag}", "leave it out", self.place(node))
        return node.value

    def _mapping(self, node: yaml.MappingNode) -> dict[str, Entry]:
        own: dict[str, Entry] = {}
        merged: dict[str, Entry] = {}
        for key, value in node.value:
            if key.tag == _TAG + "merge":
                merged = self._merged(value) | merged
            elif not isinstance(key, yaml.ScalarNode):
                self.report.add("value", "a key is not a word", "write a string before the colon", self.place(key))
            elif key.value in own:
                first = own[key.value].key.line
                message = f"key {key.value!r} is here twice, the first time in line {first}"
                self.report.add("duplicate-key", message, "keep one of them", self.place(key))
            else:
                own[key.value] = Entry(self.place(key), self.value(value))
        return own | {name: entry for name, entry in merged.items() if name not in own}

    def _merged(self, node: yaml.Node) -> dict[str, Entry]:
        value = self.value(node)
        merged: dict[str, Entry] = {}
        for each in value.content if isinstance(value.content, tuple) else (value,):
            if isinstance(each.content, Mapping):
                merged = {**each.content, **merged}  # the first of several wins
            else:
                self.report.add("value", f"<< is {each.said}, not a mapping", "name a mapping after it", each.place)
        return merged


def decimal(text: str) -> Decimal | None:
    """The number that a text is, exact; None where it is none, or none that anybody means."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if not number or (number.is_finite() and abs(number.adjusted()) < _DIGITS) else None
