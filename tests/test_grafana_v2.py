"""Dashboards of version 2: valid by Grafana's own types, read by its Foundation SDK, with tabs and conditions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import goldens
import pytest
from goldens import Golden
from grafana_cases import Json, artifacts
from grafana_cases import read as read_definition
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboardv2 import Dashboard as SdkDashboard
from grafana_options import KINDS, each_annotation, each_link, each_panel, each_variable
from jsonschema import Draft7Validator
from jsonschema.exceptions import best_match

from obscode import Dashboard, Row, layout, panels, variables
from obscode.compiler.grafana.v2.spec import v2_spec
from obscode.model.dashboard import Panel
from obscode.model.dashboard.existing import ExistingDashboard
from obscode.model.panels import Table
from obscode.project.check_files import lint, read
from obscode.renderers import render

register_default_plugins()  # otherwise the SDK passes options and queries on unchanged

SCHEMA = json.loads((Path(__file__).parent / "grafana_schema" / "schema_v2.json").read_text())
VALIDATOR = Draft7Validator({"$ref": "#/definitions/Spec", "definitions": SCHEMA["definitions"]})
JOB = variables.Query("job", "label_values(up, job)")


def faults(spec: Json) -> list[str]:
    """What Grafana's types of version 2 reject."""
    errors = (best_match([error]) or error for error in VALIDATOR.iter_errors(spec))
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in errors]


class _Encoder(JSONEncoder):
    """SDK 0.0.21 reads the plugin of a panel and its version as sets."""

    def default(self, obj: object) -> Any:
        return next(iter(obj)) if isinstance(obj, set) else super().default(obj)


# The SDK reads the query of a variable as one of a panel, which has no such key.
NOT_READ = {"/variables/*/spec/query/spec/__legacyStringValue"}


def lost(spec: Json) -> list[str]:
    """The paths of what the Foundation SDK drops."""
    there = json.loads(json.dumps(spec))
    back = json.loads(json.dumps(SdkDashboard.from_json(json.loads(json.dumps(spec))), cls=_Encoder))
    return sorted(set(_missing(there, back, "")) - NOT_READ)


def _missing(value: Any, other: Any, where: str) -> Iterator[str]:
    if isinstance(value, dict) and isinstance(other, dict):
        for key, item in value.items():
            yield from _missing(item, other[key], f"{where}/{key}") if key in other else [f"{where}/{key}"]
    elif isinstance(value, list) and isinstance(other, list) and len(value) == len(other):
        for item, other_item in zip(value, other, strict=True):
            yield from _missing(item, other_item, f"{where}/*")
    elif value != other:
        yield where


def specs(*dashboards: Dashboard) -> list[Json]:
    """The specs of version 2 of dashboards."""
    return [v2_spec(dashboard) for dashboard in artifacts(*dashboards).dashboards]


def spec_of(*rows: Row, **settings: Any) -> Json:
    """The spec of version 2 of a dashboard of rows."""
    [spec] = specs(Dashboard("D", rows, variables=[JOB], **settings))
    return spec


# --- valid -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_value_of_every_option_of_a_panel(kind: type[Panel]) -> None:
    tried = each_panel(kind)
    spec = spec_of(Row("", *tried))

    assert faults(spec) == []
    if kind is not Table:  # whose newer cells the SDK cannot read
        assert lost(spec) == []
    assert len(spec["elements"]) == len(tried)


def test_everything_above_the_panels() -> None:
    settings: Any = {"annotations": each_annotation(), "links": each_link()}
    [spec] = specs(Dashboard("D", variables=[JOB, *each_variable()], **settings))

    assert (faults(spec), lost(spec)) == ([], [])
    assert len(spec["annotations"]) == 1 + len(each_annotation())


@pytest.mark.parametrize("case", goldens.goldens("grafana/v2"), ids=lambda case: case.id)
def test_a_layout_is_written(case: Golden, request: pytest.FixtureRequest) -> None:
    [spec] = specs(read_definition(case.source))

    assert (faults(spec), lost(spec)) == ([], [])
    goldens.check(case, json.dumps(spec["layout"], indent=1), request.config)


@pytest.mark.parametrize("case", goldens.goldens("grafana/dashboards"), ids=lambda case: case.id)
def test_a_golden_dashboard(case: Golden) -> None:
    [spec] = specs(read_definition(case.source))

    assert (faults(spec), lost(spec)) == ([], [])


