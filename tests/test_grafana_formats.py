"""The formats of dashboards."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from grafana_cases import Json, artifacts, body, panels_of, rows
from hypothesis import given

from obscode import Dashboard, Row, variables
from obscode.artifacts.project import Artifacts
from obscode.checks import lint
from obscode.checks.configmap_size import configmap_size
from obscode.compiler.grafana import dashboard as grafana_dashboard
from obscode.compiler.grafana.panel import panel_json
from obscode.compiler.kubernetes.operator_object import ANNOTATIONS_LIMIT
from obscode.findings.finding import Finding
from obscode.model.panels import Logs, Stat, TimeSeries
from obscode.renderers import render
from obscode.renderers.grafana.export import exported

SHOP = Dashboard("Shop", [Row("R", Stat("Requests", "up"))], folder="SRE Team", uid="Shop_1")


def files(*formats: str, dashboard: Dashboard = SHOP) -> dict[str, str]:
    """The files of a dashboard by path, without those of every project."""
    result = render(artifacts(dashboard, dashboard_formats=formats))
    common = {file.path for file in render(artifacts(dashboard, dashboard_formats=()))}
    return {file.path: file.text for file in result if file.path not in common}


def classic(dashboard: Dashboard = SHOP) -> Json:
    """The classic JSON of a dashboard."""
    (text,) = (text for path, text in files("classic", dashboard=dashboard).items() if path.endswith(".json"))
    return dict(json.loads(text))


def test_classic_files_are_in_a_folder_with_the_title_of_grafanas_folder() -> None:
    assert list(files("classic")) == [
        "grafana/dashboards/SRE Team/Shop_1.json",
        "grafana/provisioning/dashboards/dashboards.yml",
    ]


def test_the_provider_reads_folders_from_the_disk() -> None:
    (provider,) = yaml.safe_load(files("classic")["grafana/provisioning/dashboards/dashboards.yml"])["providers"]

    assert provider["options"]["foldersFromFilesStructure"] is True
    assert "folder" not in provider


def test_each_format_can_be_the_only_one() -> None:
    assert {name: list(files(name)) for name in ("configmap", "operator", "resource", "export")} == {
        "configmap": ["kubernetes/dashboards/Shop_1.yaml"],
        "operator": ["kubernetes/grafana-operator/Shop_1.yaml"],
        "resource": ["grafana/resources/Shop_1.json", "grafana/resources/folders/sre-team.json"],
        "export": ["grafana/export/Shop_1.json"],
    }


def test_a_config_map_has_the_label_of_the_sidecar() -> None:
    config_map = yaml.safe_load(files("configmap")["kubernetes/dashboards/Shop_1.yaml"])

    assert json.loads(config_map["data"].pop("Shop_1.json")) == classic()
    assert config_map == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "shop-1-f26b25d2",
            "labels": {"grafana_dashboard": "1"},
            "annotations": {"grafana_folder": "SRE Team"},
        },
        "data": {},
    }


def test_a_grafana_dashboard_object_has_the_json() -> None:
    given_object = yaml.safe_load(files("operator")["kubernetes/grafana-operator/Shop_1.yaml"])

    assert json.loads(given_object["spec"].pop("json")) == classic()
    assert given_object == {
        "apiVersion": "grafana.integreatly.org/v1beta1",
        "kind": "GrafanaDashboard",
        "metadata": {"name": "shop-1-f26b25d2"},
        "spec": {"instanceSelector": {"matchLabels": {"dashboards": "grafana"}}, "folder": "SRE Team"},
    }


def test_a_resource_refers_to_the_resource_of_its_folder() -> None:
    result = {path: json.loads(text) for path, text in files("resource").items()}

    assert result["grafana/resources/folders/sre-team.json"] == {
        "apiVersion": "folder.grafana.app/v1beta1",
        "kind": "Folder",
        "metadata": {"name": "sre-team"},
        "spec": {"title": "SRE Team"},
    }
    resource = result["grafana/resources/Shop_1.json"]
    assert {"uid": "Shop_1"} | resource.pop("spec") == classic()
    assert resource == {
        "apiVersion": "dashboard.grafana.app/v1",
        "kind": "Dashboard",
        "metadata": {"name": "Shop_1", "annotations": {"grafana.app/folder": "sre-team"}},
    }


def test_an_export_has_an_input_for_each_datasource() -> None:
    dashboard = Dashboard(
        "D",
        [Row("R", TimeSeries("T", "up"), Logs("L", '{job="a"}'))],
        variables=[variables.Query("job", "label_values(up, job)")],
    )
    export = exported(classic(dashboard))

    assert list(export)[:4] == ["__inputs", "__elements", "__requires", "id"]
    assert [given_input["name"] for given_input in export["__inputs"]] == ["DS_PROMETHEUS", "DS_LOKI"]
    assert [required["id"] for required in export["__requires"]] == [
        *("grafana", "prometheus", "loki"),
        *("logs", "timeseries"),
    ]
    assert [variable["name"] for variable in export["templating"]["list"]] == ["job"]
    assert sources(export) == {"${DS_PROMETHEUS}", "${DS_LOKI}"}


def sources(value: Any) -> set[str]:
    """The uids of all datasources in JSON."""
    if isinstance(value, dict):
        own = {value["datasource"]["uid"]} if "datasource" in value else set()
        return own.union(*(sources(item) for item in value.values()))
    return set().union(*(sources(item) for item in value)) if isinstance(value, list) else set()


@given(rows())
def test_an_export_has_all_panels(given_rows: list[Any]) -> None:
    dashboard = body(given_rows)
    export = exported(dashboard)

    assert [panel["id"] for panel in panels_of(export)] == [panel["id"] for panel in panels_of(dashboard)]
    assert "${datasource}" not in json.dumps(export)


# --- what kubectl apply takes ------------------------------------------------------------------------------------


def sizes(compiled: Artifacts) -> list[Finding]:
    """The findings of the check configmap-size."""
    return lint(compiled, [configmap_size])


def many(count: int) -> Artifacts:
    """A project with one ConfigMap of some panels."""
    panels = [TimeSeries(f"Panel {n}", "up < 1") for n in range(count)]
    return artifacts(Dashboard("Many", [Row("R", *panels)]), dashboard_formats=["configmap"])


def test_a_dashboard_of_100_panels_is_accepted() -> None:
    assert sizes(many(100)) == []


def test_a_dashboard_that_kubectl_apply_rejects_is_reported() -> None:
    (finding,) = sizes(many(300))

    assert finding.source is not None
    assert finding.source.file == __file__
    assert finding.severity == "warning"
    assert (finding.code.name, finding.message, finding.hint) == (
        "configmap-size",
        "the ConfigMap of dashboard 'Many' takes 533,681 bytes of annotations; Kubernetes accepts 262,144",
        "use kubectl apply --server-side, or split the dashboard",
    )


def test_only_config_maps_have_a_size_limit() -> None:
    classic_only = artifacts(Dashboard("Many", [Row("R", *(Stat(f"P{n}", "up") for n in range(400)))]))

    assert sizes(classic_only) == []


def test_the_limit_is_that_of_kubernetes() -> None:
    assert ANNOTATIONS_LIMIT == 256 * 1024


def test_each_panel_is_converted_once_for_all_formats_and_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    converted: list[str] = []

    def recorded(panel: Any, *arguments: Any, **settings: Any) -> Any:
        converted.append(panel.title)
        return panel_json(panel, *arguments, **settings)

    monkeypatch.setattr(grafana_dashboard, "panel_json", recorded)
    dashboard = Dashboard("Shop", [Row("R", Stat("One", "up"), Stat("Two", "up"))])

    compiled = artifacts(dashboard, dashboard_formats=("classic", "configmap", "operator", "resource", "export"))
    render(compiled)
    lint(compiled)

    assert converted == ["One", "Two"]
