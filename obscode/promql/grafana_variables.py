"""Grafana variables in PromQL: their names, and expressions in which values replace them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping

from obscode.promql.tokens import LITERAL, VARIABLE, blank_literals

_VARIABLE = re.compile(VARIABLE)
_LITERAL_OR_VARIABLE = re.compile(rf"{LITERAL}|{VARIABLE}", re.DOTALL)
_NAME = re.compile(r"\w+")
_DURATIONS = {"__interval": "1m", "__rate_interval": "5m", "__range": "6h"}
_NUMBERS = ("__interval_ms", "__range_s", "__range_ms", "__from", "__to")
_FIXED = {**_DURATIONS, **dict.fromkeys(_NUMBERS, "1")}
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
    if len(variables) > _MAX_COMBINED:
        combinations: Iterator[tuple[str, ...]] = ((value,) * len(variables) for value in _VALUES)
    else:
        combinations = itertools.product(_VALUES, repeat=len(variables))
    for combination in combinations:
        values = {**dict(zip(variables, combination, strict=True)), **_FIXED}
        yield _LITERAL_OR_VARIABLE.sub(lambda part, values=values: _substituted(part[0], values), expr)  # type: ignore[misc]


def without_variables(string: str) -> str:
    """The content of a string with an x for each variable."""
    return _VARIABLE.sub("x", string) if "$" in string or "[[" in string else string


def _substituted(part: str, values: Mapping[str, str]) -> str:
    """A variable, a string or a comment with values for its variables; each variable in a string is an x."""
    if part[0] in "\"'`":
        return without_variables(part)
    return _VARIABLE.sub(lambda match: values.get(_name(match), "x"), part)


def _name(match: re.Match[str]) -> str:
    name = _NAME.search(match[0])
    return name[0] if name else ""
