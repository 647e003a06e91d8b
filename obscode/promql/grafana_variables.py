"""Grafana variables in PromQL: their names, and expressions in which values replace them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from obscode.promql.tokens import VARIABLE, Token, blank_literals, tokenize

_VARIABLE = re.compile(VARIABLE)
_NAME = re.compile(r"\w+")
_DURATIONS = {"__interval": "1m", "__rate_interval": "5m", "__range": "6h"}
_NUMBERS = ("__interval_ms", "__range_s", "__range_ms", "__from", "__to")
# Other variables may stand for a label, a number or a duration. With more than four of them, all get the same value:
# the number of combinations grows exponentially.
_VALUES = ("x", "5m", "1")
_MAX_COMBINED = 4


def names(text: str) -> set[str]:
    """The names of the variables in a text."""
    return {_name(match) for match in _VARIABLE.finditer(text)}


def names_in_code(expr: str) -> set[str]:
    """The variables for a label, a metric or a number: those that decide which labels the result has."""
    return names(blank_literals(expr)) - {*_DURATIONS, *_NUMBERS}


def substitutions(expr: str) -> Iterator[str]:
    """The expression with values for its variables, in every combination of a name, a duration and a number."""
    if "$" not in expr and "[[" not in expr:
        yield expr
        return
    variables = sorted(names_in_code(expr))
    tokens = list(tokenize(expr))
    if len(variables) > _MAX_COMBINED:
        combinations: Iterator[tuple[str, ...]] = ((value,) * len(variables) for value in _VALUES)
    else:
        combinations = itertools.product(_VALUES, repeat=len(variables))
    for combination in combinations:
        values = dict(zip(variables, combination, strict=True))
        yield "".join(_substitute(token, values) for token in tokens)


def _name(match: re.Match[str]) -> str:
    name = _NAME.search(match[0])
    return name[0] if name else ""


def _substitute(token: Token, values: dict[str, str]) -> str:
    if "$" not in token.text and "[[" not in token.text:
        return token.text

    def value(match: re.Match[str]) -> str:
        name = _name(match)
        if token.kind == "string":
            return "x"
        return _DURATIONS.get(name) or ("1" if name in _NUMBERS else values.get(name, "x"))

    return _VARIABLE.sub(value, token.text)
