"""Shared by tests of dashboards: panels as JSON, and random dashboards."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import grafanalib.core
from hypothesis import strategies as st

import obscode
from obscode import Dashboard, Project, Row, variables
from obscode.artifacts.dashboards import Dashboard as DashboardArtifact
from obscode.artifacts.project import Artifacts
from obscode.compiler import Definitions, compile
from obscode.compiler.dashboards.plans import DashboardPlan
from obscode.compiler.grafana.dashboard import dashboard_artifact
from obscode.compiler.grafana.panels import default_options
from obscode.model.dashboard import Panel
from obscode.model.panels import Stat, Text, TimeSeries
from obscode.model.source import Origin

Json = dict[str, Any]

PROMETHEUS = {"type": "prometheus", "uid": "${datasource}"}
NO_THRESHOLDS = {"mode": "absolute", "steps": [{"color": "green", "value": None}]}


def read(source: str) -> Any:
    """The definition in a golden; `core` is grafanalib."""
    return eval(source, {name: getattr(obscode, name) for name in obscode.__all__} | {"core": grafanalib.core})


def rendered(dashboard: Dashboard, **project: Any) -> Json:
    """The classic JSON of a compiled dashboard."""
    (compiled,) = artifacts(dashboard.with_origin(Origin("", 0)), **project).dashboards  # no file
    return dict(compiled.body)


def artifacts(*dashboards: Dashboard, **project: Any) -> Artifacts:
    """The artifacts of dashboards."""
    return compile(Definitions(Project("team", **project), dashboards=dashboards))


def panel_of(panel: Any) -> Json:
    """The JSON of a panel, without inferred settings."""
    rows = [Row("", panel)]
    artifacts(Dashboard("D", rows, variables=[variables.Query("job", "label_values(up, job)")]))  # no findings
    (only,) = body(rows)["panels"]
    return dict(only)


def panels_of(dashboard: Mapping[str, Any]) -> Iterator[Json]:
    """All rows and panels of a dashboard's JSON, including those in folded rows."""
    for panel in dashboard["panels"]:
        yield panel
        yield from panels_of({"panels": panel.get("panels", [])})


def telling(panel: Json) -> Json:
    """A panel's JSON without the keys of all panels, and without options at their defaults."""
    rest = {k: v for k, v in panel.items() if k not in ("id", "gridPos", "pluginVersion") and v != PROMETHEUS}
    defaults = default_options().get(panel["type"], {})
    rest["options"] = {k: v for k, v in panel.get("options", {}).items() if k not in defaults or v != defaults[k]}
    rest["targets"] = [_telling_target(target) for target in panel.get("targets", ())]
    config = panel.get("fieldConfig", {})
    rest["fieldConfig"] = {k: v for k, v in config.get("defaults", {}).items() if v != NO_THRESHOLDS}
    rest["overrides"] = config.get("overrides")
    return {key: value for key, value in rest.items() if value not in ([], {}, None)}


def _telling_target(target: Json) -> Json:
    return {k: v for k, v in target.items() if k != "editorMode" and v != PROMETHEUS}


def difference(value: Json, plain: Json) -> Json:
    """The part of a JSON object that is not in another."""
    result = {}
    for key, item in value.items():
        other = plain.get(key)
        if isinstance(item, dict) and isinstance(other, dict):
            item = difference(item, other)
        if item != other and item != {}:
            result[key] = item
    return result


def written(value: Any) -> str:
    """JSON with short lists and objects on one line."""
    text = json.dumps(value, ensure_ascii=False)
    if len(text) <= 80 or not isinstance(value, dict | list):
        return text
    items = value.items() if isinstance(value, dict) else ((None, item) for item in value)
    lines = (f"{json.dumps(key)}: {written(item)}" if key is not None else written(item) for key, item in items)
    inside = ",\n".join(lines).replace("\n", "\n  ")
    return f"{{\n  {inside}\n}}" if isinstance(value, dict) else f"[\n  {inside}\n]"


# --- dashboards at random ----------------------------------------------------------------------------------------

TITLES = st.sampled_from(["Rate", "Errors", "Latency P90", "latency p90", "Latenz µs", "レイテンシ", "CPU / Memory"])
SIZES = st.integers(0, 24)


@st.composite
def panels(draw: st.DrawFn) -> Panel:
    """A random panel, which may be repeated."""
    placed: Any = {
        "width": draw(SIZES),
        "height": draw(st.integers(0, 12)),
        "repeat": draw(st.sampled_from(["", "", "job"])),
        "repeat_direction": draw(st.sampled_from(["horizontal", "vertical"])),
    }
    title = draw(TITLES)
    match draw(st.integers(0, 2)):
        case 0:
            return TimeSeries(title, draw(st.sampled_from(["up", "sum(up)"])), **placed)
        case 1:
            return Stat(title, "up", **placed)
        case _:
            return Text(title, "Some words.", **placed)


@st.composite
def rows(draw: st.DrawFn) -> list[Row]:
    """Random rows, expanded and folded; the first may have no title."""
    matches = [
        Row(draw(TITLES), *draw(st.lists(panels(), max_size=7)), collapsed=draw(st.booleans()))
        for _ in range(draw(st.integers(0, 5)))
    ]
    return [Row("", *draw(st.lists(panels(), max_size=5))), *matches] if draw(st.booleans()) else matches


def dashboard_of(rows: Sequence[Row], files: Sequence[str] = (), interval: str = "") -> DashboardArtifact:
    """A dashboard of rows, without inferred settings."""
    definition = Dashboard("D", rows)
    return dashboard_artifact(DashboardPlan(definition, definition, "d", "team", interval=interval), files)


def body(rows: Sequence[Row]) -> Json:
    """The JSON of a dashboard of rows."""
    return dict(dashboard_of(rows).body)
