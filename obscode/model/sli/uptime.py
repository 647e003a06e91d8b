"""The ratio of time in which a boolean gauge was 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from obscode.model.sli.base import Events, LongerWindow, aggregated
from obscode.model.sli.gauge import RESOLUTION, GaugeSLI
from obscode.promql.selector import Matcher


@dataclass(frozen=True)
class Uptime(GaugeSLI):
    """A sample of a gauge is bad if it is 0, and good if it is 1.

    Attributes:
        gauge: the gauge, a selector such as `up` or `probe_success`.
    """

    unit: ClassVar[str] = "samples"

    def gauge_sample(self, time: float, ratio: float, *, is_bad: bool) -> float:
        return 0 if is_bad else 1

    def events(self, window: str, where: Sequence[Matcher] = (), longer: Sequence[LongerWindow] = ()) -> Events:
        gauge = self._narrowed(where)

        def counted(samples: str) -> str:
            return aggregated("sum", self.by, f"count_over_time(({samples})[{window}:{RESOLUTION}])")

        return Events(counted(f"{gauge} == 0"), counted(f"{gauge} >= 0"))
