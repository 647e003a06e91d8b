"""The period of a backtest, from the options of the command."""

from __future__ import annotations

import time

from obscode.backtest.evaluation import Period
from obscode.backtest.incidents import instant_of
from obscode.findings.errors import ObscodeError
from obscode.promql import duration


def read_period(since: str, until: str) -> Period:
    """The period from ``since``, a time or a length before the end, to ``until``, or now. Raises ObscodeError."""
    end = instant_of(until) if until else int(time.time() * 1000)
    if end is None:
        raise ObscodeError(f"--until {until!r} is not a time", "write 2026-11-01T12:00:00Z")
    try:
        start = end - duration.milliseconds(since)
    except ValueError:
        moment = instant_of(since)
        if moment is None:
            hint = "write a length such as 30d, or a time such as 2026-11-01T12:00:00Z"
            raise ObscodeError(f"--since {since!r} is neither a length nor a time", hint) from None
        start = moment
    if start >= end:
        raise ObscodeError("the backtest ends before it starts", "write an earlier --since or a later --until")
    return Period(start, end)
