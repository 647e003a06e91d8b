"""The items of an expression, as Prometheus' lexer emits them.

https://github.com/prometheus/prometheus/blob/main/promql/parser/lex.go
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import isinf
from typing import Literal, NamedTuple

Kind = Literal[
    "end", "error", "identifier", "metric identifier", "keyword", "aggregation", "operator", "string", "number",
    "duration", "punctuation",
]  # fmt: skip


class GrammarError(Exception):
    """An expression that every Prometheus rejects; the message is like Prometheus' own."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.span = (start, max(end, start + 1))


class Item(NamedTuple):
    """An item with its positions; ``text`` of an error is the message, of a keyword its name in lower case."""

    kind: Kind
    text: str
    start: int
    end: int

    def described(self) -> str:
        """The item in a message: `identifier "up"`."""
        if self.kind == "end":
            return "end of input"
        if self.kind in ("identifier", "metric identifier", "number", "duration", "string"):
            text = self.text if self.kind == "string" else f'"{self.text}"'
            return f"{self.kind} {text}"
        return f'"{self.text}"'


AGGREGATIONS = frozenset(
    "sum avg count min max group stddev stdvar topk bottomk count_values quantile limitk limit_ratio".split()  # noqa: SIM905
)
_OPERATOR_WORDS = frozenset(("and", "or", "unless", "atan2"))
_DURATION_WORDS = frozenset(("step", "range", "max_of", "min_of"))
_KEYWORDS = _DURATION_WORDS | frozenset(
    "offset smoothed anchored by without on ignoring group_left group_right bool start end".split()  # noqa: SIM905
)
_FILLS = frozenset(("fill", "fill_left", "fill_right"))

_SPACE = re.compile(r"(?:[ \t\n\r]+|#[^\r\n]*)+")
_SPACE_IN_BRACKETS = re.compile(r"[ \t\n\r]+")
_WORD = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")
_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATOR = re.compile(r"==|!=|<=|>=|</|>/|[-+*/%^<>]")
_MATCH_OPERATOR = re.compile(r"=~|!~|!=|=")
_NUMBER = re.compile(
    r"(?:0[xX]_?[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*|(?:\d+(?:_\d+)*)?\.?(?:\d+(?:_\d+)*)?(?:[eE][-+]?\d+(?:_\d+)*)?)(?![\w.])"
)
_DURATION = re.compile(r"(?:\d+(?:ms|[smhdwy]))+(?![\w.])")
_ORDERED_DURATION = re.compile(r"(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?")
_NUMBER_LIKE = re.compile(r"\.?\d(?:[eE][-+]\d|[\w.])*")
_ESCAPE = re.compile(
    r"""\\(?:[abfnrtv\\]|[0-3][0-7]{2}|x[0-9a-fA-F]{2}|u(?![dD][89a-fA-F])[0-9a-fA-F]{4}"""
    r"""|U(?:0000(?![dD][89a-fA-F])|000[1-9a-fA-F]|0010)[0-9a-fA-F]{4}|(?P<quote>["']))"""
)


