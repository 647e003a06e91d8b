"""Grafana's time ranges: `now-6h`, `now/d`, and the settings of a panel that override or shift them.

https://grafana.com/docs/grafana/latest/dashboards/use-dashboards/#time-units-and-relative-ranges
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from obscode.preview import intervals

_RELATIVE = re.compile(r"now(?P<moves>(?:[+-]\d+[yMwdhms])*)(?:/(?P<unit>f?[yMwdhm]))?", re.ASCII)
_MOVE = re.compile(r"([+-])(\d+)([yMwdhms])", re.ASCII)
_SPAN = re.compile(r"(?:now-)?(\d+[yMwdhms])", re.ASCII)


class TimeRange(NamedTuple):
    """A range in ms since 1970."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """Its length in ms."""
        return self.end - self.start

    def shifted(self, length: int) -> TimeRange:
        """The range ``length`` ms earlier."""
        return TimeRange(self.start - length, self.end - length)


def parsed(text: Any, now: int, *, is_end: bool) -> int | None:
    """A time as ms: `now-6h`, `now/d`, a number in ms, or a date in ISO format; None for other values."""
    if isinstance(text, int | float):
        return int(text)
    if not isinstance(text, str):
        return None
    if match := _RELATIVE.fullmatch(text.strip()):
        moved = now
        for sign, count, unit in _MOVE.findall(match["moves"]):
            moved += (1 if sign == "+" else -1) * (intervals.milliseconds(count + unit) or 0)
        return _rounded(moved, match["unit"].removeprefix("f"), is_end=is_end) if match["unit"] else moved
    if text.strip().isdigit():
        return int(text)
    try:
        date = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return round((date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() * 1000)


def of_dashboard(body: Any, now: int) -> TimeRange:
    """The range that a dashboard shows at a time; the last six hours where it sets none."""
    time = body.get("time") if isinstance(body, dict) else None
    time = time if isinstance(time, dict) else {}
    start = parsed(time.get("from", "now-6h"), now, is_end=False)
    end = parsed(time.get("to", "now"), now, is_end=True)
    if start is None or end is None or start >= end:
        return TimeRange(now - 21_600_000, now)
    return TimeRange(start, end)


def of_panel(panel: Any, dashboard: TimeRange) -> TimeRange:
    """The range of a panel with `timeFrom` and `timeShift`."""
    result = dashboard
    if span := _span(panel.get("timeFrom")):
        result = TimeRange(dashboard.end - span, dashboard.end)
    if shift := _span(panel.get("timeShift")):
        result = result.shifted(shift)
    return result


def _span(text: Any) -> int:
    match = _SPAN.fullmatch(text.strip()) if isinstance(text, str) else None
    return (intervals.milliseconds(match[1]) or 0) if match else 0


def _rounded(time: int, unit: str, *, is_end: bool) -> int:
    """The start of the day, week, month or year of a time, or its last millisecond, in UTC."""
    date = datetime.fromtimestamp(time / 1000, UTC)
    start = date.replace(second=0, microsecond=0)
    if unit != "m":
        start = start.replace(minute=0)
    if unit not in ("m", "h"):
        start = start.replace(hour=0)
    if unit == "w":
        start -= timedelta(days=(start.weekday() + 1) % 7)  # Grafana's weeks start on Sunday by default
    if unit in ("M", "y"):
        start = start.replace(day=1)
    if unit == "y":
        start = start.replace(month=1)
    if not is_end:
        return round(start.timestamp() * 1000)
    lengths = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
    if unit in lengths:
        end = start + lengths[unit]
    elif unit == "M":
        end = (start + timedelta(days=32)).replace(day=1)
    else:
        end = start.replace(year=start.year + 1)
    return round(end.timestamp() * 1000) - 1
