"""Panels of numbers, as they are now: stats, gauges, tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field

from obscode.findings.finding import Finding
from obscode.model import constraints
from obscode.model.dashboard import grafana_values
from obscode.model.dashboard.display import CELLS
from obscode.model.dashboard.panel import QueryPanel


@dataclass(frozen=True)
class Stat(QueryPanel):
    """One number, now; ``sparkline`` draws how it came there, below it, and ``calc`` says what it is then."""

    _: KW_ONLY
    calc: str = "lastNotNull"
    sparkline: bool = False
    color_mode: str = "value"
    text_mode: str = "auto"

    arguments = constraints.each(
        QueryPanel.arguments,
        calc=grafana_values.calc,
        color_mode=constraints.one_of("value", "background", "background_solid", "none"),
        text_mode=constraints.one_of("auto", "value", "value_and_name", "name", "none"),
    )
    size = (6, 4)
    instant = True


@dataclass(frozen=True)
class GaugePanel(QueryPanel):
    """A number on a dial, from ``minimum`` to ``maximum``."""

    _: KW_ONLY
    calc: str = "lastNotNull"
    threshold_labels: bool = False
    threshold_markers: bool = True

    arguments = constraints.each(
        QueryPanel.arguments,
        calc=grafana_values.calc,
    )
    size = (6, 6)
    instant = True


@dataclass(frozen=True)
class BarGauge(QueryPanel):
    """Numbers as bars, one a series."""

    _: KW_ONLY
    calc: str = "lastNotNull"
    display: str = "gradient"
    orientation: str = "horizontal"

    arguments = constraints.each(
        QueryPanel.arguments,
        calc=grafana_values.calc,
        display=constraints.one_of("gradient", "lcd", "basic"),
        orientation=constraints.one_of("horizontal", "vertical", "auto"),
    )
    instant = True


@dataclass(frozen=True)
class Table(QueryPanel):
    """One line a series, one column a label; of several queries, the lines with the same labels are joined.

    ``columns`` picks columns and titles them, in order: `{"instance": "Instance", "Value": "Up"}`; of several
    queries the values are `Value #A`, `Value #B`. ``sort_by`` is a column's title.
    """

    _: KW_ONLY
    columns: Mapping[str, str] = field(default_factory=dict)
    sort_by: str = ""
    descending: bool = False
    cell: str = "auto"
    filterable: bool = False

    arguments = constraints.each(
        QueryPanel.arguments,
        cell=constraints.one_of(*CELLS),
    )
    size = (24, 8)
    supported_override_fields = frozenset({"cell", "hide", "width"})
    instant = True
    format = "table"

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        if self.columns and self.sort_by and self.sort_by not in self.columns.values():
            hint = f"the columns are {', '.join(repr(title) for title in self.columns.values())}"
            yield self.finding("panel-sort-by", f"no column is titled {self.sort_by!r}", hint, at="sort_by")
