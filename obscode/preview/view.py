"""One view of a dashboard: a range of time and values of its variables, with the data of all panels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from obscode.clients.prometheus import PrometheusClient
from obscode.model import naming
from obscode.preview import time_ranges
from obscode.preview.interpolation import (
    Default,
    Value,
    formatted,
    in_markdown,
    in_text,
    interpolate,
)
from obscode.preview.json_values import as_mapping
from obscode.preview.panel_data import Evaluator, PanelData
from obscode.preview.panel_layout import PlacedPanel, placed_panels
from obscode.preview.queries import PIXELS, PanelQueries, QueryPlanner, scoped_values
from obscode.preview.time_ranges import TimeRange
from obscode.preview.variables import Variable, VariableResolver, range_values

_TARGET_KEYS = ("refId", "expr", "legendFormat", "hide", "format")
_DROPPED = ("panels", "datasource", "libraryPanel", "pluginVersion")


@dataclass(frozen=True)
class Range:
    """What a view shows: a range of time in a Prometheus.

    Attributes:
        label: the name of the view.
        scenario: the name of the scenario; empty for real data.
        time: the range; None for the range of the dashboard before ``now``, in ms.
        scrape: the scrape interval of the data source.
        alerts: the alerts in the range, as the document has them.
        width: of the dashboard in pixels; queries return about as many points.
    """

    label: str
    scenario: str
    time: TimeRange | None
    now: int
    scrape: str
    alerts: Sequence[Mapping[str, Any]] = ()
    width: int = PIXELS

    def of_dashboard(self, body: Mapping[str, Any]) -> TimeRange:
        """The range that a dashboard shows."""
        return self.time or time_ranges.of_dashboard(body, self.now)


def of_service(whole: Range, service: str) -> Range:
    """The range with the alerts of one service; with all for a dashboard of several."""
    alerts = [alert for alert in whole.alerts if not service or alert["labels"].get(naming.SERVICE) == service]
    return replace(whole, alerts=alerts)


@dataclass(frozen=True)
class ViewedPanel:
    """A panel with its queries and their results."""

    placed: PlacedPanel
    planned: PanelQueries
    data: PanelData
    document: Mapping[str, Any]


@dataclass(frozen=True)
class View:
    """A view with its panels and variables."""

    range: Range
    time: TimeRange
    variables: Sequence[Variable]
    panels: Sequence[ViewedPanel]
    selects: Mapping[str, str] = field(default_factory=dict)

    def points(self) -> int:
        """The number of values of all frames."""
        frames = [frame for panel in self.panels for frame in panel.data.frames]
        return sum(len(field["values"]) for frame in frames for field in frame["fields"][1:])

    def document(self) -> dict[str, Any]:
        """The view as JSON for the page."""
        return {
            "label": self.range.label,
            "scenario": self.range.scenario,
            "variables": [variable.document() for variable in self.variables],
            "time": {"from": self.time.start, "to": self.time.end},
            "panels": [panel.document for panel in self.panels],
            "alerts": list(self.range.alerts),
            "selects": dict(self.selects),
        }


def view(
    body: Mapping[str, Any], client: PrometheusClient, visible: Range, selects: Mapping[str, str] | None = None
) -> View:
    """Evaluate a dashboard in classic JSON; ``selects`` are values of variables, by name."""
    time = visible.of_dashboard(body)
    variables = VariableResolver(client, time, selects or {}).resolve(body)
    values = {variable.name: variable.value() for variable in variables} | _built_in(body)
    filters = [each for variable in variables for each in variable.filters]
    planner, evaluator = QueryPlanner(values, time, visible.scrape, filters, visible.width), Evaluator(client)
    panels: list[ViewedPanel] = []
    for placed in placed_panels(body, variables):
        own = time_ranges.of_panel(placed.body, time)
        planned = planner.plan(placed, own)
        data = evaluator.panel(planned)
        panels.append(ViewedPanel(placed, planned, data, _document(placed, planned, data, values)))
    panels = [_with_source(panel, panels) for panel in panels]
    return View(visible, time, variables, panels, selects or {})


def _with_source(panel: ViewedPanel, panels: Sequence[ViewedPanel]) -> ViewedPanel:
    """A panel that shows the results of another one, with these."""
    other = panel.planned.source_panel
    if not other:
        return panel
    source = next((each for each in panels if each.placed.key == other), None)
    if source is None:
        return ViewedPanel(
            panel.placed,
            panel.planned,
            panel.data,
            {**panel.document, "undrawable": f"it shows panel {other}, which does not exist"},
        )
    return ViewedPanel(panel.placed, panel.planned, source.data, {**panel.document, "frames": source.data.frames})


def _document(
    placed: PlacedPanel, planned: PanelQueries, data: PanelData, values: Mapping[str, Value]
) -> dict[str, Any]:
    known = {**values, **scoped_values(placed), **range_values(planned.time)}
    errors = [{"refId": each.query.ref, "expr": each.query.expr, "message": each.message} for each in data.errors]
    errors += [
        {"refId": ref, "expr": expr, "message": f"not drawable: {reason}"} for ref, expr, reason in planned.skipped
    ]
    return {
        "key": placed.key,
        "panel": _interpolated_panel(placed.body, known),
        "from": planned.time.start,
        "to": planned.time.end,
        "interval": planned.interval,
        "scopedVars": {
            name: {"text": scoped.option.text, "value": scoped.option.value} for name, scoped in placed.scoped.items()
        },
        "frames": list(data.frames),
        "errors": [] if planned.undrawable else errors,
        "undrawable": planned.undrawable or None,
    }


def _interpolated_panel(body: Mapping[str, Any], values: Mapping[str, Value]) -> dict[str, Any]:
    """The JSON of a panel with the values of variables in its texts."""
    result: dict[str, Any] = {}
    for key, value in body.items():
        if key in _DROPPED:
            continue
        if key == "targets":
            result[key] = [
                {name: target[name] for name in _TARGET_KEYS if name in target}
                for target in map(as_mapping, value or [])
            ]
        elif key == "title":
            result[key] = _interpolated(value, values, in_text)
        elif key == "options" and body.get("type") == "text":
            result[key] = _interpolated(value, values, lambda each: formatted(each, "html"))
        else:
            result[key] = _interpolated(value, values, in_markdown)
    return result


def _interpolated(value: Any, values: Mapping[str, Value], default: Default) -> Any:
    if isinstance(value, str):
        return interpolate(value, values, default)
    if isinstance(value, Mapping):
        return {key: _interpolated(each, values, default) for key, each in value.items()}
    if isinstance(value, list):
        return [_interpolated(each, values, default) for each in value]
    return value


def _built_in(body: Mapping[str, Any]) -> dict[str, Value]:
    """The variables that every dashboard has, as far as they do not depend on who looks at it."""
    title, zone = str(body.get("title") or ""), str(body.get("timezone") or "browser")
    return {
        "__dashboard": Value((title,), (title,), "__dashboard"),
        "__org": Value(("1",), ("Main Org.",), "__org"),
        "__user": Value(("1",), ("admin",), "__user"),
        "__timezone": Value((zone,), (zone,), "__timezone"),
        "timeFilter": Value(("",), ("",), "timeFilter"),
    }
