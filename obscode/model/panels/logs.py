"""The panel type `logs`: log lines from Loki."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from textwrap import dedent
from typing import Literal

from obscode.model.dashboard.panel_kind import PanelKind
from obscode.model.dashboard.query import DataQuery
from obscode.model.dashboard.record_panel import RecordPanel


@dataclass(frozen=True)
class Logs(RecordPanel):
    """Log lines from Loki. The dashboard gets a variable for the Loki datasource.

    Attributes:
        newest_first: sort by time, newest first.
        show_time: show the time of each line.
        show_labels: show the labels of each line.
        wrap: break long lines.
        prettify: format lines that are JSON.
        deduplicate: hide repeated lines: "none", "exact", "numbers" or "signature".
    """

    _: KW_ONLY
    newest_first: bool = True
    show_time: bool = True
    show_labels: bool = False
    wrap: bool = True
    prettify: bool = False
    deduplicate: Literal["none", "exact", "numbers", "signature"] = "none"

    kind = PanelKind("logs", "Logs", "records")
    size = (24, 10)
    language = "LogQL"

    def query_of(self, text: str) -> DataQuery:
        expr = dedent(text).strip()
        return DataQuery("loki", {"editorMode": "code", "expr": expr, "queryType": "range"}, datasource=self.datasource)
