"""Panels of types that Grafana removed."""

from __future__ import annotations

from obscode.preview.old_panels import migrated


def test_a_graph_becomes_time_series_with_its_axes_and_overrides() -> None:
    panel = {
        "type": "graph",
        "fill": 2,
        "stack": True,
        "nullPointMode": "connected",
        "yaxes": [{"format": "bytes", "min": "0", "label": "Size"}, {"format": "percent"}],
        "aliasColors": {"a": "#fff"},
        "seriesOverrides": [{"alias": "/limit/", "yaxis": 2, "fill": 0}],
        "legend": {"show": True, "values": True, "avg": True, "alignAsTable": True, "rightSide": True},
        "thresholds": [{"value": 5, "op": "gt", "colorMode": "critical", "line": True, "fill": False}],
    }
    result = migrated(panel)
    defaults, overrides = result["fieldConfig"]["defaults"], result["fieldConfig"]["overrides"]
    assert result["type"] == "timeseries"
    assert (defaults["unit"], defaults["min"], defaults["custom"]["axisLabel"]) == ("bytes", 0, "Size")
    assert (defaults["custom"]["fillOpacity"], defaults["custom"]["spanNulls"]) == (20, True)
    assert defaults["custom"]["stacking"] == {"mode": "normal", "group": "A"}
    assert defaults["thresholds"]["steps"] == [{"value": None, "color": "transparent"}, {"value": 5, "color": "red"}]
    assert overrides == [
        {
            "matcher": {"id": "byName", "options": "a"},
            "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": "#fff"}}],
        },
        {
            "matcher": {"id": "byRegexp", "options": "/limit/"},
            "properties": [
                {"id": "unit", "value": "percent"},
                {"id": "custom.axisPlacement", "value": "right"},
                {"id": "custom.fillOpacity", "value": 0},
            ],
        },
    ]
    legend = {"showLegend": True, "displayMode": "table", "placement": "right", "calcs": ["mean"]}
    assert result["options"]["legend"] == legend


def test_a_singlestat_becomes_a_stat_with_its_colors_and_mappings() -> None:
    panel = {
        "type": "singlestat",
        "format": "percentunit",
        "valueName": "current",
        "colorBackground": True,
        "colors": ["green", "orange", "red"],
        "thresholds": "0.5,0.9",
        "valueMaps": [{"op": "=", "value": "1", "text": "up"}, {"op": "=", "value": "null", "text": "none"}],
        "sparkline": {"show": True},
    }
    result = migrated(panel)
    defaults = result["fieldConfig"]["defaults"]
    assert (result["type"], defaults["unit"], result["options"]["colorMode"]) == ("stat", "percentunit", "background")
    assert result["options"]["reduceOptions"] == {"calcs": ["lastNotNull"], "values": False, "fields": ""}
    assert result["options"]["graphMode"] == "area"
    assert [(step["value"], step["color"]) for step in defaults["thresholds"]["steps"]] == [
        (None, "green"),
        (0.5, "orange"),
        (0.9, "red"),
    ]
    assert defaults["mappings"] == [
        {"type": "value", "options": {"1": {"text": "up"}}},
        {"type": "special", "options": {"match": "null", "result": {"text": "none"}}},
    ]


def test_a_singlestat_with_a_gauge_becomes_a_gauge() -> None:
    result = migrated({"type": "singlestat", "gauge": {"show": True, "minValue": 0, "maxValue": 50}})
    assert (result["type"], result["fieldConfig"]["defaults"]["max"]) == ("gauge", 50)


def test_styles_of_an_old_table_become_overrides() -> None:
    styles = [
        {"pattern": "Time", "type": "hidden"},
        {"pattern": "Value #A", "type": "number", "unit": "s", "decimals": 1, "alias": "Age"},
        {"pattern": "/.*/", "type": "string"},
    ]
    result = migrated({"type": "table", "transform": "table", "styles": styles})
    assert result["transformations"] == [{"id": "merge", "options": {}}]
    assert [each["properties"] for each in result["fieldConfig"]["overrides"]] == [
        [{"id": "custom.hidden", "value": True}],
        [{"id": "displayName", "value": "Age"}, {"id": "unit", "value": "s"}, {"id": "decimals", "value": 1}],
    ]


def test_other_panels_stay() -> None:
    panel = {"type": "table", "fieldConfig": {}, "styles": []}
    assert migrated(panel) is panel
