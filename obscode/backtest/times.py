"""Times and lengths as text, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

from obscode.backtest.schedule import Instant

_UNITS = ((86_400, "d"), (3600, "h"), (60, "m"), (1, "s"))


def time_text(time: Instant) -> str:
    """`2026-11-01 09:30`, with seconds where they are not 0."""
    moment = datetime.fromtimestamp(time // 1000, UTC)
    return moment.strftime("%Y-%m-%d %H:%M" if not moment.second else "%Y-%m-%d %H:%M:%S")


def iso_text(time: Instant) -> str:
    """`2026-11-01T09:30:00.123Z`, without milliseconds where they are 0."""
    moment = datetime.fromtimestamp(time // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{moment}.{time % 1000:03d}Z" if time % 1000 else f"{moment}Z"


def length_text(milliseconds: int) -> str:
    """The two largest units of a length: `2d 3h`, `18m`, `0s`."""
    rest = round(milliseconds / 1000)
    parts = []
    for size, unit in _UNITS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts[:2]) or "0s"
