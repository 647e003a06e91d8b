"""Limits that keep promql-parser from ending the process, or taking minutes.

promql-parser recurses without a limit: a few thousand nested or chained terms overflow the stack and end the process.
Its nodes copy their subtrees, so that time grows with the square of the length. It panics on a duration that does not
fit its type.
"""

from __future__ import annotations

from collections.abc import Iterable

from obscode.promql.errors import PromQLError
from obscode.promql.tokens import Token

MAX_CHARACTERS = 16_384
MAX_DEPTH = 100
MAX_TERMS = 250
#: Prometheus counts durations in nanoseconds, with 64 bits.
MAX_SECONDS = (2**63 - 1) / 1e9
DURATION_TOO_LONG = "a duration is too long; Prometheus counts up to 292 years"

_HINT = "split it into recording rules"
_KEYWORDS = frozenset(("and", "or", "unless", "atan2"))
_BEFORE_DURATION = frozenset(("[", ":", "offset"))
_SIGNS = frozenset("+-")
_BRACES = {"{": 1, "}": -1}
_DEPTH = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}


def check_length(expr: str) -> str:
    """The expression itself; raises PromQLError where it has too many characters."""
    if len(expr) > MAX_CHARACTERS:
        message = f"the expression is too long: {len(expr)} characters, at most {MAX_CHARACTERS}; {_HINT}"
        raise PromQLError(message, "too-long")
    return expr


def check_size(code: Iterable[Token]) -> None:
    """Raise PromQLError where brackets are nested too deeply, or operators chain too many terms."""
    depth = deepest = braces = operators = 0
    for token in code:
        if token.kind == "bracket":
            depth += _DEPTH[token.text]
            deepest = max(deepest, depth)
            braces += _BRACES.get(token.text, 0)
        elif braces <= 0 and (token.kind == "operator" or token.kind == "name") and _is_operator(token):
            operators += 1
    if deepest > MAX_DEPTH:
        message = f"the expression is nested too deeply: {deepest} levels, at most {MAX_DEPTH}; {_HINT}"
        raise PromQLError(message, "too-deep")
    if operators >= MAX_TERMS:
        message = f"the expression is too long: {operators + 1} terms, at most {MAX_TERMS}; {_HINT}"
        raise PromQLError(message, "too-long")


def check_durations(code: Iterable[Token]) -> None:
    """Raise PromQLError where a plain number of seconds, as in `up[300]` or `offset -5`, is too large, or NaN."""
    place = ""
    for token in code:
        if place in _BEFORE_DURATION and not _seconds(token) <= MAX_SECONDS:
            raise PromQLError(DURATION_TOO_LONG, span=(token.start, token.end))
        if token.text not in _SIGNS:
            place = token.text.lower()


def _seconds(token: Token) -> float:
    try:
        return float(int(token.text, 16) if token.text.lower().startswith("0x") else token.text)
    except ValueError:
        return 0
    except OverflowError:
        return float("inf")


def _is_operator(token: Token) -> bool:
    return (token.kind == "operator" and token.text != "@") or token.text.lower() in _KEYWORDS
