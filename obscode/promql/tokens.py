r"""The PromQL tokenizer: every character of an expression belongs to one token, and each token knows its position.

Grafana variables are part of names, numbers and strings: `$__rate_interval`, `${metric}_total`, `0.$quantile`.
Text that no token rule matches becomes tokens of one character, so that any text can be tokenized.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

TokenKind = Literal["string", "comment", "space", "number", "name", "operator", "bracket", "other"]

# A string without closing quote ends with the text. If it did not match, each further quote would search the rest of
# the text again, and the time would grow with the square of the length.
_STRING = r""""(?:\\(?:.|\Z)|[^"\\])*(?:"|\Z)|'(?:\\(?:.|\Z)|[^'\\])*(?:'|\Z)|`[^`]*(?:`|\Z)"""
STRING = re.compile(_STRING, re.DOTALL)
#: A string or a comment.
LITERAL = rf"{_STRING}|\#[^\n]*"
_LITERAL = re.compile(LITERAL, re.DOTALL)

_PLAIN_LABEL = re.compile("[a-zA-Z_][a-zA-Z0-9_]*")
_PLAIN_METRIC = re.compile("[a-zA-Z_:][a-zA-Z0-9_:]*")

#: `$name`, `${name:format}` or `[[name]]`; the first word is the name of the variable.
VARIABLE = r"\$\{\w+(?:\.[^:{}]+)?(?::[^{}]*)?\}|\[\[\w+(?::[^\[\]]*)?\]\]|\$[A-Za-z_]\w*"


def _rule(colon: str) -> re.Pattern[str]:
    return re.compile(
        rf"""(?P<string>{_STRING}) | (?P<comment>\#[^\n]*) | (?P<space>\s+)
        | (?P<number>0[xX][0-9a-fA-F_]+(?:{VARIABLE} | \w)* | \.?\d(?:(?<=[\d.])[eE][-+]\d | {VARIABLE} | [\w.])*)
        | (?P<name>(?:{VARIABLE} | [A-Za-z_{colon}]) (?:{VARIABLE} | [\w{colon}])*)
        | (?P<operator>=~ | !~ | [=!<>]= | [-+*/%^<>=@])
        | (?P<bracket>[()\[\]{{}}])
        | (?P<other>.)""",
        re.VERBOSE | re.DOTALL,
    )


_TOKEN = _rule(colon=":")
_TOKEN_OF_RANGE = _rule(colon="")  # between [ and ], a colon separates the range from the step

#: The kinds of tokens that have no meaning.
BLANK = ("space", "comment")

_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


class Token(NamedTuple):
    """A token; ``text`` is what stands from ``start`` up to ``end``.

    Durations are numbers. Keywords and functions are names. A string has its quotes.
    """

    kind: TokenKind
    text: str
    start: int
    end: int

    @property
    def is_code(self) -> bool:
        """Whether it is neither a space nor a comment."""
        return self.kind not in BLANK


def tokenize(text: str) -> Iterator[Token]:
    """All tokens of a text from left to right, with spaces and comments."""
    position, rule = 0, _TOKEN
    while position < len(text):
        for match in rule.finditer(text, position):  # without a gap, because every character matches
            token = Token(match.lastgroup, match[0], position, match.end())  # type: ignore[arg-type]  # named as kinds
            yield token
            position = token.end
            if token.text == "[" or token.text == "]":
                rule = _TOKEN_OF_RANGE if token.text == "[" else _TOKEN
                break


def code_tokens(text: str) -> list[Token]:
    """The tokens of a text without spaces and comments."""
    return [token for token in tokenize(text) if token.is_code]


def blank_literals(text: str) -> str:
    """The text with spaces in place of strings and comments; all other characters keep their positions."""
    return _LITERAL.sub(lambda literal: " " * len(literal[0]), text)


def quote(value: str) -> str:
    """A PromQL string literal."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def label_text(name: str) -> str:
    """A label's name in PromQL: in quotes, which need Prometheus 3, unless it has only letters, digits and `_`."""
    return name if is_plain_label(name) else quote(name)


def is_plain_label(name: str) -> bool:
    """Whether a label's name needs no quotes: letters, digits and `_`."""
    return _PLAIN_LABEL.fullmatch(name) is not None


def is_plain_metric(name: str) -> bool:
    """Whether a metric's name needs no quotes: letters, digits, `_` and `:`."""
    return _PLAIN_METRIC.fullmatch(name) is not None


def unquote(string: str) -> str:
    """The value of a string token. An escape that Prometheus rejects stands for the character behind it."""
    if string.startswith("`"):
        return string[1:-1]
    return _ESCAPE.sub(_unescape, string[1:-1])


def _unescape(match: re.Match[str]) -> str:
    hexadecimal, octal, character = match[1] or match[2] or match[3], match[4], match[5]
    if hexadecimal or octal:
        code = int(hexadecimal, 16) if hexadecimal else int(octal, 8)
        return chr(code) if code <= 0x10FFFF else match[0]
    return _ESCAPED.get(character, character)
