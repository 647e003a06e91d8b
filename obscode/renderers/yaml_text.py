"""Write YAML for review: insertion order, literal blocks, no anchors, no wrapping, one document.

This module writes the structure, plain texts and literal blocks; PyYAML writes the other scalars. PyYAML's own dumper
takes ten times as long, and its optional C dumper indents and escapes differently.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import yaml

_STEP = "  "
_BLOCKS = (dict, list, tuple)

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
    lines = [f"# Written by obscode from {', '.join(sources)}; change it there."] if sources else []
    if content:
        _write_block(lines, content, "", "")
    else:
        lines.append("{}")
    return "\n".join(lines) + "\n"


def _write_block(lines: list[str], value: Any, head: str, indent: str) -> None:
    """Add the lines of a dict or a list; the first begins with ``head``, such as a dash, the others with ``indent``."""
    inner = indent + _STEP
    if isinstance(value, dict):
        for key, item in value.items():
            _write_entry(lines, item, f"{head}{_one_line(key)}:", inner)
            head = indent
    else:
        for item in value:
            if isinstance(item, _BLOCKS) and item:
                _write_block(lines, item, f"{head}- ", inner)
            else:
                _write_scalar(lines, item, f"{head}-", inner)
            head = indent


def _write_entry(lines: list[str], item: Any, head: str, indent: str) -> None:
    if isinstance(item, _BLOCKS) and item:
        lines.append(head)
        _write_block(lines, item, indent, indent)
    else:
        _write_scalar(lines, item, head, indent)


def _write_scalar(lines: list[str], value: Any, head: str, indent: str) -> None:
    if isinstance(value, str) and "\n" in value and _LITERAL.fullmatch(value):
        lines.append(f"{head} |" if value.endswith("\n") else f"{head} |-")
        lines += [indent + line if line else "" for line in value.removesuffix("\n").split("\n")]
    else:
        lines.append(f"{head} {_one_line(value)}")


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
