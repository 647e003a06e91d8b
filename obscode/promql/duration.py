"""Prometheus durations: `5m`, `1h30m`, `500ms`."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Annotated

#: A duration as Prometheus writes it: `30s`, `5m`, `1h30m`, `30d`.
Duration = Annotated[str, 'a duration such as "5m"']

# https://prometheus.io/docs/prometheus/latest/querying/basics/#time-durations: units once each, largest first.
_SHAPE = re.compile(r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?", re.ASCII)
_LONGEST = (2**63 - 1) // 1_000_000  # Prometheus counts nanoseconds in 64 bits
_MILLISECONDS = (365 * 86_400_000, 7 * 86_400_000, 86_400_000, 3_600_000, 60_000, 1000, 1)
_UNITS = ("y", "w", "d", "h", "m", "s", "ms")
# Weeks and years are parsed but not printed: people write `30d` and `90d`.
_PRINTED = tuple(pair for pair in zip(_MILLISECONDS, _UNITS, strict=True) if pair[1] not in "yw")

# Bounds of buckets are in seconds, often with a fraction.
_DECIMAL = re.compile(r"([0-9]{1,9}\.[0-9]{1,9})s", re.ASCII)
# What people write instead: a number, maybe a fraction, and one unit, maybe as a word. Short: no backtracking.
_SPOKEN = re.compile(
    r"([0-9]{1,9}(?:\.[0-9]{1,6})?) ?((?:sec(?:ond)?|min(?:ute)?|hour|hr|day|week|year)s?|(ms|[smhdwy]))", re.ASCII
)


@lru_cache(maxsize=4096)
def milliseconds(text: str) -> int:
    """The length of a duration in milliseconds; raises ValueError for other text."""
    if text == "0":  # the only number that needs no unit
        return 0
    match = _SHAPE.fullmatch(text) if text else None
    if match is None:
        raise ValueError(text)
    return sum(int(n) * size for n, size in zip(match.groups(), _MILLISECONDS, strict=True) if n)


def seconds(text: str) -> float:
    """The length of a duration in seconds; raises ValueError for other text."""
    return milliseconds(text) / 1000


@lru_cache(maxsize=4096)
def format_duration(length_ms: int) -> str:
    """A duration in milliseconds as people write it: 5400000 is `1h30m`, 86400000 is `1d`; at least `0s`."""
    if length_ms <= 0:
        return "0s"
    parts = []
    for size, unit in _PRINTED:
        count, length_ms = divmod(length_ms, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)


def validate_duration(value: object, *, zero: bool = False) -> tuple[str, str] | None:
    """Why a value is not a valid duration, and what to write instead; None for a valid one."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value!r} is a number without a unit", f'write a duration with its unit, such as "{abs(value):g}s"'
    if not isinstance(value, str):
        return f"{value!r} is not a duration", 'write a string such as "5m"'
    if value.strip().startswith("-"):
        return f"{value!r} is negative", "write a positive duration"
    if re.fullmatch("[0-9]+", value, re.ASCII) and int(value[:20]):
        return f"{value!r} has no unit", f'write "{value}s" or "{value}m"'
    try:
        length = milliseconds(value)
    except ValueError:
        return f"{value!r} is not a duration", 'write "0s"' if zero and not value.strip("0") else _hint(value)
    if length > _LONGEST:
        return f"{value!r} is too long for Prometheus", "write at most 292y"
    if length == 0 and not zero:
        return f"{value!r} is zero", "write a positive duration"
    return None


def limit_milliseconds(text: str) -> Decimal:
    """The length of a limit, which may be decimal seconds: `2.5s` is 2500. Raises ValueError for other text."""
    if match := _DECIMAL.fullmatch(text):
        return Decimal(match[1]) * 1000
    return Decimal(milliseconds(text))


def validate_limit(value: str) -> tuple[str, str] | None:
    """Why a value is not a limit, such as `300ms` and `2.5s`, and what to write instead; None for a valid one."""
    if match := _DECIMAL.fullmatch(value):
        return None if Decimal(match[1]) else (f"{value!r} is zero", "write a positive duration")
    return validate_duration(value)


def _hint(text: str) -> str:
    """The duration that a number with a unit stands for, such as `10 minutes` and `0.5h`; else the notation."""
    if match := _SPOKEN.fullmatch(text.strip().lower()):
        size = next(size for size, unit in zip(_MILLISECONDS, _UNITS, strict=True) if unit == (match[3] or match[2][0]))
        length = float(match[1]) * size
        if length >= 1 and length == int(length) <= _LONGEST:
            return f'write "{format_duration(int(length))}"'
    return 'write units largest first, such as "30s", "5m", "1h30m" or "30d"'


def none_if_zero(text: str) -> str:
    """The duration, or an empty string for zero: Prometheus' own default is not written."""
    return text if milliseconds(text) else ""
