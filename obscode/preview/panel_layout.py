"""The panels of a dashboard as Grafana places them: rows opened, repeats expanded, nothing overlaps.

https://github.com/grafana/grafana/blob/main/public/app/features/dashboard/state/DashboardModel.ts (processRepeats) and
https://github.com/react-grid-layout/react-grid-layout/blob/master/lib/utils.js (compact).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from obscode.preview.interpolation import ALL
from obscode.preview.json_values import as_list, as_mapping, as_number, as_text
from obscode.preview.old_panels import migrated
from obscode.preview.variable_options import Option
from obscode.preview.variables import Variable

COLUMNS = 24
_PER_ROW = 4  # repeated panels beside each other without maxPerRow
_DEFAULT = {"x": 0, "y": 0, "w": 6, "h": 3}


class Scoped(NamedTuple):
    """A variable that a repetition sets."""

    variable: Variable
    option: Option


@dataclass(frozen=True)
class PlacedPanel:
    """A panel at its place.

    Attributes:
        key: its id, and the number of the copy for repetitions.
        body: its JSON with the final `gridPos`.
        scoped: the variables that repetitions set, by name.
        path: where it is in the dashboard's JSON.
    """

    key: str
    body: Mapping[str, Any]
    path: tuple[str | int, ...]
    scoped: Mapping[str, Scoped] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The type of the panel."""
        return as_text(self.body.get("type"))

    def place(self, name: str) -> int:
        """`x`, `y`, `w` or `h` of its position."""
        return int(as_number(as_mapping(self.body.get("gridPos")).get(name), _DEFAULT[name]))

    def at(self, **places: int) -> PlacedPanel:
        """The panel at another position."""
        position = {name: self.place(name) for name in _DEFAULT} | places
        return replace(self, body={**self.body, "gridPos": position})

    def copy(self, number: int, scoped: Scoped) -> PlacedPanel:
        """The panel for another value of a variable; the first one keeps the id."""
        name = scoped.variable.name
        key = f"{self.key}-clone-{number}" if number else self.key
        return replace(self, key=key, scoped={**self.scoped, name: scoped})


class _Section(NamedTuple):
    """A row with its panels; the first section may have no row."""

    row: PlacedPanel | None
    panels: Sequence[PlacedPanel]


def placed_panels(body: Mapping[str, Any], variables: Sequence[Variable]) -> list[PlacedPanel]:
    """The panels of a dashboard in classic JSON, from top to bottom."""
    known = {variable.name: variable for variable in variables}
    result: list[PlacedPanel] = []
    y = 0
    for section in (repeated for each in _sections(body) for repeated in _repeated_section(each, known)):
        if section.row is not None:
            result.append(section.row.at(x=0, y=y, w=COLUMNS, h=1))
            y += 1
        expanded = list(_repeated_panels(section.panels, known))
        top = min((panel.place("y") for panel in expanded), default=0)
        placed = compact([panel.at(y=panel.place("y") - top) for panel in expanded])
        result += [panel.at(y=panel.place("y") + y) for panel in placed]
        y += max((panel.place("y") + panel.place("h") for panel in placed), default=0)
    return result


def _sections(body: Mapping[str, Any]) -> Iterator[_Section]:
    if not as_list(body.get("panels")) and as_list(body.get("rows")):
        yield from _old_sections(body)
        return
    elements = as_mapping(body.get("__elements"))
    panels = [_panel(each, ("panels", number), elements) for number, each in enumerate(as_list(body.get("panels")))]
    ordered = sorted(panels, key=lambda panel: (panel.place("y"), panel.place("x")))
    section = _Section(None, [])
    for panel in ordered:
        if panel.kind != "row":
            section = _Section(section.row, [*section.panels, panel])
            continue
        if section.row or section.panels:
            yield section
        inside = enumerate(as_list(panel.body.get("panels")))
        section = _Section(panel, [_panel(each, (*panel.path, "panels", number), elements) for number, each in inside])
        if section.panels or panel.body.get("collapsed"):
            yield section  # what follows a collapsed row is in no row
            section = _Section(None, [])
    if section.row or section.panels:
        yield section


def _panel(value: Any, path: tuple[str | int, ...], elements: Mapping[str, Any]) -> PlacedPanel:
    body = as_mapping(value)
    library = as_mapping(body.get("libraryPanel"))
    element = as_mapping(as_mapping(elements.get(as_text(library.get("uid")))).get("model"))
    if element:  # an exported dashboard contains its library panels
        body = {**element, **{name: body[name] for name in ("id", "gridPos") if name in body}}
    key = as_text(body.get("id")) or "-".join(map(str, path))
    return PlacedPanel(key, migrated(body), path).at()


