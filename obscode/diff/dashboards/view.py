"""A dashboard in the form in which two of them are compared: rows, panels below rows, settings without state."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from obscode.artifacts.dashboards import Dashboard as Artifact
from obscode.compiler.grafana.upgrade.legacy import upgrade
from obscode.diff.dashboards.queries import Query, queries
from obscode.diff.dashboards.v2_body import classic_body
from obscode.findings.source import Source
from obscode.reader.dashboards import classic
from obscode.reader.dashboards.json_cursor import Node, Path, is_number
from obscode.reader.dashboards.model import Dashboard, Panel, Row, Variable

# Panels that `upgrade` converts to panels of another type, without all of their settings.
_ANGULAR = ("graph", "singlestat", "grafana-piechart-panel", "heatmap")


@dataclass(frozen=True, eq=False)
class RowView:
    """A row, and the titles of the panels below it."""

    row: Row
    panels: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Its title."""
        return self.row.title


@dataclass(frozen=True, eq=False)
class PanelView:
    """A panel, the row above it, and its JSON in the current form."""

    panel: Panel
    row: RowView | None
    place: Path

    @property
    def title(self) -> str:
        """Its title."""
        return self.panel.title.strip()

    @property
    def type(self) -> str:
        """Its type in JSON."""
        return self.panel.type

    @cached_property
    def body(self) -> Mapping[str, Any]:
        """Its JSON, with the changes that Grafana makes when it loads old panels of the same type."""
        body = dict(self.panel.node.value)
        if not isinstance(body.get("fieldConfig"), dict):
            body.pop("fieldConfig", None)
        if not isinstance(body.get("options"), dict):
            body.pop("options", None)
        return body if self.type in _ANGULAR else _upgraded(body)

    @property
    def current(self) -> Mapping[str, Any]:
        """Its JSON as a panel of the type by which Grafana replaces it."""
        return _upgraded(dict(self.body))

    @cached_property
    def queries(self) -> Sequence[Query]:
        """Its queries."""
        return queries(self.panel.targets)

    @cached_property
    def meaning(self) -> Hashable:
        """What its queries ask, in any order; None without queries."""
        return frozenset((query.meaning, query.is_hidden) for query in self.queries) or None


@dataclass(frozen=True, eq=False)
class View:
    """A dashboard."""

    artifact: Artifact
    model: Dashboard
    body: Mapping[str, Any]
    panels: Sequence[PanelView]
    rows: Sequence[RowView]
    variables: Sequence[Variable] = field(default=())

    @property
    def name(self) -> str:
        """The dashboard in sentences."""
        return self.artifact.title or self.artifact.uid

    def source_of(self, path: Path) -> Source:
        """The source of a part; of the whole dashboard where the JSON is of another form than the view."""
        if self.artifact.form == "v2":
            return self.artifact.source
        return self.artifact.source.locate(path)[0]


def view(artifact: Artifact) -> View:
    """The view of a dashboard of any form."""
    body = classic_body(artifact.body) if artifact.form == "v2" else artifact.body
    model = classic.dashboard(Node(body), artifact.form)
    above = dict(_rows_above(model.node))
    titles: dict[Path, list[str]] = {}
    for panel in model.panels:
        titles.setdefault(above.get(_place(panel), ()), []).append(panel.title)
    rows = {row.node.path: RowView(row, tuple(sorted(titles.get(row.node.path, ())))) for row in model.rows}
    panels = [PanelView(panel, rows.get(above.get(_place(panel), ())), _place(panel)) for panel in model.panels]
    return View(artifact, model, body, panels, list(rows.values()), model.variables)


def _place(panel: Panel) -> Path:
    """The path of a panel in the file, also of a library panel, whose content is elsewhere."""
    return panel.grid.path[:-1] if panel.grid else panel.node.path


def _rows_above(node: Node) -> Iterator[tuple[Path, Path]]:
    """The path of each panel with that of its row: the one that contains it, or the expanded row above it."""
    for holder in node.objects("rows"):
        yield from ((panel.path, holder.path) for panel in holder.objects("panels"))
    row: Path = ()
    for item in _on_screen(node.objects("panels")):
        if item.plain("type") != "row":
            yield item.path, row
            continue
        yield from ((panel.path, item.path) for panel in item.objects("panels"))
        row = () if item.flag("collapsed") else item.path


def _on_screen(items: list[Node]) -> list[Node]:
    """The panels from top to bottom, as Grafana sorts them; in the order of the file if one has no position."""
    positions = [_position(item) for item in items]
    if any(position is None for position in positions):
        return items
    return [
        item for _, _, item in sorted(zip(positions, range(len(items)), items, strict=True), key=lambda each: each[:2])
    ]


def _position(item: Node) -> tuple[float, float] | None:
    grid = item.plain("gridPos")
    x, y = (grid.get("x"), grid.get("y")) if isinstance(grid, dict) else (None, None)
    return (float(y or 0), float(x or 0)) if is_number(x) and is_number(y) else None


def _upgraded(body: dict[str, Any]) -> Mapping[str, Any]:
    """The panel in its current form; as it is where a value has a type that Grafana does not write."""
    try:
        return upgrade(body)
    except (AttributeError, KeyError, TypeError, ValueError):
        return body
