"""A dashboard as Grafana's classic JSON model, with the definition behind each part of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from obscode.artifacts.dashboards import Dashboard, Path
from obscode.compiler.dashboards.plans import DashboardPlan
from obscode.compiler.grafana.datasource import datasource_of, with_datasource
from obscode.compiler.grafana.json_parts import Json, mentions, patched
from obscode.compiler.grafana.layout import Placed, place
from obscode.compiler.grafana.panel import panel_json, row_json
from obscode.compiler.grafana.settings import annotation, datasource_variables, link, variable
from obscode.compiler.grafana.source import CompiledDashboardSource
from obscode.model import naming
from obscode.model.dashboard import Dashboard as DashboardDefinition
from obscode.model.dashboard import Link, Panel
from obscode.model.definition import Definition
from obscode.model.panels import Raw

#: Grafana migrates dashboards of an older schema, and would change some of the output.
SCHEMA_VERSION = 42


def dashboard_artifact(plan: DashboardPlan, files: Sequence[str], source_link: Link | None = None) -> Dashboard:
    """The dashboard in Grafana's classic model, keys in a fixed order.

    ``files`` are the definition's files, for the description; ``source_link`` leads to them. Raises DefinitionError for
    a Raw with JSON that is no panel.
    """
    definition = plan.definition
    placed = place(definition.rows, plan.ids)
    links = [*definition.links, *([source_link] if source_link else [])]
    content = {
        "annotations": {"list": [annotation(each) for each in definition.annotations]},
        "links": [link(each) for each in links],
        "panels": [_placed(each, plan.interval, definition.exact) for each in placed],
    }
    variables = list(_variables(plan, content))
    body = {
        "uid": plan.uid,
        "title": plan.title,
        **(_own_settings(definition) if definition.exact else _settings(definition, files)),
        "refresh": definition.refresh,
        "time": {"from": f"now-{definition.time_range}", "to": "now"},
        "timezone": definition.timezone,
        "templating": {"list": variables},
        **content,
    }
    body = patched(with_datasource(body, definition), definition.extra)
    parts = dict(_parts(plan, placed, variables))
    source = CompiledDashboardSource(plan.source, parts, plan.source.ignore)
    return Dashboard(plan.uid, plan.title, plan.folder, body, source, plan.service, definition)


def _settings(definition: DashboardDefinition, files: Sequence[str]) -> Json:
    return {
        "description": definition.description or _written_from(files),
        "tags": sorted({"obscode", *definition.tags}),
        "schemaVersion": SCHEMA_VERSION,
        "editable": False,
        "graphTooltip": 1,
    }


def _own_settings(definition: DashboardDefinition) -> Json:
    description = {"description": definition.description} if definition.description else {}
    return {**description, "tags": list(definition.tags), "schemaVersion": SCHEMA_VERSION}


def _variables(plan: DashboardPlan, content: Mapping[str, Any]) -> Iterator[Json]:
    """The variables, without those for a datasource that nothing queries: texts need no Prometheus."""
    own = [variable(each, exact=plan.definition.exact) for each in plan.definition.variables]
    names = {each["name"] for each in own}
    has_own = bool(plan.definition.datasource) or datasource_of(plan.definition.variables)
    for datasource in datasource_variables(plan.panels()):
        is_prometheus = datasource["name"] == naming.DATASOURCE_VARIABLE
        if datasource["name"] in names or (has_own and is_prometheus):
            continue
        if not is_prometheus:
            is_read = not plan.definition.exact
        else:
            is_read = mentions([content, own], f"${{{datasource['name']}}}")
        if is_read:
            yield datasource
    yield from own


def _written_from(files: Sequence[str]) -> str:
    return f"Written by obscode from {', '.join(files)}." if files else "Written by obscode."


def _placed(placed: Placed, interval: str, exact: bool) -> Json:
    if placed.row:
        inside = [_placed(each, interval, exact) for each in placed.inside]
        return row_json(placed.row, placed.id, placed.grid, inside)
    assert placed.panel is not None
    return panel_json(placed.panel, placed.id, placed.grid, interval, exact=exact)


# --- definitions by path -----------------------------------------------------------------------------------------


def _parts(
    plan: DashboardPlan, placed: Sequence[Placed], variables: Sequence[Json]
) -> Iterator[tuple[Path, Definition]]:
    own = {each.name: each for each in plan.definition.variables}
    for index, written in enumerate(variables):
        if written["name"] in own:
            yield ("templating", "list", index), own[written["name"]]
    for index, each in enumerate(plan.definition.annotations):
        yield ("annotations", "list", index), each
    yield from _placed_parts(("panels",), placed)


def _placed_parts(path: Path, placed: Sequence[Placed]) -> Iterator[tuple[Path, Definition]]:
    for index, each in enumerate(placed):
        here = (*path, index)
        if each.row:
            yield here, each.row
            yield from _placed_parts((*here, "panels"), each.inside)
        elif each.panel:
            yield here, each.panel
            yield from _query_parts((*here, "targets"), each.panel)


def _query_parts(path: Path, panel: Panel) -> Iterator[tuple[Path, Definition]]:
    """The queries that are definitions of their own; the targets of JSON are in another order than the queries."""
    if not isinstance(panel, Raw):
        for index, query in enumerate(panel.all_targets()):
            if query.origin is not panel.origin:
                yield (*path, index), query
