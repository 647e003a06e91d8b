"""The places and sizes of panels, which are compared on request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from obscode.diff.change import Edit
from obscode.diff.dashboards.setting_text import number_text
from obscode.diff.dashboards.view import PanelView
from obscode.reader.dashboards.model import Grid


def layout_edits(panels: Iterable[tuple[str, PanelView, PanelView]]) -> Iterator[Edit]:
    """The edits of the places and sizes of panels, with their titles."""
    for title, before, after in panels:
        old, new = before.panel.grid, after.panel.grid
        if old is None or new is None:
            continue
        if (old.width, old.height) != (new.width, new.height):
            yield Edit(f"size of {title}", _size(old), _size(new))
        if (old.x, old.y) != (new.x, new.y):
            yield Edit(f"place of {title}", _place(old), _place(new))


def _size(grid: Grid) -> str:
    return f"{number_text(grid.width)}x{number_text(grid.height)}"


def _place(grid: Grid) -> str:
    return f"column {number_text(grid.x)} line {number_text(grid.y)}"
