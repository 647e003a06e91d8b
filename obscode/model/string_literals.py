"""Where the characters of a Python string stand in its source: behind prefixes, quotes and escapes."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator, Sequence

_START = re.compile(r"""(?P<prefix>[A-Za-z]*)(?P<quote>\"{3}|'{3}|"|')""")
_CHARACTER = re.compile(
    r"\\(?:(?P<joined>\n)|N\{[^{}]*\}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|[\\'\"abfnrtv])|.",
    re.DOTALL,
)


def character_offsets(source: str, value: str) -> Sequence[int]:
    """The offset in ``source`` of each character of a string, and of its end; empty where they are not known.

    ``source`` is one literal, or several that Python joins.
    """
    try:
        offsets = list(_offsets(f"({source})"))
    except (tokenize.TokenError, SyntaxError, IndexError):
        return ()
    # An f-string has values that the source does not have.
    return [offset - 1 for offset in offsets] if len(offsets) == len(value) + 1 else ()


def indented_offsets(text: str, bare: str) -> Sequence[int]:
    """The offset in ``text`` of each character of the same text without indentation, and of its end."""
    position = len(text) - len(text.lstrip())
    offsets: list[int] = []
    lines = zip(text[position:].split("\n"), bare.split("\n"), strict=False)
    for line, bare_line in lines:
        indentation = len(line.rstrip()) - len(bare_line.rstrip())
        offsets += range(position + indentation, position + indentation + len(bare_line) + 1)
        position += len(line) + 1
    return offsets


def _offsets(source: str) -> Iterator[int]:
    lines = source.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    end = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.STRING and (start := _START.match(token.string)):
            at = starts[token.start[0] - 1] + token.start[1]
            body = token.string[start.end() : -len(start["quote"])]
            end = at + start.end() + len(body)
            yield from _in_body(body, at + start.end(), is_raw="r" in start["prefix"].lower())
    yield end


def _in_body(body: str, at: int, *, is_raw: bool) -> Iterator[int]:
    if is_raw:
        yield from range(at, at + len(body))
        return
    for match in _CHARACTER.finditer(body):
        if match["joined"] is None:
            yield at + match.start()
