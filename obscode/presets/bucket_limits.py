"""Limits of histograms: a classic histogram has no values between the bounds of its buckets."""

from __future__ import annotations

from collections.abc import Sequence

from obscode.presets.preset import ArgumentError
from obscode.promql import duration

# A limit is at most this many times its nearest bound, or its bound of it: the SLO would be about another time.
_FARTHEST = 2
_CHOICES = 2


def _positive(bounds: Sequence[float]) -> Sequence[float]:
    return [bound for bound in bounds if bound > 0]


def nearest_bound(bounds: Sequence[float], limit: float) -> float:
    """The bound whose ratio to the limit is nearest to 1; the higher one of two that are as near."""
    return min(reversed(_positive(bounds)), key=lambda bound: max(bound / limit, limit / bound))


def check_limit(argument: str, limit: float, histogram: str, bounds: Sequence[float]) -> None:
    """Raises ArgumentError for a limit that is far from each bound of a histogram, both in seconds."""
    bound = nearest_bound(bounds, limit)
    if max(bound / limit, limit / bound) > _FARTHEST:
        near = sorted(sorted(_positive(bounds), key=lambda each: max(each / limit, limit / each))[:_CHOICES])
        message = f"{seconds_text(limit)} is far from each bound of {histogram}: the nearest is {seconds_text(bound)}"
        hint = f"write a limit near a bound, such as {' or '.join(repr(_duration(each)) for each in near)}"
        raise ArgumentError(argument, message, hint)


def _duration(seconds: float) -> str:
    return duration.format_duration(round(seconds * 1000)) if seconds >= 0.001 else "1ms"


def snapping_text(histogram: str, *, limit: float, bound: float) -> str:
    """Which way an SLO errs whose limit is snapped to a bound, in seconds; empty if it is that bound."""
    if bound == limit:
        return ""
    errs, verdict = ("slower", "fast") if bound > limit else ("faster", "slow")
    low, high = sorted((bound, limit))
    return (
        f" The limit is {seconds_text(limit)}, which is no bound of {histogram}: requests between {seconds_text(low)}"
        f" and {seconds_text(high)} are counted as {verdict}, so the SLO is {errs} than the limit."
    )


def seconds_text(value: float) -> str:
    """A time in seconds as people write it: 2.5 s, 25 ms."""
    return f"{value:.4g} s" if value >= 1 else f"{value * 1000:.4g} ms"
