"""Panels by way of grafanalib; its only importer.

grafanalib 0.7.1 is the model of what panels there are and what they take: a definition becomes an object of
it, and what that writes is brought up to date by `grafana_current`. Where grafanalib knows no argument, or
takes whole numbers only, `extraJson` carries what the definition says.
"""

from __future__ import annotations

from dataclasses import asdict
from functools import singledispatch
from textwrap import dedent
from typing import Any

from grafanalib import core

from obscode.findings.errors import DefinitionError
from obscode.findings.finding import Finding
from obscode.model.dashboard import (
    AlertList,
    BarGauge,
    DashboardList,
    GaugePanel,
    Heatmap,
    HistogramPanel,
    Logs,
    Panel,
    QueryPanel,
    RawPanel,
    Row,
    Stat,
    StateTimeline,
    StatusHistory,
    Table,
    Text,
    TimeSeries,
)
from obscode.model.dashboard.panels.raw import plain_json
from obscode.promql.selector import quote
from obscode.renderers.grafana.datasource import LOKI, PROMETHEUS
from obscode.renderers.grafana.fields import defaults, overrides, plain
from obscode.renderers.grafana.json_parts import Json, merged, ordered, refs
from obscode.renderers.grafana.layout import Grid
from obscode.renderers.grafana.upgrade.current import ORDER, current


def row_json(row: Row, panel_id: int, grid: Grid, inside: list[Json]) -> Json:
    """A row; an open one has no panels inside, a folded one holds them."""
    return {
        "id": panel_id,
        "type": "row",
        "title": row.title,
        "gridPos": asdict(grid),
        **({"repeat": row.repeat} if row.repeat else {}),
        "collapsed": row.collapsed,
        "panels": inside,
    }


def panel_json(panel: Panel, panel_id: int, grid: Grid, interval: str = "") -> Json:
    """A panel in Grafana's classic model, keys in a fixed order.

    ``interval`` is how often its series are scraped, where that is not what the datasource says.
    """
    try:
        body = current(_plain(grafanalib_panel(panel)), interval)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        if not isinstance(panel, RawPanel):
            raise
        raise DefinitionError([_unreadable(panel, error)]) from error
    return ordered({"title": "", **body, "id": panel_id, "gridPos": asdict(grid)}, ORDER)


def _plain(panel: Any) -> Json:
    plain: Json = plain_json(panel if isinstance(panel, dict) else panel.to_json_data())
    return plain


def _unreadable(panel: RawPanel, error: Exception) -> Finding:
    message = f"panel {panel.title!r} is not of a form that a panel of type {panel.type!r} has ({error!r})"
    return panel.finding("panel-json", message, "copy the whole of it from Inspect > Panel JSON", at="json")


# --- definitions to objects of grafanalib ------------------------------------------------------------------------


@singledispatch
def grafanalib_panel(panel: Panel) -> Any:
    """The object of grafanalib that a definition stands for."""
    raise TypeError(f"no such kind of panel: {type(panel).__name__}")


def _shared(panel: Panel) -> dict[str, Any]:
    direction = "v" if panel.repeat_direction == "vertical" else "h"
    most = panel.max_per_row if direction == "h" else None
    return {
        "title": panel.title,
        "description": panel.description,
        "transparent": panel.transparent,
        "maxDataPoints": None,
        "links": [{"title": link.title, "url": link.url, "targetBlank": link.new_tab} for link in panel.links],
        **({"repeat": core.Repeat(direction, panel.repeat, most)} if panel.repeat else {}),
    }


def _text(written: str) -> str:
    """A text without the indentation that its place in Python gave it."""
    return dedent(written).strip()


def _queried(panel: QueryPanel, options: Json | None = None, custom: Json | None = None) -> dict[str, Any]:
    instant = isinstance(panel, GaugePanel | BarGauge | Table) or (isinstance(panel, Stat) and not panel.sparkline)
    fields = {"defaults": {**defaults(panel), "custom": custom or {}}, "overrides": overrides(panel)}
    return {
        **_shared(panel),
        "dataSource": PROMETHEUS,
        "targets": _targets(panel, instant),
        "interval": panel.interval or None,
        "timeFrom": panel.time_range or None,
        "transformations": [
            merged({"id": "", "options": {}}, transformation) for transformation in panel.transformations
        ],
        "thresholds": [],
        "extraJson": {"fieldConfig": fields, "options": options or {}},
    }


