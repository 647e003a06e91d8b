"""YAML as a reviewer reads it: insertion order, literal blocks, no anchors, no wrapping, one document.

The structure is written here, and with it the texts that are plain or literal blocks; PyYAML writes the
rest. Its own dumper takes ten times as long, and its C one indents and escapes otherwise, where it is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import yaml

_STEP = "  "

# Texts that are plain in every YAML, unless they look like a number or the like: nothing in them ends a key or a value.
_PLAIN = re.compile(r"(?=[A-Za-z0-9_(])(?!.*(?:: | #))[ -~]*[!-9;-~]")
# Texts that single quotes show as they are, where they are not plain.
_QUOTED = re.compile(r"(?=[A-Za-z0-9_({\[\"'*&!%@`>|#,])[ -~]*[!-~]")
# What a literal block shows as it is; all else is escaped, such as characters that others take for ends of lines.
_SHOWN = "[ -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]+"
_LITERAL = re.compile(f"(?! ){_SHOWN}(?:\n+{_SHOWN})*\n?")
# PyYAML writes these in single quotes, too.
_UNUSUAL = re.compile("[\x7f-\x9f\u2028\u2029\ufeff]")
_RESOLVER: Any = yaml.resolver.Resolver()
_STRING = "tag:yaml.org,2002:str"


def document(content: Mapping[str, Any], sources: Sequence[str]) -> str:
    """The text of a YAML file; its first line names the files that it comes from."""
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
    """The lines of a list's item: what is below it begins on the line of the dash."""
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
        return _text(str.__str__(value))  # a StrEnum is written as the text that it is
    return str(value) if type(value) is int else _pyyaml(value)


@lru_cache(maxsize=1 << 16)
def _text(text: str) -> str:
    if _PLAIN.fullmatch(text) and _RESOLVER.resolve(yaml.ScalarNode, text, (True, False)) == _STRING:
        return text
    if _QUOTED.fullmatch(text):
        return "'" + text.replace("'", "''") + "'"
    return _pyyaml(text, '"' if "\n" in text or _UNUSUAL.search(text) else None)


def _pyyaml(value: Any, style: str | None = None) -> str:
    text: str = yaml.safe_dump(value, allow_unicode=True, width=1 << 30, default_style=style)
    return text.removesuffix("\n").removesuffix("\n...")
