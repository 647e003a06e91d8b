"""The ids of rows and panels: from keys and titles, not from positions, so that links to panels stay valid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from obscode.model.dashboard.dashboard import Row
from obscode.model.dashboard.panel import Panel
from obscode.model.identifiers import slug

# Panel ids are JavaScript integers, and part of links: at most a billion keeps them short.
_IDS = 10**9
# The index of a row, and of a panel in it, or -1 for the row itself.
_Place = tuple[int, int]


@dataclass(frozen=True)
class RowIds:
    """The id of a row, and those of its panels in order."""

    row: int
    panels: Sequence[int]


def ids(rows: Sequence[Row]) -> list[RowIds]:
    """The ids of all rows and panels, unique in the dashboard.

    An id is a hash of the key, which is the definition's `key`, or the titles of row and panel. Equal keys get a
    number. For panels, the number depends on their content, so that another order changes no id; for rows, it depends
    on the order, since their content changes more often.
    """
    keys: dict[_Place, tuple[str, Row | Panel]] = {(r, -1): (_row_key(row), row) for r, row in enumerate(rows)}
    for r, row in enumerate(rows):
        keys |= {(r, p): (_panel_key(row, panel), panel) for p, panel in enumerate(row.panels)}
    numbers = _numbers(keys)
    return [RowIds(numbers[r, -1], [numbers[r, p] for p in range(len(row.panels))]) for r, row in enumerate(rows)]


def _row_key(row: Row) -> str:
    return row.key or _title_key(row.title)


def _panel_key(row: Row, panel: Panel) -> str:
    return panel.key or f"{_row_key(row)}/{_title_key(panel.title)}"


def _title_key(title: str) -> str:
    return slug(title) or title


def _numbers(keys: Mapping[_Place, tuple[str, Row | Panel]]) -> dict[_Place, int]:
    unique = _unique_keys(keys)
    taken: set[int] = set()
    numbers = {}
    for place in sorted(unique, key=lambda place: unique[place]):
        numbers[place] = _free(_number(unique[place]), taken)
        taken.add(numbers[place])
    return numbers


def _unique_keys(keys: Mapping[_Place, tuple[str, Row | Panel]]) -> dict[_Place, str]:
    places: defaultdict[str, list[_Place]] = defaultdict(list)
    for place, (key, _) in keys.items():
        places[key].append(place)
    apart = {}
    for key, same in places.items():
        if len(same) > 1:  # else their content, which takes long to print, does not matter
            same.sort(key=lambda place: (_content(keys[place][1]), place))
        for count, place in enumerate(same, start=1):
            apart[place] = key if count == 1 else f"{key}#{count}"
    return apart


def _content(part: Row | Panel) -> str:
    return part.title if isinstance(part, Row) else repr(part)


def _number(key: str) -> int:
    return int.from_bytes(sha256(key.encode()).digest()[:8], "big") % _IDS + 1


def _free(number: int, taken: Iterable[int]) -> int:
    while number in taken:
        number = number % _IDS + 1
    return number
