"""`obscode import` of dashboards: definitions that compile to the same dashboards."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from copy import deepcopy
from typing import Any

import pytest
import yaml
from conftest import ProjectFolder
from grafana_cases import rendered
from grafana_options import dashboards
from hypothesis import given, settings
from hypothesis import strategies as st

from obscode import Dashboard
from obscode.importers.existing.dashboards.definition import comparable, compiled, definition_of
from obscode.importers.existing.dashboards.difference import difference
from obscode.importers.existing.dashboards.migrate import migrated
from obscode.project.pipeline import compile_folder

Json = dict[str, Any]
PROM = {"type": "prometheus", "uid": "${prom}"}
PROM_VARIABLE = {"name": "prom", "type": "datasource", "query": "prometheus"}


def target(expr: str, **more: Any) -> Json:
    return {"refId": "A", "expr": expr, "datasource": PROM, **more}


def panel(kind: str = "timeseries", *targets: Json, **more: Any) -> Json:
    grid = {"x": 0, "y": 0, "w": 12, "h": 8}
    listed = list(targets or [target("sum(up)")])
    return {"type": kind, "title": "Up", "gridPos": grid, "datasource": PROM, "targets": listed, **more}


def dashboard(*panels: Json, **more: Any) -> Json:
    body = {"title": "Shop", "uid": "shop", "schemaVersion": 39, "panels": list(panels)}
    return {**body, "templating": {"list": [PROM_VARIABLE]}, **more}


def imported(body: Json) -> Dashboard:
    result = definition_of(body)
    assert result is not None
    return result.definition


def assert_equal(body: Json) -> Dashboard:
    """The definition, which compiles to the same dashboard."""
    definition = imported(body)
    assert compiled(definition) == comparable(migrated(body))
    return definition


# --- the source ----------------------------------------------------------------------------------------------------

SHOP = dashboard(
    {"type": "row", "title": "Traffic", "collapsed": False, "gridPos": {"x": 0, "y": 0, "w": 24, "h": 1}, "panels": []},
    panel(
        "timeseries",
        target('sum by (path) (rate(http_requests_total{job=~"$job"}[$__rate_interval]))', legendFormat="{{path}}"),
        title="Requests",
        id=4,
        gridPos={"x": 0, "y": 1, "w": 12, "h": 8},
        fieldConfig={
            "defaults": {
                "unit": "reqps",
                "min": 0,
                "custom": {"fillOpacity": 10, "stacking": {"mode": "normal", "group": "A"}, "pointSize": 9},
                "thresholds": {
                    "mode": "absolute",
                    "steps": [{"color": "green", "value": None}, {"color": "red", "value": 80}],
                },
            },
            "overrides": [
                {
                    "matcher": {"id": "byName", "options": "/"},
                    "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": "blue"}}],
                }
            ],
        },
        options={"tooltip": {"mode": "multi", "sort": "desc"}, "legend": {"showLegend": False}},
    ),
    panel(
        "stat",
        target("sum(up)", instant=True, range=False, refId="B"),
        title="Up",
        id=5,
        gridPos={"x": 12, "y": 3, "w": 6, "h": 4},
        fieldConfig={"defaults": {"mappings": [{"type": "value", "options": {"0": {"text": "Down", "color": "red"}}}]}},
    ),
    {
        "type": "acme-map",
        "title": "Map",
        "gridPos": {"x": 0, "y": 9, "w": 24, "h": 8},
        "options": {"view": {"zoom": 3}},
    },
    templating={
        "list": [
            PROM_VARIABLE,
            {
                "name": "job",
                "type": "query",
                "query": "label_values(up, job)",
                "refresh": 1,
                "datasource": PROM,
                "multi": True,
            },
        ]
    },
    tags=["shop"],
    graphTooltip=1,
    time={"from": "now-3h", "to": "now"},
    annotations={
        "list": [{"builtIn": 1, "datasource": "-- Grafana --", "enable": True, "hide": True, "type": "dashboard"}]
    },
)

SOURCE = '''\
"""Imported from shop.json."""

from obscode import Dashboard, Row, panels, variables

shop = Dashboard(
    "Shop",
    [
        Row(
            "Traffic",
            panels.TimeSeries(
                "Requests",
                'sum by (path) (rate(http_requests_total{job=~"$job"}[$__rate_interval]))',
                width=12,
                height=8,
                legend="{{path}}",
                unit="reqps",
                minimum=0,
                overrides=[panels.Override("/", color="blue")],
                fill=10,
                stack="normal",
                point_size=9,
                legend_at="hidden",
            ),
            panels.Stat(
                "Up",
                panels.Query("sum(up)", ref="B", instant=True),
                width=6,
                height=4,
                mappings=[panels.ValueMap(0, "Down", "red")],
                sparkline=True,
                extra={"gridPos": {"y": 3}},
            ),
            panels.Raw(
                {"type": "acme-map", "title": "Map", "options": {"view": {"zoom": 3}}},
                width=24,
                height=8,
            ),
        ),
    ],
    uid="shop",
    tags=["shop"],
    variables=[
        variables.Datasource("prom"),
        variables.Query(
            "job",
            "label_values(up, job)",
            include_all=False,
            sort="none",
            refresh="load",
        ),
    ],
    time_range="3h",
    refresh="",
    timezone="",
    exact=True,
    extra={"graphTooltip": 1},
)
'''


def test_a_dashboard_becomes_readable_python(project_folder: ProjectFolder) -> None:
    (project_folder.root / "shop.json").write_text(json.dumps(SHOP))

    assert project_folder.run("import", "shop.json").exit == 0

    assert (project_folder.definitions / "shop.py").read_text() == SOURCE


LOKI: Json = {"type": "loki", "uid": "${loki_datasource}"}
TEMPO: Json = {"type": "tempo", "uid": "tempo"}
EUROPE: Json = {"type": "prometheus", "uid": "eu"}
MIXED: Json = {"type": "datasource", "uid": "-- Mixed --"}
KINDS_AS_PYTHON = {
    "a bar chart": (
        panel("barchart", target("up", format="table", instant=True, range=False), options={"xField": "job"}),
        'panels.BarChart("Up", panels.Query("up", instant=True, format="table"), width=12, x="job")',
    ),
    "traces": (
        {"type": "traces", "title": "T", "datasource": TEMPO, "targets": [{"queryType": "traceql", "query": "$trace"}]},
        'panels.Traces("T", "$trace", width=6, height=3, datasource="tempo")',
    ),
    "a flame graph of another kind of query": (
        {"type": "flamegraph", "title": "F", "datasource": TEMPO, "targets": [{"refId": "A", "x": 1}]},
        'panels.FlameGraph("F", panels.DataQuery("tempo", {"x": 1}, datasource="tempo"), width=6, height=3)',
    ),
    "a library panel": (
        {"type": "library-panel-ref", "title": "L", "libraryPanel": {"uid": "abc", "name": "Shared"}},
        'panels.Library("L", width=6, height=3, uid="abc", name="Shared")',
    ),
    "two servers and a calculation": (
        panel(
            "timeseries",
            target("up"),
            target("down", refId="B", datasource=EUROPE),
            {"refId": "C", "datasource": {"type": "__expr__", "uid": "__expr__"}, "type": "math", "expression": "$A"},
            datasource=MIXED,
            timeShift="1w",
        ),
        'panels.TimeSeries("Up", ["up", panels.Query("down", datasource="eu"), '
        'panels.DataQuery("__expr__", {"type": "math", "expression": "$A"})], '
        'width=12, time_shift="1w", tooltip="single")',
    ),
    "a panel without a title": (
        panel("stat", title=""),
        'panels.Stat("Stat", "sum(up)", width=12, height=8, sparkline=True, extra={"title": ""})',
    ),
}


def python_of(body: Json, folder: ProjectFolder) -> str:
    """The Python that a dashboard is imported as, in one line."""
    (folder.root / "shop.json").write_text(json.dumps(body))
    folder.run("import", "shop.json")
    lines = (folder.definitions / "shop.py").read_text().splitlines()
    joined = " ".join(line.strip() for line in lines)
    return re.sub(r",? ?([)\]}])", r"\1", re.sub(r"([(\[{]) ", r"\1", joined))


@pytest.mark.parametrize(("body", "source"), KINDS_AS_PYTHON.values(), ids=KINDS_AS_PYTHON)
def test_a_panel_becomes_python(body: Json, source: str, project_folder: ProjectFolder) -> None:
    assert source in python_of(dashboard(body), project_folder)


VARIABLES_AS_PYTHON = {
    "an interval": (
        {"type": "interval", "query": "1m,1h", "auto": True, "current": {"text": "1h", "value": "1h"}},
        'variables.Interval("x", ["1m", "1h"], auto=True, default="1h")',
    ),
    "a constant": (
        {"type": "constant", "query": "eu", "hide": 2, "skipUrlSync": True},
        'variables.Constant("x", "eu")',
    ),
    "ad hoc filters": (
        {"type": "adhoc", "datasource": EUROPE, "filters": [{"key": "job", "operator": "=~", "value": "a.*"}]},
        'variables.AdHoc("x", [\'job=~"a.*"\'], datasource="eu")',
    ),
    "labels to group by": (
        {"type": "groupby", "datasource": EUROPE, "multi": True, "current": {"text": ["job"], "value": ["job"]}},
        'variables.GroupBy("x", ["job"], datasource="eu")',
    ),
    "a query of another datasource": (
        {"type": "query", "datasource": LOKI, "query": {"label": "pod", "type": 1}, "refresh": 1},
        'variables.Query("x", {"label": "pod", "type": 1}, multi=False, include_all=False, sort="none", '
        'refresh="load", datasource="${loki_datasource}", plugin="loki")',
    ),
}


@pytest.mark.parametrize(("body", "source"), VARIABLES_AS_PYTHON.values(), ids=VARIABLES_AS_PYTHON)
def test_a_variable_becomes_python(body: Json, source: str, project_folder: ProjectFolder) -> None:
    listed = {"list": [PROM_VARIABLE, {"name": "x", **body}]}

    assert source in python_of(dashboard(panel(), templating=listed), project_folder)


def test_the_build_of_an_imported_dashboard_is_the_same_dashboard(project_folder: ProjectFolder) -> None:
    (project_folder.root / "shop.json").write_text(json.dumps(SHOP))
    project_folder.run("import", "shop.json")

    assert project_folder.run("build").exit == 0

    built = json.loads((project_folder.build / "grafana/dashboards/team/shop.json").read_text())
    assert comparable(built) == comparable(migrated(SHOP))
    assert [each["gridPos"] for each in built["panels"]] == [each["gridPos"] for each in SHOP["panels"]]


def test_the_source_is_formatted_as_ruff_formats_it(project_folder: ProjectFolder) -> None:
    (project_folder.root / "shop.json").write_text(json.dumps(SHOP))
    project_folder.run("import", "shop.json")

    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--check", "definitions/shop.py"]
    assert subprocess.run(command, check=False, capture_output=True, text=True).returncode == 0


def test_settings_that_several_panels_share_are_a_constant(project_folder: ProjectFolder) -> None:
    shared: Json = {"options": {"legend": {"sortBy": "Last *", "sortDesc": True, "width": 300}}}
    grids = [{"x": x, "y": 0, "w": 8, "h": 8} for x in (0, 8, 16)]
    body = dashboard(*(panel(title=str(grid["x"]), gridPos=grid, **deepcopy(shared)) for grid in grids))
    (project_folder.root / "shop.json").write_text(json.dumps(body))

    project_folder.run("import", "shop.json")

    source = (project_folder.definitions / "shop.py").read_text()
    assert source.count("LEGEND") == 4
    assert source.count("Last *") == 1


def test_dashboards_in_config_maps_are_imported(project_folder: ProjectFolder) -> None:
    data = {f"{name}.json": json.dumps(dashboard(panel(), title=name, uid=name)) for name in ("one", "two")}
    text = yaml.dump({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": data})
    (project_folder.root / "all.yaml").write_text(text)

    assert project_folder.run("import", "all.yaml").exit == 0

    assert [each.title for each in compile_folder(project_folder.definitions).artifacts.dashboards] == ["one", "two"]


def test_errors_of_a_dashboard_are_ignored_with_a_reason(project_folder: ProjectFolder) -> None:
    (project_folder.root / "shop.json").write_text(json.dumps(dashboard(panel("stat", target("sum(up")))))

    project_folder.run("import", "shop.json")

    assert 'ignore={"promql-syntax": "the imported dashboard has it' in (
        (project_folder.definitions / "shop.py").read_text().replace("\n        ", "")
    )
    assert project_folder.run("build").exit == 0


def test_a_dashboard_without_a_valid_definition_stays_in_its_file(project_folder: ProjectFolder) -> None:
    twice = {"list": [PROM_VARIABLE, PROM_VARIABLE]}
    (project_folder.root / "shop.json").write_text(json.dumps(dashboard(panel(), templating=twice)))

    project_folder.run("import", "shop.json")

    source = (project_folder.definitions / "shop.py").read_text()
    assert source.splitlines()[4:] == [
        "# It stays in its file: no valid definition compiles to the same dashboard.",
        'shop = DashboardFile("../shop.json")',
    ]
    assert project_folder.run("build").exit == 0


@pytest.mark.parametrize("value", [7, "x", None, [1], {"a": 1}, [{}], True], ids=repr)
@pytest.mark.parametrize(
    "path",
    [
        "panels",
        "templating",
        "title",
        "panels/0/targets",
        "panels/0/options",
        "panels/0/gridPos",
        "panels/0/fieldConfig",
    ],
)
def test_a_value_of_another_type_is_no_crash(path: str, value: object) -> None:
    body = dashboard(panel())
    *steps, last = path.split("/")
    holder: Any = body
    for step in steps:
        holder = holder[int(step) if step.isdigit() else step]
    holder[last] = value

    result = definition_of(body)

    assert result is None or compiled(result.definition) == comparable(migrated(body))


INVALID = {
    "no JSON": (
        '{"title": "Shop", "panels": [], "schemaVersion": }',
        "shop.json:1:50: error[dashboard-json]: invalid JSON: expecting value",
    ),
    "version 2": (
        json.dumps(
            {"apiVersion": "dashboard.grafana.app/v2", "kind": "Dashboard", "spec": {"title": "A", "elements": {}}}
        ),
        "shop.json:1:73: error[import-classic-json]: dashboard 'A' is a v2 resource",
    ),
}


@pytest.mark.parametrize(("text", "message"), INVALID.values(), ids=INVALID)
def test_a_dashboard_that_cannot_be_read_is_reported(text: str, message: str, project_folder: ProjectFolder) -> None:
    (project_folder.root / "shop.json").write_text(text)

    result = project_folder.run("import", "shop.json")

    assert result.exit == 1
    assert (result.out + result.err).splitlines()[0] == message
    assert not (project_folder.definitions / "shop.py").exists()


# --- the same dashboard ----------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(dashboards(), st.booleans())
def test_what_a_definition_compiles_to_is_imported(definition: Dashboard, exact: bool) -> None:
    body = rendered(definition.derive(exact=exact))
    result = definition_of(body)

    assert result is not None
    assert compiled(result.definition) == comparable(body)


TYPES = ("timeseries", "stat", "gauge", "bargauge", "piechart", "table", "heatmap", "histogram", "state-timeline")


@pytest.mark.parametrize("kind", [*TYPES, "status-history"])
def test_a_panel_without_settings_has_a_short_definition(kind: str) -> None:
    definition = assert_equal(dashboard(panel(kind)))

    (made,) = definition.rows[0].panels
    assert made.kind.type == kind
    assert made.extra.keys() <= {"gridPos", "fieldConfig", "options"}
    assert len(json.dumps(made.extra)) < 60


PANELS: dict[str, Json] = {
    "a query of another datasource": panel(targets=[target("up", datasource={"type": "prometheus", "uid": "other"})]),
    "a mixed datasource": panel(datasource={"type": "datasource", "uid": "-- Mixed --"}),
    "a default datasource": panel(datasource=None, targets=[{"expr": "up"}]),
    "an expression of Grafana": panel(
        targets=[{"refId": "A", "datasource": {"uid": "__expr__", "type": "__expr__"}, "type": "math"}]
    ),
    "no query": panel(targets=[]),
    "refs in another order": panel("stat", target("up", refId="B"), target("sum(up)", refId="A")),
    "a step of a query": panel("stat", target("up", interval="$interval", intervalFactor=2)),
    "thresholds in percent": panel(
        "gauge",
        fieldConfig={"defaults": {"thresholds": {"mode": "percentage", "steps": [{"color": "red", "value": 0}]}}},
    ),
    "a repeated panel": panel(repeat="prom", repeatDirection="v", maxPerRow=3),
    "a position with a gap": panel(gridPos={"x": 7, "y": 30, "w": 5, "h": 3}),
    "a position without x": panel(gridPos={"y": 0, "w": 5, "h": 3}),
    "a width of nothing": panel(gridPos={"x": 0, "y": 0, "w": 0, "h": 0}),
    "an empty title": panel(title=""),
    "an unknown unit": panel(fieldConfig={"defaults": {"unit": "Furlongs"}}),
    "an unknown color": panel("stat", fieldConfig={"defaults": {"color": {"mode": "fixed", "fixedColor": "sky"}}}),
    "an override of a type": panel(
        fieldConfig={"defaults": {}, "overrides": [{"matcher": {"id": "byType", "options": "time"}, "properties": []}]}
    ),
    "mappings of each kind": panel(
        "stat",
        fieldConfig={
            "defaults": {
                "mappings": [
                    {"type": "range", "options": {"from": None, "to": 3, "result": {"text": "few", "index": 4}}},
                    {"type": "value", "options": {"1": {"text": ""}}},
                    {"type": "regex", "options": {"pattern": "a.*", "result": {"color": "red"}}},
                ]
            }
        },
    ),
    "links of each form": panel(
        links=[{"title": "A", "url": "/d/a", "type": "link", "keepTime": True}, {"type": "absolute"}]
    ),
    "settings of a wrong type": panel(options=[], fieldConfig={"defaults": {"custom": []}}),
    "a table with transformations": panel(
        "table", target("up"), target("up", refId="B"), transformations=[{"id": "merge"}]
    ),
    "a text": panel("text", options={"content": "  # A\n\n  b\n", "mode": "html"}),
    "logs": {"type": "logs", "title": "L", "targets": [{"refId": "A", "expr": '{a="b"}'}], "datasource": "loki"},
    "several lines": panel("stat", target("sum(\n  up\n)\n\n/ 2\n")),
}


@pytest.mark.parametrize("value", PANELS.values(), ids=PANELS)
def test_a_panel_compiles_to_the_same_panel(value: Json) -> None:
    assert_equal(dashboard(value))


SETTINGS: dict[str, Json] = {
    "no title of a row": {
        "panels": [{"type": "row", "title": "", "gridPos": {"y": 0}}, panel(gridPos={"x": 0, "y": 1, "w": 1, "h": 1})]
    },
    "a folded row": {
        "panels": [{"type": "row", "title": "R", "collapsed": True, "gridPos": {"y": 9}, "panels": [panel()]}]
    },
    "a repeated row": {
        "panels": [{"type": "row", "title": "$prom", "repeat": "prom", "gridPos": {"y": 0}, "panels": []}]
    },
    "an absolute time": {"time": {"from": "2024-01-01", "to": "2024-01-02"}},
    "links": {
        "links": [
            {"title": "A", "type": "dashboards", "tags": ["a"], "asDropdown": True},
            {"title": "B", "type": "link", "url": "x"},
        ]
    },
    "annotations": {
        "annotations": {"list": [{"name": "A", "datasource": PROM, "expr": "up\n", "enable": False, "hide": True}]}
    },
    "other annotations": {
        "annotations": {"list": [{"name": "A", "datasource": "-- Grafana --", "tags": ["a"], "type": "tags"}]}
    },
    "intervals": {"timepicker": {"refresh_intervals": ["1m"], "hidden": True}},
    "time zone": {"timezone": "UTC", "refresh": False, "weekStart": "monday"},
    "other keys": {"myKey": {"a": [1, None]}, "description": "D"},
}
KINDS: dict[str, Json] = {
    "custom": {"type": "custom", "query": "1m, 5m,a : b", "current": {"text": "5m", "value": "5m"}},
    "textbox": {"type": "textbox", "query": "x", "hide": 2},
    "interval": {"type": "interval", "query": "1m,5m", "auto": True, "auto_count": 10},
    "adhoc": {"type": "adhoc", "datasource": PROM, "filters": []},
    "constant": {"type": "constant", "query": "a"},
    "query of the editor": {
        "type": "query",
        "query": {"query": "label_values(a)", "refId": "V", "qryType": 1},
        "datasource": PROM,
    },
    "another query": {"type": "query", "query": {"query": "x", "other": 1}, "datasource": {"type": "loki", "uid": "l"}},
    "all": {"type": "query", "query": "up", "includeAll": True, "current": {"text": ["All"], "value": ["$__all"]}},
    "several": {"type": "query", "query": "up", "multi": True, "current": {"text": ["a", "b"], "value": ["a", "b"]}},
    "sorted": {"type": "query", "query": "up", "sort": 4, "regex": "/a/", "allValue": ".*", "includeAll": True},
}
SETTINGS |= {kind: {"templating": {"list": [PROM_VARIABLE, {"name": "v", **value}]}} for kind, value in KINDS.items()}


@pytest.mark.parametrize("value", SETTINGS.values(), ids=SETTINGS)
def test_settings_compile_to_the_same_settings(value: Json) -> None:
    assert_equal(dashboard(**value))


def test_a_reference_to_a_library_panel_stays() -> None:
    body = dashboard(panel(libraryPanel={"uid": "l", "name": "L"}))

    assert assert_equal(body).rows[0].panels[0].extra["libraryPanel"] == {"uid": "l", "name": "L"}


def test_a_dashboard_may_have_the_name_of_a_namespace(project_folder: ProjectFolder) -> None:
    (project_folder.root / "shop.json").write_text(json.dumps(dashboard(panel(), title="Panels")))

    project_folder.run("import", "shop.json")

    assert "\npanels_2 = Dashboard(" in (project_folder.definitions / "shop.py").read_text()


# --- migrations ------------------------------------------------------------------------------------------------------


def test_rows_from_before_grafana_5_get_positions() -> None:
    def old(title: str, **more: Any) -> Json:
        return {"type": "graph", "title": title, "datasource": "$prom", "targets": [{"expr": "up"}], **more}

    body = {
        **dashboard(schemaVersion=14),
        "rows": [
            {
                "title": "One",
                "showTitle": True,
                "height": "250px",
                "panels": [old("A", span=6), old("B", span=6), old("C")],
            },
            {"title": "Two", "collapse": True, "height": 300, "panels": [old("D", span=12, height="100px")]},
        ],
    }
    del body["panels"]

    rows = assert_equal(body).rows

    assert [(row.title, row.collapsed, [panel.title for panel in row.panels]) for row in rows] == [
        ("One", False, ["A", "B", "C"]),
        ("Two", True, ["D"]),
    ]
    grids = {each["title"]: tuple(each["gridPos"].values()) for each in migrated(body)["panels"]}
    assert grids == {
        "One": (0, 0, 24, 1),
        "A": (0, 1, 12, 7),
        "B": (12, 1, 12, 7),
        "C": (0, 8, 8, 7),
        "Two": (0, 15, 24, 1),
    }


def test_a_graph_becomes_a_time_series() -> None:
    graph = panel(
        "graph", lines=True, fill=2, linewidth=2, yaxes=[{"format": "s", "min": "0"}, {}], legend={"show": True}
    )

    (made,) = assert_equal(dashboard(graph, schemaVersion=16)).rows[0].panels

    assert (made.kind.type, made.unit, made.minimum, made.fill) == ("timeseries", "s", 0, 20)  # type: ignore[attr-defined]


def test_an_input_of_an_export_becomes_the_variable_of_obscode() -> None:
    inputs = [
        {"name": "DS", "type": "datasource", "pluginId": "prometheus"},
        {"name": "JOB", "type": "constant", "value": "shop"},
    ]
    source = {"type": "prometheus", "uid": "${DS}"}
    body = dashboard(panel("stat", target('up{job="${JOB}"}', datasource=source), datasource=source), __inputs=inputs)
    body["templating"] = {"list": []}

    definition = assert_equal(body)

    assert [each.name for each in definition.variables] == ["datasource"]
    assert definition.rows[0].panels[0].all_queries()[0].expr == 'up{job="shop"}'


def test_an_input_with_the_name_of_a_variable_stays_the_variable() -> None:
    inputs = [{"name": "prom", "type": "datasource", "pluginId": "prometheus"}]

    assert [each.name for each in assert_equal(dashboard(panel(), __inputs=inputs)).variables] == ["prom"]


def test_copies_of_repeated_panels_are_left_out() -> None:
    body = dashboard(panel(id=1, repeat="prom"), panel(id=2, repeatPanelId=1, title="Copy"))

    assert len(assert_equal(body).rows[0].panels) == 1


# --- the normal form -------------------------------------------------------------------------------------------------

SAME = {
    "a base of any value": (
        "gauge",
        {"fieldConfig": {"defaults": {"thresholds": {"steps": [{"color": "red", "value": 3}]}}}},
        {"fieldConfig": {"defaults": {"thresholds": {"mode": "absolute", "steps": [{"color": "red", "value": None}]}}}},
    ),
    "defaults of Grafana": (
        "stat",
        {},
        {"options": {"textMode": "auto", "reduceOptions": {"calcs": ["lastNotNull"]}}, "transparent": False},
    ),
    "a reference without braces": ("stat", {"datasource": "$prom"}, {"datasource": {"uid": "${prom}"}}),
    "an unread color": (
        "stat",
        {"fieldConfig": {"defaults": {"color": {"mode": "palette-classic", "fixedColor": "red"}}}},
        {"fieldConfig": {"defaults": {"color": {"mode": "palette-classic"}}}},
    ),
}
DIFFERENT = {
    "the colors of states": (
        "state-timeline",
        {},
        {"fieldConfig": {"defaults": {"color": {"mode": "thresholds"}}}},
    ),
    "a unit": ("stat", {}, {"fieldConfig": {"defaults": {"unit": "s"}}}),
    "a minimum of 0": ("stat", {}, {"fieldConfig": {"defaults": {"min": 0}}}),
    "a base only": (
        "stat",
        {},
        {"fieldConfig": {"defaults": {"thresholds": {"steps": [{"color": "green", "value": None}]}}}},
    ),
    "a datasource": ("stat", {"datasource": None}, {}),
    "a position": ("stat", {}, {"gridPos": {"x": 0, "y": 1, "w": 12, "h": 8}}),
}


def forms(kind: str, *settings: Json) -> list[Json]:
    plain = [{"refId": "A", "expr": "up"}]
    return [comparable(migrated(dashboard(panel(kind, **{"targets": plain, **each})))) for each in settings]


@pytest.mark.parametrize(("kind", "one", "other"), SAME.values(), ids=SAME)
def test_settings_that_are_the_same_for_grafana(kind: str, one: Json, other: Json) -> None:
    first, second = forms(kind, one, other)
    assert first == second


@pytest.mark.parametrize(("kind", "one", "other"), DIFFERENT.values(), ids=DIFFERENT)
def test_settings_that_differ_for_grafana(kind: str, one: Json, other: Json) -> None:
    first, second = forms(kind, one, other)
    assert difference(first, second)


def test_a_difference_is_a_merge_patch() -> None:
    before, after = {"a": {"b": 1, "c": 2}, "d": [1], "e": 1}, {"a": {"b": 1, "c": 3}, "d": [2], "f": True}

    assert difference(before, after) == {"a": {"c": 3}, "d": [2], "e": None, "f": True}
