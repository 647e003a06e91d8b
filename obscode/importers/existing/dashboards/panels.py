"""Panels in JSON as definitions: typed where the definition compiles to the same JSON, with the rest as `extra`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from obscode.compiler.grafana.datasource import replaced_datasource
from obscode.compiler.grafana.json_parts import Json, without
from obscode.compiler.grafana.layout import Grid
from obscode.compiler.grafana.panel import panel_json
from obscode.findings.errors import DefinitionError
from obscode.importers.existing.dashboards.arguments import Arguments
from obscode.importers.existing.dashboards.difference import difference
from obscode.importers.existing.dashboards.normal_form import panel as normal_form
from obscode.importers.existing.dashboards.panel_arguments import typed_panel
from obscode.importers.existing.dashboards.queries import one_or_all
from obscode.importers.existing.dashboards.variable_forms import Sources
from obscode.model import argument_types
from obscode.model.dashboard import Panel, Query, QueryPanel
from obscode.model.panels import Raw

# A panel with more JSON in `extra` than this share of its own, and this many characters, is a Raw.
_MOST_EXTRA = 0.5
_MUCH = 200


@dataclass(frozen=True)
class PanelReader:
    """Reads the panels of a dashboard.

    Attributes:
        sources: the datasource variables.
        uid: what the queries for Prometheus read, in most panels.
    """

    sources: Sources
    uid: str
    counts: dict[str, int] = field(default_factory=lambda: {"typed": 0, "raw": 0})

    def panel(self, value: Mapping[str, Any]) -> Panel | None:
        """The definition of a panel; None if it has no valid one."""
        expected = without(normal_form(value, self.sources), "gridPos")
        typed = self._typed(expected, value)
        result = typed or self._raw(value, expected)
        if result:
            self.counts["typed" if typed else "raw"] += 1
        return result

    def _typed(self, expected: Json, value: Mapping[str, Any]) -> Panel | None:
        try:
            made = typed_panel(expected, value.get("gridPos"), self.uid)
            compiled = self._compiled(made) if made else None
        except (AttributeError, KeyError, TypeError, ValueError, IndexError):
            return None  # not the form of its type
        if made is None or compiled is None:
            return None
        return self._completed(made, compiled, expected)

    def _compiled(self, panel: Panel) -> Json | None:
        try:
            body = replaced_datasource(panel_json(panel, 1, Grid(0, 0, 1, 1), exact=True), self.uid)
        except (DefinitionError, AttributeError, KeyError, TypeError, ValueError):
            return None
        return without(normal_form(body, self.sources), "gridPos")

    def _completed(self, panel: Panel, compiled: Json, expected: Json) -> Panel | None:
        """The panel with the settings that it has no arguments for; None if these are too many."""
        if isinstance(panel, QueryPanel):
            panel = _with_extra_of_queries(panel, compiled.get("targets", ()), expected.get("targets", ()))
        extra = _extra(without(compiled, "targets"), without(expected, "targets"))
        if compiled.get("targets") != expected.get("targets") and not isinstance(panel, QueryPanel):
            extra["targets"] = expected.get("targets")
        panel = panel.derive(extra=extra)
        sizes = [len(json.dumps(each)) for each in (extra, without(expected, "targets"))]
        if sizes[0] > max(_MOST_EXTRA * sizes[1], _MUCH) or any(argument_types.problems(panel)):
            return None
        return panel if self._compiled(panel) == expected else None

    def _raw(self, value: Mapping[str, Any], expected: Json) -> Panel | None:
        grid = value.get("gridPos") if isinstance(value.get("gridPos"), Mapping) else {}
        arguments = Arguments(Raw)
        arguments.add(width=grid.get("w"), height=grid.get("h"))  # type: ignore[union-attr]
        panel = Raw(without(value, "id", "gridPos", "pluginVersion"), **arguments.values)
        if any(argument_types.problems(panel)):
            return None
        return panel if self._compiled(panel) == expected else None


def _extra(compiled: Json, expected: Json) -> Json:
    """What to merge into the JSON of a definition; a datasource as a whole, because the dashboard's replaces parts."""
    extra = difference(compiled, expected)
    if isinstance(extra.get("datasource"), Mapping):
        extra["datasource"] = {"type": None, "uid": None, **expected["datasource"]}
    return extra


def _with_extra_of_queries(panel: QueryPanel, compiled: Sequence[Json], expected: Sequence[Json]) -> QueryPanel:
    extras = [_extra(before, after) for before, after in zip(compiled, expected, strict=True)]
    if not any(extras):
        return panel
    targets = [
        query.derive(extra=extra) if extra and isinstance(query, Query) else query
        for query, extra in zip(panel.all_targets(), extras, strict=True)
    ]
    return panel.derive(queries=one_or_all(targets), legend="")
