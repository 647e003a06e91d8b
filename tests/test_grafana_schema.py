"""Dashboards next to the types of Grafana's own npm package, and through its Foundation SDK: no fault, nothing lost.

`grafana_types` and `grafana_round_trip` list what the two do not know; an entry too many fails here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from inspect import isclass
from pathlib import Path
from typing import Any

import goldens
import pytest
import yaml
from conftest import REPOSITORY
from goldens import Golden
from grafana_cases import Json, artifacts, read, rendered
from grafana_foundation_sdk.models.folderv1 import Folder
from grafana_foundation_sdk.models.resource import Manifest
from grafana_options import KINDS, dashboards, each_annotation, each_link, each_panel, each_variable
from grafana_round_trip import NEWER_THAN_THE_SDK, again, all_lost, lost
from grafana_types import DEFINITIONS, LET_PASS, SCHEMA, against, all_faults, faults
from grafanalib import core
from hypothesis import HealthCheck, given, settings
from test_generated_dashboards import CATALOGS, ERRORS, SHOP
from test_grafana_panels import nulls

from obscode import SLO, Dashboard, Link, Project, Row, ScrapeJob, Service, variables
from obscode.compiler import Definitions, compile
from obscode.compiler.grafana.panels import default_options
from obscode.compiler.grafana.writer import PanelWriter
from obscode.model.burn_rate import Tier
from obscode.model.dashboard import Override, Panel, Threshold, ValueMap
from obscode.model.panels import Canvas, Gauge, Heatmap, NodeGraph, Raw, Stat, Table, TimeSeries
from obscode.model.type_descriptions import public_names
from obscode.renderers import render

JOB = variables.Query("job", "label_values(up, job)")
PACKAGE = json.loads((REPOSITORY / "tests/grafana_schema/package.json").read_text())["devDependencies"]


VARIABLES = [
    variables.AdHoc("filters", ['job="api"'], fixed=['env="prod"'], group_by=True),
    variables.Interval("step", auto=True),
]


def of(*panels: Any, **settings: Any) -> Json:
    """A dashboard of panels, with a variable for repeated panels."""
    return rendered(Dashboard("D", [Row("", *panels)], variables=[JOB]), **settings)


# --- what there is -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "case", [case for name in ("panels", "legacy") for case in goldens.goldens(f"grafana/{name}")], ids=lambda c: c.id
)
def test_a_golden_panel(case: Golden) -> None:
    dashboard = of(read(case.source))

    assert (faults(dashboard), lost(dashboard)) == ([], [])


@pytest.mark.parametrize("case", goldens.goldens("grafana/dashboards"), ids=lambda case: case.id)
def test_a_golden_dashboard(case: Golden) -> None:
    dashboard = rendered(read(case.source))

    assert (faults(dashboard), lost(dashboard)) == ([], [])


COMMITTED = sorted((REPOSITORY / "build/grafana/dashboards").rglob("*.json"))


@pytest.mark.parametrize("file", COMMITTED, ids=lambda file: file.stem)
def test_a_committed_dashboard(file: Path) -> None:
    dashboard = json.loads(file.read_text())

    assert (faults(dashboard), lost(dashboard)) == ([], [])


# --- what is generated -------------------------------------------------------------------------------------------

TIERS = [Tier("page", severity="page", budget=5, long="2h", short="10m")]
EVERY_METRIC = [
    replace(metric, name=f"a{n}_{metric.name}") for n, (result, _) in enumerate(CATALOGS) for metric in result
]
PROJECTS: dict[str, list[Service]] = {
    "SLOs of two periods, one with groups": [SHOP],
    "custom tiers": [replace(SHOP, slos=[SLO("a", 99, ERRORS, policy=TIERS), SLO("b", 99, ERRORS)])],
    "two services, one with rows": [replace(SHOP, name="other"), replace(SHOP, dashboard=[])],
    "metrics of all kinds and no SLO": [Service("jobs", scrape=ScrapeJob(["localhost:1"]), metrics=EVERY_METRIC)],
}


@pytest.mark.parametrize("services", PROJECTS.values(), ids=PROJECTS)
def test_generated_dashboards(services: Sequence[Service]) -> None:
    files = compile(Definitions(Project("team"), services)).dashboards
    result = [dict(file.body) for file in files]

    assert result
    assert [fault for dashboard in result for fault in (*faults(dashboard), *lost(dashboard))] == []


# --- every option ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_value_of_every_option_of_a_panel(kind: type[Panel]) -> None:
    dashboard = of(*each_panel(kind))

    assert (faults(dashboard), lost(dashboard)) == ([], [])
    assert f"{dashboard['panels'][0]['type']}.Options" in DEFINITIONS


def test_every_kind_of_panel_is_tested() -> None:
    assert {kind for kind in public_names() if issubclass(kind, Panel)} - {Panel, Raw} == set(KINDS)


def test_everything_above_the_panels() -> None:
    variables = [JOB, *each_variable()]
    dashboard = rendered(Dashboard("D", variables=variables, annotations=each_annotation(), links=each_link()))

    assert (faults(dashboard), lost(dashboard)) == ([], [])


def test_open_folded_and_repeated_rows() -> None:
    panels = [Stat("Up", "up"), Table("Targets", "up", repeat="job")]
    given_rows = [
        Row("", *panels),
        Row("Open", *panels),
        Row("Empty"),
        Row("Folded", *panels, collapsed=True),
        Row("Of $job", *panels, repeat="job", key="k"),
        Row("Folded, of $job", *panels, repeat="job", collapsed=True),
    ]
    dashboard = rendered(Dashboard("D", given_rows, variables=[JOB]))

    assert (faults(dashboard), lost(dashboard)) == ([], [])


@pytest.mark.parametrize("interval", ["15s", "1m"])
def test_a_service_with_its_own_interval(interval: str) -> None:
    service = Service("s", scrape=ScrapeJob(["localhost:80"], interval=interval), dashboard=[Row("", Stat("S", "up"))])
    files = compile(Definitions(Project("team"), [service])).dashboards

    assert [fault for file in files for fault in faults(dict(file.body))] == []


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(dashboards())
def test_any_dashboard(dashboard: Dashboard) -> None:
    written = rendered(dashboard)

    assert (faults(written), lost(written)) == ([], [])
    assert set(nulls(written, "")) <= {".steps.value", ".options.from", ".options.to"}


# --- what comes as objects of grafanalib, or as JSON -------------------------------------------------------------

# Of plugins that Grafana 12 has not got; a row is no panel, and neither is their base.
NOT_TODAY = {"Panel", "RowPanel", "Discrete", "Statusmap", "Svg", "Worldmap", "ePict"}
OF_GRAFANALIB: Mapping[str, Any] = {
    name: kind
    for name, kind in vars(core).items()
    if isclass(kind) and issubclass(kind, (core.Panel, core.AlertList)) and name not in NOT_TODAY
}


@pytest.mark.parametrize("name", OF_GRAFANALIB)
def test_objects_of_grafanalib(name: str) -> None:
    queried = {"dataSource": "Prometheus", "targets": [core.Target(expr="up"), core.Target(expr="sum(up)")]}
    plain = OF_GRAFANALIB[name](title="T", **({} if name == "AlertList" else queried))

    dashboard = of(plain)

    assert (faults(dashboard), lost(dashboard)) == ([], [])


@pytest.mark.parametrize("kind", default_options())
def test_json_without_options(kind: str) -> None:
    dashboard = of(Raw({"type": kind, "title": "T", "targets": [{"expr": "up"}]}))

    assert (faults(dashboard), lost(dashboard)) == ([], [])


def test_options_and_schema_have_the_same_version() -> None:
    version = PACKAGE["@grafana/schema"]

    assert f"@grafana/schema {version} " in SCHEMA["$comment"]
    assert f"@grafana/schema {version}," in str(PanelWriter.__doc__)


# --- other forms -------------------------------------------------------------------------------------------------

# https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


def written(form: str) -> dict[str, Any]:
    """The files of three dashboards in a format, by path."""
    given_dashboards = [
        Dashboard("Everything", [Row("R", *each_panel(TimeSeries)[:9])], variables=[JOB], folder="SRE team"),
        Dashboard("Überblick µs", [Row("R", Stat("S", "up"))], uid="A_b-C", annotations=each_annotation()),
        Dashboard("D" * 100, links=each_link(), folder="Ordner ä"),
    ]
    files = render(artifacts(*given_dashboards, dashboard_formats=[form]))
    folders = ("kubernetes/", "grafana/resources", "grafana/export")
    return {file.path: yaml.safe_load(file.text) for file in files if file.path.startswith(folders)}


def test_config_maps_have_valid_names_and_contain_dashboards() -> None:
    maps = written("configmap").values()
    held = [(name, text) for config_map in maps for name, text in config_map["data"].items()]

    assert len(maps) == len(held) == 3
    assert all(SUBDOMAIN.fullmatch(result["metadata"]["name"]) for result in maps)
    assert all(re.fullmatch(r"[-._a-zA-Z0-9]{1,253}", name) for name, _ in held)
    assert [fault for _, text in held for fault in (*faults(json.loads(text)), *lost(json.loads(text)))] == []


def test_grafana_dashboard_objects_have_the_operators_type() -> None:
    result = list(written("operator").values())

    assert len(result) == 3
    assert [fault for each in result for fault in against("GrafanaDashboard", each)] == []
    assert all(SUBDOMAIN.fullmatch(each["metadata"]["name"]) for each in result)
    texts = [json.loads(each["spec"]["json"]) for each in result]
    assert [fault for text in texts for fault in (*faults(text), *lost(text))] == []


def test_resources_are_manifests_of_dashboards_and_folders() -> None:
    result = list(written("resource").values())

    assert sorted(each["kind"] for each in result) == [
        "Dashboard",
        "Dashboard",
        "Dashboard",
        "Folder",
        "Folder",
        "Folder",
    ]
    for each in result:
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,40}", each["metadata"]["name"])
        assert again(Manifest.from_json(each)) == each
        if each["kind"] == "Folder":
            assert again(Folder.from_json(each["spec"])) == each["spec"]
        else:
            assert (faults(each["spec"]), lost(each["spec"])) == ([], [])


def test_exports_are_valid_dashboards_after_the_import() -> None:
    for export in written("export").values():
        assert faults(export) == []
        assert set(all_lost(export)) - NEWER_THAN_THE_SDK == {"__inputs", "__elements", "__requires", "id"}
        assert export["id"] is None


# --- that it is a proof ------------------------------------------------------------------------------------------

PLAIN = TimeSeries(
    "T",
    "up",
    thresholds=[Threshold(1)],
    mappings=[ValueMap(0, "Down")],
    data_links=[Link("L", "/d/a")],
    overrides=[Override("a", unit="s", axis="right")],
)

# What is put where into the JSON of a plain dashboard, and what is said of it.
DEFAULTS = "panels/0/fieldConfig/defaults"
OVERRIDE = "panels/0/fieldConfig/overrides/0/properties"
WRONG: Sequence[tuple[str, Any, str]] = [
    ("rows", [], "rows: no such setting"),
    ("schemaVersion", "42", "schemaVersion: '42' is not of type 'number'"),
    ("templating/list/0/type", "magic", "templating/list/*/type: 'magic' is not one of"),
    (
        "annotations/list",
        [{"name": "A", "iconColor": "red", "datasource": {}}],
        "annotations/list/*: 'enable' is a required",
    ),
    ("panels/0/span", 4, "'T': timeseries/span: no such setting"),
    ("panels/0/datasource", "Prometheus", "'T': timeseries/datasource: 'Prometheus' is not of type 'object'"),
    ("panels/0/options/shiny", True, "'T': timeseries/options/shiny: no such setting"),
    ("panels/0/options/tooltip", {"mode": "multi"}, "'T': timeseries/options/tooltip: 'sort' is a required property"),
    ("panels/0/options/legend/placement", "top", "'T': timeseries/options/legend/placement: 'top' is not one of"),
    (f"{DEFAULTS}/color/mode", "rainbow", "'T': timeseries/fieldConfig/defaults/color/mode: 'rainbow' is not one of"),
    (f"{DEFAULTS}/custom/glow", 1, "'T': timeseries/fieldConfig/defaults/custom/glow: no such setting"),
    (f"{DEFAULTS}/custom/lineWidth", "1", "'T': timeseries/fieldConfig/defaults/custom/lineWidth: '1' is not of type"),
    (f"{DEFAULTS}/links/0/url", None, "'T': timeseries/fieldConfig/defaults/links/*/url: None is not of type 'string'"),
    (f"{DEFAULTS}/mappings/0/options/0/text", 5, "mappings/*/options/0/text: 5 is not of type 'string'"),
    (
        f"{DEFAULTS}/thresholds/steps/0/value",
        "null",
        "thresholds/steps/*/value: 'null' is not of type 'number', 'null'",
    ),
    (
        f"{OVERRIDE}/0/id",
        "custom.glow",
        "'T': timeseries/fieldConfig/overrides/*/custom.glow: a timeseries has no such",
    ),
    (f"{OVERRIDE}/1/value", "up", "'T': timeseries/fieldConfig/overrides/*/custom.axisPlacement: 'up' is not one of"),
]


def changed(dashboard: Json, path: str, value: Any) -> Json:
    """A dashboard with another value at a path."""
    copy: Json = again(dashboard)
    *way, last = path.split("/")
    holder: Any = copy
    for step in way:
        holder = holder[step] if isinstance(holder, dict) else holder[int(step)]
    holder[last] = value
    return copy


@pytest.mark.parametrize(("path", "value", "reported"), WRONG, ids=[path for path, *_ in WRONG])
def test_invalid_values_are_reported(path: str, value: Any, reported: str) -> None:
    dashboard = of(PLAIN)

    assert faults(dashboard) == []
    assert [reported in fault for fault in faults(changed(dashboard, path, value))] == [True]


@pytest.mark.parametrize("path", ["panels/0/options/shiny", "panels/0/targets/0/step", f"{DEFAULTS}/custom/glow"])
def test_lost_values_are_reported(path: str) -> None:
    reported = path.replace("panels/0", "timeseries").replace("/0/", "/*/")

    assert lost(changed(of(PLAIN), path, 1)) == [reported]


def test_custom_settings_of_a_panel_without_any_are_reported() -> None:
    dashboard = changed(of(Stat("S", "up")), f"{DEFAULTS}/custom", {"lineWidth": 1})

    assert faults(dashboard) == ["'S': stat/fieldConfig/defaults/custom: a stat has no settings of its own"]


def test_a_row_in_a_row_is_reported() -> None:
    row = rendered(Dashboard("D", [Row("R", Stat("S", "up"), collapsed=True)]))["panels"][0]

    assert faults(changed(of(PLAIN), "panels", [{**row, "panels": [row]}])) == ["'R': row: a row in a row"]


def test_every_exception_is_needed() -> None:
    hiding = Dashboard("D", [Row("", Table("T", "up", overrides=[Override("a", hide=True)]))])
    result = [
        rendered(hiding),
        rendered(Dashboard("D", variables=VARIABLES)),
        rendered(Dashboard("D", annotations=each_annotation())),
        *written("export").values(),
    ]

    assert {fault.where for dashboard in result for fault in all_faults(dashboard)} == set(LET_PASS)


def test_every_entry_newer_than_the_sdk_is_needed() -> None:
    cells = [Table(cell, "up", cell=cell) for cell in ("pill", "markdown")]
    newer = [Canvas("C"), Gauge("G", "up"), Heatmap("H", "up", log_base=2), NodeGraph("N"), Raw({"type": "piechart"})]
    results = of(*newer, *cells), rendered(Dashboard("D", variables=VARIABLES))

    assert {where for result in results for where in all_lost(result)} == NEWER_THAN_THE_SDK
