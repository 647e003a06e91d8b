"""Where a definition was written: a Python call, found again in its file when an error needs the columns."""

from __future__ import annotations

import ast
import linecache
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, FrameType
from typing import ClassVar, Literal

from obscode.findings.finding import SourceSpan
from obscode.model.string_literals import character_offsets

_PACKAGE = __name__.partition(".")[0]
# `dataclasses.replace` and `copy.replace` in a user's file: the definition is from that call.
_COPYING = ("dataclasses", "copy")
# Modules that import others, by their names in both forms.
_IMPORTING = ("importlib._bootstrap", "_frozen_importlib")
# The names of labels and annotations are parts of an alert, as its arguments are.
_MAPPINGS = ("labels", "annotations")
_Span = tuple[int | None, int | None, int | None, int | None]


@dataclass(frozen=True)
class Origin:
    """Where a value was written: a file and a line. Subclasses know the spans of its arguments."""

    #: True for a document of another tool, which does not know the names of the project.
    is_document: ClassVar[bool] = False

    file: str
    line: int

    @property
    def order(self) -> tuple[str, int, int]:
        """Sort key: definitions of one file in the order in which they were written."""
        return self.file, self.line, 0

    def span(self, argument: str = "", item: int | None = None, positional: tuple[str, ...] = ()) -> SourceSpan | None:
        """The span of an argument, or of one item of it; of the whole value when it has no such argument.

        ``positional`` are the names of the arguments that may be given by position, in order.
        """
        return SourceSpan(self.file, self.line) if self.file else None

    def characters_span(
        self, argument: str, start: int, end: int, positional: tuple[str, ...] = ()
    ) -> SourceSpan | None:
        """The span of some characters of the string in an argument; of the argument where they cannot be located."""
        return self.span(argument, None, positional)

    def key_span(self, argument: str, keys: Sequence[str | int], positional: tuple[str, ...] = ()) -> SourceSpan | None:
        """The span of a key in the plain data of an argument; of what holds it where the key is not written there."""
        return self.span(argument, None, positional)


@dataclass(frozen=True)
class PythonCall(Origin):
    """The call that created a definition: its code object and the offset of the call instruction."""

    code: CodeType | None = None
    instruction: int = 0

    @classmethod
    def of_caller(cls) -> PythonCall:
        """The innermost frame outside this package: the user's own line."""
        frame: FrameType | None = sys._getframe(1)
        copying = False
        while frame:
            # Few calls: each is reported to the profile function of a build that records what definitions read.
            globals_, code = frame.f_globals, frame.f_code
            module = _kind_of_module(globals_.get("__name__", ""))
            # A dataclass's `__init__` has no file, but the globals of its module, which may be the user's.
            if not module and not (code.co_filename == "<string>" and code.co_name == "__init__"):
                break
            if copying and module == "own":
                raise TypeError("use Definition.derive() inside obscode: dataclasses.replace() loses the position")
            copying = module == "copying"
            frame = frame.f_back
        if frame is None or frame.f_globals.get("__name__", "") in _IMPORTING:  # made while a module is imported
            return cls("", 0)
        return cls(frame.f_code.co_filename, frame.f_lineno, frame.f_code, frame.f_lasti)

    @property
    def order(self) -> tuple[str, int, int]:
        return self.file, self.line, self.instruction

    def span(self, argument: str = "", item: int | None = None, positional: tuple[str, ...] = ()) -> SourceSpan | None:
        call = self.call() if argument and self.file else None
        node = _argument(call, argument, positional) if call else None
        if call is None or node is None:
            return self._whole()
        return _node_span(self.file, *_item(node, item, call.args))

    def characters_span(
        self, argument: str, start: int, end: int, positional: tuple[str, ...] = ()
    ) -> SourceSpan | None:
        call = self.call() if self.file else None
        node = _argument(call, argument, positional) if call else None
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            source = ast.get_source_segment("".join(linecache.getlines(self.file)), node) or ""
            offsets = character_offsets(source, node.value)
            if 0 <= start < end < len(offsets):
                whole = _node_span(self.file, node)
                first, last = _moved(whole, source[: offsets[start]]), _moved(whole, source[: offsets[end - 1] + 1])
                return SourceSpan(self.file, *first, *last)
        return self.span(argument, None, positional)

    def key_span(self, argument: str, keys: Sequence[str | int], positional: tuple[str, ...] = ()) -> SourceSpan | None:
        call = self.call() if argument and self.file else None
        node = _argument(call, argument, positional) if call else None
        return _node_span(self.file, _key(node, keys)) if node else self._whole()

    def _whole(self) -> SourceSpan | None:
        if not self.file:
            return None
        line, end_line, column, end_column = self._position()
        if line is None or column is None or end_line is None or end_column is None:
            return SourceSpan(self.file, self.line)
        return _in_characters(SourceSpan(self.file, line, column, end_line, end_column))

    def call(self) -> ast.Call | None:
        """The syntax of the call, parsed again from the source file."""
        return _calls("".join(linecache.getlines(self.file))).get(self._position())

    def _position(self) -> _Span:
        positions = _positions(self.code) if self.code else ()
        index = self.instruction // 2
        return positions[index] if index < len(positions) else (None,) * 4


