"""Events of counters whose series begin with events: `increase()` does not see those before the first sample."""

from __future__ import annotations

from obscode.promql.selector import Selector


def counted(series: Selector, window: str, up: Selector) -> str:
    """PromQL of the events within a window, by all labels of the series.

    A series that did not exist when the window began counts from 0 if its target was there: then it is new. After a
    restart of Prometheus, or if the target was down, it may be old.

    Args:
        series: the counter.
        window: a duration.
        up: the series `up` of its jobs.
    """
    return (
        f"  ({series} unless {series} offset {window})\n"
        f"  and on (job, instance) ({up} offset {window} == 1)\n"
        f"  or\n"
        f"  increase({series}[{window}])"
    )
