"""An alert and the panel that shows it know of each other: one number, two artifacts, and a link."""

from __future__ import annotations

from dataclasses import replace
from difflib import unified_diff
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ProjectFolder
from finding_text import finding_text

from obscode import SLO, Alert, Annotation, Dashboard, Project, Row, ScrapeJob, Service
from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import AlertingRule
from obscode.checks import lint
from obscode.checks.promql_syntax import promql_syntax
from obscode.checks.unknown_recording_rule import unknown_recording_rule
from obscode.compiler import Definitions, compile
from obscode.findings.errors import DefinitionError
from obscode.model.dashboard import CustomVariable, Panel, QueryPanel, QueryVariable, Threshold
from obscode.model.dashboard.panel_ids import ids
from obscode.model.panels import Stat, Table, TimeSeries
from obscode.model.sli import Ratio
from obscode.renderers import render
from obscode.toolchain import Tool
from obscode.verify.promtool import run

PROJECT = Project("team", grafana_url="https://grafana.example.com/team/")
RATIO = 'sum(rate(a_total{s="5"}[5m])) / sum(rate(a_total[5m]))'


def built(*services: Service, dashboards: list[Dashboard] | None = None) -> Artifacts:
    return compile(Definitions(PROJECT, services, dashboards or []))


def shop(*alerts: Alert, panels: list[Panel], **more: Any) -> Service:
    return Service("shop", alerts=alerts, dashboard=[Row("Requests", *panels)], **more)


def alert(expr: str, **more: Any) -> Alert:
    return Alert(more.pop("name", "High"), expr, summary="too high", **more)


def lines(service: Service, title: str = "Ratio") -> list[tuple[float | None, str]]:
    """The thresholds of a panel, as they are on the dashboard."""
    (panel,) = (panel for file in built(service).dashboards for panel in file.panels() if panel.title == title)
    assert isinstance(panel, QueryPanel)
    return [(None if t.value is None else float(t.value), t.color) for t in panel.thresholds]


def url(artifacts: Artifacts, name: str = "High") -> str:
    (rule,) = (rule for rule in artifacts.rules() if isinstance(rule, AlertingRule) and rule.name == name)
    return rule.annotations.get("dashboard_url", "")


