"""Panels in JSON as definitions: typed where the definition compiles to the same JSON, with the rest as `extra`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from obscode.compiler.grafana.datasource import replaced_datasource
from obscode.compiler.grafana.json_parts import Json, refs, without
from obscode.compiler.grafana.layout import Grid
from obscode.compiler.grafana.panel import panel_json
from obscode.findings.errors import DefinitionError
from obscode.importers.existing.dashboards import fields
from obscode.importers.existing.dashboards.arguments import Arguments
from obscode.importers.existing.dashboards.difference import difference
from obscode.importers.existing.dashboards.normal_form import panel as normal_form
from obscode.importers.existing.dashboards.variable_forms import Sources
from obscode.model import argument_types, panels
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
            made = typed_panel(expected, value.get("gridPos"))
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
            panel = _with_extra_of_queries(panel, compiled["targets"], expected["targets"])
        extra = difference(without(compiled, "targets"), without(expected, "targets"))
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


def _with_extra_of_queries(panel: QueryPanel, compiled: Sequence[Json], expected: Sequence[Json]) -> QueryPanel:
    extras = [difference(before, after) for before, after in zip(compiled, expected, strict=True)]
    if not any(extras):
        return panel
    queries = [
        query.derive(extra=extra) if extra else query for query, extra in zip(panel.all_queries(), extras, strict=True)
    ]
    return panel.derive(queries=_one_or_all(queries), legend="")


def _one_or_all(queries: Sequence[Query]) -> Query | tuple[Query, ...]:
    return queries[0] if len(queries) == 1 else tuple(queries)


# --- arguments ---------------------------------------------------------------------------------------------------


def typed_panel(value: Json, grid: Any) -> Panel | None:
    """The definition of a panel in its normal form, as far as it has arguments; None for other types."""
    kind = _KINDS.get(str(value.get("type")))
    if kind is None:
        return None
    arguments = Arguments(kind)
    arguments.add(description=value.get("description"), transparent=value.get("transparent"))
    arguments.add(repeat=value.get("repeat"), max_per_row=value.get("maxPerRow"))
    arguments.add(repeat_direction="vertical" if value.get("repeatDirection") == "v" else None)
    arguments.add(links=fields.links(value.get("links")) or None)
    if isinstance(grid, Mapping):
        arguments.add(width=grid.get("w"), height=grid.get("h"))
    options = value.get("options") or {}
    if kind is panels.Text:
        content = str(options.get("content") or "")
        arguments.add(mode=options.get("mode"))
        return kind(value["title"], content, **arguments.values)
    if kind is panels.Logs:
        return _logs(value, options, arguments)
    return _query_panel(kind, value, arguments)  # type: ignore[arg-type]


def _logs(value: Json, options: Json, arguments: Arguments) -> Panel:
    names = {"show_time": "showTime", "show_labels": "showLabels", "wrap": "wrapLogMessage"}
    arguments.add(**{name: bool(options.get(key)) for name, key in names.items()})
    arguments.add(prettify=options.get("prettifyLogMessage"), deduplicate=options.get("dedupStrategy"))
    arguments.add(newest_first=options.get("sortOrder") != "Ascending")
    queries = [str(target["expr"]) for target in value["targets"]]
    return panels.Logs(value["title"], queries[0] if len(queries) == 1 else queries, **arguments.values)


def _query_panel(kind: type[QueryPanel], value: Json, arguments: Arguments) -> Panel | None:
    config = value.get("fieldConfig") or {}
    defaults, options = config.get("defaults") or {}, value.get("options") or {}
    arguments.add(
        unit=defaults.get("unit"),
        decimals=defaults.get("decimals"),
        minimum=defaults.get("min"),
        maximum=defaults.get("max"),
        no_value=defaults.get("noValue"),
        color=fields.color(defaults.get("color")),
        thresholds=fields.thresholds(defaults.get("thresholds")),
        mappings=fields.mappings(defaults["mappings"]) if "mappings" in defaults else None,
        data_links=fields.links(defaults.get("links")),
        overrides=fields.overrides(config.get("overrides"), kind),
        transformations=_tuple(value.get("transformations")),
        interval=value.get("interval"),
        time_range=value.get("timeFrom"),
    )
    _OWN[kind](arguments, options, defaults.get("custom") or {})
    made = _queries(value.get("targets") or ())
    if made is None:
        return None
    queries, legend = made
    arguments.add(legend=legend)
    return kind(value["title"], queries, **arguments.values)


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _queries(targets: Sequence[Json]) -> tuple[Any, str] | None:
    """The queries of a panel, and the legend of a single one; None if one is not PromQL."""
    if not targets or not all(isinstance(t.get("expr"), str) and t["expr"].strip() for t in targets):
        return None
    in_order = all(target.get("refId") == ref for target, ref in zip(targets, refs(), strict=False))
    queries = [_query(target, with_ref=not in_order) for target in targets]
    only = queries[0].derive(legend="")
    if len(queries) == 1 and only == Query(only.expr):
        return only.expr, queries[0].legend
    return _one_or_all(queries), ""


def _query(target: Json, *, with_ref: bool) -> Query:
    arguments = Arguments(Query)
    arguments.add(legend=target.get("legendFormat"), hidden=target.get("hide"), exemplars=target.get("exemplar"))
    arguments.add(
        interval=target.get("interval"), instant=target.get("instant"), ref=target.get("refId") if with_ref else None
    )
    return Query(target["expr"], **arguments.values)


# --- arguments of kinds ------------------------------------------------------------------------------------------


def _legend_at(options: Json) -> str:
    legend = options.get("legend") or {}
    return "hidden" if legend.get("showLegend") is False else legend.get("placement", "bottom")


def _calc(options: Json) -> str | None:
    calcs = (options.get("reduceOptions") or {}).get("calcs")
    return calcs[0] if isinstance(calcs, list) and len(calcs) == 1 else None


def _time_series(arguments: Arguments, options: Json, custom: Json) -> None:
    scale = custom.get("scaleDistribution") or {}
    legend, tooltip = options.get("legend") or {}, options.get("tooltip") or {}
    arguments.add(
        draw=custom.get("drawStyle"),
        fill=custom.get("fillOpacity"),
        line_width=custom.get("lineWidth"),
        interpolation=custom.get("lineInterpolation"),
        points=custom.get("showPoints"),
        connect_gaps=custom.get("spanNulls"),
        stack=(custom.get("stacking") or {}).get("mode"),
        axis_title=custom.get("axisLabel"),
        soft_minimum=custom.get("axisSoftMin"),
        soft_maximum=custom.get("axisSoftMax"),
        log_base=scale.get("log") if scale.get("type") == "log" else None,
        threshold_style=(custom.get("thresholdsStyle") or {}).get("mode", "off"),
        legend_calcs=_tuple(legend.get("calcs")),
        legend_at=_legend_at(options),
        gradient=custom.get("gradientMode"),
        tooltip=tooltip.get("mode", "single"),
        tooltip_sort=tooltip.get("sort", "none") if tooltip.get("mode") == "multi" else None,
    )
    if "thresholds" not in arguments.values:
        arguments.values.pop("threshold_style", None)  # it has no effect


def _stat(arguments: Arguments, options: Json, custom: Json) -> None:
    arguments.add(calc=_calc(options), sparkline=options.get("graphMode", "area") == "area")
    arguments.add(color_mode=options.get("colorMode"), text_mode=options.get("textMode"))


def _gauge(arguments: Arguments, options: Json, custom: Json) -> None:
    arguments.add(calc=_calc(options), threshold_labels=options.get("showThresholdLabels"))
    arguments.add(threshold_markers=options.get("showThresholdMarkers"))


def _bar_gauge(arguments: Arguments, options: Json, custom: Json) -> None:
    arguments.add(calc=_calc(options), display=options.get("displayMode"))
    arguments.add(orientation=options.get("orientation", "auto"))


def _pie_chart(arguments: Arguments, options: Json, custom: Json) -> None:
    legend = options.get("legend") or {}
    arguments.add(calc=_calc(options), shape=options.get("pieType"), labels=_tuple(options.get("displayLabels")))
    arguments.add(legend_values=tuple(legend.get("values") or ()), legend_at=_legend_at(options))


def _table(arguments: Arguments, options: Json, custom: Json) -> None:
    sort: Sequence[Json] = options.get("sortBy") or ()
    if len(sort) == 1:
        arguments.add(sort_by=sort[0].get("displayName"), descending=sort[0].get("desc"))
    arguments.add(filterable=custom.get("filterable"), cell=(custom.get("cellOptions") or {}).get("type"))


def _heatmap(arguments: Arguments, options: Json, custom: Json) -> None:
    axis = options.get("yAxis") or {}
    arguments.add(calculate=options.get("calculate"), scheme=(options.get("color") or {}).get("scheme"))
    arguments.add(
        unit=axis.get("unit"), decimals=axis.get("decimals"), minimum=axis.get("min"), maximum=axis.get("max")
    )
    arguments.add(cell_unit=(options.get("cellValues") or {}).get("unit"))


def _histogram(arguments: Arguments, options: Json, custom: Json) -> None:
    arguments.add(bucket_count=options.get("bucketCount"), bucket_size=options.get("bucketSize"))
    arguments.add(combine=options.get("combine"), fill=custom.get("fillOpacity"), legend_at=_legend_at(options))


def _state_timeline(arguments: Arguments, options: Json, custom: Json) -> None:
    tooltip = (options.get("tooltip") or {}).get("mode")
    arguments.add(show_value=options.get("showValue"), legend_at=_legend_at(options), tooltip=tooltip)
    if arguments.kind is panels.StateTimeline:
        arguments.add(merge=options.get("mergeValues"))
    elif "showValue" not in options:
        arguments.add(show_value="auto")


_OWN: Mapping[type[Panel], Callable[[Arguments, Json, Json], None]] = {
    panels.TimeSeries: _time_series,
    panels.Stat: _stat,
    panels.Gauge: _gauge,
    panels.BarGauge: _bar_gauge,
    panels.PieChart: _pie_chart,
    panels.Table: _table,
    panels.Heatmap: _heatmap,
    panels.Histogram: _histogram,
    panels.StateTimeline: _state_timeline,
    panels.StatusHistory: _state_timeline,
}
_TYPES: Sequence[type[Panel]] = (*_OWN, panels.Text, panels.Logs)
_KINDS: Mapping[str, type[Panel]] = {kind.kind.type: kind for kind in _TYPES}
