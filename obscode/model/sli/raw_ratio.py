"""An error ratio that a gauge holds already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from obscode.model.sli.base import Events, aggregated
from obscode.model.sli.gauge import RESOLUTION, GaugeSLI
from obscode.promql.selector import Matcher


@dataclass(frozen=True)
class RawRatio(GaugeSLI):
    """``gauge`` holds the ratio of bad events, from 0 to 1; NaN means that there were no events.

    Every moment weighs the same, since a ratio does not tell of how many: prefer Ratio where there are counters.
    """

    unit: ClassVar[str] = "samples"

    def events(self, window: str, where: Sequence[Matcher] = ()) -> Events:
        ratio = self._narrowed(where)

        def added_up(samples: str) -> str:
            return aggregated("sum", self.by, f"sum_over_time(({samples})[{window}:{RESOLUTION}])")

        # Both leave out NaN and infinities. A ratio beyond 0 and 1 passes: an alert of its own tells of it.
        return Events(added_up(f"-Inf < {ratio} < Inf"), added_up(f"abs({ratio}) < bool Inf"))