def _old_sections(body: Mapping[str, Any]) -> Iterator[_Section]:
    """Rows of dashboards before Grafana 5: heights in pixels, widths in twelfths."""
    rows = [as_mapping(each) for each in as_list(body.get("rows"))]
    has_rows = any(row.get("collapse") or row.get("showTitle") or row.get("repeat") for row in rows)
    for number, row in enumerate(rows):
        height = math.ceil(as_number(as_text(row.get("height")).removesuffix("px") or 250, 250) / 38)
        panels: list[PlacedPanel] = []
        x = y = 0
        for place, each in enumerate(as_list(row.get("panels"))):
            panel = _panel(each, ("rows", number, "panels", place), {})
            width = max(1, min(COLUMNS, round(as_number(panel.body.get("span"), 4) * 2)))
            if x + width > COLUMNS:
                x, y = 0, y + height
            panels.append(panel.at(x=x, y=y, w=width, h=height))
            x += width
        title = {"type": "row", "title": row.get("title", ""), "repeat": row.get("repeat"), "id": f"row-{number}"}
        yield _Section(_panel(title, ("rows", number), {}) if has_rows else None, panels)


def _repeated_section(section: _Section, known: Mapping[str, Variable]) -> Iterator[_Section]:
    """A section for each value of the variable that its row repeats for."""
    options = _options(section.row, known) if section.row else []
    if not options:
        yield section
        return
    assert section.row
    for number, scoped in enumerate(options):
        yield _Section(section.row.copy(number, scoped), [panel.copy(number, scoped) for panel in section.panels])


def _repeated_panels(panels: Sequence[PlacedPanel], known: Mapping[str, Variable]) -> Iterator[PlacedPanel]:
    """Panels with their repetitions; those below are moved down."""
    moved = 0
    for panel in sorted(panels, key=lambda panel: (panel.place("y"), panel.place("x"))):
        panel = panel.at(y=panel.place("y") + moved)
        options = _options(panel, known)
        if not options:
            yield panel
            continue
        copies = list(_copies(panel, options))
        yield from copies
        moved += copies[-1].place("y") - panel.place("y")


def _copies(panel: PlacedPanel, options: Sequence[Scoped]) -> Iterator[PlacedPanel]:
    x, y = 0, panel.place("y")
    if panel.body.get("repeatDirection") == "v":
        for number, scoped in enumerate(options):
            yield panel.copy(number, scoped).at(y=y + number * panel.place("h"))
        return
    per_row = int(as_number(panel.body.get("maxPerRow"), _PER_ROW)) or _PER_ROW
    width = max(COLUMNS // len(options), COLUMNS // per_row, 1)
    for number, scoped in enumerate(options):
        if x + width > COLUMNS:
            x, y = 0, y + panel.place("h")
        yield panel.copy(number, scoped).at(x=x, y=y, w=width)
        x += width


def _options(panel: PlacedPanel | None, known: Mapping[str, Variable]) -> list[Scoped]:
    """The values that a panel or row is repeated for."""
    variable = known.get(as_text(panel.body.get("repeat"))) if panel else None
    if variable is None or (panel and variable.name in panel.scoped):
        return []
    is_all = any(option.value == ALL for option in variable.selected)
    selected = variable.options if is_all else variable.selected
    return [Scoped(variable, option) for option in selected if option.value != ALL]


def compact(panels: Iterable[PlacedPanel]) -> list[PlacedPanel]:
    """Panels moved up where there is room, and down where they would overlap."""
    placed: list[PlacedPanel] = []
    for panel in sorted(panels, key=lambda panel: (panel.place("y"), panel.place("x"))):
        width = min(max(panel.place("w"), 1), COLUMNS)
        panel = panel.at(w=width, h=max(panel.place("h"), 1), x=min(max(panel.place("x"), 0), COLUMNS - width))
        y = max(panel.place("y"), 0)
        while y > 0 and not _collides(panel.at(y=y - 1), placed):
            y -= 1
        while _collides(panel.at(y=y), placed):
            y += 1
        placed.append(panel.at(y=y))
    return placed


def _collides(panel: PlacedPanel, others: Iterable[PlacedPanel]) -> bool:
    def ends(one: PlacedPanel, name: str, size: str) -> tuple[int, int]:
        return one.place(name), one.place(name) + one.place(size)

    left, right = ends(panel, "x", "w")
    top, bottom = ends(panel, "y", "h")
    for other in others:
        other_left, other_right = ends(other, "x", "w")
        other_top, other_bottom = ends(other, "y", "h")
        if left < other_right and other_left < right and top < other_bottom and other_top < bottom:
            return True
    return False
