"""The arguments of panels in their normal form, by kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from obscode.compiler.grafana.json_parts import Json
from obscode.importers.existing.dashboards import fields
from obscode.importers.existing.dashboards.arguments import Arguments
from obscode.importers.existing.dashboards.queries import queries_of, record_queries
from obscode.model import panels
from obscode.model.dashboard import Panel, QueryPanel
from obscode.model.dashboard.record_panel import RecordPanel


def typed_panel(value: Json, grid: Any, uid: str) -> Panel | None:
    """The definition of a panel in its normal form, as far as it has arguments; None for other types.

    ``uid`` is what most queries for Prometheus of the dashboard read.
    """
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
    # The title of a definition is not empty; the comparison with the JSON empties it.
    value = {**value, "title": value["title"] if value["title"].strip() or kind is panels.Text else kind.kind.name}
    if kind is panels.Text:
        content = str(options.get("content") or "")
        arguments.add(mode=options.get("mode"))
        return kind(value["title"], content, **arguments.values)
    if kind is panels.Library:
        library = value.get("libraryPanel") or {}
        arguments.add(name=library.get("name") if library.get("name") != value["title"] else None)
        return kind(value["title"], uid=library.get("uid", ""), **arguments.values)
    if issubclass(kind, RecordPanel):
        return _record_panel(kind, value, arguments, uid)
    return _query_panel(kind, value, arguments, uid)  # type: ignore[arg-type]


def _record_panel(kind: type[RecordPanel], value: Json, arguments: Arguments, uid: str) -> Panel | None:
    options, targets = value.get("options") or {}, value.get("targets") or ()
    arguments.add(transformations=_tuple(value.get("transformations")))
    arguments.add(time_range=value.get("timeFrom"), time_shift=value.get("timeShift"))
    _RECORDS[kind](arguments, options, targets)
    sources = {(target.get("datasource") or {}).get("uid") for target in targets}
    plain = kind(value["title"], "x", **arguments.values)
    if len(sources) == 1 and sources != {plain.query_of("x").source["uid"]}:
        arguments.add(datasource=sources.pop())
        plain = kind(value["title"], "x", **arguments.values)
    queries = record_queries(targets, plain, uid)
    if not queries:
        return None
    if not isinstance(queries, str) and not all(isinstance(query, str) for query in _listed(queries)):
        arguments.values.pop("datasource", None)
    return kind(value["title"], queries, **arguments.values)


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, tuple) else (value,)


def _query_panel(kind: type[QueryPanel], value: Json, arguments: Arguments, uid: str) -> Panel | None:
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
        time_shift=value.get("timeShift"),
        hide_time=value.get("hideTimeOverride"),
        max_points=value.get("maxDataPoints"),
    )
    _OWN[kind](arguments, options, defaults.get("custom") or {})
    made = queries_of(value.get("targets") or (), uid)
    if made is None or (not made[0] and kind.needs_query):
        return None
    queries, legend = made
    arguments.add(legend=legend)
    return kind(value["title"], queries, **arguments.values)


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


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
        axis=custom.get("axisPlacement"),
        centered_zero=custom.get("axisCenteredZero"),
        point_size=custom.get("pointSize"),
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


def _bar_chart(arguments: Arguments, options: Json, custom: Json) -> None:
    arguments.add(
        x=options.get("xField"),
        color_by=options.get("colorByField"),
        orientation=options.get("orientation"),
        stack=options.get("stacking"),
        show_value=options.get("showValue"),
        bar_width=options.get("barWidth"),
        group_width=options.get("groupWidth"),
        label_rotation=options.get("xTickLabelRotation"),
        label_length=options.get("xTickLabelMaxLength"),
        fill=custom.get("fillOpacity"),
        line_width=custom.get("lineWidth"),
        gradient=custom.get("gradientMode"),
        axis=custom.get("axisPlacement"),
        axis_title=custom.get("axisLabel"),
        legend_calcs=_tuple((options.get("legend") or {}).get("calcs")),
        legend_at=_legend_at(options),
        tooltip=(options.get("tooltip") or {}).get("mode"),
    )


def _xy_chart(arguments: Arguments, options: Json, custom: Json) -> None:
    arguments.add(
        series=_tuple(options.get("series")),
        draw=custom.get("show"),
        point_size=(custom.get("pointSize") or {}).get("fixed"),
        line_width=custom.get("lineWidth"),
        fill=custom.get("fillOpacity"),
        axis=custom.get("axisPlacement"),
        axis_title=custom.get("axisLabel"),
        legend_at=_legend_at(options),
        tooltip=(options.get("tooltip") or {}).get("mode"),
    )


def _geomap(arguments: Arguments, options: Json, custom: Json) -> None:
    view = options.get("view") or {}
    center = (view.get("lat", 0), view.get("lon", 0)) if view.get("id") == "coords" else None
    arguments.add(layers=_tuple(options.get("layers")), center=center, zoom=view.get("zoom"))
    arguments.add(basemap=(options.get("basemap") or {}).get("type"))
    arguments.add(tooltip=(options.get("tooltip") or {}).get("mode"))


def _canvas(arguments: Arguments, options: Json, custom: Json) -> None:
    arguments.add(elements=_tuple((options.get("root") or {}).get("elements")))
    arguments.add(pan_zoom=options.get("panZoom"), fit=options.get("zoomToContent"))


def _logs(arguments: Arguments, options: Json, targets: Sequence[Json]) -> None:
    names = {"show_time": "showTime", "show_labels": "showLabels", "wrap": "wrapLogMessage"}
    arguments.add(**{name: bool(options.get(key)) for name, key in names.items()})
    arguments.add(prettify=options.get("prettifyLogMessage"), deduplicate=options.get("dedupStrategy"))
    arguments.add(newest_first=options.get("sortOrder") != "Ascending")


def _node_graph(arguments: Arguments, options: Json, targets: Sequence[Json]) -> None:
    nodes, edges = options.get("nodes") or {}, options.get("edges") or {}
    arguments.add(node_unit=nodes.get("mainStatUnit"), node_second_unit=nodes.get("secondaryStatUnit"))
    arguments.add(edge_unit=edges.get("mainStatUnit"), edge_second_unit=edges.get("secondaryStatUnit"))
    arguments.add(layout=options.get("layoutAlgorithm"), zoom=options.get("zoomMode"))
    arguments.add(arcs={arc["field"]: arc["color"] for arc in nodes.get("arcs") or ()} or None)


def _flame_graph(arguments: Arguments, options: Json, targets: Sequence[Json]) -> None:
    if len(targets) == 1:
        arguments.add(profile=targets[0].get("profileTypeId"), group_by=_tuple(targets[0].get("groupBy")))


def _no_arguments(arguments: Arguments, options: Json, targets: Sequence[Json]) -> None:
    """For a kind without arguments of its own."""


_RECORDS: Mapping[type[RecordPanel], Callable[[Arguments, Json, Sequence[Json]], None]] = {
    panels.Logs: _logs,
    panels.Traces: _no_arguments,
    panels.FlameGraph: _flame_graph,
    panels.NodeGraph: _node_graph,
}
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
    panels.BarChart: _bar_chart,
    panels.XYChart: _xy_chart,
    panels.Geomap: _geomap,
    panels.Canvas: _canvas,
}
_TYPES: Sequence[type[Panel]] = (*_OWN, *_RECORDS, panels.Text, panels.Library)
_KINDS: Mapping[str, type[Panel]] = {kind.kind.type: kind for kind in _TYPES}
