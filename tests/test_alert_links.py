"""Alerts and panels: a threshold on the panel, and a link in the alert."""

from __future__ import annotations

from dataclasses import replace
from difflib import unified_diff
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ProjectFolder
from finding_text import finding_text

from obscode import SLO, Alert, Annotation, Dashboard, Project, Row, ScrapeJob, Service, variables
from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import AlertingRule
from obscode.checks import lint
from obscode.checks.promql_syntax import promql_syntax
from obscode.checks.unknown_recording_rule import unknown_recording_rule
from obscode.compiler import Definitions, compile
from obscode.findings.errors import DefinitionError
from obscode.model.dashboard import Panel, QueryPanel, Threshold
from obscode.model.dashboard.panel_ids import ids
from obscode.model.panels import Stat, Table, TimeSeries
from obscode.model.sli import Ratio
from obscode.renderers import render
from obscode.toolchain import Tool
from obscode.verify.processes import run

PROJECT = Project("team", grafana_url="https://grafana.example.com/team/")
RATIO = 'sum(rate(a_total{s="5"}[5m])) / sum(rate(a_total[5m]))'


def built(*services: Service, dashboards: list[Dashboard] | None = None) -> Artifacts:
    return compile(Definitions(PROJECT, services, dashboards or []))


def shop(*alerts: Alert, panels: list[Panel], **more: Any) -> Service:
    return Service("shop", alerts=alerts, dashboard=[Row("Requests", *panels)], **more)


def alert(expr: str, **more: Any) -> Alert:
    return Alert(more.pop("name", "High"), expr, summary="too high", **{"severity": "page", **more})


def lines(service: Service, title: str = "Ratio") -> list[tuple[float | None, str]]:
    """The thresholds of a panel on the dashboard."""
    (panel,) = (panel for file in built(service).dashboards for panel in file.panels() if panel.title == title)
    assert isinstance(panel, QueryPanel)
    return [(None if t.value is None else float(t.value), t.color) for t in panel.thresholds]


def url(artifacts: Artifacts, name: str = "High") -> str:
    (rule,) = (rule for rule in artifacts.rules() if isinstance(rule, AlertingRule) and rule.name == name)
    return rule.annotations.get("dashboard_url", "")


def panel_id(artifacts: Artifacts, title: str) -> int:
    """The id of a panel on its dashboard."""
    return next(
        row_ids.panels[at]
        for file in artifacts.dashboards
        if file.definition
        for row, row_ids in zip(file.definition.rows, ids(file.definition.rows), strict=True)
        for at, panel in enumerate(row.panels)
        if panel.title == title
    )


# --- thresholds --------------------------------------------------------------------------------------------------

# The expression of an alert, that of a panel, and the lines that the panel gets.
TEXT = [
    (f"{RATIO} > 0.05", RATIO, [(0.05, "red")]),
    (f"{RATIO}\n  >= 0.05", f"  ({RATIO.replace(' / ', '/')}) ", [(0.05, "red")]),
    ("sum(rate(a_total[5m])) by (x) > 14.4 * 0.001", "sum by (x) (rate(a_total[5m]))", [(0.0144, "red")]),
    ('a{x="1",y="2"} > 1', 'a{y="2", x="1"}', [(1, "red")]),
    ("5 < a", "a", [(5, "red")]),
    ("a > 5 and on () b > 10", "a", [(5, "red")]),
    ("a > 5 unless b", "a", [(5, "red")]),
    ("a < 5", "a", [(None, "red"), (5, "green")]),
    (f"{RATIO} > -1", RATIO, [(-1, "red")]),
    ("sum(rate(a_total[5m])) > 5", "sum(rate(a_total[$__rate_interval]))", [(5, "red")]),
    ("sum(increase(a_total[5m])) > 5", "sum(increase(a_total[$__rate_interval]))", []),
    ("sum(rate(a_total[5m])) > 5", "sum(rate(a_total[10m]))", []),
    ("sum(rate(a_total[5m])) > 5", 'sum(rate(a_total{x="$x"}[5m]))', []),
    ("sum(rate(a_total[5m])) by (x) > 5", 'sum by (x) (rate(a_total{x=~"$x"}[$__rate_interval]))', [(5, "red")]),
    ("sum(rate(a_total[5m])) by (x) > 5", 'sum by (x) (rate(a_total{y=~"$y"}[5m]))', []),
    ('a{y="1"} > 5', 'a{x=~"${x:regex}",y="1"}', [(5, "red")]),
    ('a{x="1"} > 5', 'a{x=~"$x"}', []),
    ("a > bool 5", "a", []),
    ("a > Inf", "a", []),
    ("a == 5", "a", []),
    ("a > b", "a", []),
    ("a > 5 or b > 10", "a", []),
    ("avg(a) > 5", "a", []),
    ("a offset 5m > 5", "a", []),
]


