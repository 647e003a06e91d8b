"""A panel as Grafana's JSON, or as an object of grafanalib."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model import constraints
from obscode.model.dashboard.link import Link
from obscode.model.dashboard.panel import Direction, MaxPerRow, Panel
from obscode.model.dashboard.query import Query
from obscode.model.type_descriptions import short_repr

RAW_PANEL = Code(
    "raw-panel",
    "The JSON of a raw panel is a panel that Grafana reads.",
    why="obscode places the panel, checks its queries and upgrades old forms, and needs its type for this.",
    bad='panels.Raw({"title": "Requests"})',
    good='panels.Raw({"type": "timeseries", "title": "Requests", "targets": [{"expr": "up"}]})',
)

# The types of some keys of a panel; grafanalib writes a list for the options of a heatmap.
_SHAPES: Mapping[str, Any] = {
    "title": str,
    "description": str,
    "gridPos": dict,
    "targets": list,
    "transformations": list,
    "links": list,
    "fieldConfig": dict,
    "options": dict | list,
}
# The type of the datasource `-- Mixed --`, with which each query has its own.
_MIXED = "datasource"


@dataclass(frozen=True)
class Raw(Panel):
    """A panel as JSON, or as an object of grafanalib, for what has no definition in obscode.

    Old forms are upgraded, and the queries for Prometheus are checked. Id, position and the Prometheus datasource are
    replaced.

    Attributes:
        json: the panel's JSON, from Inspect > Panel JSON in Grafana.
        width: in grid columns, 1 to 24; by default the width in the JSON.
        height: in grid rows of 30 pixels, 1 to 100; by default the height in the JSON.
        key: keeps the panel's id, and the links to it, when the title or the row changes.
    """

    title: str = field(default="", init=False)
    description: str = field(default="", init=False)
    repeat: str = field(default="", init=False)
    repeat_direction: Direction = field(default="horizontal", init=False)
    max_per_row: MaxPerRow = field(default=4, init=False)
    links: Sequence[Link] = field(default=(), init=False)
    transparent: bool = field(default=False, init=False)
    json: Mapping[str, Any]

    arguments = constraints.constraints(Panel.arguments, title=constraints.anything, json=constraints.json_serialisable)

    def __post_init__(self) -> None:
        plain = plain_json(self.json)
        panel: dict[str, Any] = plain if isinstance(plain, dict) else {}
        position = panel["gridPos"] if isinstance(panel.get("gridPos"), dict) else {}
        values = {
            "json": plain,
            "title": panel.get("title") or "",
            "description": panel.get("description") or "",
            "width": self.width or position.get("w", 0),
            "height": self.height or position.get("h", 0),
            "repeat": panel.get("repeat") or "",
            "repeat_direction": "vertical" if panel.get("repeatDirection") == "v" else "horizontal",
            "max_per_row": panel.get("maxPerRow") or 4,
            "transparent": bool(panel.get("transparent")),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)
        super().__post_init__()

    @property
    def type(self) -> str:
        """The panel's type as Grafana names it; empty where the JSON has none."""
        value = self.json.get("type") if isinstance(self.json, Mapping) else None
        return value if isinstance(value, str) else ""

    def all_queries(self) -> tuple[Query, ...]:
        """The queries for Prometheus; those for other datasources are not PromQL."""
        return tuple(
            Query(target["expr"], legend=str(target.get("legendFormat") or "")).with_origin(self.origin)
            for target in self._targets()
            if isinstance(target.get("expr"), str) and is_for_prometheus(target, self.json)
        )

    def _targets(self) -> Iterator[Mapping[str, Any]]:
        targets = self.json.get("targets") if isinstance(self.json, Mapping) else None
        yield from (target for target in targets if isinstance(target, Mapping)) if isinstance(targets, list) else ()

    def problems(self) -> Iterator[Finding]:
        if not self.type:
            hint = "copy the whole of it from Inspect > Panel JSON"
            yield self.finding(RAW_PANEL, "the JSON of the panel has no type", hint, at="json")
        if self.type == "row":
            yield self.finding(RAW_PANEL, "a row is not a panel", 'write Row("Title", ...)', at="json")
        for name, shape in _SHAPES.items():
            if not isinstance(self.json.get(name), shape | None):
                message = f"Grafana does not read {short_repr(self.json[name])} for {name} of panel {self.title!r}"
                yield self.finding(RAW_PANEL, message, "copy it from Inspect > Panel JSON", at="json")
        yield from super().problems()


def plain_json(value: Any) -> Any:
    """A deep copy of a value, with objects of grafanalib as JSON."""
    if value is None or isinstance(value, str | int | float):
        return value
    if hasattr(value, "to_json_data"):
        return plain_json(_written(value))
    if isinstance(value, Mapping):
        return {str(key): plain_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_json(item) for item in value]
    return value


def _written(panel: Any) -> Any:
    from contextlib import redirect_stdout  # only objects of grafanalib need these
    from copy import deepcopy
    from io import StringIO

    # grafanalib 0.7.1 writes extraJson into defaults that all heatmaps share, and prints advice.
    with redirect_stdout(StringIO()):
        return deepcopy(panel).to_json_data()


def is_for_prometheus(target: Mapping[str, Any], panel: Mapping[str, Any]) -> bool:
    """True if a query is for Prometheus: by its datasource, the panel's, or because it has an `expr`."""
    named = [source for source in (target.get("datasource"), panel.get("datasource")) if isinstance(source, Mapping)]
    kinds = [kind for source in named if (kind := source.get("type")) not in (None, _MIXED)]
    return kinds[0] == "prometheus" if kinds else "expr" in target
