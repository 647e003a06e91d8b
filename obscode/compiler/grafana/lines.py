"""How the panels of a row share Grafana's 24 columns: which stand in one line, and how wide and high they are.

A panel without `width=` is as wide as its line needs: each line ends at the last column. Lines are broken so that
panels keep about the width of their kind; panels whose kind has the whole width stand alone. Widths of the definition
stay as they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, combinations, pairwise
from math import floor

from obscode.model.dashboard.panel import COLUMNS, Panel

# Panels keep two thirds of the width of their kind: three graphs or six stats fit in a line, four graphs do not.
_LEAST = Fraction(2, 3)
# Kinds of different heights, such as stats and graphs, stand in different lines if the widths are as good there.
_MIXED_HEIGHTS = Fraction(2, 5)
# Columns that stay empty are worse than panels that are wider than their kind.
_EMPTY = 2

# How good lines are, the least is the best: cost, number of lines, the longer ones first.
_Score = tuple[Fraction, int, tuple[int, ...]]


@dataclass(frozen=True)
class _Item:
    """A panel before its line is known: the width and height of the definition, or those of its kind."""

    width: int
    height: int
    fixed_width: bool
    fixed_height: bool
    alone: bool


def lines(panels: Sequence[Panel]) -> list[list[tuple[int, int]]]:
    """The lines from top to bottom, each with the widths and heights of its panels."""
    items = [_item(panel) for panel in panels]
    best: dict[int, _Score] = {0: (Fraction(0), 0, ())}
    for end in range(1, len(items) + 1):
        starts = [start for start in range(max(0, end - COLUMNS), end) if start in best]
        scores = [_with_line(best[start], items[start:end]) for start in starts if _is_line(items, start, end)]
        if scores:
            best[end] = min(scores)
    ends = [0, *accumulate(-length for length in best[len(items)][2])]
    return [_sizes(items[start:end]) for start, end in pairwise(ends)]


def _item(panel: Panel) -> _Item:
    width, height = panel.size
    if panel.repeat and panel.repeat_direction == "horizontal":
        return _Item(COLUMNS, panel.height or height, fixed_width=True, fixed_height=True, alone=True)
    alone = bool(panel.repeat) or (not panel.width and width == COLUMNS)
    return _Item(panel.width or width, panel.height or height, bool(panel.width), bool(panel.height), alone)


def _with_line(before: _Score, line: Sequence[_Item]) -> _Score:
    cost, count, lengths = before
    return cost + _cost(line), count + 1, (*lengths, -len(line))


def _is_line(items: Sequence[_Item], start: int, end: int) -> bool:
    line = items[start:end]
    fits = _room(line) >= _LEAST * _flexible(line) and not any(item.alone for item in line)
    return (fits or len(line) == 1) and not _continues(line, items[end : end + 1])


def _continues(line: Sequence[_Item], following: Sequence[_Item]) -> bool:
    """Whether the next panel has to stand in the line, as in a flow: all have widths, and it fits."""
    together = [*line, *following]
    movable = all(item.fixed_width and not item.alone for item in together)
    return bool(following) and movable and _room(together) >= 0


def _room(line: Sequence[_Item]) -> int:
    """The columns for the panels without a width."""
    return COLUMNS - sum(item.width for item in line if item.fixed_width)


def _flexible(line: Sequence[_Item]) -> int:
    return sum(item.width for item in line if not item.fixed_width)


def _cost(line: Sequence[_Item]) -> Fraction:
    """How far the widths are from those of the kinds: 0 for equal ones, and the same for half and for twice."""
    mixed = _MIXED_HEIGHTS if len({item.height for item in line}) > 1 else 0
    if flexible := _flexible(line):
        room = _room(line)
        return Fraction((room - flexible) ** 2, room * flexible) + mixed
    used = COLUMNS - _room(line)
    return _EMPTY * Fraction((COLUMNS - used) ** 2, COLUMNS * used) + mixed


def _sizes(line: Sequence[_Item]) -> list[tuple[int, int]]:
    """The widths and heights of a line; panels without a height are as high as the highest."""
    highest = max(item.height for item in line)
    widths = iter(_shares(_room(line), [item.width for item in line if not item.fixed_width]))
    return [
        (item.width if item.fixed_width else next(widths), item.height if item.fixed_height else highest)
        for item in line
    ]


def _shares(room: int, widths: Sequence[int]) -> list[int]:
    """Whole columns in proportion to the widths: equal ones for equal widths if possible, else more for the first."""
    exact = {width: Fraction(width * room, sum(widths)) for width in widths}
    count = Counter(widths)
    left = room - sum(floor(exact[width]) for width in widths)
    groups = [group for size in range(len(count) + 1) for group in combinations(count, size)]
    fitting = [group for group in groups if sum(count[width] for width in group) <= left]
    best = max(fitting, key=lambda group: (sum(count[w] for w in group), sum(exact[w] % 1 for w in group)))
    rest = iter([1] * (left - sum(count[width] for width in best)))
    return [floor(exact[width]) + (1 if width in best else next(rest, 0)) for width in widths]
