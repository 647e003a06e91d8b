"""Which panels and rows of two versions of a dashboard are the same.

Not by id alone: generated dashboards renumber their panels. Not by title alone: titles are repeated in rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from obscode.diff.dashboards.defaults import PANEL_IGNORED
from obscode.diff.dashboards.view import PanelView, RowView
from obscode.diff.json_differences import essence, frozen
from obscode.diff.pairs import Key, Pairs, pairs

_SIMILAR = 0.6


def panel_pairs(before: Sequence[PanelView], after: Sequence[PanelView]) -> Pairs[PanelView]:
    """The panels that are the same, in the order of the dashboard before."""
    return pairs(
        before,
        after,
        [
            lambda panel: (panel.panel.id, *_look(panel), panel.meaning, _row_title(panel)),
            lambda panel: (*_look(panel), panel.meaning, _row_title(panel), _content(panel)),
            lambda panel: (*_look(panel), panel.meaning, _content(panel)),
            lambda panel: (*_look(panel), panel.meaning, _row_title(panel)),
            lambda panel: (*_look(panel), panel.meaning),
            lambda panel: (panel.title, panel.meaning) if panel.meaning else None,
            lambda panel: (panel.panel.id, panel.title, _row_title(panel)) if panel.title else None,
            lambda panel: (panel.panel.id, panel.title) if panel.title else None,
            lambda panel: (panel.title, panel.type, _row_title(panel)) if panel.title else None,
            lambda panel: (panel.title, panel.type) if panel.title else None,
            lambda panel: panel.title or None,
            lambda panel: (panel.panel.id, panel.meaning) if panel.meaning else None,
            lambda panel: (panel.meaning, panel.type, _row_title(panel)) if panel.meaning else None,
            lambda panel: (panel.meaning, panel.type) if panel.meaning else None,
        ],
        _similarity,
        _SIMILAR,
    )


def _look(panel: PanelView) -> tuple[str, str]:
    return panel.title, panel.type


def _row_title(panel: PanelView) -> str:
    return panel.row.title if panel.row else ""


def _content(panel: PanelView) -> str:
    compared = ("options", "fieldConfig", "transformations")
    body = {key: value for key, value in panel.body.items() if key not in PANEL_IGNORED or key in compared}
    return frozen(essence(body))


def _similarity(before: PanelView, after: PanelView) -> float:
    """The similarity of a panel with another title and other queries: of both, more with the same id and type."""
    if before.type != after.type and before.panel.id != after.panel.id:
        return 0
    score = 0.3 if before.panel.id is not None and before.panel.id == after.panel.id else 0.0
    title = _ratio(before.title.lower(), after.title.lower())
    if not before.queries or not after.queries:
        content = _ratio(_text(before), _text(after)) if not before.queries and not after.queries else 0.0
        return score + 0.35 * title + 0.35 * content
    texts = [" ".join(query.text for query in panel.queries) for panel in (before, after)]
    return score + 0.35 * title + 0.35 * _ratio(texts[0], texts[1])


def _text(panel: PanelView) -> str:
    options = panel.body.get("options")
    return str(options.get("content", "")) if isinstance(options, Mapping) else ""


def _ratio(before: str, after: str) -> float:
    if before == after:
        return 1.0
    matcher = SequenceMatcher(None, before[:2000], after[:2000], autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() > 0.5 else 0.0


def row_pairs(before: Sequence[RowView], after: Sequence[RowView], panels: Pairs[PanelView]) -> Pairs[RowView]:
    """The rows that are the same: by title, or because most of their panels are."""
    both = [*panels.both, *panels.renamed]
    inside = [(old.row, new.row) for old, new in both if old.row and new.row]
    sizes: dict[RowView, int] = {}
    for row in (panel.row for pair in both for panel in pair):
        if row:
            sizes[row] = sizes.get(row, 0) + 1

    def shared(old: RowView, new: RowView) -> float:
        common = sum(a is old and b is new for a, b in inside)
        return common / max(sizes.get(old, 0), sizes.get(new, 0), 1)

    keys: list[Key[RowView]] = [
        lambda row: (row.title, row.row.repeat, row.panels),
        lambda row: (row.title, row.row.repeat),
        lambda row: row.title,
    ]
    return pairs(before, after, keys, shared, 0.5)
