"""Grafana's variables in PromQL: their names, and texts without them that may parse."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from obscode.promql.tokens import VARIABLE, blank_literals, split_literals

_VARIABLE = re.compile(VARIABLE)
_NAME = re.compile(r"\w+")
_DURATIONS = {"__interval": "1m", "__rate_interval": "5m", "__range": "6h"}
_NUMBERS = ("__interval_ms", "__range_s", "__range_ms", "__from", "__to")
# Free variables may stand for a label, a number or a duration; of more than four, only the two uniform readings.
_FREE_READINGS = ("x", "5m", "1")
_MAX_FREE = 4


def names(text: str) -> set[str]:
    """The names of the variables in a text."""
    return {_name(match) for match in _VARIABLE.finditer(text)}


def structural(expr: str) -> set[str]:
    """Those that stand for a label, a metric or a number, and so decide what the expression yields."""
    return names(blank_literals(expr)) - {*_DURATIONS, *_NUMBERS}


def substituted(expr: str) -> Iterator[str]:
    """The expression with its variables replaced: by names, durations, numbers, in every mixture of a few."""
    free = sorted(structural(expr))
    if len(free) > _MAX_FREE:
        choices: Iterator[tuple[str, ...]] = ((reading,) * len(free) for reading in _FREE_READINGS)
    else:
        choices = itertools.product(_FREE_READINGS, repeat=len(free))
    for choice in choices:
        values = dict(zip(free, choice, strict=True))
        yield "".join(_fill(token, values) for token in split_literals(expr))


def _name(match: re.Match[str]) -> str:
    name = _NAME.search(match[0])
    return name[0] if name else ""


def _fill(token: str, values: dict[str, str]) -> str:
    in_string = token[:1] in ('"', "'", "`")

    def value(match: re.Match[str]) -> str:
        name = _name(match)
        if in_string:
            return "x"
        return _DURATIONS.get(name) or ("1" if name in _NUMBERS else values.get(name, "x"))

    return _VARIABLE.sub(value, token)
