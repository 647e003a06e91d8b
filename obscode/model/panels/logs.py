"""The panel type `logs`: log lines from Loki."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Literal

from obscode.findings.finding import Finding
from obscode.model.dashboard.panel import PANEL_QUERY, Panel
from obscode.model.dashboard.panel_kind import PanelKind


@dataclass(frozen=True)
class Logs(Panel):
    """Log lines from Loki. The dashboard gets a variable for the Loki datasource.

    Attributes:
        queries: one LogQL query, or several.
        newest_first: sort by time, newest first.
        show_time: show the time of each line.
        show_labels: show the labels of each line.
        wrap: break long lines.
        prettify: format lines that are JSON.
        deduplicate: hide repeated lines: "none", "exact", "numbers" or "signature".
    """

    queries: str | Sequence[str]
    _: KW_ONLY
    newest_first: bool = True
    show_time: bool = True
    show_labels: bool = False
    wrap: bool = True
    prettify: bool = False
    deduplicate: Literal["none", "exact", "numbers", "signature"] = "none"

    kind = PanelKind("logs", "Logs", "records")
    size = (24, 10)

    def log_queries(self) -> tuple[str, ...]:
        """The LogQL queries; ``all_queries`` are PromQL, and a logs panel has none."""
        return (self.queries,) if isinstance(self.queries, str) else tuple(self.queries)

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        if not self.queries or not all(query.strip() for query in self.log_queries()):
            yield self.finding(PANEL_QUERY, "the panel has no query", "write LogQL", at="queries")