def test_wrong_values_are_reported() -> None:
    spec = spec_of(Row("", panels.Stat("S", "up")))

    assert faults({**spec, "cursorSync": "Always"}) == [
        "cursorSync: 'Always' is not one of ['Crosshair', 'Tooltip', 'Off']"
    ]
    assert "Additional properties" in faults({**spec, "panels": []})[0]


def test_the_schema_has_the_version_of_the_classic_one() -> None:
    classic = json.loads((Path(__file__).parent / "grafana_schema" / "schema.json").read_text())

    assert SCHEMA["$comment"] == classic["$comment"]


# --- files -------------------------------------------------------------------------------------------------------


def files(*dashboards: Dashboard) -> dict[str, Json]:
    """The files of the format `v2`."""
    written = render(artifacts(*dashboards, dashboard_formats=["v2"]))
    return {file.path: json.loads(file.text) for file in written if file.path.startswith("grafana/v2")}


def test_resources_are_dashboards_and_folders() -> None:
    written = files(Dashboard("Shop", [Row("", panels.Stat("S", "up"))], uid="shop", folder="Team"))

    assert [*written] == ["grafana/v2/folders/team.json", "grafana/v2/shop.json"]
    resource = written["grafana/v2/shop.json"]
    assert {key: resource[key] for key in ("apiVersion", "kind", "metadata")} == {
        "apiVersion": "dashboard.grafana.app/v2",
        "kind": "Dashboard",
        "metadata": {"name": "shop", "annotations": {"grafana.app/folder": "team"}},
    }
    assert faults(resource["spec"]) == []


def test_the_checks_of_other_dashboards_read_it(tmp_path: Path) -> None:
    row = Row("Errors", panels.TimeSeries("Errors", "sum(rate(errors_total[5m]))", description="Errors."), tab="All")
    [_, (_, resource)] = files(Dashboard("Shop", [row], uid="shop", description="A shop.")).items()
    file = tmp_path / "shop.json"
    file.write_text(json.dumps(resource))

    [dashboard] = read([str(file)]).dashboards
    assert (dashboard.form, dashboard.title, dashboard.uid) == ("v2", "Shop", "shop")
    assert [str(finding) for finding in lint(read([str(file)])) if finding.severity == "error"] == []


# --- queries -----------------------------------------------------------------------------------------------------


def queries(*targets: Any) -> list[Json]:
    """The queries of a panel: the plugin, the datasource and the ref."""
    [element] = spec_of(Row("", panels.TimeSeries("T", targets)))["elements"].values()
    return [each["spec"] for each in element["spec"]["data"]["spec"]["queries"]]


def test_each_query_has_its_datasource() -> None:
    loki = panels.DataQuery("loki", {"expr": "x"}, hidden=True)
    calculated = panels.DataQuery("__expr__", {"type": "math", "expression": "$A"})
    written = queries("up", panels.Query("up", datasource="eu"), loki, calculated)

    assert [(each["query"]["group"], each["query"]["datasource"]["name"]) for each in written] == [
        ("prometheus", "${datasource}"),
        ("prometheus", "eu"),
        ("loki", "${loki_datasource}"),
        ("__expr__", "__expr__"),
    ]
    assert [each["hidden"] for each in written] == [False, False, True, False]
    assert written[2]["query"]["spec"] == {"expr": "x"}


def existing(*panels: Json, **settings: Any) -> Json:
    """The spec of a dashboard that exists as JSON."""
    [spec] = specs(ExistingDashboard({"title": "D", "uid": "d", "panels": [*panels], **settings}))
    return spec


def test_settings_of_older_dashboards_are_completed() -> None:
    steps = [{"color": "blue"}, {"color": "red", "value": 3}]
    mappings = [
        {"id": 1, "type": "range", "options": {"from": 1, "result": {"text": "a", "x": 1}}},
        {"type": "value", "options": {"0": {"text": "Down"}}},
        {"type": "regex", "options": {"pattern": "a", "result": {"text": "b"}}},
        {"type": "special", "options": {"match": "null", "result": {"text": "c"}}},
        {"type": "special", "options": {"match": "never", "result": {}}},
        {"value": "null", "text": "N/A", "op": "="},
    ]
    defaults = {"thresholds": {"steps": steps}, "mappings": mappings, "unitScale": True, "noValue": 0}
    spec = existing({"id": 1, "type": "stat", "title": "S", "links": [{}], "fieldConfig": {"defaults": defaults}})

    assert faults(spec) == []
    panel = spec["elements"]["panel-1"]["spec"]
    assert panel["links"] == [{"title": "", "url": ""}]
    assert panel["vizConfig"]["spec"]["fieldConfig"]["defaults"] == {
        "mappings": [
            {"type": "range", "options": {"from": 1, "to": None, "result": {"text": "a"}}},
            *mappings[1:4],
        ],
        "thresholds": {
            "mode": "absolute",
            "steps": [{"color": "blue", "value": None}, {"color": "red", "value": 3}],
        },
        "noValue": "0",
    }