class Lexer:
    """Items from left to right; the last one is an error or the end."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.parentheses: list[int] = []
        self.brace = self.bracket = -1  # where it is open

    def items(self) -> Iterator[Item]:
        """All items; nothing follows an error."""
        while True:
            item = self._next()
            yield item
            if item.kind in ("end", "error"):
                return

    def _next(self) -> Item:
        space = _SPACE_IN_BRACKETS if self.bracket >= 0 else _SPACE
        if match := space.match(self.text, self.at):
            self.at = match.end()
        if self.at >= len(self.text):
            return self._end()
        character = self.text[self.at]
        if character in "\"'`" and self.bracket < 0:
            return self._string(character)
        if self.brace >= 0:
            return self._in_braces(character)
        return self._in_brackets(character) if self.bracket >= 0 else self._statement(character)

    def _end(self) -> Item:
        if self.brace >= 0:
            return self._error("unexpected end of input inside braces", self.brace, self.brace + 1)
        if self.bracket >= 0:
            return self._error("unexpected end of input inside brackets", self.bracket, self.bracket + 1)
        if self.parentheses:
            return self._error("unclosed left parenthesis", self.parentheses[0], self.parentheses[0] + 1)
        return Item("end", "", len(self.text), len(self.text))

    def _item(self, kind: Kind, text: str) -> Item:
        start = self.at
        self.at += len(text)
        return Item(kind, text, start, self.at)

    def _error(self, message: str, start: int = -1, end: int = -1) -> Item:
        start = self.at if start < 0 else start
        return Item("error", message, start, start + 1 if end < 0 else end)

    def _statement(self, character: str) -> Item:
        if match := _OPERATOR.match(self.text, self.at):
            return self._item("operator", match[0])
        if match := _WORD.match(self.text, self.at):
            return self._word(match[0])
        if _NUMBER_LIKE.match(self.text, self.at):
            return self._number()
        if character in "()":
            return self._parenthesis(character)
        if character in "{[":
            self.brace, self.bracket = (self.at, -1) if character == "{" else (-1, self.at)
        if character in "{[,@" or (character == "=" and not self.text.startswith("=~", self.at)):
            return self._item("punctuation", character)
        return self._unexpected(character)

    def _unexpected(self, character: str) -> Item:
        following = self.text[self.at + 1 : self.at + 2]
        if character == "=" or (character == "!" and following):
            return self._error(f"unexpected character after '{character}': {following!r}", self.at, self.at + 2)
        name = "right bracket" if character == "]" else "character:"
        return self._error(f"unexpected {name} {character!r}")

    def _parenthesis(self, character: str) -> Item:
        if character == "(":
            self.parentheses.append(self.at)
        elif self.parentheses:
            self.parentheses.pop()
        else:
            return self._error("unexpected right parenthesis ')'")
        return self._item("punctuation", character)

    def _word(self, word: str) -> Item:
        lower = word.lower()
        kind: Kind = "metric identifier" if ":" in word else "identifier"
        if lower in ("inf", "nan"):
            return self._item("number", word)
        if lower in AGGREGATIONS:
            kind = "aggregation"
        elif lower in _OPERATOR_WORDS:
            kind = "operator"
        elif lower in _KEYWORDS or (lower in _FILLS and self._is_before_parenthesis(word)):
            kind = "keyword"
        return self._item(kind, word)

    def _is_before_parenthesis(self, word: str) -> bool:
        rest = self.text[self.at + len(word) :]
        return rest.lstrip(" \t\n\r").startswith("(")

    def _number(self) -> Item:
        for kind, pattern in (("number", _NUMBER), ("duration", _DURATION)):
            if (match := pattern.match(self.text, self.at)) and match[0]:
                if kind == "number" and _is_infinite(match[0]):
                    return self._error(f'number out of range: "{match[0]}"', self.at, match.end())
                if kind == "duration" and not _ORDERED_DURATION.fullmatch(match[0]):
                    return self._error(f'not a valid duration string: "{match[0]}"', self.at, match.end())
                return self._item("number" if kind == "number" else "duration", match[0])
        wrong = _NUMBER_LIKE.match(self.text, self.at)
        text = wrong[0] if wrong else self.text[self.at]
        return self._error(f'bad number or duration syntax: "{text}"', self.at, self.at + len(text))

    def _in_braces(self, character: str) -> Item:
        if match := _LABEL.match(self.text, self.at):
            return self._item("identifier", match[0])
        if match := _MATCH_OPERATOR.match(self.text, self.at):
            return self._item("operator", match[0])
        if character == ",":
            return self._item("punctuation", ",")
        if character == "}":
            self.brace = -1
            return self._item("punctuation", "}")
        if character == "{":
            return self._error("unexpected left brace '{'")
        return self._error(f"unexpected character inside braces: {character!r}")

    def _in_brackets(self, character: str) -> Item:
        if character == "]":
            self.bracket = -1
        if character in "]:,":
            return self._item("punctuation", character)
        if character in "()":
            return self._parenthesis(character)
        if character in "+-*/%^":
            return self._item("operator", character)
        if _NUMBER_LIKE.match(self.text, self.at):
            return self._number()
        word = _LABEL.match(self.text, self.at)
        if word and word[0].lower() in _DURATION_WORDS:
            return self._item("keyword", word[0])
        if character == "[":
            return self._error("unexpected left bracket '['")
        text = word[0] if word else character
        return self._error(f"unexpected {text!r} inside brackets", self.at, self.at + len(text))

    def _string(self, quote: str) -> Item:
        at = self.at + 1
        while at < len(self.text):
            character = self.text[at]
            if character == quote:
                return self._item("string", self.text[self.at : at + 1])
            if quote != "`" and character == "\n":
                break
            if quote != "`" and character == "\\":
                escape = _ESCAPE.match(self.text, at)
                if not escape or (escape["quote"] or quote) != quote:
                    wrong = self.text[at : at + 2]
                    message = (
                        f"unknown escape sequence {wrong!r}" if len(wrong) > 1 else "escape sequence not terminated"
                    )
                    return self._error(message.replace("\\\\", "\\"), at, at + len(wrong))
                at = escape.end()
                continue
            at += 1
        return self._error("unterminated raw string" if quote == "`" else "unterminated quoted string")


def _is_infinite(number: str) -> bool:
    return "e" in number.lower() and not number.lower().startswith("0x") and isinf(float(number))
