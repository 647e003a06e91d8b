"""The frozen base of every definition: a value that remembers where it was written."""

from __future__ import annotations

import ast
import linecache
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any

from obscode.errors import Finding, SourceSpan

_PACKAGE = __name__.partition(".")[0]


@dataclass(frozen=True)
class Origin:
    """The call that made a definition; columns are looked up only when an error needs them."""

    file: str
    line: int
    code: CodeType | None = None
    instruction: int = 0

    @classmethod
    def of_caller(cls) -> Origin:
        """The first frame outside this package: the user's own line."""
        frame: FrameType | None = sys._getframe(1)
        while frame and _is_ours(frame):
            frame = frame.f_back
        if frame is None:
            return cls("", 0)
        return cls(frame.f_code.co_filename, frame.f_lineno, frame.f_code, frame.f_lasti)

    def place(self) -> SourceSpan | None:
        """The span of the whole call."""
        if not self.file:
            return None
        if self.code is None:
            return SourceSpan(self.file, self.line)
        line, end_line, column, end_column = self._span()
        if line is None or column is None or end_line is None or end_column is None:
            return SourceSpan(self.file, self.line)
        return _characters(SourceSpan(self.file, line, column, end_line, end_column))

    def call(self) -> ast.Call | None:
        """The syntax of the call, found again in the source file."""
        return _calls("".join(linecache.getlines(self.file))).get(self._span())

    def _span(self) -> _Span:
        positions = _positions(self.code) if self.code else ()
        index = self.instruction // 2
        return positions[index] if index < len(positions) else (None,) * 4


_Span = tuple[int | None, int | None, int | None, int | None]


@lru_cache(maxsize=64)
def _positions(code: CodeType) -> tuple[_Span, ...]:
    """First and last line, first and last column of each instruction; a big file has thousands."""
    return tuple(code.co_positions())


@lru_cache(maxsize=16)
def _calls(source: str) -> Mapping[_Span, ast.Call]:
    """Every call of a file by the place that its instruction tells; the outer one where two are told alike."""
    try:
        nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    except SyntaxError:  # the file changed since it was loaded
        return {}
    return {(node.lineno, node.end_lineno, node.col_offset, node.end_col_offset): node for node in reversed(nodes)}


def _is_ours(frame: FrameType) -> bool:
    # A dataclass's generated __init__ has no file, but the globals of its module, which may be the user's.
    name = str(frame.f_globals.get("__name__", ""))
    generated = frame.f_code.co_name == "__init__" and frame.f_code.co_filename == "<string>"
    return generated or name == _PACKAGE or name.startswith(_PACKAGE + ".")


def _span(file: str, node: ast.expr, last: ast.expr | None = None) -> SourceSpan:
    last = last or node
    end_line = last.end_lineno or last.lineno
    return _characters(SourceSpan(file, node.lineno, node.col_offset, end_line, last.end_col_offset or 0))


def _characters(place: SourceSpan) -> SourceSpan:
    """Python counts columns in UTF-8 bytes from 0; people count characters from 1."""
    return SourceSpan(
        place.file,
        place.line,
        _character(place.file, place.line, place.column),
        place.end_line,
        _character(place.file, place.end_line, place.end_column),
    )


def _character(file: str, line: int, offset: int) -> int:
    return len(linecache.getline(file, line).encode()[:offset].decode(errors="ignore")) + 1


@dataclass(frozen=True)
class Definition:
    """Base of all definitions: frozen, comparable by content, aware of its place in the source.

    A definition never raises for a wrong value: ``problems()`` tells them, so that a build reports
    every mistake of every file instead of the first.
    """

    ignore: Mapping[str, str] = field(default_factory=dict, kw_only=True, repr=False)
    origin: Origin = field(default_factory=Origin.of_caller, kw_only=True, repr=False, compare=False)

    def __post_init__(self) -> None:
        for spec in fields(self):
            value = getattr(self, spec.name)
            # Copied, so that a list or a dict that the file goes on to change changes nothing here.
            if isinstance(value, Sequence) and not isinstance(value, str | bytes | tuple):
                object.__setattr__(self, spec.name, tuple(value))
            elif isinstance(value, Mapping):
                object.__setattr__(self, spec.name, dict(value))

    def problems(self) -> Iterator[Finding]:
        """Everything wrong with this definition's own values; children tell theirs."""
        yield from ()

    def children(self) -> Iterator[Definition]:
        """The definitions that this one holds."""
        for spec in fields(self):
            value = getattr(self, spec.name)
            values: Iterable[Any] = value if isinstance(value, tuple) else (value,)
            if isinstance(value, Mapping):
                values = value.values()
            yield from (item for item in values if isinstance(item, Definition))

    def walk(self) -> Iterator[Definition]:
        """This definition and all below it, parents first."""
        yield self
        for child in self.children():
            yield from child.walk()

    def finding(self, check: str, message: str, hint: str = "", *, at: str = "", item: int | None = None) -> Finding:
        """A finding whose caret points at an argument (and at one item of it), or at the whole call."""
        return Finding(check, message, hint, self.place(at, item))

    def place(self, at: str = "", item: int | None = None) -> SourceSpan | None:
        """Where an argument of this definition was written; the whole call when that cannot be told."""
        call = self.origin.call() if at else None
        node = _argument(call, at, self.positional()) if call else None
        if node is None:
            return self.origin.place()
        return _span(self.origin.file, *_item(node, item, call.args if call else []))

    @classmethod
    def positional(cls) -> tuple[str, ...]:
        """The arguments that may be given by position, in order."""
        return tuple(spec.name for spec in fields(cls) if spec.init and not spec.kw_only)


def _argument(call: ast.Call, name: str, positional: tuple[str, ...]) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    if name in positional:
        index = positional.index(name)
        before = call.args[: index + 1]
        if index < len(call.args) and not any(isinstance(arg, ast.Starred) for arg in before):
            return call.args[index]
    return None


def _item(node: ast.expr, item: int | None, args: list[ast.expr]) -> tuple[ast.expr, ...]:
    """The syntax of one item of an argument, from its first to its last node; the argument where it has no such."""
    if item is None:
        return (node,)
    if isinstance(node, ast.List | ast.Tuple) and item < len(node.elts):
        return (node.elts[item],)
    if isinstance(node, ast.Dict) and item < len(node.values):
        return (node.keys[item] or node.values[item], node.values[item])
    rest = args[args.index(node) :] if node in args else []  # `*panels`, given one by one
    return (rest[item],) if item < len(rest) else (node,)