def test_panels_with_the_id_of_another_have_one_of_their_own() -> None:
    row = {"id": 9, "type": "row", "title": "R", "collapsed": True, "panels": [{"id": 1, "type": "stat", "title": "B"}]}
    spec = existing({"id": 1, "type": "stat", "title": "A"}, row)

    assert [each["spec"]["title"] for each in spec["elements"].values()] == ["A", "B"]
    assert [*spec["elements"]] == ["panel-1", "panel-2"]
    assert faults(spec) == []


def test_a_library_panel_is_a_reference() -> None:
    [element] = spec_of(Row("", panels.Library("Requests", uid="requests")))["elements"].values()

    assert element["kind"] == "LibraryPanel"
    assert element["spec"]["libraryPanel"] == {"uid": "requests", "name": "Requests"}


# --- classic -----------------------------------------------------------------------------------------------------


def classic(*rows: Row) -> list[Json]:
    """The panels of the classic dashboard."""
    [dashboard] = artifacts(Dashboard("D", rows, variables=[JOB])).dashboards
    return list(dashboard.body["panels"])


def test_a_tab_is_a_row_of_a_classic_dashboard() -> None:
    written = classic(Row("A", panels.Stat("S", "up"), tab="First"), Row("B", panels.Stat("T", "up"), tab="Second"))

    assert [(each["type"], each["title"]) for each in written] == [
        ("row", "A"),
        ("stat", "S"),
        ("row", "B"),
        ("stat", "T"),
    ]


def test_an_automatic_grid_is_computed_in_a_classic_dashboard() -> None:
    stats = [panels.Stat(str(n), "up", width=6, height=3) for n in range(4)]
    repeated = panels.Stat("R", "up", repeat="job")
    written = classic(Row("", *stats, repeated, stats[0], grid=layout.AutoGrid(3, row_height="short")))

    assert [tuple(each["gridPos"].values()) for each in written] == [
        (0, 0, 8, 5),
        (8, 0, 8, 5),
        (16, 0, 8, 5),
        (0, 5, 8, 5),
        (0, 10, 24, 5),
        (0, 15, 8, 5),
    ]


def test_parts_with_conditions_are_in_a_classic_dashboard() -> None:
    hidden = layout.Hide(layout.VariableIs("job", "a"))
    written = classic(Row("A", panels.Stat("S", "up", visible=hidden), visible=hidden, grid=layout.AutoGrid()))

    assert [each["title"] for each in written] == ["A", "S"]


# --- findings ----------------------------------------------------------------------------------------------------


def messages(*rows: Row) -> list[str]:
    """The codes and messages of the findings about a dashboard of rows."""
    dashboard = Dashboard("D", rows, variables=[JOB])
    findings = [finding for part in dashboard.walk() for finding in part.problems()]
    return [f"{finding.code.name}: {finding.message}" for finding in findings]


def test_a_condition_of_a_panel_needs_an_automatic_grid() -> None:
    stat = panels.Stat("S", "up", visible=layout.Show(layout.HasData()))

    assert messages(Row("A", stat, grid=layout.AutoGrid())) == []
    assert messages(Row("A", stat)) == ["layout-condition-place: the row of 'S' has no automatic grid"]


def test_rows_and_tabs_have_no_data() -> None:
    visible = layout.Show(layout.HasData())

    assert messages(Row("A", visible=visible)) == ["layout-condition-place: a row has no data of its own"]
    assert messages(Row("A", tab=layout.Tab("T", visible=visible))) == [
        "layout-condition-place: a tab has no data of its own"
    ]


def test_conditions_name_variables_of_the_dashboard() -> None:
    row = Row("A", visible=layout.Hide(layout.VariableIs("jbo", "a")))

    assert messages(row) == ["unknown-repeat-variable: the dashboard has no variable 'jbo'"]


def test_a_visibility_has_a_condition() -> None:
    assert messages(Row("A", visible=layout.Show([]))) == ["layout-condition: there is no condition"]


@pytest.mark.parametrize(("columns", "valid"), [(0, False), (1, True), (10, True), (11, False)])
def test_an_automatic_grid_has_1_to_10_columns(columns: int, valid: bool) -> None:
    assert (messages(Row("A", grid=layout.AutoGrid(columns))) == []) == valid
