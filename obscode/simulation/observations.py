"""Observations of histograms and summaries: their logarithms are normally distributed, with a tail above a limit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from obscode.simulation.failures import Failure
from obscode.simulation.families import Family
from obscode.simulation.noise import between

_TAIL = 1.2  # the exponent of the share of slow observations that are longer
_SPREAD = 0.7  # the sigma of the logarithms


@dataclass(frozen=True)
class Distribution:
    """The shares of observations up to each bound, and the mean observation."""

    below: tuple[float, ...]
    mean: float


def typical_observation(family: Family, slow: Failure | None) -> float:
    """The median of the observations."""
    if slow and slow.bound:
        return slow.bound / 4
    if family.bounds:
        return family.bounds[max(0, int(len(family.bounds) * 0.4) - 1)] * between(0.5, 1.5, family.name)
    return between(0.02, 0.2, family.name)


@lru_cache(maxsize=4096)
def distribution(
    bounds: tuple[float, ...], typical: float, factor: float, slow: float, limit: float | None
) -> Distribution:
    """Observations around ``typical`` times ``factor``; with a ``limit``, just the ratio ``slow`` is above it."""
    median = typical * factor

    def share(value: float) -> float:
        if value == math.inf:
            return 1.0
        return _normal(math.log(value / median) / _SPREAD) if value > 0 else 0.0

    if limit is None:
        below = tuple(share(bound) for bound in bounds)
    else:
        median = min(median, limit / 2)
        good = share(limit)
        below = tuple((1 - slow) * share(b) / good if b <= limit else 1 - slow * (limit / b) ** _TAIL for b in bounds)
    edges = [0.0, *bounds, (bounds[-1] if bounds else median) * 1.5]
    shares = [0.0, *below, 1.0]
    mean = sum(
        (high - low) * (a + b) / 2 for (low, high), (a, b) in zip(pairwise(shares), pairwise(edges), strict=True)
    )
    return Distribution(below, mean)


def _normal(x: float) -> float:
    return (1 + math.erf(x / math.sqrt(2))) / 2


def observed_mean(typical: float) -> float:
    """The mean of observations whose median is ``typical``."""
    return typical * math.exp(_SPREAD**2 / 2)


def observed_quantile(typical: float, quantile: float) -> float:
    """A quantile of observations whose median is ``typical``."""
    return typical * math.exp(_SPREAD * _normal_quantile(quantile))


@lru_cache(maxsize=256)
def _normal_quantile(quantile: float) -> float:
    """The value up to which a share of a normal distribution is, by bisection; at most 4 from the middle."""
    low, high = -4.0, 4.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if _normal(middle) < quantile else (low, middle)
    return (low + high) / 2
