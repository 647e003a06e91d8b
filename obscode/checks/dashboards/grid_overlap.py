"""Panels do not overlap, and fit into the 24 columns.

Why: Grafana moves overlapping panels until they fit, so readers see another layout than the file has. Saving the
dashboard then changes the position of panels that nobody edited. It is a note for rows, which stay in the order of the
file.

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
from obscode.findings.code import Severity
from obscode.findings.finding import Finding
from obscode.reader.dashboards.json_cursor import Path
from obscode.reader.dashboards.model import Dashboard, Grid, Panel, Row

_COLUMNS = 24


@check(Dashboard, severity="warning", scope="file")
def grid_overlap(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Panels that overlap others, or reach outside the grid."""
    items: list[Panel | Row] = [*dashboard.rows, *dashboard.panels]
    groups: dict[Path, list[tuple[Panel | Row, Grid]]] = {}
    for item in items:
        if item.grid:
            groups.setdefault(item.grid.group, []).append((item, item.grid))
    for placed in groups.values():
        yield from _within(sorted(placed, key=lambda pair: (pair[1].y, pair[1].x)))


def _within(placed: list[tuple[Panel | Row, Grid]]) -> Iterator[Finding]:
    """Findings in one grid, from top to bottom."""
    for index, (item, grid) in enumerate(placed):
        panel = item if isinstance(item, Panel) else None
        if grid.x < 0 or grid.x + grid.width > _COLUMNS:
            message = f"{item.name} spans columns {grid.x:g} to {grid.x + grid.width:g} of {_COLUMNS}"
            yield finding(grid_overlap, message, "x + w is at most 24", grid.path, panel)
        if below := next((before for before in placed[:index] if grid.overlaps(before[1])), None):
            other, taken = below
            hint = f"set y to {taken.y + taken.height:g} or more, where the other one ends"
            severity: Severity = "note" if isinstance(item, Row) or isinstance(other, Row) else "warning"
            message = f"{item.name} overlaps {other.name}"
            yield finding(grid_overlap, message, hint, grid.path, panel, severity=severity)
