"""Limits on what obscode parses, which Prometheus does not have.

promql-parser recurses without a limit: a few thousand nested or chained terms overflow the stack and end the process.
Its nodes copy their subtrees, so that time grows with the square of the length.
"""

from __future__ import annotations

from collections.abc import Iterable

from obscode.promql.errors import PromQLError
from obscode.promql.tokens import Token

MAX_CHARACTERS = 16_384
MAX_DEPTH = 100
MAX_TERMS = 250

_HINT = "split it into recording rules"
_WORDS = frozenset(("and", "or", "unless", "atan2"))
_DEPTH = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}


def check_length(expr: str) -> str:
    """The expression itself; raises PromQLError where it has too many characters."""
    if len(expr) > MAX_CHARACTERS:
        message = f"the expression is too long: {len(expr)} characters, at most {MAX_CHARACTERS}; {_HINT}"
        raise PromQLError(message, "too-long")
    return expr


def check_size(tokens: Iterable[Token]) -> None:
    """Raise PromQLError where brackets are nested too deeply, or operators chain too many terms."""
    depth = deepest = braces = operators = 0
    for token in tokens:
        if token.kind == "bracket":
            depth += _DEPTH[token.text]
            deepest = max(deepest, depth)
            braces += {"{": 1, "}": -1}.get(token.text, 0)
        elif braces <= 0 and _is_operator(token):
            operators += 1
    if deepest > MAX_DEPTH:
        message = f"the expression is nested too deeply: {deepest} levels, at most {MAX_DEPTH}; {_HINT}"
        raise PromQLError(message, "too-deep")
    if operators >= MAX_TERMS:
        message = f"the expression is too long: {operators + 1} terms, at most {MAX_TERMS}; {_HINT}"
        raise PromQLError(message, "too-long")


def _is_operator(token: Token) -> bool:
    return (token.kind == "operator" and token.text != "@") or token.text.lower() in _WORDS
