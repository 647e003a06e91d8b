"""A dashboard in JSON as a definition that compiles to the same dashboard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from obscode.compiler.dashboards.plans import DashboardPlan
from obscode.compiler.grafana.dashboard import dashboard_artifact
from obscode.compiler.grafana.datasource import datasource_of
from obscode.compiler.grafana.json_parts import Json, merged, without
from obscode.compiler.grafana.layout import place
from obscode.compiler.grafana.lines import lines
from obscode.findings.errors import DefinitionError
from obscode.importers.existing.dashboards import settings
from obscode.importers.existing.dashboards.arguments import Arguments
from obscode.importers.existing.dashboards.difference import difference
from obscode.importers.existing.dashboards.migrate import migrated
from obscode.importers.existing.dashboards.normal_form import normal_form
from obscode.importers.existing.dashboards.panels import PanelReader
from obscode.importers.existing.dashboards.variable_forms import Sources
from obscode.model import argument_types
from obscode.model.dashboard import Dashboard, Panel, Row
from obscode.model.dashboard.panel_ids import ids
from obscode.model.panels.raw import is_for_prometheus

_DEFAULT = "default"
_LISTS = ("panels", "templating", "annotations", "links")


@dataclass(frozen=True)
class ImportedDashboard:
    """A dashboard as a definition, and the numbers of its panels."""

    definition: Dashboard
    typed: int
    raw: int


def definition_of(body: Mapping[str, Any]) -> ImportedDashboard | None:
    """The definition of a dashboard; None if none compiles to the same dashboard."""
    try:
        return _definition_of(body)
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return None  # values of other types than Grafana writes, which the checks of the file report


def _definition_of(body: Mapping[str, Any]) -> ImportedDashboard | None:
    current = migrated(body)
    expected = comparable(current)
    sources = Sources.of(current)
    uid = _datasource(current, sources)
    reader = PanelReader(sources, uid)
    rows = _rows(current["panels"], reader)
    if rows is None:
        return None
    rows = _positioned([*map(_without_usual_sizes, rows)], current["panels"])
    dashboard = _dashboard(current, expected, sources, uid, rows)
    if dashboard is None:
        return None
    extra = difference(_settings_of(compiled(dashboard)), _settings_of(expected))
    dashboard = dashboard.derive(extra={**extra, **dashboard.extra})
    if any(argument_types.problems(dashboard)) or compiled(dashboard) != expected:
        return None
    return ImportedDashboard(dashboard, reader.counts["typed"], reader.counts["raw"])


def compiled(dashboard: Dashboard) -> Json | None:
    """The normal form of what a dashboard compiles to; None if it does not compile."""
    plan = DashboardPlan(dashboard, dashboard, dashboard.uid, dashboard.folder)
    try:
        return comparable(dashboard_artifact(plan, []).body)
    except DefinitionError:
        return None


def comparable(body: Mapping[str, Any]) -> Json:
    """The normal form of a dashboard; Grafana gives a uid to a dashboard without one."""
    form = normal_form(body)
    return {**form, "uid": form["uid"]} if form.get("uid") else without(form, "uid")


def _settings_of(form: Json | None) -> Json:
    return without(form or {}, *_LISTS)


def _datasource(body: Json, sources: Sources) -> str:
    """What most queries for Prometheus read: the uid of a datasource, `$variable` in braces, or the default one."""
    counts = Counter(_references(body["panels"], sources))
    return counts.most_common(1)[0][0] if counts else ""


def _references(panels: Sequence[Json], sources: Sources) -> Iterator[str]:
    for panel in panels:
        yield from _references([each for each in panel.get("panels") or () if isinstance(each, dict)], sources)
        own = sources.reference(panel.get("datasource"))
        for target in panel.get("targets") or ():
            if isinstance(target, Mapping):
                source = sources.reference(target["datasource"]) if target.get("datasource") else own
                if is_for_prometheus({**target, "datasource": source or {}}, {}):
                    yield (source or {}).get("uid", _DEFAULT)


# --- rows and positions ------------------------------------------------------------------------------------------


def _rows(listed: Sequence[Json], reader: PanelReader) -> list[Row] | None:
    """The rows; None if a panel has no definition."""
    groups: list[tuple[Json | None, list[Json]]] = []
    for panel in listed:
        if panel.get("type") == "row":
            groups.append((panel, [each for each in panel.get("panels") or () if isinstance(each, dict)]))
        elif groups and not (groups[-1][0] or {}).get("collapsed"):
            groups[-1][1].append(panel)
        elif not groups:
            groups.append((None, [panel]))
        else:
            return None  # a panel below a folded row is in no row
    rows = [_row(head, [reader.panel(panel) for panel in panels]) for head, panels in groups]
    return None if any(row is None for row in rows) else [row for row in rows if row]


def _row(head: Json | None, panels: Sequence[Panel | None]) -> Row | None:
    if any(panel is None for panel in panels):
        return None
    if head is None:
        return Row("", *panels)
    title = head.get("title") or ""
    arguments = Arguments(Row)
    arguments.add(collapsed=bool(head.get("collapsed")), repeat=head.get("repeat"))
    # The first row of a definition may have no title, and is no row in Grafana then.
    extra = {} if title else {"title": ""}
    return Row(title or " ", *panels, **arguments.values, extra=extra)


def _without_usual_sizes(row: Row) -> Row:
    """The row without the widths and heights that its panels have without them."""
    without_heights = row.with_panels([panel.derive(height=0) for panel in row.panels])
    without_sizes = row.with_panels([panel.derive(width=0, height=0) for panel in row.panels])
    same = (each for each in (without_sizes, without_heights) if lines(each.panels) == lines(row.panels))
    return next(same, row)


def _positioned(rows: Sequence[Row], listed: Sequence[Json]) -> list[Row]:
    """The rows with the positions that differ from those that obscode gives."""
    grids = _grids(listed)
    placed = {}
    for each in place(rows, ids(rows)):
        for below in (each, *each.inside):
            placed[id(below.row or below.panel)] = below.grid.json()
    result = []
    for row in rows:
        if row.title:
            row_y, own = placed[id(row)]["y"], next(grids)
            extra = {**row.extra, "gridPos": {"y": own["y"]}} if own.get("y", 0) != row_y else row.extra
        else:
            extra = row.extra
        panels = [_at(panel, placed[id(panel)], next(grids)) for panel in row.panels]
        result.append(row.derive(panels=tuple(panels), extra=extra))
    return result


def _grids(listed: Sequence[Json]) -> Iterator[Json]:
    for panel in listed:
        grid = panel.get("gridPos")
        yield {"x": 0, "y": 0, **grid} if isinstance(grid, Mapping) else {}
        if panel.get("type") == "row":
            yield from _grids([each for each in panel.get("panels") or () if isinstance(each, dict)])


def _at(panel: Panel, placed: Json, own: Json) -> Panel:
    patch = difference(placed, {key: own[key] for key in "xywh" if key in own})
    return panel.derive(extra=merged(panel.extra, {"gridPos": patch})) if patch else panel


# --- settings ----------------------------------------------------------------------------------------------------


def _dashboard(body: Json, expected: Json, sources: Sources, uid: str, rows: Sequence[Row]) -> Dashboard | None:
    listed = [settings.variable(each, sources, uid) for each in body["templating"]["list"]]
    known = [each for each in listed if each is not None]
    if len(known) < len(listed):
        return None
    arguments = Arguments(Dashboard)
    arguments.add(uid=expected.get("uid"), description=expected.get("description"))
    arguments.add(tags=_tuple(expected.get("tags")), variables=tuple(known) or None)
    arguments.add(time_range=_range(expected.get("time")), refresh=expected.get("refresh", ""))
    arguments.add(timezone=body.get("timezone") or "")
    if uid and uid != datasource_of(known):
        arguments.add(datasource=uid)
    annotations = [settings.annotation(each, sources, uid) for each in expected["annotations"]["list"]]
    links = [settings.link(each) for each in expected["links"]]
    extra: Json = {}
    if all(annotations):
        arguments.add(annotations=tuple(each for each in annotations if each) or None)
    else:
        extra["annotations"] = expected["annotations"]
    if all(links):
        arguments.add(links=tuple(each for each in links if each) or None)
    else:
        extra["links"] = expected["links"]
    title = expected.get("title")
    return Dashboard(title, rows, **arguments.values, exact=True, extra=extra) if isinstance(title, str) else None


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _range(time: Any) -> str | None:
    if time is None:
        return "6h"
    is_now = isinstance(time, Mapping) and time.get("to", "now") == "now" and isinstance(time.get("from"), str)
    return time["from"].removeprefix("now-") if is_now and time.get("from") != "now" else None
