"""Panels do not overlap, and do not stand outside the 24 columns.

Why: Grafana pushes panels apart until they fit, so what readers see is not what the file says; the next one who
saves the dashboard changes the place of panels that they never touched.

Bad:
    {"panels": [
      {"id": 1, "type": "stat", "title": "Requests", "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8}},
      {"id": 2, "type": "stat", "title": "Errors", "gridPos": {"x": 6, "y": 0, "w": 12, "h": 8}}
    ]}

Good:
    {"panels": [
      {"id": 1, "type": "stat", "title": "Requests", "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8}},
      {"id": 2, "type": "stat", "title": "Errors", "gridPos": {"x": 12, "y": 0, "w": 12, "h": 8}}
    ]}
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.finding import Finding
from obscode.reader.dashboards.json_cursor import Path
from obscode.reader.dashboards.model import Dashboard, Grid, Panel, Row

_COLUMNS = 24


@check(Dashboard, scope="file")
def grid_overlap(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Panels in places that are taken, or that do not exist."""
    items: list[Panel | Row] = [*dashboard.rows, *dashboard.panels]
    groups: dict[Path, list[tuple[Panel | Row, Grid]]] = {}
    for item in items:
        if item.grid:
            groups.setdefault(item.grid.group, []).append((item, item.grid))
    for placed in groups.values():
        yield from _within(sorted(placed, key=lambda pair: (pair[1].y, pair[1].x)))


def _within(placed: list[tuple[Panel | Row, Grid]]) -> Iterator[Finding]:
    """What is laid out together, from above."""
    for index, (item, grid) in enumerate(placed):
        panel = item if isinstance(item, Panel) else None
        if grid.x < 0 or grid.x + grid.width > _COLUMNS:
            message = f"{item.name} reaches from column {grid.x:g} to {grid.x + grid.width:g} of {_COLUMNS}"
            yield finding(grid_overlap, message, "let x + w be 24 at most", grid.path, panel)
        if below := next((before for before in placed[:index] if grid.overlaps(before[1])), None):
            other, taken = below
            hint = f"it begins at row {grid.y:g}; the other one ends at row {taken.y + taken.height:g}"
            yield finding(grid_overlap, f"{item.name} overlaps {other.name}", hint, grid.path, panel)
