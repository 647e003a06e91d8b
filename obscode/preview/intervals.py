"""Grafana's steps of queries: `$__interval`, `$__rate_interval` and what they follow from.

https://github.com/grafana/grafana/blob/main/pkg/promlib/models/query.go (calculatePrometheusInterval) and
https://github.com/grafana/grafana/blob/main/packages/grafana-data/src/datetime/rangeutil.ts (roundInterval).
"""

from __future__ import annotations

import re
from bisect import bisect_right

#: The scrape interval of a data source that sets none.
DEFAULT_SCRAPE = "15s"
_SAFE_POINTS = 11_000  # Prometheus rejects more
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|[Mwdhmsy])", re.ASCII)
_UNITS = {
    "y": 31_536_000_000,
    "M": 2_592_000_000,
    "w": 604_800_000,
    "d": 86_400_000,
    "h": 3_600_000,
    "m": 60_000,
    "s": 1000,
    "ms": 1,
}
# Lengths below the first number are rounded to the second one, all in ms.
_ROUNDED = (
    (10, 1),
    (15, 10),
    (35, 20),
    (75, 50),
    (150, 100),
    (350, 200),
    (750, 500),
    (1500, 1000),
    (3500, 2000),
    (7500, 5000),
    (12500, 10000),
    (17500, 15000),
    (25000, 20000),
    (45000, 30000),
    (90000, 60000),
    (210000, 120000),
    (450000, 300000),
    (750000, 600000),
    (1050000, 900000),
    (1500000, 1200000),
    (2700000, 1800000),
    (5400000, 3600000),
    (9000000, 7200000),
    (16200000, 10800000),
    (32400000, 21600000),
    (86400000, 43200000),
    (604800000, 86400000),
    (1814400000, 604800000),
    (3628800000, 2592000000),
)
_BOUNDS = [bound for bound, _ in _ROUNDED]
_LONGEST = 31_536_000_000


def milliseconds(text: str) -> int | None:
    """The length of `1m`, `1h30m`, `15` (seconds) or `>15s`; None for other text."""
    text = text.strip().lstrip("<>=").strip()
    if re.fullmatch(r"\d+(\.\d+)?", text, re.ASCII):
        return round(float(text) * 1000)
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return round(sum(float(number) * _UNITS[unit] for number, unit in parts))


def rounded(length: float) -> int:
    """A length in ms, rounded to one that people use."""
    place = bisect_right(_BOUNDS, length)
    return _ROUNDED[place][1] if place < len(_ROUNDED) else _LONGEST


def calculated(length: int, points: int, least: int) -> int:
    """The interval in ms for a number of points in a range, not shorter than ``least``."""
    interval = length // max(points, 1)
    return least if interval < least else rounded(interval)


def step(length: int, points: int, least: int, factor: int = 1) -> int:
    """The step of a query in ms: the interval, longer where Prometheus would reject the number of points."""
    return max(calculated(length, points, least), rounded(length // _SAFE_POINTS)) * (factor or 1)


def rate_interval(step_ms: int, scrape: int) -> int:
    """`$__rate_interval` in ms: at least four scrapes, and one scrape more than the step."""
    return max(step_ms + scrape, 4 * scrape)


def formatted(length: int) -> str:
    """A length in ms as `$__interval` has it: `15s`, `2m`, `1h`, the largest unit that divides it."""
    for unit in ("w", "d", "h", "m", "s"):
        if length >= _UNITS[unit] and length % _UNITS[unit] == 0 and unit != "w":
            return f"{length // _UNITS[unit]}{unit}"
    return f"{length}ms"
