"""Settings that no argument has (`extra`), and dashboards that are written as they are defined (`exact`)."""

from __future__ import annotations

from typing import Any

import pytest
from grafana_cases import panels_of, rendered

from obscode import Alert, Annotation, Dashboard, Project, Row, Service, variables
from obscode.compiler import Definitions, compile
from obscode.model import argument_types
from obscode.model.panels import Gauge, Query, Raw, Stat, Table, TimeSeries

Json = dict[str, Any]


def panel(definition: Any, **settings: Any) -> Json:
    (written,) = rendered(Dashboard("D", [Row("", definition)], **settings))["panels"]
    result: Json = written
    return result


def test_extra_is_merged_into_the_json_and_none_removes_a_key() -> None:
    extra = {"options": {"legend": {"width": 200, "calcs": None}}, "timeFrom": "2h", "pluginVersion": None}
    plain, changed = panel(TimeSeries("A", "up")), panel(TimeSeries("A", "up", extra=extra))

    legend = {**plain["options"]["legend"], "width": 200}
    del legend["calcs"], plain["pluginVersion"]
    assert changed == {**plain, "timeFrom": "2h", "options": {**plain["options"], "legend": legend}}


def test_extra_of_a_query_of_a_row_and_of_a_dashboard() -> None:
    row = Row("R", Stat("A", [Query("up", extra={"intervalFactor": 2})]), extra={"gridPos": {"y": 7}})
    body = rendered(Dashboard("D", [row], extra={"liveNow": True, "description": None}))

    assert body["panels"][0]["gridPos"] == {"x": 0, "y": 7, "w": 24, "h": 1}
    assert body["panels"][1]["targets"][0]["intervalFactor"] == 2
    assert (body["liveNow"], "description" in body) == (True, False)


def test_extra_of_a_variable_and_of_an_annotation() -> None:
    body = rendered(
        Dashboard(
            "D",
            variables=[variables.Text("path", extra={"skipUrlSync": True})],
            annotations=[Annotation("A", "up", extra={"hide": True})],
        )
    )

    assert body["templating"]["list"][-1]["skipUrlSync"]
    assert body["annotations"]["list"][0]["hide"]


def test_extra_that_is_no_json_is_reported() -> None:
    (finding,) = argument_types.problems(TimeSeries("A", "up", extra={"a": object}))

    assert finding.code.name == "panel-extra"


def test_an_exact_dashboard_has_nothing_that_its_definition_does_not_give() -> None:
    body = rendered(Dashboard("D", exact=True, datasource="prom", time_range="6h", refresh="", timezone=""))

    assert body == {
        "uid": "d",
        "title": "D",
        "tags": [],
        "schemaVersion": 42,
        "refresh": "",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "",
        "templating": {"list": []},
        "annotations": {"list": []},
        "links": [],
        "panels": [],
    }


EXACT = {"exact": True, "datasource": "prom"}
PROM = {"type": "prometheus", "uid": "prom"}


def test_settings_that_an_exact_panel_does_not_give_are_those_of_grafana() -> None:
    written = panel(Stat("A", "sum(rate(http_seconds_sum[5m]))"), **EXACT)

    assert written["fieldConfig"] == {"defaults": {}, "overrides": []}
    assert "description" not in written
    assert written["targets"] == [
        {
            "refId": "A",
            "datasource": PROM,
            "expr": "sum(rate(http_seconds_sum[5m]))",
            "instant": False,
            "range": True,
        }
    ]


def test_settings_that_an_exact_panel_gives_are_written() -> None:
    query = Query("up", instant=True, legend="{{job}}", interval="1m")
    written = panel(Gauge("A", [query], unit="s", color="red", interval="5m"), **EXACT)

    assert written["fieldConfig"]["defaults"] == {"unit": "s", "color": {"mode": "fixed", "fixedColor": "red"}}
    assert written["interval"] == "5m"
    target = {"refId": "A", "datasource": PROM, "expr": "up", "legendFormat": "{{job}}", "instant": True}
    assert written["targets"] == [{**target, "range": False, "interval": "1m"}]


def test_an_exact_raw_panel_is_its_json() -> None:
    json = {
        "type": "gauge",
        "title": "A",
        "datasource": {"uid": "$x"},
        "targets": [{"expr": "up"}],
        "maxDataPoints": 100,
    }

    assert panel(Raw(json), **EXACT) == {
        **json,
        "id": panel(Raw(json))["id"],
        "gridPos": {"x": 0, "y": 0, "w": 24, "h": 8},
    }


def test_an_exact_table_joins_nothing() -> None:
    assert "transformations" in panel(Table("A", ["up", "up"]))
    assert panel(Table("A", ["up", "up"]), **EXACT)["transformations"] == []


def test_an_alert_adds_no_threshold_to_an_exact_panel() -> None:
    row = Row("", Stat("A", "sum(up)"))
    alert = Alert("Down", "sum(up) < 1", severity="page", summary="down")

    def thresholds(**settings: Any) -> object:
        service = Service("shop", alerts=[alert], dashboard=Dashboard("D", [row], **settings))
        (dashboard, *_) = compile(Definitions(Project("team", generated_dashboards=False), [service])).dashboards
        (written,) = panels_of(dashboard.body)
        return written["fieldConfig"]["defaults"].get("thresholds")

    assert thresholds() is not None
    assert thresholds(exact=True) is None


@pytest.mark.parametrize("exact", [True, False])
def test_a_datasource_variable_replaces_the_one_of_obscode(exact: bool) -> None:
    chosen = variables.Datasource("prom", regex="/prod/", default="Main")
    job = variables.Query("job", "label_values(up, job)")
    body = rendered(Dashboard("D", [Row("", Stat("A", "up"))], variables=[job, chosen], exact=exact))

    assert [each["name"] for each in body["templating"]["list"]] == ["job", "prom"]
    reference = {"type": "prometheus", "uid": "${prom}"}
    assert [body["panels"][0][key] for key in ("datasource",)] == [reference]
    assert body["panels"][0]["targets"][0]["datasource"] == reference
    assert body["templating"]["list"][0]["datasource"] == reference
    assert body["templating"]["list"][1]["current"] == {"text": "Main", "value": "Main"}


def test_a_datasource_variable_may_have_the_name_of_the_one_of_obscode() -> None:
    chosen = variables.Datasource("datasource", label="Prometheus")

    assert not list(argument_types.problems(chosen))
    body = rendered(Dashboard("D", [Row("", Stat("A", "up"))], variables=[chosen]))
    assert [each["label"] for each in body["templating"]["list"]] == ["Prometheus"]


def test_a_raw_variable_is_its_json() -> None:
    body = rendered(Dashboard("D", variables=[variables.Raw("filters", {"type": "adhoc", "hide": 1})], exact=True))

    assert body["templating"]["list"] == [{"name": "filters", "type": "adhoc", "hide": 1}]


def test_a_query_variable_has_a_default_and_a_time_of_its_refresh() -> None:
    query = variables.Query("job", "label_values(up, job)", refresh="load", default="$__all")
    body = rendered(Dashboard("D", variables=[query]))

    job = next(each for each in body["templating"]["list"] if each["name"] == "job")
    assert (job["refresh"], job["current"]) == (1, {"text": "All", "value": "$__all"})
