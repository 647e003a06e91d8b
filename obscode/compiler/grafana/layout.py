"""The layout of panels in Grafana's grid of 24 columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from obscode.compiler.grafana.lines import lines
from obscode.model.dashboard.dashboard import Row
from obscode.model.dashboard.panel import COLUMNS, Panel
from obscode.model.dashboard.panel_ids import RowIds
from obscode.model.layout import AutoGrid


@dataclass(frozen=True)
class Grid:
    """Position and size of a panel: columns, and rows of 30 pixels."""

    x: int
    y: int
    w: int
    h: int

    def json(self) -> dict[str, int]:
        """The `gridPos` of a panel."""
        return {"x": self.x, "y": self.y, "w": self.w, "h": self.h}


@dataclass(frozen=True)
class Placed:
    """A row or a panel with its id and position; ``inside`` are the panels of a folded row."""

    id: int
    grid: Grid
    row: Row | None = None
    panel: Panel | None = None
    inside: Sequence[Placed] = ()


def place(rows: Sequence[Row], ids: Sequence[RowIds]) -> list[Placed]:
    """Rows from top to bottom; in each, lines of panels from left to right."""
    placed: list[Placed] = []
    y = 0
    for row, row_ids in zip(rows, ids, strict=True):
        head = [Placed(row_ids.row, Grid(0, y, COLUMNS, 1), row=row)] if row.title else []
        y += len(head)
        panels = [
            Placed(panel_id, grid, panel=panel)
            for panel_id, grid, panel in zip(row_ids.panels, _grids(row, y), row.panels, strict=True)
        ]
        if row.collapsed and head:
            placed.append(Placed(head[0].id, head[0].grid, row=row, inside=panels))
        else:
            placed += [*head, *panels]
            y = max((panel.grid.y + panel.grid.h for panel in panels), default=y)
    return placed


def _grids(row: Row, y: int) -> Iterator[Grid]:
    return _flow(row.panels, y) if row.grid is None else _equal(row.panels, row.grid, y)


def _equal(panels: Sequence[Panel], grid: AutoGrid, y: int) -> Iterator[Grid]:
    """What an automatic grid is in a classic dashboard: panels of one size, and a whole line if they are repeated."""
    width, place = COLUMNS // grid.columns, 0
    for panel in panels:
        if panel.repeat and place:
            y, place = y + grid.height, 0
        yield Grid(place * width, y, COLUMNS if panel.repeat else width, grid.height)
        place += 1
        if place == grid.columns or panel.repeat:
            y, place = y + grid.height, 0


def _flow(panels: Sequence[Panel], y: int) -> Iterator[Grid]:
    for line in lines(panels):
        x = 0
        for width, height in line:
            yield Grid(x, y, width, height)
            x += width
        y += max(height for _, height in line)
