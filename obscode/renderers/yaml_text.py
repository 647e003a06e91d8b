"""Write YAML for review: insertion order, literal blocks, no anchors, no wrapping, one document.

This module writes the structure, plain texts and literal blocks; PyYAML writes the other scalars. PyYAML's own dumper
takes ten times as long, and its optional C dumper indents and escapes differently.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import yaml

_STEP = "  "

# Texts without a character that ends a key or a value: plain scalars, unless they resolve to a number or the like.
_PLAIN = re.compile(r"(?=[A-Za-z0-9_(])(?!.*(?:: | #))[ -~]*[!-9;-~]")
# Other texts that need no escape in single quotes.
_QUOTED = re.compile(r"(?=[A-Za-z0-9_({\[\"'*&!%@`>|#,])[ -~]*[!-~]")
# Texts that need no escape in a literal block; other readers take some of the excluded characters for line ends.
_PRINTABLE = "[ -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]+"
_LITERAL = re.compile(f"(?! ){_PRINTABLE}(?:\n+{_PRINTABLE})*\n?")
# PyYAML would write these in single quotes; they are invisible there.
_INVISIBLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff]")
_RESOLVER: Any = yaml.resolver.Resolver()
_STRING = "tag:yaml.org,2002:str"


def document(content: Mapping[str, Any], sources: Sequence[str]) -> str:
    """The text of a YAML file; its first line names the files that it is compiled from."""
    head = [f"# Written by obscode from {', '.join(sources)}; change it there."] if sources else []
    return "\n".join([*head, *(_block(content, "") if content else ["{}"])]) + "\n"


def _block(value: Any, indent: str) -> Iterator[str]:
    """The lines of a dict or a list."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _entry(f"{indent}{_one_line(key)}:", item, indent)
    else:
        for item in value:
            yield from _item(item, indent)


def _entry(head: str, item: Any, indent: str) -> Iterator[str]:
    if isinstance(item, dict | list | tuple) and item:
        yield head
        yield from _block(item, indent + _STEP)
    else:
        first, *rest = _scalar(item, indent + _STEP)
        yield f"{head} {first}"
        yield from rest


def _item(item: Any, indent: str) -> Iterator[str]:
    """The lines of a list item; its content begins on the line of the dash."""
    if isinstance(item, dict | list | tuple) and item:
        first, *rest = _block(item, indent + _STEP)
        yield f"{indent}- {first[len(indent) + len(_STEP) :]}"
    else:
        first, *rest = _scalar(item, indent + _STEP)
        yield f"{indent}- {first}"
    yield from rest


def _scalar(value: Any, indent: str) -> list[str]:
    if isinstance(value, str) and "\n" in value and _LITERAL.fullmatch(value):
        head = "|" if value.endswith("\n") else "|-"
        return [head, *(indent + line if line else "" for line in value.removesuffix("\n").split("\n"))]
    return [_one_line(value)]


def _one_line(value: Any) -> str:
    if isinstance(value, str):
        return _text(str.__str__(value))  # a StrEnum is written as its text
    return str(value) if type(value) is int else _pyyaml(value)


@lru_cache(maxsize=1 << 16)
def _text(text: str) -> str:
    if _PLAIN.fullmatch(text) and _RESOLVER.resolve(yaml.ScalarNode, text, (True, False)) == _STRING:
        return text
    if _QUOTED.fullmatch(text):
        return "'" + text.replace("'", "''") + "'"
    return _pyyaml(text, '"' if "\n" in text or _INVISIBLE.search(text) else None)


def _pyyaml(value: Any, style: str | None = None) -> str:
    text: str = yaml.safe_dump(value, allow_unicode=True, width=1 << 30, default_style=style)
    return text.removesuffix("\n").removesuffix("\n...")
