"""Limits of histograms: a classic histogram has no values between the bounds of its buckets."""

from __future__ import annotations

from collections.abc import Sequence


def nearest_bound(bounds: Sequence[float], limit: float) -> float:
    """The bound whose ratio to the limit is nearest to 1; the higher one of two that are as near."""
    positive = [bound for bound in bounds if bound > 0]
    return min(reversed(positive), key=lambda bound: max(bound / limit, limit / bound))


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