@pytest.mark.parametrize(("condition", "expr", "expected"), TEXT)
def test_a_panel_has_the_threshold_of_the_alert_on_its_expression(
    condition: str, expr: str, expected: list[tuple[float | None, str]]
) -> None:
    assert lines(shop(alert(condition), panels=[TimeSeries("Ratio", expr)])) == expected


def test_several_alerts_on_one_expression_give_several_thresholds() -> None:
    alerts = [alert("a > 10"), alert("a > 5", name="Soon", severity="ticket"), alert("a < 1", name="Low")]
    expected = [(None, "red"), (1, "green"), (5, "orange"), (10, "red")]
    assert lines(shop(*alerts, panels=[TimeSeries("Ratio", "a")])) == expected


def test_of_two_equal_thresholds_the_more_urgent_alert_gives_the_color() -> None:
    alerts = [alert("a > 5"), alert("a > 5", name="Soon", severity="ticket")]
    assert lines(shop(*alerts, panels=[TimeSeries("Ratio", "a")])) == [(5, "red")]


def test_the_severity_of_the_service_gives_the_color_of_an_alert_without_one() -> None:
    alerts = [alert("a > 5", severity=""), alert("a > 9", name="Later", severity="ticket")]
    service = shop(*alerts, panels=[TimeSeries("Ratio", "a")], severity="page")
    assert lines(service) == [(5, "red"), (9, "orange")]


def test_own_thresholds_stay_and_tables_get_none() -> None:
    own = TimeSeries("Ratio", "a", thresholds=[Threshold(3, "blue")])
    assert lines(shop(alert("a > 5"), panels=[own])) == [(3, "blue")]
    assert lines(shop(alert("a > 5"), panels=[Table("Ratio", "a")])) == []


def test_a_threshold_is_located_at_its_alert() -> None:
    high = alert("a > 5")
    (file,) = built(shop(high, panels=[Stat("Ratio", "a")])).dashboards
    (panel,) = file.panels()
    assert isinstance(panel, Stat)
    assert panel.thresholds[0].origin == high.origin


def test_a_changed_threshold_changes_the_alert_and_the_panel_only() -> None:
    def files(value: float) -> dict[str, list[str]]:
        service = shop(alert(f"{RATIO} > {value}"), panels=[TimeSeries("Ratio", RATIO), TimeSeries("Up", "up")])
        return {file.path: file.text.splitlines() for file in render(built(service))}

    before, after = files(0.05), files(0.1)
    changed = {
        path: [line for line in unified_diff(before[path], after[path], n=0, lineterm="") if line[1:2] not in "-+@"]
        for path in before
        if before[path] != after[path]
    }
    assert {path: [line.replace(" ", "") for line in diff if line[0] in "-+"] for path, diff in changed.items()} == {
        "prometheus/rules/shop.yml": [
            f"-expr:{RATIO}>0.05".replace(" ", ""),
            f"+expr:{RATIO}>0.1".replace(" ", ""),
        ],
        "grafana/dashboards/team/shop.json": ['-"value":0.05', '+"value":0.1'],
    }


# --- links -------------------------------------------------------------------------------------------------------


def test_an_alert_links_to_the_panel_of_its_expression() -> None:
    artifacts = built(shop(alert(f"{RATIO} > 0.05"), panels=[TimeSeries("Up", "up"), TimeSeries("Ratio", RATIO)]))
    expected = f"https://grafana.example.com/team/d/shop?viewPanel={panel_id(artifacts, 'Ratio')}"
    assert url(artifacts) == expected


@pytest.mark.parametrize("condition", ["a == 0", "a != 1", "a > on () b", "3 == a"])
def test_a_panel_is_linked_even_without_a_threshold(condition: str) -> None:
    service = shop(alert(condition), panels=[TimeSeries("Ratio", "a")])
    assert f"viewPanel={panel_id(built(service), 'Ratio')}" in url(built(service))
    assert lines(service) == []


def test_the_color_of_one_query_is_not_used_for_another() -> None:
    two = ["a", "b"]
    assert lines(shop(alert("a > 5"), panels=[TimeSeries("Ratio", two)])) == [(5, "red")]
    assert lines(shop(alert("a > 5"), panels=[Stat("Ratio", two)])) == []
    assert lines(shop(alert("a > 5"), alert("b > 5", name="B"), panels=[Stat("Ratio", two)])) == [(5, "red")]


