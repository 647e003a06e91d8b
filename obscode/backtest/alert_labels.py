"""The labels of alerts: those of the result, with the rule's own, whose templates are expanded.

Templates of labels insert a label or the value; others, such as `{{ $value | humanize }}`, are left as written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from obscode.backtest.alert_state import Key

_SIMPLE = re.compile(
    r"\{\{-?\s*(?:(?:\$labels|\.Labels)\.(?P<label>\w+)|(?:\$externalLabels|\.ExternalLabels)\.(?P<external>\w+)"
    r"|(?P<value>\$value|\.Value))\s*-?\}\}"
)


def has_template(text: str) -> bool:
    """Whether a text has a template."""
    return "{{" in text


def is_simple(text: str) -> bool:
    """Whether every template of a text inserts a label or the value."""
    return not has_template(_SIMPLE.sub("", text))


def uses_value(labels: Mapping[str, str]) -> bool:
    """Whether a template inserts the value, so that each sample may have other labels."""
    return any(match["value"] for text in labels.values() for match in _SIMPLE.finditer(text))


def alert_labels(
    name: str, own: Mapping[str, str], external: Mapping[str, str]
) -> Callable[[Mapping[str, str], float], Key]:
    """A function from the labels and the value of a sample to the labels of the alert."""

    def key(series: Mapping[str, str], value: float) -> Key:
        def insert(match: re.Match[str]) -> str:
            if match["value"]:
                return go_float(value)
            return series.get(match["label"], "") if match["label"] else external.get(match["external"], "")

        labels = {label: text for label, text in series.items() if label != "__name__"}
        labels |= {label: _SIMPLE.sub(insert, text) if has_template(text) else text for label, text in own.items()}
        labels["alertname"] = name
        return tuple(sorted((label, text) for label, text in labels.items() if text))

    return key


def go_float(value: float) -> str:
    """A number as Go prints it with `%v`: 1e+21 and 0.5, and 3 without a point."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "+Inf" if value > 0 else "-Inf"
    sign, digits, exponent = _decimal(value)
    point = len(digits) + exponent  # the number of digits before the point
    if digits != "0" and not -4 < point <= 21:
        mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
        return f"{sign}{mantissa}e{'-' if point < 1 else '+'}{abs(point - 1):02d}"
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}" if digits != "0" else f"{sign}0"
    if point >= len(digits):
        return sign + digits + "0" * (point - len(digits))
    return f"{sign}{digits[:point]}.{digits[point:]}"


def _decimal(value: float) -> tuple[str, str, int]:
    parts = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(parts.exponent, int)
    return "-" if parts.sign else "", "".join(map(str, parts.digits)), parts.exponent