def _targets(panel: QueryPanel, instant: bool) -> list[Json]:
    """Plain JSON: grafanalib's Target knows no exemplars and doubles the step."""
    queries = panel.all_queries()
    buckets = isinstance(panel, Heatmap) and not panel.calculate
    free = (ref for ref in refs() if ref not in {query.ref for query in queries})
    return [
        {
            "refId": query.ref or next(free),
            "datasource": PROMETHEUS,
            "expr": _text(query.expr),
            "legendFormat": query.legend or ("{{le}}" if buckets else "__auto"),
            "format": "heatmap" if buckets else "table" if isinstance(panel, Table) else "",
            "instant": instant if query.instant is None else query.instant,
            "exemplar": query.exemplars,
            "hide": query.hidden,
        }
        for query in queries
    ]


def _legend(place: str, calcs: tuple[str, ...] = ()) -> Json:
    return {
        "showLegend": place != "hidden",
        "displayMode": "table" if calcs else "list",
        "placement": "bottom" if place == "hidden" else place,
        "calcs": list(calcs),
    }


@grafanalib_panel.register
def _(panel: TimeSeries) -> Any:
    # grafanalib's own arguments refuse 0.99 as an end of the axis, and p99 in the legend.
    custom = {
        "drawStyle": panel.draw,
        "lineInterpolation": panel.interpolation,
        "lineWidth": panel.line_width,
        "fillOpacity": panel.fill,
        "showPoints": panel.points,
        "spanNulls": panel.connect_gaps,
        "axisLabel": panel.axis_title,
        "axisSoftMin": plain(panel.soft_minimum),
        "axisSoftMax": plain(panel.soft_maximum),
    }
    options = {"legend": _legend(panel.legend_at, tuple(panel.legend_calcs))}
    return core.TimeSeries(
        **_queried(panel, options, custom),
        scaleDistributionType="log" if panel.log_base else "linear",
        scaleDistributionLog=panel.log_base or 2,
        stacking={"mode": panel.stack, "group": "A"},
        thresholdsStyleMode=panel.threshold_style if panel.thresholds else "off",
        tooltipMode=panel.tooltip,
        tooltipSort="desc" if panel.tooltip == "multi" else "none",
    )


@grafanalib_panel.register
def _(panel: Stat) -> Any:
    return core.Stat(
        **_queried(panel),
        reduceCalc=panel.calc,
        graphMode="area" if panel.sparkline else "none",
        colorMode=panel.color_mode,
        textMode=panel.text_mode,
        format=panel.unit,
        noValue=None,
    )


@grafanalib_panel.register
def _(panel: GaugePanel) -> Any:
    return core.GaugePanel(
        **_queried(panel),
        calc=panel.calc,
        format=panel.unit,
        thresholdLabels=panel.threshold_labels,
        thresholdMarkers=panel.threshold_markers,
        min=None,
        max=None,
    )


@grafanalib_panel.register
def _(panel: BarGauge) -> Any:
    return core.BarGauge(
        **_queried(panel),
        calc=panel.calc,
        displayMode=panel.display,
        orientation=panel.orientation,
        format=panel.unit,
        min=None,
        max=None,
    )


@grafanalib_panel.register
def _(panel: Table) -> Any:
    queried = _queried(panel)
    queried["transformations"] += _picked(panel)
    sort = [core.TableSortByField(displayName=panel.sort_by, desc=panel.descending)] if panel.sort_by else []
    return core.Table(**queried, displayMode=panel.cell, filterable=panel.filterable, sortBy=sort)


def _picked(panel: Table) -> list[Json]:
    """Join the lines of several queries; keep the columns that were asked for, in order, with their titles."""
    joined = [{"id": "merge", "options": {}}] if len(panel.all_queries()) > 1 else []
    if not panel.columns:
        return joined
    order = {name: index for index, name in enumerate(panel.columns)}
    titles = {name: title for name, title in panel.columns.items() if title != name}
    return [
        *joined,
        {"id": "filterFieldsByName", "options": {"include": {"names": list(panel.columns)}}},
        {"id": "organize", "options": {"excludeByName": {}, "indexByName": order, "renameByName": titles}},
    ]


