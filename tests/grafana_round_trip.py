"""A dashboard's JSON after reading and writing by Grafana's Foundation SDK, which drops unknown keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from grafana_cases import Json, panels_of
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from obscode.compiler.grafana.json_parts import without

register_default_plugins()  # otherwise the SDK passes options and queries on unchanged

_NEWER_OPTIONS = {
    "canvas": ("tooltip", "zoomToContent"),
    "gauge": ("barShape", "barWidthFactor", "effects", "segmentCount", "segmentSpacing", "shape", "sparkline"),
    "heatmap": ("rowsFrame/yBucketScale",),
    "nodeGraph": ("layoutAlgorithm",),
    "piechart": ("sort",),
}
_NEWER_CELLS = ("pill", "markdown")
#: Keys that are newer than SDK 0.0.21; the types of Grafana 13 require most of them.
NEWER_THAN_THE_SDK = {
    *(f"{kind}/options/{name}" for kind, names in _NEWER_OPTIONS.items() for name in names),
    *(f"templating/list/*/{name}" for name in ("baseFilters", "enableGroupBy", "filters")),
    *(f"table/fieldConfig/defaults/custom/cellOptions/type/{cell}" for cell in _NEWER_CELLS),
}


def again(value: Any) -> Any:
    """JSON of an object of the SDK, or a copy of JSON."""
    return json.loads(json.dumps(value, cls=JSONEncoder))


def lost(dashboard: Json) -> list[str]:
    """The parts of a dashboard that the SDK drops, except newer ones."""
    return [where for where in all_lost(dashboard) if where not in NEWER_THAN_THE_SDK]


def all_lost(dashboard: Json) -> Iterator[str]:
    """The path of a dropped part; in a panel, it begins with the panel's type."""
    there: Json = again(dashboard)
    for panel in panels_of(there):
        yield from _made_readable(panel)
    back: Json = again(Dashboard.from_json(again(there)))
    yield from _missing(without(there, "panels"), back, "")
    for panel, other in zip(panels_of(there), panels_of(back), strict=True):
        yield from _missing(without(panel, "panels"), other, panel["type"])


def _made_readable(panel: Json) -> Iterator[str]:
    """The dashboard without the parts that the SDK cannot read: queries for another datasource than the panel's."""
    sources = {(target.get("datasource") or {}).get("type") for target in panel.get("targets", ())}
    if len(sources) > 1 or panel.get("datasource", {}).get("uid") == "-- Mixed --":
        panel.pop("datasource", None)
    cell = panel.get("fieldConfig", {}).get("defaults", {}).get("custom", {}).get("cellOptions", {})
    if cell.get("type") in _NEWER_CELLS:
        yield f"{panel['type']}/fieldConfig/defaults/custom/cellOptions/type/{cell['type']}"
        cell["type"] = "auto"


def _missing(value: Any, other: Any, where: str) -> Iterator[str]:
    if isinstance(value, dict) and isinstance(other, dict):
        for key, item in value.items():
            at = f"{where}/{key}".strip("/")
            yield from _missing(item, other[key], at) if key in other else [at]
    elif isinstance(value, list) and isinstance(other, list) and len(value) == len(other):
        for item, other_item in zip(value, other, strict=True):
            yield from _missing(item, other_item, f"{where}/*")
    elif value != other or isinstance(value, bool) != isinstance(other, bool):
        yield where
