"""Where panels stand in Grafana's grid of 24 columns, and the ids they keep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from obscode.dashboard import Panel, Row, Stat
from obscode.names import slug

COLUMNS = 24

# Panel ids are JavaScript integers; Grafana shows them in links, so nine digits at the most.
_IDS = 10**9


@dataclass(frozen=True)
class Grid:
    """A panel's place, in grid units."""

    x: int
    y: int
    w: int
    h: int


@dataclass(frozen=True)
class Placed:
    """A row or a panel with its id and place; a folded row holds its panels inside."""

    id: int
    grid: Grid
    row: Row | None = None
    panel: Panel | None = None
    inside: Sequence[Placed] = ()


def place(rows: Sequence[Row]) -> list[Placed]:
    """Rows from top to bottom, panels flowing from left to right within each."""
    ids = _Ids()
    placed: list[Placed] = []
    y = 0
    for row in rows:
        head = Grid(0, y, COLUMNS, 1)
        row_id = ids.take(slug(row.title))
        panels = list(_flow(row, y + 1, ids))
        if row.collapsed:
            placed.append(Placed(row_id, head, row=row, inside=panels))
            y += 1
        else:
            placed += [Placed(row_id, head, row=row), *panels]
            y = max((p.grid.y + p.grid.h for p in panels), default=y + 1)
    return placed


def _flow(row: Row, y: int, ids: _Ids) -> Iterator[Placed]:
    x = tallest = 0
    for panel in row.panels:
        width, height = size(panel)
        if x + width > COLUMNS:
            x, y, tallest = 0, y + tallest, 0
        yield Placed(ids.take(f"{slug(row.title)}/{slug(panel.title)}"), Grid(x, y, width, height), panel=panel)
        x, tallest = x + width, max(tallest, height)


def size(panel: Panel) -> tuple[int, int]:
    """Width and height, by kind where the definition gives none."""
    width, height = (6, 4) if isinstance(panel, Stat) else (12, 8)
    return panel.width or width, panel.height or height


class _Ids:
    """Ids from keys, not from positions: inserting a panel changes no other panel's id."""

    def __init__(self) -> None:
        self._taken: set[int] = set()
        self._seen: dict[str, int] = {}

    def take(self, key: str) -> int:
        """The id of a key; a key met again, or an id that is taken, counts on."""
        count = self._seen[key] = self._seen.get(key, 0) + 1
        text = key if count == 1 else f"{key}#{count}"
        number = int.from_bytes(sha256(text.encode()).digest()[:8], "big") % _IDS + 1
        while number in self._taken:
            number = number % _IDS + 1
        self._taken.add(number)
        return number
