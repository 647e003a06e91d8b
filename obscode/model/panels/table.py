"""The panel type `table`: series as lines, labels as columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model.dashboard.display import Cell
from obscode.model.dashboard.panel import QueryPanel
from obscode.model.dashboard.panel_kind import PanelKind

SORT_COLUMN = Code(
    "sort-column",
    "`sort_by` of a table is the title of one of its columns.",
    why="Grafana does not sort by a column that does not exist.",
    bad='panels.Table("Queues", "queue_length", columns={"queue": "Queue"}, sort_by="queue")',
    good='panels.Table("Queues", "queue_length", columns={"queue": "Queue"}, sort_by="Queue")',
)


@dataclass(frozen=True)
class Table(QueryPanel):
    """One line for each series, one column for each label. Lines of several queries with the same labels are joined.

    ``transformations`` read the joined lines, and come before ``columns``: a field that `calculateField` adds can be a
    column. Those that select, reshape or join the results of queries, such as `filterByRefId`, come before the join.

    Attributes:
        columns: the columns to show, in order, each with its title: `{"instance": "Instance", "Value": "Up"}`. With
            several queries, the values are `Value #A`, `Value #B`. All columns by default.
        sort_by: the title of the column to sort by.
        descending: sort from high to low.
        cell: the cell type of all columns, such as "color-background" or "gauge".
        filterable: let readers filter by column.
    """

    _: KW_ONLY
    columns: Mapping[str, str] = field(default_factory=dict)
    sort_by: str = ""
    descending: bool = False
    cell: Cell = "auto"
    filterable: bool = False

    kind = PanelKind("table", "Table", "numbers", thresholds="color")
    size = (24, 8)
    supported_override_fields = frozenset({"cell", "hide", "width"})
    has_unit = False  # each column has its own
    has_legend = False
    empty_text = "-"  # every empty cell shows it

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        if self.columns and self.sort_by and self.sort_by not in self.columns.values():
            hint = f"the columns are {', '.join(repr(title) for title in self.columns.values())}"
            yield self.finding(SORT_COLUMN, f"no column is titled {self.sort_by!r}", hint, at="sort_by")
