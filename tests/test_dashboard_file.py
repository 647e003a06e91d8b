"""Dashboards that stay in their files: checked at their own lines, written to the output, known to the project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ProjectFolder

from obscode.artifacts.rules import AlertingRule
from obscode.project.load import load
from obscode.project.pipeline import compile_folder

Json = dict[str, Any]


def panel(title: str, expr: str, **more: Any) -> Json:
    """A stat."""
    grid = {"x": 0, "y": 0, "w": 6, "h": 4}
    source = {"type": "prometheus", "uid": "${datasource}"}
    target = {"refId": "A", "expr": expr, "datasource": source}
    return {"type": "stat", "title": title, "gridPos": grid, "datasource": source, "targets": [target], **more}


def dashboard(*panels: Json, **more: Any) -> Json:
    datasource = {"name": "datasource", "type": "datasource", "query": "prometheus"}
    body = {"title": "Shop", "uid": "shop", "schemaVersion": 39, "editable": False, "panels": list(panels)}
    return {**body, "templating": {"list": [datasource]}, **more}


def written(folder: ProjectFolder, value: Any, name: str = "shop.json") -> Path:
    file = folder.definitions / name
    file.write_text(value if isinstance(value, str) else json.dumps(value, indent=1))
    return file


def output(folder: ProjectFolder, path: str = "team/shop.json") -> Json:
    result: Json = json.loads((folder.build / "grafana/dashboards" / path).read_text())
    return result


UP = panel("Up", "sum(up)", id=7)


def test_the_dashboard_is_written_as_it_is(project_folder: ProjectFolder) -> None:
    project_folder.write(shop='shop = Service("shop", dashboards=[DashboardFile("shop.json")])')
    body = dashboard(UP, tags=["a"])
    written(project_folder, {"id": 12, "version": 3, **body})

    assert project_folder.run("build").exit == 0

    assert output(project_folder) == body


def test_a_dashboard_of_no_service_has_a_folder_and_a_uid_of_its_own(project_folder: ProjectFolder) -> None:
    project_folder.write(other='shop = DashboardFile("shop.json", folder="Nodes", uid="nodes")')
    written(project_folder, dashboard(UP))

    assert project_folder.run("build").exit == 0

    assert output(project_folder, "Nodes/nodes.json") == dashboard(UP, uid="nodes")


def test_a_file_may_be_the_dashboard_of_a_service(project_folder: ProjectFolder) -> None:
    project_folder.write(shop='shop = Service("shop", dashboard=DashboardFile("shop.json"))')
    written(project_folder, dashboard(UP))

    assert project_folder.run("build").exit == 0

    assert [each["title"] for each in output(project_folder)["panels"]] == ["Up"]


def test_panels_without_an_id_get_the_next_free_ones(project_folder: ProjectFolder) -> None:
    row = {"type": "row", "title": "Row", "collapsed": True, "panels": [panel("Inside", "up")]}
    project_folder.write(shop='shop = DashboardFile("shop.json")')
    written(project_folder, dashboard(UP, row))

    assert project_folder.run("build").exit == 0

    up, row = output(project_folder)["panels"]
    assert (up["id"], row["id"], row["panels"][0]["id"]) == (7, 8, 9)


def test_inputs_of_an_export_become_values(project_folder: ProjectFolder) -> None:
    source = {"type": "prometheus", "uid": "${DS_PROMETHEUS}"}
    loki = {"type": "loki", "uid": "${DS_LOKI}"}
    logs = {"type": "logs", "title": "Log", "id": 8, "datasource": loki}
    logs["targets"] = [{"refId": "A", "expr": '{job="shop"}', "datasource": loki}]
    inputs = [
        {"name": "DS_PROMETHEUS", "type": "datasource", "pluginId": "prometheus"},
        {"name": "DS_LOKI", "type": "datasource", "pluginId": "loki"},
        {"name": "VAR_JOB", "type": "constant", "value": "shop"},
    ]
    up = {**UP, "datasource": source, "targets": [{"refId": "A", "expr": 'up{job="${VAR_JOB}"}', "datasource": source}]}
    project_folder.write(shop='shop = DashboardFile("shop.json", inputs={"DS_LOKI": "my-loki"})')
    written(project_folder, {"__inputs": inputs, "__requires": [], **dashboard(up, logs, templating={"list": []})})

    assert project_folder.run("build").exit == 0

    up, logs = output(project_folder)["panels"]
    datasource = load(project_folder.definitions).project.datasource_uid
    assert up["targets"][0] == {
        "refId": "A",
        "expr": 'up{job="shop"}',
        "datasource": {"type": "prometheus", "uid": datasource},
    }
    assert logs["datasource"]["uid"] == "my-loki"
    assert "__inputs" not in output(project_folder)


def test_a_library_panel_of_an_export_becomes_a_panel(project_folder: ProjectFolder) -> None:
    element = {"uid": "lib", "name": "Up", "kind": 1, "model": {key: UP[key] for key in UP if key != "gridPos"}}
    reference = {"id": 3, "gridPos": UP["gridPos"], "libraryPanel": {"uid": "lib", "name": "Up"}}
    project_folder.write(shop='shop = DashboardFile("shop.json")')
    written(project_folder, dashboard(reference, __elements={"lib": element}))

    assert project_folder.run("build").exit == 0

    assert output(project_folder)["panels"] == [{**UP, "id": 3}]


def test_findings_are_at_the_lines_of_the_file(project_folder: ProjectFolder) -> None:
    project_folder.write(shop='shop = Service("shop", dashboards=[DashboardFile("shop.json")])')
    written(project_folder, dashboard(panel("Up", "sum(up", id=1)))

    result = project_folder.run("build")

    assert result.exit == 1
    assert "definitions/shop.json:23:" in result.out + result.err
    assert "error[target-promql-rule]" in result.out + result.err


def test_a_finding_can_be_ignored_in_the_definition(project_folder: ProjectFolder) -> None:
    reason = '{"target-promql-rule": "Grafana fills it in"}'
    project_folder.write(shop=f'shop = DashboardFile("shop.json", ignore={reason})')
    written(project_folder, dashboard(panel("Up", "sum(up", id=1)))

    assert project_folder.run("build").exit == 0


def test_the_style_of_an_existing_dashboard_is_not_reported(project_folder: ProjectFolder) -> None:
    project_folder.write(shop='shop = DashboardFile("shop.json")')
    written(project_folder, dashboard(UP))  # without a unit and a description

    assert compile_folder(project_folder.definitions).findings == []


def test_a_series_that_no_rule_records_is_reported_in_the_file(project_folder: ProjectFolder) -> None:
    rule = 'RecordingRule("job:up:sum", "sum by (job) (up)")'
    project_folder.write(
        shop=f'shop = Service("shop", recording_rules=[{rule}], dashboards=[DashboardFile("shop.json")])'
    )
    written(
        project_folder,
        dashboard(panel("Good", "job:up:sum"), panel("Bad", "job:up:sun", gridPos={"x": 6, "y": 0, "w": 6, "h": 4})),
    )

    findings = compile_folder(project_folder.definitions).findings

    assert [(each.code.name, each.message, each.span.line) for each in findings if each.span] == [
        ("unknown-recording-rule", "Bad reads 'job:up:sun', which no rule records", 47),
    ]


def test_an_alert_links_to_a_panel_of_the_file(project_folder: ProjectFolder) -> None:
    alert = 'Alert("Down", "sum(up) < 1", severity="page", summary="down", panel="Nodes/Up")'
    project_folder.write(shop=f'shop = Service("shop", alerts=[{alert}], dashboards=[DashboardFile("shop.json")])')
    row = {"type": "row", "title": "Nodes", "collapsed": False, "panels": []}
    written(project_folder, dashboard(row, UP))

    (rule,) = compile_folder(project_folder.definitions).artifacts.rules()

    assert isinstance(rule, AlertingRule)
    assert rule.annotations["dashboard_url"].endswith("/d/shop?viewPanel=7")


def test_another_content_of_the_file_is_built_again(project_folder: ProjectFolder) -> None:
    project_folder.write(shop='shop = Service("shop", dashboards=[DashboardFile("shop.json")])')
    written(project_folder, dashboard(UP))
    project_folder.run("build")

    written(project_folder, dashboard({**UP, "title": "Down"}))

    assert project_folder.run("build").exit == 0
    assert output(project_folder)["panels"][0]["title"] == "Down"


@pytest.mark.parametrize("kind", ["ConfigMap", "GrafanaDashboard"])
def test_the_dashboard_of_a_kubernetes_object_is_read(kind: str, project_folder: ProjectFolder) -> None:
    text = json.dumps(dashboard(panel("Up", "sum(up", id=1)), indent=1)
    holder = {"data": {"shop.json": text}} if kind == "ConfigMap" else {"spec": {"json": text}}
    written(
        project_folder, yaml.dump({"apiVersion": "v1", "kind": kind, "metadata": {"name": "a"}, **holder}), "a.yaml"
    )
    project_folder.write(shop='shop = DashboardFile("a.yaml")')

    findings = compile_folder(project_folder.definitions).findings

    assert [(each.code.name, each.span and each.span.file.endswith("a.yaml")) for each in findings] == [
        ("target-promql-rule", True)
    ]


TWO = [{"apiVersion": "v1", "kind": "ConfigMap", "data": {"a.json": json.dumps(dashboard(UP, title="A", uid="a"))}}]
TWO += [{"apiVersion": "v1", "kind": "ConfigMap", "data": {"b.json": json.dumps(dashboard(UP, title="B", uid="b"))}}]


def test_one_of_several_dashboards_is_selected_by_its_title(project_folder: ProjectFolder) -> None:
    project_folder.write(shop='shop = DashboardFile("shop.json", title="B")')
    written(project_folder, TWO)

    assert [each.title for each in compile_folder(project_folder.definitions).artifacts.dashboards] == ["B"]


def test_a_dashboard_in_a_file_is_written_in_each_format(project_folder: ProjectFolder) -> None:
    formats = ["classic", "configmap", "operator", "resource", "export"]
    project_folder.write(project=f'project = Project("team", dashboard_formats={formats})')
    project_folder.write(shop='shop = DashboardFile("shop.json")')
    written(project_folder, dashboard(UP))

    assert project_folder.run("build").exit == 0

    exported = json.loads((project_folder.build / "grafana/export/shop.json").read_text())
    assert [each["name"] for each in exported["__inputs"]] == ["DS_PROMETHEUS"]
    assert exported["panels"][0]["datasource"] == {"type": "prometheus", "uid": "${DS_PROMETHEUS}"}
    resource = json.loads((project_folder.build / "grafana/resources/shop.json").read_text())
    assert resource["spec"] == {key: value for key, value in dashboard(UP).items() if key != "uid"}


def test_an_input_with_the_name_of_a_variable_has_the_value_of_the_variable(project_folder: ProjectFolder) -> None:
    inputs = [{"name": "datasource", "type": "datasource", "pluginId": "loki"}]
    project_folder.write(shop='shop = DashboardFile("shop.json")')
    written(project_folder, dashboard(UP, __inputs=inputs))

    assert project_folder.run("build").exit == 0
    assert output(project_folder)["panels"][0]["datasource"]["uid"] == "${datasource}"


def nested(levels: int) -> Json:
    """A dashboard with this number of levels."""
    value: Any = 1
    for _ in range(levels - 1):
        value = [value]
    return dashboard(deep=value)


INVALID = [
    (
        'DashboardFile("shop.json")',
        nested(101),
        "definitions/shop.py:3:22: error[dashboard-file]: definitions/shop.json is nested more than 100 levels deep",
    ),
    (
        'DashboardFile("shop.json")',
        json.dumps(dashboard(UP)).replace('"id": 7', '"id": 7, "interval": 1e400'),
        "definitions/shop.py:3:8: error[dashboard-body]: body holds inf, which JSON does not",
    ),
    (
        'DashboardFile("shop.jsn")',
        dashboard(UP),
        "definitions/shop.py:3:22: error[dashboard-file]: definitions/shop.jsn does not exist",
    ),
    (
        'DashboardFile("shop.json")',
        '{"title": "Shop", "panels": [}',
        "definitions/shop.json:1:30: error[dashboard-json]: invalid JSON: expecting value",
    ),
    (
        'DashboardFile("shop.json")',
        {"a": 1},
        "definitions/shop.json:1:1: error[dashboard-json]: the file contains no dashboard",
    ),
    (
        'DashboardFile("shop.json")',
        TWO,
        "definitions/shop.py:3:22: error[dashboard-file]: definitions/shop.json contains 2 dashboards",
    ),
    (
        'DashboardFile("shop.json", title="C")',
        TWO,
        "definitions/shop.py:3:41: error[dashboard-file]: definitions/shop.json has no dashboard 'C'",
    ),
    (
        'DashboardFile("shop.json", inputs={"DS": "x"})',
        dashboard(UP),
        "definitions/shop.py:3:43: error[dashboard-input]: the file has no input 'DS'",
    ),
    (
        'DashboardFile("shop.json")',
        dashboard(UP, __inputs=[{"name": "DS_LOKI", "type": "datasource", "pluginId": "loki"}]),
        "definitions/shop.py:3:22: error[dashboard-input]: input 'DS_LOKI' has no value: it is a datasource of type"
        " 'loki'",
    ),
    (
        'DashboardFile("shop.json")',
        {"apiVersion": "dashboard.grafana.app/v2", "kind": "Dashboard", "spec": {"title": "A", "elements": {}}},
        "definitions/shop.py:3:22: error[dashboard-file]: definitions/shop.json is a v2 resource",
    ),
    (
        "DashboardFile(7)",
        dashboard(UP),
        "definitions/shop.py:3:22: error[dashboard-file]: the path is 7, which is no text",
    ),
]


def test_a_file_of_100_levels_is_read(project_folder: ProjectFolder) -> None:
    project_folder.write(shop='shop = DashboardFile("shop.json")')
    written(project_folder, nested(100))

    assert project_folder.run("build").exit == 0
    assert output(project_folder)["deep"] == nested(100)["deep"]


@pytest.mark.parametrize(("definition", "content", "message"), INVALID)
def test_an_invalid_file_is_reported(
    definition: str, content: Any, message: str, project_folder: ProjectFolder
) -> None:
    written(project_folder, content)
    project_folder.write(shop=f"shop = {definition}")

    result = project_folder.run("build")

    assert result.exit == 1
    assert (result.out + result.err).splitlines()[0] == message
    assert not project_folder.build.exists()