def test_the_panel_on_the_services_own_dashboard_is_preferred() -> None:
    board = Dashboard("A board", [Row("Row", TimeSeries("Elsewhere", "a"))])
    here, elsewhere = shop(alert("a > 5"), panels=[Stat("Here", "a")]), shop(alert("a > 5"), panels=[Stat("Up", "up")])
    own, other = built(here, dashboards=[board]), built(elsewhere, dashboards=[board])
    assert url(own).endswith(f"/d/shop?viewPanel={panel_id(own, 'Here')}")
    assert url(other).endswith(f"/d/a-board?viewPanel={panel_id(other, 'Elsewhere')}")


def test_without_a_panel_the_link_is_to_the_services_dashboard() -> None:
    assert url(built(shop(alert("a > 5"), panels=[Stat("Up", "up")]))).endswith("/team/d/shop")
    assert url(built(Service("shop", alerts=[alert("a > 5")]))) == ""


@pytest.mark.parametrize("name", ["Ratio", "Requests/Ratio", "shop/Requests/Ratio"])
def test_a_panel_can_be_named_with_row_and_dashboard(name: str) -> None:
    artifacts = built(shop(alert("b > 5", panel=name), panels=[TimeSeries("Ratio", "a")]))
    assert url(artifacts).endswith(f"?viewPanel={panel_id(artifacts, 'Ratio')}")


def test_an_own_dashboard_url_stays() -> None:
    own = alert("a > 5", annotations={"dashboard_url": "https://example.com"})
    assert url(built(shop(own, panels=[Stat("Ratio", "a")]))) == "https://example.com"


def test_variables_with_the_name_of_a_label_are_set() -> None:
    board = Dashboard(
        "shop",
        [Row("Row", TimeSeries("Ratio", "sum by (model) (a)"))],
        variables=[
            variables.Query("model", "label_values(a, model)"),
            variables.Query("instance", "label_values(a, instance)"),
            variables.Custom("team", ["a/b team", "b"]),
        ],
    )
    service = Service("shop", alerts=[alert("sum by (model) (a) > 5", labels={"team": "a/b team"})], dashboard=board)
    artifacts = built(service)
    parameters = "var-model={{ $labels.model | urlquery }}&var-team=a%2Fb%20team"
    assert url(artifacts).endswith(f"/d/shop?viewPanel={panel_id(artifacts, 'Ratio')}&{parameters}")


def test_alerts_of_an_slo_link_to_its_detail_dashboard() -> None:
    sli = Ratio(errors='a_total{s="5"}', total="a_total", by=["model"])
    service = Service("shop", scrape=ScrapeJob(["localhost:1"]), slos=[SLO("availability", 99, sli)])
    artifacts = built(service)
    detail, slo = "https://grafana.example.com/team/d/team-slo-detail-30d", "var-service=shop&var-slo=availability"
    burning = panel_id(artifacts, "page-fast: 1h and 5m")
    group = "var-model={{ $labels.model | urlquery }}"
    assert url(artifacts, "ShopAvailabilityBurnPage") == f"{detail}?viewPanel={burning}&{slo}&{group}"
    events = panel_id(artifacts, "Events over time")
    assert url(artifacts, "ShopAvailabilityNoTraffic") == f"{detail}?viewPanel={events}&{slo}&var-model=$__all"
    assert url(artifacts, "ShopTargetDown") == "https://grafana.example.com/team/d/shop"


def test_a_label_is_escaped_when_the_alert_fires(promtool: Tool, tmp_path: Path) -> None:
    service = Service(
        "shop",
        alerts=[alert("sum by (model) (a) > 5")],
        dashboard=Dashboard(
            "shop",
            [Row("Row", Stat("Ratio", "sum by (model) (a)"))],
            variables=[variables.Query("model", "label_values(a, model)")],
        ),
    )
    artifacts = built(service)
    (rules,) = (file.text for file in render(artifacts) if file.path == "prometheus/rules/shop.yml")
    (tmp_path / "rules.yml").write_text(rules)
    viewed = f"https://grafana.example.com/team/d/shop?viewPanel={panel_id(artifacts, 'Ratio')}"
    fired = {
        "exp_labels": {"model": "a b&c", "severity": "page", "service": "shop"},
        "exp_annotations": {"summary": "too high", "dashboard_url": f"{viewed}&var-model=a+b%26c"},
    }
    test = {
        "rule_files": ["rules.yml"],
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": 'a{model="a b&c"}', "values": "9 9"}],
                "alert_rule_test": [{"eval_time": "1m", "alertname": "High", "exp_alerts": [fired]}],
            }
        ],
    }
    (tmp_path / "test.yml").write_text(yaml.safe_dump(test))

    output = run(promtool, "test", "rules", "test.yml", folder=tmp_path)

    assert output.returncode == 0, output.stdout + output.stderr


