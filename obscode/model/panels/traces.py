"""The panel type `traces`: one trace."""

from __future__ import annotations

from dataclasses import dataclass

from obscode.model.dashboard.panel_kind import PanelKind
from obscode.model.dashboard.query import DataQuery
from obscode.model.dashboard.record_panel import RecordPanel


@dataclass(frozen=True)
class Traces(RecordPanel):
    """One trace from Tempo: `panels.Traces("Trace", "$trace_id")`. The dashboard gets a variable for the datasource.

    A query is the id of a trace. For a list of traces, use `panels.Table` with a `panels.DataQuery`.
    """

    kind = PanelKind("traces", "Traces", "records")
    size = (24, 12)
    language = "the id of a trace, such as '$trace_id'"

    def query_of(self, text: str) -> DataQuery:
        return DataQuery("tempo", {"queryType": "traceql", "query": text.strip()}, datasource=self.datasource)
