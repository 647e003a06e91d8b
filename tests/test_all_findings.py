"""One run reports every error: an invalid definition hides none of the others, and causes none."""

from __future__ import annotations

import re

import pytest
from conftest import ProjectFolder

from obscode.findings.errors import Exit
from obscode.toolchain import Tool

FINE = 'fine = Service("fine", scrape=ScrapeJob(["fine:80"]), alerts=[Alert("bad name", "{expr}", severity="page")])\n'


def codes(text: str) -> list[str]:
    """The findings without their texts: `shop.py:2 alert-name`."""
    return [f"{file}:{line} {code}" for file, line, code in re.findall(r"definitions/(\S+?):(\d+):.*?\[(.*?)\]", text)]


# What is wrong with a service, and the findings about it.
INVALID_PARTS = {
    "a target": ('scrape=ScrapeJob(["shop"])', ["target-address"]),
    "a name": ('name="my shop"', ["service-name"]),
    "a type": ('alerts="none"', ["argument-type"]),
    "a selector": ('selector={"__name__": "a"}', ["label-name"]),
    "further matchers": ('where="a=b"', ["service-where"]),
    "an SLO": ('slos=[SLO("up", 0, sli.Uptime("up"))]', ["slo-objective"]),
    "a metric": ('metrics=[metrics.Counter("a_total", labels=["b", "b"])]', ["label-name"]),
    "a matcher": ("slos=[SLO('up', 99, sli.Uptime('up{job=\"b\"}'))]", ["sli-scope"]),
    "a period": ('slos=[SLO("up", 99, sli.Uptime("up"), period="90d")]', ["slo-period"]),
    "a panel": ('dashboard=[Row("A", panels.Stat("B", "up", width=99))]', ["panel-width"]),
    "JSON": (
        'dashboard=[Row("A", panels.Raw({"type": "gauge", "title": "B", "fieldConfig": {"defaults": 5}}))]',
        ["raw-panel"],
    ),
    "a dashboard": ('dashboard=Dashboard("", [Row("A", panels.Stat("B", "up"))])', ["dashboard-title"]),
}


def test_services_of_one_name_are_reported_with_the_place_of_the_first(project_folder: ProjectFolder) -> None:
    shop = 'alerts=[Alert("Down", "up == 0", severity="page", summary="It is down")])\n'
    project_folder.write(one=f'one = Service("shop", {shop}', two=f'two = Service("Shop", {shop}')
    ended = project_folder.run("build")
    assert ended.err.splitlines()[0] == (
        "definitions/two.py:3:15: error[duplicate-service]: services 'shop' and 'Shop' differ in case only,"
        " the first at definitions/one.py:3:7"
    )
    assert codes(ended.err) == ["two.py:3 duplicate-service"]


@pytest.mark.parametrize(("argument", "expected"), INVALID_PARTS.values(), ids=INVALID_PARTS)
def test_an_invalid_part_hides_no_finding_of_the_others(
    argument: str, expected: list[str], project_folder: ProjectFolder
) -> None:
    arguments = [argument, 'recording_rules=[RecordingRule("job:up:sum", "sum by (job) (up)")]']
    if not argument.startswith("name="):
        arguments.insert(0, '"shop"')
    if not argument.startswith(("scrape=", "selector=")):
        arguments.append('scrape=ScrapeJob(["shop:80"])')
    others = 'RecordingRule("requests", "sum(up)")'
    project_folder.write(
        shop=f"shop = Service({', '.join(arguments)})\n",
        fine=FINE.format(expr="job:up:sum > 1") + f'more = Service("more", recording_rules=[{others}])\n',
    )
    ended = project_folder.run("build")
    assert ended.exit == Exit.FINDINGS
    reported = codes(ended.err)
    assert [each.split()[1] for each in reported if each.startswith("shop.py")] == expected
    assert {each for each in reported if not each.startswith("shop.py")} == {
        "fine.py:3 alert-name",
        "fine.py:3 alert-summary",
        "fine.py:4 rule-name",
    }


def test_a_file_that_cannot_be_read_hides_and_causes_no_findings(project_folder: ProjectFolder) -> None:
    project_folder.write(
        broken='shop = Service("shop", recording_rules=[RecordingRule("job:up:sum", "sum by (job) (up)")]\n',
        fine=FINE.format(expr="job:up:sum > 1") + 'shared = SLO("shared", 99, sli.Uptime("up"))\n',
    )
    (project_folder.definitions / "project.py").unlink()
    ended = project_folder.run("build")
    assert ended.exit == Exit.ERROR
    assert codes(ended.err) == ["broken.py:3 python-syntax", "fine.py:3 alert-summary", "fine.py:3 alert-name"]


def test_an_invalid_project_hides_no_findings_and_causes_none(project_folder: ProjectFolder) -> None:
    project_folder.write(
        project='project = Project("team", retention="90", oldest_prometheus="3")\n',
        fine=FINE.format(expr="{'a.b'} > 1")
        + 'up = Service("up", selector={"a": "b"}, slos=[SLO("up", 99, sli.Uptime("up"), period="90d")])\n',
    )
    assert codes(project_folder.run("build").err) == [
        "fine.py:3 alert-summary",
        "fine.py:3 alert-name",
        "project.py:3 invalid-duration",
        "project.py:3 oldest-prometheus",
    ]


def test_findings_that_need_the_definitions_with_errors_come_later(project_folder: ProjectFolder) -> None:
    project_folder.write(
        shop="""
        shop = Service(
            "shop",
            scrape=ScrapeJob(["shop:80"]),
            slos=[SLO("up", 0, sli.Uptime("up"))],
            alerts=[Alert("A", "slo:error_ratio:period > 1", severity="page", summary="a", panel="Row/Panel")],
            dashboard=[Row("Row", panels.Stat("Panel", "up", width=99))],
        )
        """
    )
    assert codes(project_folder.run("build").err) == ["shop.py:7 slo-objective", "shop.py:9 panel-width"]


@pytest.mark.tools
def test_check_reports_findings_of_tools_beside_errors_once_each(
    project_folder: ProjectFolder, newest_promtool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBSCODE_PROMTOOL", str(newest_promtool.path))
    project_folder.write(
        project='project = Project("team", oldest_prometheus="2.54")',
        shop="""
        shop = Service(
            "shop",
            scrape=ScrapeJob(["shop"]),
            alerts=[
                Alert("A", "sum(up > 0", severity="page", summary="a"),
                Alert("B", "limitk(1, up) > 0", severity="page", summary="b"),
            ],
        )
        """,
    )
    ended = project_folder.run("check")
    assert codes(ended.err) == ["shop.py:6 target-address", "shop.py:8 promql-syntax", "shop.py:9 promtool"]