# --- panels that are named and not there -------------------------------------------------------------------------


def test_an_alert_with_an_unknown_panel_is_an_error(project_folder: ProjectFolder) -> None:
    source = 'alert = Alert("High", "a > 5", severity="page", summary="high", panel="Requests/Ratio")\n' + (
        'shop = Service("shop", alerts=[alert], dashboard=[Row("Requests", {})])\n'
    )
    project_folder.write(shop=source.format('panels.Stat("Ratio", "sum(a_total)")'))
    assert project_folder.run("build").exit == 0

    project_folder.write(shop=source.format('panels.Stat("Ration", "sum(a_total)")'))
    ended = project_folder.run("build")

    assert ended.exit == 1
    assert ended.err == (
        """\
definitions/shop.py:3:71: error[alert-panel]: there is no panel 'Requests/Ratio'
    3 | alert = Alert("High", "a > 5", severity="page", summary="high", panel="Requests/Ratio")
      |                                                                       ^^^^^^^^^^^^^^^^
  hint: did you mean 'Requests/Ration'?
"""
    )


def problems(service: Service, *dashboards: Dashboard) -> str:
    with pytest.raises(DefinitionError) as wrong:
        built(service, dashboards=list(dashboards))
    return finding_text(wrong.value.findings)


def test_an_ambiguous_panel_name_is_reported_with_longer_names() -> None:
    service = Service(
        "shop",
        alerts=[alert("a > 5", panel="Ratio")],
        dashboard=[Row("One", Stat("Ratio", "a")), Row("Two", Stat("Ratio", "a"))],
    )
    assert problems(service) == (
        "error[alert-panel]: 2 panels are called 'Ratio'\n  hint: write 'shop/One/Ratio' or 'shop/Two/Ratio'"
    )


def test_an_alert_with_a_panel_but_no_dashboards_is_an_error() -> None:
    assert problems(Service("shop", alerts=[alert("a > 5", panel="Ratio")])) == (
        "error[alert-panel]: there is no panel 'Ratio'\n  hint: write \"Row/Panel\" with the titles of both"
    )


def test_an_invalid_dashboard_hides_no_panel() -> None:
    """The invalid dashboard is reported, and not that its panel is missing."""
    service = shop(alert("a > 5", panel="Ratio"), panels=[Stat("Ratio", "a", unit="secs")])
    assert "alert-panel" not in problems(service)


# --- PromQL of variables and annotations -------------------------------------------------------------------------

# The query of a variable, and the message about it.
QUERIES = {
    "label_values(up, job)": [],
    'label_values(up{job=~"$job"}, instance)': [],
    "label_values(job)": [],
    "metrics(.*)": [],
    "query_result(sum by (job) (up))": [],
    "label_values(up{, job)": ["variable v: unexpected end of input inside braces"],
    "label_values(job:up:sum, job)": ["variable v reads 'job:up:sum', which no rule records"],
    "query_result(sum(up)": ["variable v: unclosed left parenthesis"],
}


CHECKS = [promql_syntax, unknown_recording_rule]


@pytest.mark.parametrize(("query", "messages"), QUERIES.items())
def test_the_promql_of_variables_is_checked(query: str, messages: list[str]) -> None:
    board = Dashboard("Board", variables=[variables.Query("v", query)])
    result = lint(compile(Definitions(PROJECT, dashboards=[board])), CHECKS)
    assert [finding.message for finding in result] == messages


def test_the_promql_of_annotations_is_checked() -> None:
    board = Dashboard("Board", annotations=[Annotation("Deployments", "changes(job:up:sum[5m]) >")])
    result = lint(compile(Definitions(PROJECT, dashboards=[board])), CHECKS)
    assert [finding.code.name for finding in result] == ["promql-syntax"]

    board = replace(board, annotations=[Annotation("Deployments", "changes(job:up:sum[5m]) > 0")])
    result = lint(compile(Definitions(PROJECT, dashboards=[board])), CHECKS)
    assert [finding.message for finding in result] == ["Deployments reads 'job:up:sum', which no rule records"]
