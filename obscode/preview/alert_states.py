"""When alerts are pending and firing, from the times at which their condition holds.

As https://github.com/prometheus/prometheus/blob/main/rules/alerting.go (AlertingRule.Eval): `for` counts from the first
evaluation at which the condition holds, `keep_firing_for` from the first one at which it no longer holds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Literal, NamedTuple

State = Literal["pending", "firing"]


class Period(NamedTuple):
    """Evaluations in one state, in ms: the first, the one after the last (None if it lasts), and the first active."""

    state: State
    start: int
    end: int | None
    active_at: int


def periods(times: Sequence[int], holds: Collection[int], for_ms: int, keep_ms: int) -> list[Period]:
    """The states of one alert; ``holds`` are the times of evaluation at which its condition has a result."""
    result: list[Period] = []
    for time, state, active_at in _states(times, holds, for_ms, keep_ms):
        last = result[-1] if result else None
        if last and last.end is None:
            if (last.state, last.active_at) == (state, active_at):
                continue
            result[-1] = last._replace(end=time)
        if state:
            result.append(Period(state, time, None, active_at))
    return result


def _states(
    times: Sequence[int], holds: Collection[int], for_ms: int, keep_ms: int
) -> Iterator[tuple[int, State | None, int]]:
    """The state at each evaluation, and since when the condition holds."""
    state: State | None = None
    active_at = kept_since = 0
    for time in times:
        if time in holds:
            if state is None:
                state, active_at = "pending", time
            if time - active_at >= for_ms:
                state = "firing"
            kept_since = 0
        elif state == "firing" and keep_ms:
            kept_since = kept_since or time
            state = "firing" if time - kept_since < keep_ms else None
        else:
            state = None
        yield time, state, active_at