def panel_id(artifacts: Artifacts, title: str) -> int:
    """The id that a panel has on its dashboard."""
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
SHOWN = [
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


@pytest.mark.parametrize(("condition", "expr", "wanted"), SHOWN)
def test_a_panel_has_a_line_where_the_alert_on_its_expression_begins(
    condition: str, expr: str, wanted: list[tuple[float | None, str]]
) -> None:
    assert lines(shop(alert(condition), panels=[TimeSeries("Ratio", expr)])) == wanted


def test_several_alerts_on_one_expression_are_several_lines() -> None:
    alerts = [alert("a > 10"), alert("a > 5", name="Soon", severity="ticket"), alert("a < 1", name="Low")]
    wanted = [(None, "red"), (1, "green"), (5, "orange"), (10, "red")]
    assert lines(shop(*alerts, panels=[TimeSeries("Ratio", "a")])) == wanted


def test_of_two_alerts_with_one_number_the_more_urgent_gives_the_colour() -> None:
    alerts = [alert("a > 5"), alert("a > 5", name="Soon", severity="ticket")]
    assert lines(shop(*alerts, panels=[TimeSeries("Ratio", "a")])) == [(5, "red")]


def test_thresholds_of_ones_own_stay_and_tables_get_none() -> None:
    own = TimeSeries("Ratio", "a", thresholds=[Threshold(3, "blue")])
    assert lines(shop(alert("a > 5"), panels=[own])) == [(3, "blue")]
    assert lines(shop(alert("a > 5"), panels=[Table("Ratio", "a")])) == []


def test_a_line_is_told_of_where_the_alert_was_written() -> None:
    high = alert("a > 5")
    (file,) = built(shop(high, panels=[Stat("Ratio", "a")])).dashboards
    (panel,) = file.panels()
    assert isinstance(panel, Stat)
    assert panel.thresholds[0].origin == high.origin


def test_changing_the_number_changes_the_alert_and_the_panel_and_nothing_else() -> None:
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


def test_an_alert_leads_to_the_panel_that_shows_it() -> None:
    artifacts = built(shop(alert(f"{RATIO} > 0.05"), panels=[TimeSeries("Up", "up"), TimeSeries("Ratio", RATIO)]))
    wanted = f"https://grafana.example.com/team/d/shop?viewPanel={panel_id(artifacts, 'Ratio')}"
    assert url(artifacts) == wanted


@pytest.mark.parametrize("condition", ["a == 0", "a != 1", "a > on () b", "3 == a"])
def test_a_panel_that_shows_what_is_compared_is_linked_to_where_no_line_can_be_drawn(condition: str) -> None:
    service = shop(alert(condition), panels=[TimeSeries("Ratio", "a")])
    assert f"viewPanel={panel_id(built(service), 'Ratio')}" in url(built(service))
    assert lines(service) == []


def test_colours_of_one_query_are_not_given_to_another() -> None:
    two = ["a", "b"]
    assert lines(shop(alert("a > 5"), panels=[TimeSeries("Ratio", two)])) == [(5, "red")]
    assert lines(shop(alert("a > 5"), panels=[Stat("Ratio", two)])) == []
    assert lines(shop(alert("a > 5"), alert("b > 5", name="B"), panels=[Stat("Ratio", two)])) == [(5, "red")]


def test_the_panel_on_the_services_own_dashboard_comes_first() -> None:
    board = Dashboard("A board", [Row("Row", TimeSeries("Elsewhere", "a"))])
    here, elsewhere = shop(alert("a > 5"), panels=[Stat("Here", "a")]), shop(alert("a > 5"), panels=[Stat("Up", "up")])
    own, other = built(here, dashboards=[board]), built(elsewhere, dashboards=[board])
    assert url(own).endswith(f"/d/shop?viewPanel={panel_id(own, 'Here')}")
    assert url(other).endswith(f"/d/a-board?viewPanel={panel_id(other, 'Elsewhere')}")


def test_without_a_panel_it_is_the_services_dashboard_and_without_that_there_is_no_link() -> None:
    assert url(built(shop(alert("a > 5"), panels=[Stat("Up", "up")]))).endswith("/team/d/shop")
    assert url(built(Service("shop", alerts=[alert("a > 5")]))) == ""


@pytest.mark.parametrize("name", ["Ratio", "Requests/Ratio", "shop/Requests/Ratio"])
def test_a_panel_is_named_by_its_title_with_row_and_dashboard(name: str) -> None:
    artifacts = built(shop(alert("b > 5", panel=name), panels=[TimeSeries("Ratio", "a")]))
    assert url(artifacts).endswith(f"?viewPanel={panel_id(artifacts, 'Ratio')}")


def test_a_link_of_ones_own_stays() -> None:
    own = alert("a > 5", annotations={"dashboard_url": "https://example.com"})
    assert url(built(shop(own, panels=[Stat("Ratio", "a")]))) == "https://example.com"


def test_variables_that_are_named_as_a_label_of_the_alert_are_set() -> None:
    board = Dashboard(
        "shop",
        [Row("Row", TimeSeries("Ratio", "sum by (model) (a)"))],
        variables=[
            QueryVariable("model", "label_values(a, model)"),
            QueryVariable("instance", "label_values(a, instance)"),
            CustomVariable("team", ["a team", "b"]),
        ],
    )
    service = Service("shop", alerts=[alert("sum by (model) (a) > 5", labels={"team": "a team"})], dashboard=board)
    artifacts = built(service)
    variables = "var-model={{ $labels.model | urlquery }}&var-team=a%20team"
    assert url(artifacts).endswith(f"/d/shop?viewPanel={panel_id(artifacts, 'Ratio')}&{variables}")


def test_the_alerts_of_an_slo_lead_to_its_detail() -> None:
    sli = Ratio(errors='a_total{s="5"}', total="a_total", by=["model"])
    service = Service("shop", scrape=ScrapeJob(["localhost:1"]), slos=[SLO("availability", 99, sli)])
    artifacts = built(service)
    detail, slo = "https://grafana.example.com/team/d/team-slo-detail-30d", "var-service=shop&var-slo=availability"
    burning = panel_id(artifacts, "page-fast: 1h and 5m")
    group = "var-model={{ $labels.model | urlquery }}"
    assert url(artifacts, "ShopAvailabilityBurnPageFast") == f"{detail}?viewPanel={burning}&{slo}&{group}"
    events = panel_id(artifacts, "Events")
    assert url(artifacts, "ShopAvailabilityNoTraffic") == f"{detail}?viewPanel={events}&{slo}&var-model=$__all"
    assert url(artifacts, "ShopTargetDown") == "https://grafana.example.com/team/d/shop"


def test_a_label_is_escaped_when_the_alert_fires(promtool: Tool, tmp_path: Path) -> None:
    service = Service(
        "shop",
        alerts=[alert("sum by (model) (a) > 5")],
        dashboard=Dashboard(
            "shop",
            [Row("Row", Stat("Ratio", "sum by (model) (a)"))],
            variables=[QueryVariable("model", "label_values(a, model)")],
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

    said = run(promtool, "test", "rules", "test.yml", folder=tmp_path)

    assert said.returncode == 0, said.stdout + said.stderr


# --- panels that are named and not there -------------------------------------------------------------------------


def test_a_panel_that_is_removed_and_still_named_makes_the_build_fail(project_folder: ProjectFolder) -> None:
    source = 'alert = Alert("High", "a > 5", summary="high", panel="Requests/Ratio")\n' + (
        'shop = Service("shop", alerts=[alert], dashboard=[Row("Requests", {})])\n'
    )
    project_folder.write(shop=source.format('panels.Stat("Ratio", "sum(a_total)")'))
    assert project_folder.run("build").exit == 0

    project_folder.write(shop=source.format('panels.Stat("Ration", "sum(a_total)")'))
    ended = project_folder.run("build")

    assert ended.exit == 1
    assert ended.err == (
        """\
definitions/shop.py:3:54: error[alert-panel]: there is no panel 'Requests/Ratio'
    3 | alert = Alert("High", "a > 5", summary="high", panel="Requests/Ratio")
      |                                                      ^^^^^^^^^^^^^^^^
  hint: did you mean 'Requests/Ration' or 'shop/Requests/Ration'?
"""
    )


def problems(service: Service, *dashboards: Dashboard) -> str:
    with pytest.raises(DefinitionError) as wrong:
        built(service, dashboards=list(dashboards))
    return finding_text(wrong.value.findings)


def test_a_name_that_two_panels_have_is_told_with_how_to_tell_them_apart() -> None:
    service = Service(
        "shop",
        alerts=[alert("a > 5", panel="Ratio")],
        dashboard=[Row("One", Stat("Ratio", "a")), Row("Two", Stat("Ratio", "a"))],
    )
    assert problems(service) == (
        "error[alert-panel]: 2 panels are called 'Ratio'\n  hint: write 'shop/One/Ratio' or 'shop/Two/Ratio'"
    )


def test_a_panel_where_there_are_none() -> None:
    assert problems(Service("shop", alerts=[alert("a > 5", panel="Ratio")])) == (
        "error[alert-panel]: there is no panel 'Ratio'\n  hint: write \"Row/Panel\" with the titles of both"
    )


def test_a_dashboard_that_is_wrong_hides_no_panel() -> None:
    """What is told is what is wrong with the dashboard, not that the panel on it is missing."""
    service = shop(alert("a > 5", panel="Ratio"), panels=[Stat("Ratio", "a", unit="secs")])
    assert "alert-panel" not in problems(service)


# --- PromQL of variables and annotations -------------------------------------------------------------------------

# The query of a variable, and what is told of it.
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
def test_the_promql_of_a_variable_is_read(query: str, messages: list[str]) -> None:
    board = Dashboard("Board", variables=[QueryVariable("v", query)])
    found = lint(compile(Definitions(PROJECT, dashboards=[board])), CHECKS)
    assert [finding.message for finding in found] == messages


def test_the_promql_of_an_annotation_is_read() -> None:
    board = Dashboard("Board", annotations=[Annotation("Deployments", "changes(job:up:sum[5m]) >")])
    found = lint(compile(Definitions(PROJECT, dashboards=[board])), CHECKS)
    assert [finding.code for finding in found] == ["promql-syntax"]

    board = replace(board, annotations=[Annotation("Deployments", "changes(job:up:sum[5m]) > 0")])
    found = lint(compile(Definitions(PROJECT, dashboards=[board])), CHECKS)
    assert [finding.message for finding in found] == ["Deployments reads 'job:up:sum', which no rule records"]
