"""What a dashboard shows before and after a change: which panels are added, removed, changed or the same."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from obscode.preview.view import View, ViewedPanel

Change = Literal["added", "removed", "changed", "same"]


class Comparison:
    """The panels of views before and after; views of one label, and panels of one id, else of one title, are pairs."""

    def __init__(self, before: Sequence[View], after: Sequence[View]) -> None:
        self.before, self.after = before, after
        by_label = {view.range.label: view for view in before}
        self._pairs = [(by_label.get(view.range.label), view) for view in after]

    def changes_after(self) -> list[dict[str, Change]]:
        """For each view after the change, how each panel differs, by key."""
        return [_changes(before.panels if before else (), after.panels, "added") for before, after in self._pairs]

    def changes_before(self) -> list[dict[str, Change]]:
        """For each view before the change, how each panel differs, by key."""
        by_label = {view.range.label: view for view in self.after}
        after = [by_label.get(view.range.label) for view in self.before]
        return [
            _changes(other.panels if other else (), view.panels, "removed")
            for view, other in zip(self.before, after, strict=True)
        ]

    def changed_panels(self) -> int:
        """The number of panels that differ in some view."""
        changes = [*self.changes_after(), *self.changes_before()]
        return len({key for each in changes for key, change in each.items() if change != "same"})


def _changes(others: Sequence[ViewedPanel], panels: Sequence[ViewedPanel], alone: Change) -> dict[str, Change]:
    by_key = {panel.placed.key: panel for panel in others}
    by_title = {_title(panel): panel for panel in reversed(others) if _title(panel)[1]}
    result: dict[str, Change] = {}
    for panel in panels:
        other = by_key.get(panel.placed.key) or by_title.get(_title(panel))
        if other is None:
            result[panel.placed.key] = alone
        else:
            result[panel.placed.key] = "same" if _content(panel) == _content(other) else "changed"
    return result


def _title(panel: ViewedPanel) -> tuple[str, str]:
    return panel.placed.kind, str(panel.document["panel"].get("title") or "")


def _content(panel: ViewedPanel) -> str:
    """What a panel shows, without its place and id."""
    body: Mapping[str, Any] = panel.document["panel"]
    visible = {name: value for name, value in body.items() if name not in ("gridPos", "id")}
    parts = [visible, panel.document["frames"], panel.document["errors"], panel.document["undrawable"]]
    return json.dumps(parts, sort_keys=True)
