"""Durations of rules, as lengths and as texts of one form: `300s` is `5m`."""

from __future__ import annotations

from obscode.promql.duration import format_duration, milliseconds


def length(duration: str) -> int:
    """Milliseconds; 0 for none, and -1 for what is no duration."""
    try:
        return milliseconds(duration) if duration else 0
    except ValueError:
        return -1


def duration_text(duration: str) -> str:
    """`5m`, and `0s` for none; what is no duration as it is."""
    known = length(duration)
    return duration if known < 0 else format_duration(known)
