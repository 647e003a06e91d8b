"""The values of an input series in promtool's notation: `0+6x20 _x5 1 stale`.

https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/#series
"""

from __future__ import annotations

import re
from math import isinf

#: promtool keeps every value in memory, and a test that evaluates rules so often takes minutes.
MAX_VALUES = 1_000_000

_DIGITS = r"[0-9]+(?:_[0-9]+)*"  # underscores: Prometheus 3
_NUMBER = rf"(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+-]?[0-9]+)?"
_HISTOGRAM = r"\{\{[^{}]*\}\}"
_ITEM = re.compile(
    rf"""_(?:x(?P<gaps>[0-9]+))?
    | stale
    | [+-]?(?P<number>{_NUMBER})(?:(?:[+-](?P<growth>{_NUMBER}))?x(?P<repeats>[0-9]+))?
    | [+-]?(?i:inf|nan)
    | {_HISTOGRAM}(?:(?:[+-]{_HISTOGRAM})?x(?P<histograms>[0-9]+))?""",
    re.VERBOSE | re.ASCII,
)
_NEXT = re.compile(rf"(?:{_HISTOGRAM}|[^ \t])+")
_DIGITS_OF_COUNT = 20  # more are too many in any case, and Python converts only 4,300
_NOTATION = 'write numbers: "5x10" is eleven times 5, "0+6x10" grows by 6, "_" is no value, "stale" ends it'


def validate_values(text: str) -> tuple[str, str] | None:
    """Why a text is not the values of a series, and what to write instead; None for valid values."""
    count = 0
    for item in _NEXT.findall(text):
        match = _ITEM.fullmatch(item)
        if match is None or any(_is_too_large(match[name]) for name in ("number", "growth")):
            return f"{item!r} is not a value in promtool's notation", _NOTATION
        repeats = match["gaps"] or match["repeats"] or match["histograms"] or ""
        count += int(repeats[:_DIGITS_OF_COUNT] or 0) + (match["gaps"] is None)
        if count > MAX_VALUES:
            return f"the series has more than {MAX_VALUES:,} values", "write fewer repeats, or a longer interval="
    return None


def _is_too_large(number: str | None) -> bool:
    return number is not None and isinf(float(number))
