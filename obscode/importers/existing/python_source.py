"""Python source text in the layout of `ruff format`: calls, lists, dicts, texts and comments.

Plain values are written as themselves. What is longer than a line gets one line per argument or item, each with a comma
at its end, so that ruff leaves it as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import east_asian_width

#: ruff's default.
WIDTH = 88
_STEP = 4
# A text in one line that is longer than a line by less than this is not split.
_TOLERANCE = 32


@dataclass(frozen=True)
class Item:
    """An argument of a call, or an item of a list or dict.

    Attributes:
        value: a plain value, or one of the classes of this module.
        prefix: what comes before the value: `name=`, or a key and `: `.
        comments: lines above the item, without `#`.
    """

    value: Any
    prefix: str = ""
    comments: Sequence[str] = ()


@dataclass(frozen=True)
class Call:
    """A call; ``is_open``: in several lines, even if it fits into one."""

    function: str
    items: Sequence[Item]
    is_open: bool = False
    #: Comments after the last item.
    comments: Sequence[str] = ()
    brackets: tuple[str, str] = ("(", ")")


def list_of(items: Sequence[Item], *, is_open: bool = False, comments: Sequence[str] = ()) -> Call:
    """A list with comments."""
    return Call("", items, is_open, comments, ("[", "]"))


def dict_of(items: Mapping[str, Item]) -> Call:
    """A dict with comments."""
    entries = [Item(item.value, f"{text_literal(key)}: ", item.comments) for key, item in items.items()]
    return Call("", entries, brackets=("{", "}"))


@dataclass(frozen=True)
class Code:
    """Source text in one line, such as a name."""

    text: str


@dataclass(frozen=True)
class Promql:
    """PromQL as it is written: several lines become a text in triple quotes, which is indented."""

    text: str


def statement(name: str, value: Any, comments: Sequence[str] = ()) -> str:
    """`name = value`, with comments above."""
    text = _expression(value, 0, len(name) + 3, 0)
    return "\n".join([*_comment_lines(comments, 0), f"{name} = {text}"])


def argument(item: Item, indent: int) -> str:
    """An argument on lines of its own, of a call that is indented by some columns."""
    return "\n".join(_item_lines(item, indent + _STEP))


def _expression(value: Any, indent: int, used: int, after: int) -> str:
    """A value whose first line begins in column ``used``, and is followed by ``after`` characters."""
    if isinstance(value, Promql):
        return _promql(value.text, indent, used, after)
    value = _as_call(value)
    line = _one_line(value)
    if line is not None and used + _width(line) + after <= WIDTH:
        return line
    if isinstance(value, str):
        return _long_text(value, indent)
    if not isinstance(value, Call):
        return line or ""
    return _in_lines(value, indent)


def _in_lines(call: Call, indent: int) -> str:
    opening, closing = call.brackets
    lines = [call.function + opening]
    for item in call.items:
        lines += _item_lines(item, indent + _STEP)
    lines += _comment_lines(call.comments, indent + _STEP)
    return "\n".join([*lines, " " * indent + closing])


def _item_lines(item: Item, indent: int) -> list[str]:
    text = _expression(item.value, indent, indent + _width(item.prefix), 1)
    return [*_comment_lines(item.comments, indent), f"{' ' * indent}{item.prefix}{text},"]


def _comment_lines(comments: Sequence[str], indent: int) -> list[str]:
    return [f"{' ' * indent}# {comment}".rstrip() for comment in comments]


def _as_call(value: Any) -> Any:
    """Lists and dicts as calls without a function."""
    if isinstance(value, Mapping):
        return dict_of({key: Item(item) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return list_of([Item(item) for item in value])
    return value


def _one_line(value: Any) -> str | None:
    """A value in one line; None if it needs several."""
    value = _as_call(value)
    if isinstance(value, Call):
        is_open = value.is_open and value.items
        if is_open or value.comments or any(item.comments for item in value.items):
            return None
        texts = [_one_line(item.value) for item in value.items]
        if None in texts:
            return None
        opening, closing = value.brackets
        listed = ", ".join(f"{item.prefix}{text}" for item, text in zip(value.items, texts, strict=True))
        return f"{value.function}{opening}{listed}{closing}"
    if isinstance(value, Code):
        return value.text
    if isinstance(value, Promql):
        return None if "\n" in value.text.strip() else text_literal(value.text)
    return text_literal(value) if isinstance(value, str) else repr(value)


# --- texts ---------------------------------------------------------------------------------------------------------


def text_literal(text: str) -> str:
    """A string in one line, in the quotes that ruff prefers; raw if it has backslashes and nothing to escape."""
    if "\\" in text and text.isprintable():
        for quote in ('"', "'"):  # a raw string has neither a quote nor a backslash at its end that ends it
            if not re.search(rf"(?<!\\)(?:\\\\)*(?:{quote}|\\$)", text):
                return f"r{quote}{text}{quote}"
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + "".join(_escaped(character, quote) for character in text) + quote


_OPENING = {")": "(", "]": "[", "}": "{"}
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _escaped(character: str, quote: str) -> str:
    if character == quote:
        return "\\" + quote
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _long_text(text: str, indent: int, brackets: str = "{") -> str:
    """A string that is longer than a line: its lines, and long ones split at spaces, as adjacent strings."""
    room = WIDTH - indent - _STEP
    pieces = [piece for line in re.findall(r"[^\n]*\n|[^\n]+", text) for piece in _split(line, room, brackets)]
    literals = [text_literal(piece) for piece in pieces]
    joined = text_literal(text)
    if len(literals) < 2:
        return joined
    if _width(joined) <= room and not any(literal.startswith("r") for literal in literals):
        literals = [joined]  # ruff joins them
    inner = " " * (indent + _STEP)
    return "\n".join(["(", *(inner + literal for literal in literals), " " * indent + ")"])


def _split(line: str, room: int, brackets: str) -> list[str]:
    """A line in pieces that fit into a number of columns, if it has spaces; brackets stay together if possible."""
    pieces: list[str] = []
    while len(text_literal(line)) > room + (_TOLERANCE if not pieces else 0):
        at = _split_at(line, room - 2, brackets)
        if at <= 0 or not line[at:].strip():
            break
        pieces.append(line[:at])
        line = line[at:]
    return [*pieces, line]


def _split_at(line: str, room: int, brackets: str) -> int:
    """Where to split a line: after the last space that fits and is inside of few brackets."""
    depth, best, at = 0, (10**6, 0), 0
    for i, character in enumerate(line[:-1]):
        depth += (character in brackets) - (_OPENING.get(character, " ") in brackets)
        if len(text_literal(line[: i + 1])) - 2 > room and (at or i > room):
            break
        if character == " " and line[i + 1] != " " and i + 1 > room // 3 and (depth, -i) <= best:
            best, at = (depth, -i), i + 1
    if not at:
        at = line.find(" ", room // 2) + 1
    return at


def _promql(text: str, indent: int, used: int, after: int) -> str:
    text = text.strip()
    if "\n" in text and (quoted := _triple_quoted(text, indent)):
        return quoted
    literal = text_literal(text)
    return literal if used + _width(literal) + after <= WIDTH else _long_text(text, indent, "([{")


def _triple_quoted(text: str, indent: int) -> str:
    """The text on lines of its own, from which obscode removes the indentation; empty if that would change it."""
    margin = " " * indent
    lines = text.split("\n")
    if '"""' in text or not all(line.isprintable() or "\t" in line for line in lines):
        return ""
    if any(line and not line.strip() for line in lines) or "\r" in text or "`" in text:
        return ""
    raw = "r" if "\\" in text else ""
    return "\n".join([f'{raw}"""', *(margin + line if line else "" for line in lines), f'{margin}"""'])


def _width(text: str) -> int:
    """The columns of a text, as ruff counts them."""
    if text.isascii():
        return len(text)
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
