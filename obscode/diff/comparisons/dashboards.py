"""Grafana dashboards, of every form, also inside Kubernetes objects.

A dashboard is identified by its uid, or by its title. An edit that several panels share is one change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence

from obscode.artifacts.dashboards import Dashboard
from obscode.artifacts.project import Artifacts
from obscode.diff.change import Change, Edit, Risk
from obscode.diff.dashboards.dashboard import dashboard_edits
from obscode.diff.dashboards.layout import layout_edits
from obscode.diff.dashboards.matching import panel_pairs, row_pairs
from obscode.diff.dashboards.panels import panel_edits, risk_of, type_name
from obscode.diff.dashboards.variables import query_meaning, variable_edits
from obscode.diff.dashboards.view import PanelView, RowView, View, view
from obscode.diff.json_differences import frozen
from obscode.diff.pairs import Pairs, pairs
from obscode.diff.sentences import counted, double_quoted, edit, listed, quoted, sentence
from obscode.diff.shared_edits import take_shared
from obscode.findings.source import Source
from obscode.reader.dashboards.model import Variable
from obscode.reader.dashboards.variables import queries, uses

_NAMED = 3
_SIMILAR = 0.5


def compare(before: Artifacts, after: Artifacts) -> Iterator[Change]:
    """The changes of dashboards."""
    same = pairs(
        before.dashboards,
        after.dashboards,
        [
            lambda each: (each.uid, each.source.file) if each.uid else None,
            lambda each: each.uid or None,
            lambda each: (each.title, each.source.file),
            lambda each: each.title or None,
        ],
        _similarity,
        _SIMILAR,
        _panel_titles,
    )
    for old, new in (*same.both, *same.renamed):
        if old.body is not new.body and frozen(old.body) != frozen(new.body):
            yield from _Pair(view(old), view(new)).changes()
        yield from _new_address(old, new)
    links = "\n".join(each.text for each in after.dashboards) if same.removed else ""
    for old in same.removed:
        yield _removed(old, links)
    for new in same.added:
        count = counted(len(view(new).panels), "panel")
        text = f"Dashboard {quoted(new.title)} with {count} is added."
        yield Change("dashboard", new.title, text, "stricter", "added", source=new.source)


def _panel_titles(dashboard: Dashboard) -> Sequence[Hashable]:
    return [panel.title for panel in view(dashboard).panels if panel.title]


def _similarity(before: Dashboard, after: Dashboard) -> float:
    """The share of panels with the same title and queries."""
    old, new = (Counter((p.title, p.meaning) for p in view(each).panels) for each in (before, after))
    return (old & new).total() / max(old.total(), new.total(), 1)


def _removed(dashboard: Dashboard, others: str) -> Change:
    address = f"/d/{dashboard.uid}"
    effects = [f"Links and bookmarks to {address} break."] if dashboard.uid else []
    if dashboard.uid and address in others:
        effects.append("Other dashboards link to it.")
    text = f"Dashboard {quoted(dashboard.title)} is removed."
    return Change("dashboard", dashboard.title, text, "broken", "removed", source=dashboard.source, effects=effects)


def _new_address(before: Dashboard, after: Dashboard) -> Iterator[Change]:
    if before.uid == after.uid:
        return
    uid = edit("uid", (quoted(each.uid) if each.uid else None for each in (before, after)))
    text = sentence(f"Dashboard {quoted(after.title)}", [uid])
    effects = [f"Links and bookmarks to /d/{before.uid} break."] if before.uid else []
    risk: Risk = "history" if before.uid else "changed"
    yield Change("dashboard", after.title, text, risk, edits=[uid], source=after.source, effects=effects)


class _Pair:
    """Two versions of a dashboard."""

    def __init__(self, before: View, after: View) -> None:
        self.before, self.after = before, after
        self.panels: Pairs[PanelView] = panel_pairs(before.panels, after.panels)
        self.rows: Pairs[RowView] = row_pairs(before.rows, after.rows, self.panels)
        self.of = f"of dashboard {quoted(after.name)}"

    def changes(self) -> Iterator[Change]:
        """All changes but that of the uid."""
        edits = list(dashboard_edits(self.before, self.after))
        if edits:
            is_text = all(each.what in _TEXTS for each in edits)
            yield self._change("dashboard", "", edits, "text" if is_text else "changed", self.after.artifact.source)
        yield from self._variable_changes()
        yield from self._row_changes()
        yield from self._panel_changes()
        yield from self._layout_changes()

    def _change(
        self, kind: str, name: str, edits: Sequence[Edit], risk: Risk, source: Source, effects: Sequence[str] = ()
    ) -> Change:
        subject = f"{kind.capitalize()} {quoted(name)} {self.of}" if name else f"Dashboard {quoted(self.after.name)}"
        full = f"{self.after.name} / {name}" if name else self.after.name
        return Change(kind, full, sentence(subject, edits), risk, edits=edits, source=source, effects=effects)

    def _event(
        self, kind: str, name: str, text: str, action: str, source: Source, effects: Sequence[str] = ()
    ) -> Change:
        full = f"{self.after.name} / {name}"
        if action == "added":
            return Change(kind, full, text, "stricter", "added", source=source)
        return Change(kind, full, text, "broken" if effects else "changed", "removed", source=source, effects=effects)

    # --- variables -----------------------------------------------------------------------------------------------

    def _variable_changes(self) -> Iterator[Change]:
        same = pairs(
            self.before.variables,
            self.after.variables,
            [lambda each: each.name, lambda each: (each.type, query_meaning(each)) if each.query else None],
        )
        versions = _schema_version(self.before), _schema_version(self.after)
        for old, new in same.both:
            edits = list(variable_edits(old, new, versions))
            if old.name != new.name:
                edits.insert(0, Edit("name", old.name, new.name))
            if edits:
                yield self._variable_change(new, edits)
        for each in same.removed:
            text = f"Variable {quoted(each.name)} {self.of} is removed."
            source = self.before.source_of(each.node.path)
            yield self._event("variable", each.name, text, "removed", source, self._users(each.name))
        for each in same.added:
            text = f"Variable {quoted(each.name)} {self.of} is added."
            yield self._event("variable", each.name, text, "added", self.after.source_of(each.node.path))

    def _variable_change(self, variable: Variable, edits: Sequence[Edit]) -> Change:
        risk: Risk = "text" if all(each.what in ("label", "display", "order") for each in edits) else "changed"
        return self._change("variable", variable.name, edits, risk, self.after.source_of(variable.node.path))

    def _users(self, name: str) -> list[str]:
        """What still uses a variable."""
        used = dict.fromkeys(text.what for text in queries(self.after.model) if name in _names(text.value))
        users = list(map(double_quoted, used))
        return [f"Still used by {listed(users, _NAMED)}."] if users else []

    # --- rows ----------------------------------------------------------------------------------------------------

    def _row_changes(self) -> Iterator[Change]:
        for old, new in (*self.rows.both, *self.rows.renamed):
            edits = list(_row_edits(old, new))
            if edits:
                yield self._change("row", new.title, edits, "text", self.after.source_of(new.row.node.path))
        for row in self.rows.removed:
            text = f"Row {quoted(row.title)} {self.of} is removed."
            yield self._event("row", row.title, text, "removed", self.before.source_of(row.row.node.path))
        for row in self.rows.added:
            text = f"Row {quoted(row.title)} {self.of} is added{self._above(row)}."
            yield self._event("row", row.title, text, "added", self.after.source_of(row.row.node.path))

    def _above(self, row: RowView) -> str:
        """The panels below a new row that the dashboard had before."""
        below = [new for _, new in (*self.panels.both, *self.panels.renamed) if new.row is row]
        return f" above {listed(map(_title, below), _NAMED)}" if below else ""

    def _moved(self, old: PanelView, new: PanelView) -> Edit | None:
        """The edit of a panel below another row; none where its row is added or removed, which is its own change."""
        if _row_title(old) == _row_title(new):
            return None
        if any(a is old.row and b is new.row for a, b in (*self.rows.both, *self.rows.renamed)):
            return None
        if old.row in self.rows.removed or new.row in self.rows.added:
            return None
        return edit("row", (quoted(row.title) if row else "none" for row in (old.row, new.row)), "text")

    # --- panels --------------------------------------------------------------------------------------------------

    def _panel_changes(self) -> Iterator[Change]:
        edited: list[tuple[PanelView, list[Edit]]] = []
        for old, new in (*self.panels.both, *self.panels.renamed):
            edits = list(panel_edits(old, new))
            if moved := self._moved(old, new):
                edits.append(moved)
            if edits:
                edited.append((new, edits))
        for panels, edits in take_shared(edited):
            yield self._of_several(panels, edits)
        for panel, edits in edited:
            if edits:
                yield self._panel_change(panel, edits)
        for panel in self.panels.removed:
            text = f"Panel {_title(panel)} {self.of} is removed."
            yield self._event("panel", _name(panel), text, "removed", self.before.source_of(panel.place))
        for panel in self.panels.added:
            text = f"Panel {_title(panel)} {self.of} is added."
            yield self._event("panel", _name(panel), text, "added", self.after.source_of(panel.place))

    def _panel_change(self, panel: PanelView, edits: Sequence[Edit]) -> Change:
        text = sentence(f"Panel {_title(panel)} {self.of}", edits)
        full = f"{self.after.name} / {_name(panel)}"
        return Change("panel", full, text, risk_of(edits), edits=edits, source=self.after.source_of(panel.place))

    def _of_several(self, panels: Sequence[PanelView], edits: Sequence[Edit]) -> Change:
        count, total = len(panels), len(self.after.panels)
        names = listed(map(_title, panels), _NAMED)
        subject = f"All {count} panels {self.of}" if count == total else f"{count} panels {self.of} ({names})"
        source = self.after.artifact.source
        full = f"{self.after.name} / {names}"
        text = sentence(subject, edits)
        return Change("panel", full, text, risk_of(edits), edits=edits, source=source, count=count)

    def _layout_changes(self) -> Iterator[Change]:
        both = [(_title(new), old, new) for old, new in (*self.panels.both, *self.panels.renamed)]
        if edits := list(layout_edits(both)):
            source = self.after.artifact.source
            yield self._change("dashboard", "", edits, "layout", source)


_TEXTS = ("title", "description", "tooltip", "tag", "time zone")


def _row_edits(old: RowView, new: RowView) -> Iterator[Edit]:
    if old.title != new.title:
        yield Edit("title", quoted(old.title), quoted(new.title))
    if old.row.collapsed != new.row.collapsed:
        yield edit("panels", ("folded" if row.row.collapsed else "visible" for row in (old, new)))
    repeats = [row.row.repeat for row in (old, new)]
    if repeats[0] != repeats[1]:
        yield edit("repetition by variable", (quoted(name) if name else None for name in repeats))


def _row_title(panel: PanelView) -> str | None:
    return panel.row.title if panel.row else None


def _names(text: str) -> set[str]:
    return {use.name for use in uses(text)}


def _name(panel: PanelView) -> str:
    return panel.title or (f"panel {panel.panel.id}" if panel.panel.id is not None else type_name(panel.type))


def _title(panel: PanelView) -> str:
    """The panel in sentences: its title, or its type and what it asks."""
    if panel.title:
        return quoted(panel.title)
    number = f" {panel.panel.id}" if panel.panel.id is not None else ""
    return f"{number.strip()} ({type_name(panel.type)}, without a title)".strip()


def _schema_version(each: View) -> int:
    version = each.body.get("schemaVersion")
    if each.artifact.form != "classic" or not isinstance(version, int):
        return 99
    return version
