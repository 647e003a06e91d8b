"""PromQL as it was written: its strings and comments, Grafana's variables, selectors and their places, its outside.

`obscode.promql` says whether an expression parses, and what it reads and yields. What needs the text itself is read
here: columns, pieces that go into definitions as they are, and queries in which variables are still to be seen.
"""

from __future__ import annotations

import re

_STRING = r""" "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' | `[^`]*` """
_LITERAL = rf"{_STRING} | \#[^\n]*"

STRING = re.compile(_STRING, re.VERBOSE | re.DOTALL)
LITERAL = re.compile(_LITERAL, re.VERBOSE | re.DOTALL)
_TOKEN = re.compile(rf"""{_LITERAL} | [^"'`\#]+ | .""", re.VERBOSE | re.DOTALL)

#: Between `(` and `)` of a pattern, `$name`, `${name:format}` or `[[name]]`, whose first word is the name.
VARIABLE = r"\$\{\w+(?:\.[^:{}]+)?(?::[^{}]*)?\}|\[\[\w+(?::[^\[\]]*)?\]\]|\$[A-Za-z_]\w*"


def split_literals(text: str) -> list[str]:
    """Strings, comments, and what stands between them."""
    return _TOKEN.findall(text)


def blank_literals(text: str) -> str:
    """The text with blanks for strings and comments, every character at its place."""
    return LITERAL.sub(lambda literal: " " * len(literal[0]), text)