@lru_cache(maxsize=64)
def _positions(code: CodeType) -> tuple[_Span, ...]:
    """First and last line, first and last column of each instruction; a big file has thousands."""
    return tuple(code.co_positions())


@lru_cache(maxsize=16)
def _calls(source: str) -> Mapping[_Span, ast.Call]:
    """Every call of a file by the position of its instruction; the outer call when two share a position."""
    try:
        nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    except SyntaxError:  # the file changed since it was loaded
        return {}
    return {(node.lineno, node.end_lineno, node.col_offset, node.end_col_offset): node for node in reversed(nodes)}


@lru_cache(maxsize=1024)
def _kind_of_module(name: str) -> Literal["own", "copying", ""]:
    """Whether a module belongs to this package, or copies definitions for a user's file."""
    if name.partition(".")[0] == _PACKAGE:
        return "own"
    return "copying" if name in _COPYING else ""


def _node_span(file: str, node: ast.expr, last: ast.expr | None = None) -> SourceSpan:
    last = last or node
    end_line = last.end_lineno or last.lineno
    return _in_characters(SourceSpan(file, node.lineno, node.col_offset, end_line, last.end_col_offset or 0))


def _moved(span: SourceSpan, text: str) -> tuple[int, int]:
    """The line and the column behind a text that begins where the span does."""
    lines = text.count("\n")
    return span.line + lines, len(text) - text.rfind("\n") if lines else span.column + len(text)


def _in_characters(span: SourceSpan) -> SourceSpan:
    """Python counts columns in UTF-8 bytes from 0; people count characters from 1."""
    return SourceSpan(
        span.file,
        span.line,
        _character(span.file, span.line, span.column),
        span.end_line,
        _character(span.file, span.end_line, span.end_column),
    )


def _character(file: str, line: int, offset: int) -> int:
    return len(linecache.getline(file, line).encode()[:offset].decode(errors="ignore")) + 1


def _argument(call: ast.Call, name: str, positional: tuple[str, ...]) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    for keyword in call.keywords if name else ():
        if keyword.arg in _MAPPINGS and isinstance(keyword.value, ast.Dict):
            for key, value in zip(keyword.value.keys, keyword.value.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == name:
                    return value
    if name in positional and not ast.unparse(call.func).endswith("replace"):  # `replace(alert, name="Down")`
        index = positional.index(name)
        before = call.args[: index + 1]
        if index < len(call.args) and not any(isinstance(arg, ast.Starred) for arg in before):
            return call.args[index]
    return None


def _key(node: ast.expr, keys: Sequence[str | int]) -> ast.expr:
    """The last of some keys below a node, as far as they are written there."""
    last = node
    for key in keys:
        if isinstance(node, ast.Dict):
            pairs = [(k, v) for k, v in zip(node.keys, node.values, strict=True) if k and _is_constant(k, key)]
            if not pairs:
                break
            last, node = pairs[0]
        elif isinstance(node, ast.List | ast.Tuple) and isinstance(key, int) and key < len(node.elts):
            last = node = node.elts[key]
        else:
            break
    return last


def _is_constant(node: ast.expr, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value == value


def _item(node: ast.expr, item: int | None, args: list[ast.expr]) -> tuple[ast.expr, ...]:
    """The first and last node of one item of an argument; the argument when it has no such item."""
    if item is None:
        return (node,)
    if isinstance(node, ast.List | ast.Tuple) and item < len(node.elts):
        return (node.elts[item],)
    if isinstance(node, ast.Dict) and item < len(node.values):
        return (node.keys[item] or node.values[item], node.values[item])
    rest = args[args.index(node) :] if node in args else []  # `*panels`: each item is an argument
    return (rest[item],) if item < len(rest) else (node,)
