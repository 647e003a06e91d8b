"""Upgrade Angular panels, which Grafana 12 removed, to their successors: graph, singlestat, pie chart, heatmap.

It follows Grafana's own migrations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from obscode.compiler.grafana.json_parts import Json, number, root, with_defaults

_CALCS = {"avg": "mean", "current": "lastNotNull", "total": "sum", "first": "firstNotNull"}
_ALERT_COLORS = {"critical": "red", "warning": "orange", "ok": "green"}


def singlestat(panel: Json) -> Json:
    colors = panel.get("colors") or ["green", "orange", "red"]
    values = [number(text) for text in str(panel.get("thresholds") or "").split(",") if text.strip()]
    gauge = panel.get("gauge") or {}
    color_mode = "background" if panel.get("colorBackground") else "value" if panel.get("colorValue") else "none"
    calc = panel.get("valueName") or "avg"
    options: Json = {"reduceOptions": {"calcs": [_CALCS.get(calc, calc)], "fields": "", "values": False}}
    if gauge.get("show"):
        options |= {"showThresholdLabels": gauge["thresholdLabels"], "showThresholdMarkers": gauge["thresholdMarkers"]}
    else:
        sparkline = (panel.get("sparkline") or {}).get("show")
        options |= {"colorMode": color_mode, "graphMode": "area" if sparkline else "none"}
    new = {**root(panel), "type": "gauge" if gauge.get("show") else "stat", "options": options}
    return with_defaults(
        new,
        unit=panel.get("format"),
        decimals=panel.get("decimals"),
        min=gauge.get("minValue") if gauge.get("show") else None,
        max=gauge.get("maxValue") if gauge.get("show") else None,
        noValue=panel.get("nullText"),
        mappings=[*(panel.get("valueMaps") or []), *(panel.get("rangeMaps") or [])],
        thresholds={
            "mode": "absolute",
            "steps": [{"color": c, "value": v} for c, v in zip(colors, [None, *values], strict=False)],
        },
    )


# --- graphs ------------------------------------------------------------------------------------------------------


def graph(panel: Json) -> Json:
    left, right = _axes(panel)
    steps, style = _graph_thresholds(panel.get("thresholds") or ())
    custom = {
        "drawStyle": "bars" if panel.get("bars") else "line" if panel.get("lines", True) else "points",
        "lineInterpolation": "stepAfter" if panel.get("steppedLine") else "linear",
        "lineWidth": panel.get("linewidth", 1),
        "fillOpacity": panel.get("fill", 1) * 10,
        "showPoints": "always" if panel.get("points") else "never",
        "spanNulls": panel.get("nullPointMode") == "connected",
        "axisLabel": left.get("label"),
        "scaleDistribution": _scale(left),
        "thresholdsStyle": {"mode": style},
    }
    if panel.get("stack"):
        custom["stacking"] = {"mode": "percent" if panel.get("percentage") else "normal", "group": "A"}
    tooltip = panel.get("tooltip") or {}
    sort = {1: "asc", 2: "desc"}.get(tooltip.get("sort", 0), "none")
    old = (panel.get("fieldConfig") or {}).get("defaults") or {}
    new = {
        **root(panel),
        "type": "timeseries",
        "options": {
            "legend": _graph_legend(panel.get("legend") or {}),
            "tooltip": {"mode": "multi" if tooltip.get("shared", True) else "single", "sort": sort},
        },
        "fieldConfig": {"defaults": {}, "overrides": list(_series_overrides(panel, right))},
    }
    return with_defaults(
        new,
        **_axis_field(left) | ({"unit": old["unit"]} if old.get("unit") else {}),
        links=(panel.get("options") or {}).get("dataLinks"),
        thresholds={"mode": "absolute", "steps": steps},
        custom=custom,
    )


def _axes(panel: Json) -> tuple[Json, Json]:
    axes = [*(axis or {} for axis in panel.get("yaxes") or ()), {}, {}]
    return axes[0], axes[1]


def _axis_field(axis: Json) -> Json:
    plain = {"unit": axis.get("format"), "decimals": axis.get("decimals")}
    ends = {name: number(axis.get(name)) for name in ("min", "max")}  # the editor of old graphs saves texts
    return {name: value for name, value in {**plain, **ends}.items() if value is not None}


def _scale(axis: Json) -> Json:
    base = axis.get("logBase") or 1
    return {"type": "linear"} if base == 1 else {"type": "log", "log": base}


def _graph_thresholds(thresholds: Sequence[Json]) -> tuple[list[Json], str]:
    """Thresholds as steps in ascending order; "lt" colors the part below, and the part above is transparent."""
    steps: list[Json] = [{"color": "transparent", "value": None}]
    style = "off"
    for threshold in sorted(thresholds, key=lambda t: t["value"]):
        mode = threshold.get("colorMode", "critical")
        color = _ALERT_COLORS.get(mode) or threshold.get("fillColor") or threshold.get("lineColor") or "red"
        if threshold.get("op") == "lt":
            steps[-1] = {**steps[-1], "color": color}
            color = "transparent"
        steps.append({"color": color, "value": threshold["value"]})
        line, area = threshold.get("line"), threshold.get("fill")
        style = "line+area" if line and area else "area" if area else "line" if line else style
    return (steps if len(steps) > 1 else []), style


def _graph_legend(legend: Json) -> Json:
    calcs = [name for name in ("min", "max", "avg", "current", "total") if legend.get("values") and legend.get(name)]
    return {
        "showLegend": bool(legend.get("show", True)),
        "displayMode": "table" if legend.get("alignAsTable") else "list",
        "placement": "right" if legend.get("rightSide") else "bottom",
        "calcs": [_CALCS.get(name, name) for name in calcs],
    }


def _series_overrides(panel: Json, right: Json) -> Iterator[Json]:
    for name, color in (panel.get("aliasColors") or {}).items():
        yield _override(name, {"color": {"mode": "fixed", "fixedColor": color}})
    for series in panel.get("seriesOverrides") or ():
        settings: Json = {}
        if series.get("yaxis") == 2:
            settings |= {"custom.axisPlacement": "right", **_axis_field(right)}
        if series.get("bars"):
            settings["custom.drawStyle"] = "bars"
        if series.get("color"):
            settings["color"] = {"mode": "fixed", "fixedColor": series["color"]}
        if series.get("dashes"):
            dash = [series.get("dashLength") or 10, series.get("spaceLength") or 10]
            settings["custom.lineStyle"] = {"fill": "dash", "dash": dash}
        if series.get("fill", 1) != 1:
            settings["custom.fillOpacity"] = series["fill"] * 10
        if series.get("fillBelowTo"):
            settings["custom.fillBelowTo"] = series["fillBelowTo"]
        if settings:
            yield _override(series["alias"], settings)


def _override(name: str, settings: Mapping[str, Any]) -> Json:
    by_regex = len(name) > 1 and name.startswith("/") and name.endswith("/")
    matcher = {"id": "byRegexp" if by_regex else "byName", "options": name}
    return {"matcher": matcher, "properties": [{"id": key, "value": value} for key, value in settings.items()]}


def pie(panel: Json) -> Json:
    legend = panel.get("legend") or {}
    values = [name for name, key in (("value", "values"), ("percent", "percentage")) if legend.get(key)]
    place = "right" if panel.get("legendType") == "Right side" else "bottom"
    options = {
        "pieType": panel.get("pieType") or "pie",
        "legend": {
            "showLegend": bool(legend.get("show")),
            "displayMode": "table",
            "placement": place,
            "values": values,
        },
    }
    new = {**root(panel), "type": "piechart", "options": options, "fieldConfig": panel.get("fieldConfig")}
    return with_defaults(new, unit=panel.get("format"))


def heatmap(panel: Json) -> Json:
    if not isinstance(axis := panel.get("yAxis"), Mapping):
        return panel
    color, calculate = panel.get("color") or {}, panel.get("dataFormat") == "timeseries"
    tooltip, legend = panel.get("tooltip") or {}, panel.get("legend") or {}
    y_axis = {"reverse": bool(panel.get("reverseYBuckets")), **_axis_field(dict(axis)), "axisLabel": axis.get("label")}
    options: Json = {
        "calculate": calculate,
        "color": _heatmap_color(color),
        "yAxis": y_axis,
        "legend": {"show": bool(legend.get("show"))},
        "tooltip": {"mode": "single" if tooltip.get("show", True) else "none"},
    }
    if calculate:
        buckets = {"xBuckets": ("xBucketNumber", "xBucketSize"), "yBuckets": ("yBucketNumber", "yBucketSize")}
        calculation = {
            name: bucket for name, keys in buckets.items() if (bucket := _bucket(*(panel.get(key) for key in keys)))
        }
        if (axis.get("logBase") or 1) != 1:
            calculation.setdefault("yBuckets", {})["scale"] = _scale(dict(axis))
        options |= {"calculation": calculation} if calculation else {}
    old_options = panel.get("options")
    fields = (panel.get("fieldConfig") or {}).get("defaults") or {}
    new = {
        **root(panel),
        "type": "heatmap",
        "options": {**options, **(old_options if isinstance(old_options, dict) else {})},
    }
    # Grafana's heatmap reads the links only; unit and text for no data are for other readers of the JSON.
    return with_defaults(new, **{name: fields.get(name) for name in ("unit", "noValue", "links")})


def _heatmap_color(color: Mapping[str, Any]) -> Json:
    new = {"mode": "opacity" if color.get("mode") == "opacity" else "scheme", "exponent": color.get("exponent", 0.5)}
    if color.get("colorScheme"):
        new["scheme"] = str(color["colorScheme"]).removeprefix("interpolate")
    if color.get("colorScale"):
        new["scale"] = "linear" if color["colorScale"] == "linear" else "exponential"
    if new["mode"] == "opacity" and color.get("cardColor"):
        new["fill"] = color["cardColor"]
    return new | {end: color[end] for end in ("min", "max") if color.get(end) is not None}


def _bucket(count: Any, size: Any) -> Json:
    if count:
        return {"mode": "count", "value": str(count)}
    return {"mode": "size", "value": str(size)} if size else {}
