"""The panel type `flamegraph`: the resources that functions use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from obscode.model.dashboard.panel_kind import PanelKind
from obscode.model.dashboard.query import DataQuery
from obscode.model.dashboard.record_panel import RecordPanel

_CPU = "process_cpu:cpu:nanoseconds:cpu:nanoseconds"


@dataclass(frozen=True)
class FlameGraph(RecordPanel):
    """The resources that functions use, from Pyroscope: `panels.FlameGraph("CPU", '{service_name="shop"}')`.

    A query is a selector of profiles. The dashboard gets a variable for the datasource.

    Attributes:
        profile: the type of the profile, such as "memory:inuse_space:bytes:space:bytes"; by default CPU time.
        group_by: labels to group by.
    """

    _: KW_ONLY
    profile: str = _CPU
    group_by: Sequence[str] = ()

    kind = PanelKind("flamegraph", "Flame graph", "records")
    size = (24, 12)
    language = "a selector such as '{service_name=\"shop\"}'"

    def query_of(self, text: str) -> DataQuery:
        query = {
            "queryType": "profile",
            "profileTypeId": self.profile,
            "labelSelector": text.strip(),
            "groupBy": list(self.group_by),
        }
        return DataQuery("grafana-pyroscope-datasource", query, datasource=self.datasource)
