"""Where promql-parser found a syntax error: its errors have no positions, but some name a token or a bracket.

For other errors there is no position: a wrong one would be worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from obscode.promql.tokens import Token

Span = tuple[int, int]

_CLOSING = {")": "(", "]": "[", "}": "{"}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def position(message: str, tokens: Iterable[Token]) -> Span | None:
    """The first and the last character that an error of promql-parser is about; None where it does not say."""
    code = [token for token in tokens if token.is_code]
    for pattern, locate in _LOCATED:
        if match := pattern.match(message):
            return locate(code, match[1] if match.groups() else "")
    return None


def _unclosed(bracket: str) -> Callable[[Sequence[Token], str], Span | None]:
    def locate(code: Sequence[Token], name: str) -> Span | None:
        opened: list[Token] = []
        for token in code:
            if token.text == bracket:
                opened.append(token)
            elif _CLOSING.get(token.text) == bracket and opened:
                opened.pop()
        return _span(opened[:1])

    return locate


def _unopened(code: Sequence[Token], bracket: str) -> Span | None:
    depth = 0
    for token in code:
        if token.text == _CLOSING.get(bracket):
            depth += 1
        elif token.text == bracket:
            depth -= 1
        if depth < 0:
            return token.start, token.end
    return None


def _function(code: Sequence[Token], name: str) -> Span | None:
    return _span(_calls(code, name)[:1])


def _only_call(code: Sequence[Token], name: str) -> Span | None:
    calls = _calls(code, name)
    return _span(calls) if len(calls) == 1 else None


def _calls(code: Sequence[Token], name: str) -> list[Token]:
    pairs = pairwise(code)
    return [token for token, following in pairs if token.text == name and following.text == "("]


def _number(code: Sequence[Token], text: str) -> Span | None:
    return _span([token for token in code if token.kind == "number" and token.text == text][:1])


def _open_quote(code: Sequence[Token], quote: str) -> Span | None:
    # It is the last token, since it ends with the text.
    token = code[-1] if code and code[-1].kind == "string" and code[-1].text[0] == quote else None
    return (token.start, token.start + 1) if token else None


def _matched_name(code: Sequence[Token], name: str) -> Span | None:
    pairs = pairwise(code)
    return _span([token for before, token in pairs if before.kind == "operator" and token.text == name][:1])


def _escape(code: Sequence[Token], character: str) -> Span | None:
    for token in code:
        for match in _ESCAPE.finditer(token.text) if token.kind == "string" and token.text[0] != "`" else ():
            if match[1] == character:
                return token.start + match.start(), token.start + match.end()
    return None


def _span(tokens: Sequence[Token]) -> Span | None:
    return (tokens[0].start, tokens[0].end) if tokens else None


_LOCATED: Sequence[tuple[re.Pattern[str], Callable[[Sequence[Token], str], Span | None]]] = [
    (re.compile(pattern), locate)
    for pattern, locate in (
        (r"unclosed left parenthesis", _unclosed("(")),
        (r"unexpected end of input inside braces", _unclosed("{")),
        (r"unexpected end of input inside brackets", _unclosed("[")),
        (r"unexpected right (?:parenthesis|brace|bracket) '(.)'", _unopened),
        (r"unknown function with name '(\w+)'", _function),
        (r"expected .* in call to (?:function )?'(\w+)', got ", _only_call),
        (r"no arguments for aggregate expression '(\w+)' provided", _only_call),
        (r"bad number or duration syntax: (\w+)", _number),
        (r"not a valid duration string: (\w+)", _number),
        (r"unterminated quoted string (.)", _open_quote),
        (r"unexpected identifier '(\w+)' in label matching", _matched_name),
        (r"unknown escape sequence '(.)'", _escape),
    )
]
