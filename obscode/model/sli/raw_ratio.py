"""An error ratio that is the value of a gauge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from obscode.model.sli.base import Events, LongerWindow, aggregated
from obscode.model.sli.gauge import RESOLUTION, GaugeSLI
from obscode.promql.selector import Matcher


@dataclass(frozen=True)
class RawRatio(GaugeSLI):
    """The ratio of bad events is the value of a gauge, from 0 to 1; NaN means no events.

    Every sample has the same weight, since a ratio has no number of events: prefer Ratio if there are counters.

    Attributes:
        gauge: the gauge, a selector.
    """

    unit: ClassVar[str] = "samples"

    def gauge_sample(self, time: float, ratio: float, *, is_bad: bool) -> float:
        return ratio

    def events(self, window: str, where: Sequence[Matcher] = (), longer: Sequence[LongerWindow] = ()) -> Events:
        ratio = self._narrowed(where)

        def added_up(samples: str) -> str:
            return aggregated("sum", self.by, f"sum_over_time(({samples})[{window}:{RESOLUTION}])")

        # Both drop NaN and infinities. A separate alert reports a ratio below 0 or above 1.
        return Events(added_up(f"-Inf < {ratio} < Inf"), added_up(f"abs({ratio}) < bool Inf"))
