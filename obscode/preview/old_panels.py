"""Panels of types that Grafana removed, as the panels that it makes of them when it loads a dashboard.

https://github.com/grafana/grafana/blob/main/public/app/plugins/panel/timeseries/migrations.ts,
https://github.com/grafana/grafana/blob/main/packages/grafana-ui/src/components/SingleStatShared/SingleStatBaseOptions.ts,
https://github.com/grafana/grafana/blob/main/public/app/plugins/panel/table/migrations.ts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from obscode.preview.json_values import as_list, as_mapping, as_number, as_text

Body = Mapping[str, Any]

_CALCS = {"avg": "mean", "current": "lastNotNull", "total": "sum", "min": "min", "max": "max", "first": "first"}
_STAT_CALCS = {**_CALCS, "range": "range", "delta": "delta", "diff": "diff", "name": "lastNotNull"}
_LEGEND_CALCS = ("min", "max", "avg", "current", "total")
_RENAMED = {
    "grafana-piechart-panel": "piechart",
    "natel-discrete-panel": "state-timeline",
    "grafana-worldmap-panel": "geomap",
    "heatmap-new": "heatmap",
    "table2": "table",
}
_TRANSFORMS = {
    "table": "merge",
    "timeseries_to_columns": "joinByField",
    "timeseries_to_rows": "seriesToRows",
    "timeseries_aggregations": "reduce",
}


def migrated(panel: Body) -> Body:
    """The panel, with a type and options that Grafana still has."""
    kind = as_text(panel.get("type"))
    if kind in ("graph", "singlestat"):
        return _MIGRATIONS[kind](panel)
    if kind == "table-old" or (kind == "table" and "styles" in panel and "fieldConfig" not in panel):
        return _table(panel)
    if kind in _RENAMED:
        return {**panel, "type": _RENAMED[kind]}
    return panel


# --- graph -------------------------------------------------------------------------------------------------------


def _graph(panel: Body) -> Body:
    left, right = _axes(panel)
    defaults = {**_axis_field(left), "custom": {**_graph_style(panel), **_axis_custom(left)}}
    overrides = [
        *_alias_colors(panel),
        *(_series_override(as_mapping(o), right) for o in as_list(panel.get("seriesOverrides"))),
    ]
    steps, style = _graph_thresholds(panel)
    if steps:
        defaults["thresholds"] = {"mode": "absolute", "steps": steps}
        defaults["custom"]["thresholdsStyle"] = {"mode": style}
    mode = as_text(as_mapping(panel.get("xaxis")).get("mode"))
    kind = {"histogram": "histogram", "series": "bargauge"}.get(mode, "timeseries")
    tooltip = {"mode": "multi" if as_mapping(panel.get("tooltip")).get("shared", True) else "single", "sort": "none"}
    options: dict[str, Any] = {"legend": _graph_legend(panel), "tooltip": tooltip}
    if kind == "bargauge":
        calcs = [
            _CALCS.get(as_text(name), "lastNotNull") for name in as_list(as_mapping(panel.get("xaxis")).get("values"))
        ]
        options = {"reduceOptions": {"calcs": calcs[:1] or ["sum"]}, "orientation": "vertical"}
    return {**panel, "type": kind, "fieldConfig": {"defaults": defaults, "overrides": overrides}, "options": options}


def _axes(panel: Body) -> tuple[Body, Body]:
    axes = [as_mapping(each) for each in as_list(panel.get("yaxes"))]
    if not axes:  # before Grafana 4
        formats = as_list(panel.get("y_formats"))
        axes = [{"format": text} for text in formats]
    both = [*axes, {}, {}]
    return both[0], both[1]


def _axis_field(axis: Body) -> dict[str, Any]:
    field: dict[str, Any] = {"unit": as_text(axis.get("format")) or "short"}
    for name in ("min", "max", "decimals"):
        if axis.get(name) not in (None, "", "auto"):
            field[name] = as_number(axis.get(name), 0)
    return field


def _axis_custom(axis: Body) -> dict[str, Any]:
    custom: dict[str, Any] = {}
    if axis.get("label"):
        custom["axisLabel"] = axis["label"]
    if axis.get("show") is False:
        custom["axisPlacement"] = "hidden"
    if as_number(axis.get("logBase"), 1) > 1:
        custom["scaleDistribution"] = {"type": "log", "log": axis["logBase"]}
    return custom


def _graph_style(panel: Body) -> dict[str, Any]:
    style = {
        "drawStyle": "bars" if panel.get("bars") else "line" if panel.get("lines", True) else "points",
        "lineWidth": as_number(panel.get("linewidth"), 1),
        "fillOpacity": 100 if panel.get("bars") else as_number(panel.get("fill"), 1) * 10,
        "pointSize": max(as_number(panel.get("pointradius"), 2) * 2 + 1, 1),
        "showPoints": "always" if panel.get("points") else "never",
        "spanNulls": panel.get("nullPointMode") == "connected",
        "lineInterpolation": "stepAfter" if panel.get("steppedLine") else "linear",
    }
    if panel.get("stack"):
        style["stacking"] = {"mode": "percent" if panel.get("percentage") else "normal", "group": "A"}
    if panel.get("dashes"):
        style["lineStyle"] = {"fill": "dash", "dash": [10, 10]}
    return style


def _graph_legend(panel: Body) -> dict[str, Any]:
    legend = as_mapping(panel.get("legend"))
    calcs = [_CALCS[name] for name in _LEGEND_CALCS if legend.get("values") and legend.get(name)]
    return {
        "showLegend": bool(legend.get("show", True)),
        "displayMode": "table" if legend.get("alignAsTable") else "list",
        "placement": "right" if legend.get("rightSide") else "bottom",
        "calcs": calcs,
    }


def _alias_colors(panel: Body) -> Iterator[dict[str, Any]]:
    for name, color in as_mapping(panel.get("aliasColors")).items():
        yield _override(name, {"color": {"mode": "fixed", "fixedColor": color}})


def _series_override(series: Body, right: Body) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for name, value in series.items():
        properties.update(_series_property(name, value, right))
    return _override(as_text(series.get("alias")), properties)


def _series_property(name: str, value: Any, right: Body) -> dict[str, Any]:
    if name == "yaxis" and value == 2:
        axis = {f"custom.{key}": each for key, each in _axis_custom(right).items()}
        return {**_axis_field(right), **axis, "custom.axisPlacement": "right"}
    styles: Mapping[str, Mapping[str, Any]] = {
        "fill": {"custom.fillOpacity": as_number(value, 0) * 10},
        "linewidth": {"custom.lineWidth": as_number(value, 1)},
        "color": {"color": {"mode": "fixed", "fixedColor": value}},
        "bars": {"custom.drawStyle": "bars", "custom.fillOpacity": 100} if value else {},
        "lines": {} if value else {"custom.lineWidth": 0},
        "points": {"custom.showPoints": "always" if value else "never"},
        "steppedLine": {"custom.lineInterpolation": "stepAfter"} if value else {},
        "dashes": {"custom.lineStyle": {"fill": "dash", "dash": [10, 10]}} if value else {},
        "stack": {"custom.stacking": {"mode": "normal" if value else "none", "group": as_text(value) or "A"}},
        "transform": {"custom.transform": value},
        "legend": {} if value else {"custom.hideFrom": {"legend": True, "tooltip": False, "viz": False}},
        "hiddenSeries": {"custom.hideFrom": {"legend": False, "tooltip": False, "viz": True}} if value else {},
    }
    return dict(styles.get(name, {}))


def _graph_thresholds(panel: Body) -> tuple[list[dict[str, Any]], str]:
    steps: list[dict[str, Any]] = []
    style = "off"
    thresholds = sorted(
        map(as_mapping, as_list(panel.get("thresholds"))), key=lambda each: as_number(each.get("value"), 0)
    )
    colors = {"critical": "red", "warning": "orange", "ok": "green"}
    for each in thresholds:
        color = as_text(each.get("lineColor") or each.get("fillColor")) if each.get("colorMode") == "custom" else ""
        color = color or colors.get(as_text(each.get("colorMode")), "red")
        below = each.get("op") == "lt"
        if not steps:
            steps.append({"value": None, "color": color if below else "transparent"})
        steps.append({"value": as_number(each.get("value"), 0), "color": "transparent" if below else color})
        style = "area" if each.get("fill") and not each.get("line") else "line+area" if each.get("fill") else "line"
    return steps, style


def _override(name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    is_regex = len(name) > 1 and name.startswith("/")
    matcher = {"id": "byRegexp" if is_regex else "byName", "options": name}
    return {"matcher": matcher, "properties": [{"id": key, "value": value} for key, value in properties.items()]}


# --- singlestat --------------------------------------------------------------------------------------------------


def _singlestat(panel: Body) -> Body:
    gauge = as_mapping(panel.get("gauge"))
    is_gauge = bool(gauge.get("show"))
    defaults: dict[str, Any] = {"unit": as_text(panel.get("format")) or "none", "mappings": _mappings(panel)}
    if isinstance(panel.get("decimals"), int | float):
        defaults["decimals"] = panel["decimals"]
    if as_text(panel.get("nullText")):
        defaults["noValue"] = panel["nullText"]
    steps = _steps(panel.get("thresholds"), as_list(panel.get("colors")))
    if steps:
        defaults["thresholds"] = {"mode": "absolute", "steps": steps}
    if is_gauge:
        defaults |= {"min": as_number(gauge.get("minValue"), 0), "max": as_number(gauge.get("maxValue"), 100)}
    calc = _STAT_CALCS.get(as_text(panel.get("valueName")), "mean")
    column = as_text(panel.get("tableColumn"))
    reduce = {"calcs": [calc], "values": False, "fields": f"/^{column}$/" if column and column != "Value" else ""}
    options: dict[str, Any] = {"reduceOptions": reduce, "orientation": "horizontal"}
    if not is_gauge:
        color = "background" if panel.get("colorBackground") else "value" if panel.get("colorValue") else "none"
        sparkline = bool(as_mapping(panel.get("sparkline")).get("show"))
        text = "name" if panel.get("valueName") == "name" else "auto"
        options |= {
            "colorMode": color,
            "graphMode": "area" if sparkline else "none",
            "textMode": text,
            "justifyMode": "auto",
        }
    field = {"defaults": defaults, "overrides": []}
    return {**panel, "type": "gauge" if is_gauge else "stat", "fieldConfig": field, "options": options}


def _mappings(panel: Body) -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = []
    for each in map(as_mapping, as_list(panel.get("valueMaps"))):
        if as_text(each.get("text")):
            value, text = as_text(each.get("value")), each["text"]
            if value == "null":
                result.append({"type": "special", "options": {"match": "null", "result": {"text": text}}})
            else:
                result.append({"type": "value", "options": {value: {"text": text}}})
    for each in map(as_mapping, as_list(panel.get("rangeMaps"))):
        if as_text(each.get("text")) and as_text(each.get("from")) != "null":
            bounds = {name: as_number(each.get(name), 0) for name in ("from", "to")}
            result.append({"type": "range", "options": {**bounds, "result": {"text": each["text"]}}})
    return result


def _steps(thresholds: Any, colors: Sequence[Any]) -> list[dict[str, Any]]:
    values = (
        [part.strip() for part in thresholds.split(",")] if isinstance(thresholds, str) else list(as_list(thresholds))
    )
    numbers = [as_number(value, 0) for value in values if value not in ("", None)]
    return [
        {"color": color, "value": None if place == 0 else numbers[place - 1]}
        for place, color in enumerate(colors[: len(numbers) + 1])
    ]


# --- table -------------------------------------------------------------------------------------------------------


def _table(panel: Body) -> Body:
    defaults: dict[str, Any] = {"custom": {}}
    overrides: list[dict[str, Any]] = []
    for style in map(as_mapping, as_list(panel.get("styles"))):
        pattern, properties = as_text(style.get("pattern")), _style(style)
        if pattern == "/.*/":
            defaults.update({name: value for name, value in properties.items() if not name.startswith("custom.")})
        elif pattern:
            overrides.append(_override(pattern, properties))
    transform = _TRANSFORMS.get(as_text(panel.get("transform")))
    options = {"byField": "Time", "mode": "outer"} if transform == "joinByField" else {}
    transformations = [{"id": transform, "options": options}] if transform else []
    return {
        **panel,
        "type": "table",
        "fieldConfig": {"defaults": defaults, "overrides": overrides},
        "options": {"showHeader": True},
        "transformations": [*transformations, *as_list(panel.get("transformations"))],
    }


def _style(style: Body) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    if as_text(style.get("alias")):
        properties["displayName"] = style["alias"]
    kind = as_text(style.get("type"))
    if kind == "hidden":
        properties["custom.hidden"] = True
    if kind == "date":
        properties["unit"] = f"time: {as_text(style.get('dateFormat'))}"
    if kind == "number":
        properties["unit"] = as_text(style.get("unit")) or "short"
        if isinstance(style.get("decimals"), int | float):
            properties["decimals"] = style["decimals"]
    steps = _steps(style.get("thresholds"), as_list(style.get("colors")))
    if steps and as_text(style.get("colorMode")):
        properties["thresholds"] = {"mode": "absolute", "steps": steps}
        cell = "color-text" if style["colorMode"] == "value" else "color-background"
        properties["custom.cellOptions"] = {"type": cell}
    if style.get("link") and as_text(style.get("linkUrl")):
        link = {"title": as_text(style.get("linkTooltip")), "url": style["linkUrl"]}
        properties["links"] = [{**link, "targetBlank": bool(style.get("linkTargetBlank"))}]
    return properties


_MIGRATIONS: Mapping[str, Callable[[Body], Body]] = {"graph": _graph, "singlestat": _singlestat}
