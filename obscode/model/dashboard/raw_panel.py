"""Panels that come as Grafana's own JSON, or as an object of grafanalib: still read, placed and given an id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from obscode.findings.finding import Finding
from obscode.model import constraints
from obscode.model.argument_types import shown
from obscode.model.dashboard.panel import Panel
from obscode.model.dashboard.query import Query
from obscode.model.source import Origin, PythonCall

# Plugins of Angular, which Grafana 12 has not got, and what shows the same today.
# https://grafana.com/docs/grafana/latest/developers/angular_deprecation/
_GONE = {
    "natel-discrete-panel": "StateTimeline",
    "flant-statusmap-panel": "StatusHistory",
    "grafana-worldmap-panel": 'RawPanel({"type": "geomap", ...})',
    "marcuscalidus-svg-panel": 'RawPanel({"type": "canvas", ...})',
    "larona-epict-panel": 'RawPanel({"type": "canvas", ...})',
    "table-old": "Table",
}

# What some of a panel's keys hold; grafanalib writes a list for the options of a heatmap.
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
# The type of `-- Mixed --`, where every query names its own.
_MIXED = "datasource"


@dataclass(frozen=True, init=False)
class RawPanel(Panel):
    """A panel as its JSON stands in Grafana's editor, for what has no definition here.

    Its queries are checked like all others; id, place and the Prometheus datasource are obscode's. The size
    is the one in the JSON where none is given.
    """

    json: Mapping[str, Any] = field(default_factory=dict)

    def __init__(
        self,
        json: Mapping[str, Any],
        *,
        width: int = 0,
        height: int = 0,
        key: str = "",
        ignore: Mapping[str, str] | None = None,
        origin: Origin | None = None,
    ) -> None:
        plain = plain_json(json)
        read: dict[str, Any] = plain if isinstance(plain, dict) else {}
        place = read.get("gridPos") if isinstance(read.get("gridPos"), dict) else None
        values = {
            "json": plain,
            "title": read.get("title") or "",
            "description": read.get("description") or "",
            "width": width or (place or {}).get("w", 0),
            "height": height or (place or {}).get("h", 0),
            "key": key,
            "repeat": read.get("repeat") or "",
            "repeat_direction": "vertical" if read.get("repeatDirection") == "v" else "horizontal",
            "max_per_row": read.get("maxPerRow") or 4,
            "links": (),
            "transparent": bool(read.get("transparent")),
            "ignore": dict(ignore or {}),
            "origin": origin or PythonCall.of_caller(),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    arguments = constraints.each(Panel.arguments, title=constraints.free, json=constraints.json_serialisable)

    @classmethod
    def positional(cls) -> tuple[str, ...]:
        return ("json",)

    def kind(self) -> str:
        """The panel's type as Grafana names it; empty where the JSON has none."""
        kind = self.json.get("type") if isinstance(self.json, Mapping) else None
        return kind if isinstance(kind, str) else ""

    def all_queries(self) -> tuple[Query, ...]:
        """The queries for Prometheus; those for another datasource are in a language that nothing here reads."""
        return tuple(
            Query(target["expr"], legend=str(target.get("legendFormat") or ""), origin=self.origin)
            for target in self._targets()
            if isinstance(target.get("expr"), str) and is_for_prometheus(target, self.json)
        )

    def _targets(self) -> Iterator[Mapping[str, Any]]:
        targets = self.json.get("targets") if isinstance(self.json, Mapping) else None
        yield from (target for target in targets if isinstance(target, Mapping)) if isinstance(targets, list) else ()

    def problems(self) -> Iterator[Finding]:
        if not self.kind():
            hint = "copy the whole of it from Inspect > Panel JSON"
            yield self.finding("panel-json", "the JSON of the panel has no type", hint, at="json")
        if self.kind() == "row":
            yield self.finding("panel-json", "a row is not a panel", 'write Row("Title", ...)', at="json")
        if self.kind() in _GONE:
            message = f"panel {self.title!r} is a {self.kind()!r}, which Grafana 12 and later have not got"
            yield self.finding("panel-json", message, f"write {_GONE[self.kind()]}", at="json")
        for name, shape in _SHAPES.items():
            if not isinstance(self.json.get(name), shape | None):
                message = f"panel {self.title!r} has {shown(self.json[name])} for {name}, which Grafana does not read"
                yield self.finding("panel-json", message, "copy it from Inspect > Panel JSON", at="json")
        yield from super().problems()


def plain_json(value: Any) -> Any:
    """Objects of grafanalib inside a value as the JSON that they stand for; a copy, through and through."""
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
    from contextlib import redirect_stdout  # for who has objects of grafanalib
    from copy import deepcopy
    from io import StringIO

    # grafanalib 0.7.1 writes extraJson into defaults that all heatmaps share, and prints its advice.
    with redirect_stdout(StringIO()):
        return deepcopy(panel).to_json_data()


def is_for_prometheus(target: Mapping[str, Any], panel: Mapping[str, Any]) -> bool:
    """Whether a query asks Prometheus: its datasource says so, or the panel's, or nothing says otherwise."""
    named = [source for source in (target.get("datasource"), panel.get("datasource")) if isinstance(source, Mapping)]
    kinds = [kind for source in named if (kind := source.get("type")) not in (None, _MIXED)]
    return kinds[0] == "prometheus" if kinds else "expr" in target
