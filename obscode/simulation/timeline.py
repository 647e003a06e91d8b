"""The times of a simulation: the range that dashboards show, and the samples before it that windows read."""

from __future__ import annotations

import math
from dataclasses import dataclass

from obscode.promql import duration

#: The seconds before the range at which samples start: rules find samples in their windows within it.
LEAD = 2 * 3600
_BEFORE_RULES = 3600
# Before: rates of five minutes have two samples; of 35 days there are 3,000.
_COARSE_STEP = 120
_MOST_EARLIER = 3000
_LONGEST = 35 * 86_400


@dataclass(frozen=True)
class Timeline:
    """The range that ends at a time.

    Attributes:
        end: the end of the range, in seconds since 1970.
        range: its length, a duration.
        step: the seconds between samples, the scrape interval.
        lead: the seconds before the range at which the samples start.
    """

    end: int
    range: str = "6h"
    step: int = 30
    lead: int = LEAD

    @property
    def start(self) -> int:
        """The start of the range."""
        return self.end - round(duration.seconds(self.range))

    @property
    def data_start(self) -> int:
        """The time of the first sample; samples are at multiples of the step."""
        return (self.start - self.lead) // self.step * self.step

    @property
    def rules_start(self) -> int:
        """The time from which rules find samples in all windows of an hour."""
        return self.data_start + _BEFORE_RULES

    def times(self, reach: float = 0, step: int = 0) -> list[int]:
        """The times of all samples, or of those with a shorter ``step`` in seconds.

        For windows and offsets with a longer ``reach`` in seconds there are some before, further apart.
        """
        earlier = min(max(0, math.ceil(reach) - self.lead), _LONGEST)
        apart = max(_COARSE_STEP, earlier // _MOST_EARLIER)
        before = range(self.data_start - apart, self.data_start - earlier - 2 * apart, -apart) if earlier else ()
        return [*reversed(before), *range(self.data_start, self.end + 1, step or self.step)]