@grafanalib_panel.register
def _(panel: Heatmap) -> Any:
    axis = core.YAxis(
        format=panel.unit or None,
        decimals=panel.decimals,
        min=plain(panel.minimum),
        max=plain(panel.maximum),
        logBase=panel.log_base or 1,
    )
    scale = {"rowsFrame": {"layout": "auto", "yBucketScale": {"type": "log", "log": panel.log_base}}}
    options: Json = {"cellValues": {"unit": panel.cell_unit}} if panel.cell_unit else {}
    if panel.log_base and not panel.calculate:
        options |= scale
    return core.Heatmap(
        **_queried(panel, options),
        dataFormat="timeseries" if panel.calculate else "tsbuckets",
        color=core.HeatmapColor(colorScheme=panel.scheme, colorScale="exponential"),
        legend={"show": True},
        yAxis=axis,
    )


@grafanalib_panel.register
def _(panel: HistogramPanel) -> Any:
    options: Json = {"bucketCount": panel.bucket_count, "legend": _legend(panel.legend_at)}
    if panel.bucket_size is not None:
        options["bucketSize"] = plain(panel.bucket_size)
    return core.Histogram(
        **_queried(panel, options),
        combine=panel.combine,
        fillOpacity=panel.fill,
        lineWidth=1,
        colorMode="palette-classic",
    )


@grafanalib_panel.register
def _(panel: StateTimeline) -> Any:
    options = {"legend": _legend(panel.legend_at), "tooltip": {"mode": panel.tooltip, "sort": "none"}}
    return core.StateTimeline(
        **_queried(panel, options),
        mergeValues=panel.merge,
        showValue=panel.show_value,
        colorMode=_color_of_states(panel),
    )


@grafanalib_panel.register
def _(panel: StatusHistory) -> Any:
    options = {
        "showValue": panel.show_value,
        "legend": _legend(panel.legend_at),
        "tooltip": {"mode": panel.tooltip, "sort": "none"},
    }
    queried = _queried(panel, options, {"fillOpacity": 70, "lineWidth": 1})
    color = {"fieldConfig": {"defaults": {"color": {"mode": _color_of_states(panel)}}}}
    return _of_type("status-history", queried, color)


def _color_of_states(panel: StateTimeline | StatusHistory) -> str:
    return "thresholds" if panel.thresholds or panel.mappings else "palette-classic"


def _of_type(kind: str, given: dict[str, Any], base: Json) -> Any:
    """A panel that grafanalib has no class for, or none that is still right."""
    return core.Panel(**{**given, "extraJson": merged({"type": kind, **base}, given.get("extraJson", {}))}).panel_json(
        {}
    )


@grafanalib_panel.register
def _(panel: Text) -> Any:
    return core.Text(**_shared(panel), content=_text(panel.content), mode=panel.mode)


@grafanalib_panel.register
def _(panel: Logs) -> Any:
    targets = [
        {"refId": ref, "datasource": LOKI, "editorMode": "code", "expr": _text(query), "queryType": "range"}
        for ref, query in zip(refs(), panel.log_queries(), strict=False)
    ]
    return core.Logs(
        **_shared(panel),
        dataSource=LOKI,
        targets=targets,
        showTime=panel.show_time,
        showLabels=panel.show_labels,
        wrapLogMessages=panel.wrap,
        prettifyLogMessage=panel.prettify,
        enableLogDetails=True,
        dedupStrategy=panel.deduplicate,
        sortOrder="Descending" if panel.newest_first else "Ascending",
    )


@grafanalib_panel.register
def _(panel: AlertList) -> Any:
    matchers = ",".join(f"{label}={quote(value)}" for label, value in panel.labels.items())
    states = ("firing", "pending", "recovering", "noData", "normal", "error")
    options = {
        "maxItems": panel.limit,
        "alertName": panel.alert,
        "alertInstanceLabelFilter": f"{{{matchers}}}" if matchers else "",
        "stateFilter": {state: state in panel.states for state in states},
    }
    return _of_type("alertlist", _shared(panel), {"options": options})


@grafanalib_panel.register
def _(panel: DashboardList) -> Any:
    options = {"includeVars": panel.keep_variables, "keepTime": panel.keep_time}
    return core.DashboardList(
        **_shared(panel),
        extraJson={"options": options},
        showSearch=True,
        showStarred=panel.starred,
        showHeadings=panel.starred,
        maxItems=panel.limit,
        searchQuery=panel.query,
        searchTags=list(panel.tags),
    )


@grafanalib_panel.register
def _(panel: RawPanel) -> Any:
    return panel.json
