"""`obscode preview`: pages of a project's dashboards and of files, and what is wrong with their queries."""

from __future__ import annotations

import base64
import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from conftest import ProjectFolder

from obscode.toolchain import Tool, variable

SHOP = """\
shop = Service(
    "shop",
    owner="team-shop",
    scrape=ScrapeJob(["localhost:8000"]),
    metrics=[metrics.Counter("requests_total", labels={"path": ["/", "/cart"], "status": ["200", "500"]})],
    recording_rules=[RecordingRule(":requests:rate5m", "sum(rate(requests_total[5m]))")],
    severity="page",
    alerts=[Alert("ErrorsMany", "ERRORS > 0.01", for_="5m", summary="many errors")],
    dashboard=[
        Row(
            "Requests",
            panels.TimeSeries("Rate", ":requests:rate5m"),
            panels.TimeSeries("Ratio", "RATIO"),
            panels.Stat("Firing", 'count(ALERTS{alertname="ErrorsMany",alertstate="firing"})'),
        )
    ],
)
"""
ERRORS = "sum(rate(requests_total{status='500'}[5m])) / sum(rate(requests_total[5m]))"
RATIO = "sum by (path) (rate(requests_total[5m])) / sum by (path) (rate(requests_total[5m]))"
NO_MATCH = "sum by (path) (rate(requests_total[5m])) / sum by (status) (rate(requests_total[5m]))"


def shop(ratio: str) -> str:
    """The service with the query of one panel."""
    return SHOP.replace("ERRORS >", f"{ERRORS} >").replace("RATIO", ratio)


@pytest.fixture
def project(project_folder: ProjectFolder, newest_prometheus: Tool, monkeypatch: pytest.MonkeyPatch) -> ProjectFolder:
    """An empty project beside an installed Prometheus."""
    monkeypatch.setenv(variable("prometheus"), str(newest_prometheus.path.absolute()))
    return project_folder


def document(page: Path) -> dict[str, Any]:
    """The document in a page."""
    (text,) = re.findall(r'id="document">([A-Za-z0-9+/=\s]+)</script>', page.read_text())
    value: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(text)))
    return value


def panels(view: dict[str, Any]) -> dict[str, int]:
    """The number of frames of each panel of a view, by title."""
    return {
        panel["panel"]["title"]: len(panel["frames"]) for panel in view["panels"] if panel["panel"]["type"] != "row"
    }


def test_each_scenario_is_a_view_and_a_legitimately_empty_panel_no_finding(project: ProjectFolder) -> None:
    project.write(shop=shop(RATIO))
    result = project.run("preview", "--scenario", "normal day", "--scenario", "error burst", "--dashboard", "shop")
    assert (result.exit, result.err) == (0, "")
    assert re.fullmatch(r"preview/index.html: 1 dashboard, \d+ panels\n", result.out)
    first, second, *others = document(project.root / "preview/shop.html")["views"]
    assert [view["label"] for view in (first, second)] == ["normal day", "error burst"]
    assert [view["label"] for view in others] == ["normal day, instance=localhost:8000"]
    assert others[0]["selects"] == {"instance": "localhost:8000"}
    assert panels(first)["Rate"] == 1
    assert panels(first)["Ratio"] == 2
    assert panels(first)["Firing"] == 0
    assert [alert["name"] for alert in first["alerts"]] == []
    fired = [(alert["name"], alert["state"]) for alert in second["alerts"]]
    assert ("ErrorsMany", "firing") in fired


def test_operands_without_equal_labels_are_a_finding_at_the_query(project: ProjectFolder) -> None:
    project.write(shop=shop(NO_MATCH))
    result = project.run("preview", "--scenario", "normal day", "--dashboard", "shop")
    assert result.exit == 1
    assert 'error[empty-query]: panel "Ratio", query A is always empty: no series on its left side' in result.err
    assert "definitions/shop.py:" in result.err


COMPLETE = """from obscode import Row, ScrapeJob, Service, exposition, panels
shop = Service(
    "shop",
    scrape=ScrapeJob(["localhost:8000"]),
    metrics=exposition("shop.prom"),
    dashboard=[
        Row(
            "Own",
            panels.TimeSeries("Other name", 'max(running_jobs{job="shop"})', description="a"),
            panels.TimeSeries("Misspelt", 'sum(rate(done_total{reason="finised"}[5m]))', description="a"),
            panels.TimeSeries("Unseen", 'sum(rate(done_total{reason="timeout"}[5m]))', description="a"),
        )
    ],
)
"""


def test_metrics_that_no_service_exposes_and_misspelt_values_are_findings(project: ProjectFolder) -> None:
    exposed = 'jobs_running 3\n# TYPE done_total counter\ndone_total{reason="finished"} 7\n'
    (project.root / "definitions").mkdir(exist_ok=True)
    (project.root / "definitions/shop.prom").write_text(f"# TYPE jobs_running gauge\n{exposed}")
    project.write(shop=COMPLETE)
    result = project.run("preview", "--scenario", "normal day", "--dashboard", "shop")
    assert [line.partition(": ")[2] for line in result.err.splitlines() if "error[" in line] == [
        'error[empty-query]: panel "Other name", query A is always empty: no service exposes running_jobs',
        'error[empty-query]: panel "Misspelt", query A is always empty: no series of done_total has reason="finised"',
    ]


def test_the_same_input_gives_the_same_pages(project: ProjectFolder) -> None:
    project.write(shop=shop(RATIO))
    pages = []
    for folder in ("one", "two"):
        assert project.run("preview", "--scenario", "deploy", "-o", folder).exit == 0
        pages.append({path.name: path.read_bytes() for path in sorted((project.root / folder).glob("*.html"))})
    assert pages[0] == pages[1]
    assert len(pages[0]) > 1


BROKEN = {
    "title": "Broken",
    "uid": "broken",
    "panels": [
        {
            "id": number,
            "type": "timeseries",
            "title": f"Panel {number}",
            "gridPos": {"x": 0, "y": number, "w": 12, "h": 8},
            "targets": [{"refId": "A", "expr": "sum(rate(http_requests_total[5m])" + (")" if number != 17 else "")}],
        }
        for number in range(1, 41)
    ],
}


def test_a_broken_query_in_one_of_forty_panels_of_a_file_is_named(project: ProjectFolder) -> None:
    (project.root / "broken.json").write_text(json.dumps(BROKEN, indent=1))
    result = project.run("preview", "broken.json", "--scenario", "normal day")
    assert result.exit == 1
    assert result.err.count("error[") == 1
    assert 'error[rejected-query]: panel "Panel 17", query A: Prometheus rejects it: ' in result.err
    assert result.err.startswith("broken.json:")
    view = document(project.root / "preview/broken.html")["views"][0]
    assert [key for key, count in panels(view).items() if count == 0] == ["Panel 17"]


def test_a_misspelt_metric_in_one_of_forty_panels_of_a_file_is_named(project: ProjectFolder) -> None:
    text = json.dumps(BROKEN).replace('[5m])"', '[5m]))"')
    broken = json.loads(text)
    broken["panels"][17]["targets"][0]["expr"] = "sum(rate(http_requets_total[5m]))"
    (project.root / "typo.json").write_text(json.dumps(broken, indent=1))
    result = project.run("preview", "typo.json", "--scenario", "normal day")
    assert result.exit == 1
    assert [line.partition(": ")[2] for line in result.err.splitlines() if "error[" in line] == [
        'error[empty-query]: panel "Panel 18", query A is always empty: no service exposes http_requets_total'
    ]


def test_dashboards_of_version_2_are_drawn(project: ProjectFolder) -> None:
    project.write(
        project='project = Project("team", self_monitoring=False, dashboard_formats=["v2"])', shop=shop(RATIO)
    )
    assert project.run("build").exit == 0
    result = project.run("preview", "build/grafana/v2/shop.json", "--scenario", "error burst")
    assert (result.exit, result.err) == (0, "")
    drawn = panels(document(project.root / "preview/shop.html")["views"][0])
    assert drawn["Rate"] > 0  # without a catalog, labels are generated from the queries
    assert drawn["Ratio"] > 0


def test_the_series_of_an_alerts_tests_are_views_of_its_dashboard(project: ProjectFolder) -> None:
    slo = 'slos=[SLO("ok", 99.9, sli.Ratio(errors="requests_total{status=\'500\'}", total="requests_total"))],'
    project.write(shop=shop(RATIO).replace("    dashboard=[", f"    {slo}\n    dashboard=[", 1))
    result = project.run("preview", "--test", "shop/ok (events)", "--dashboard", "shop")
    assert (result.exit, result.err) == (0, "")
    views = document(project.root / "preview/shop.html")["views"]
    assert [view["label"].partition(":")[0] for view in views] == ["shop/ok"] * len(views)
    assert panels(views[0])["Rate"] == 1


def test_changes_since_a_base_are_marked_and_unchanged_panels_are_the_same(project: ProjectFolder) -> None:
    project.write(shop=shop(RATIO))
    assert project.run("build").exit == 0
    (project.root / "build").rename(project.root / "old")
    project.write(shop=shop(RATIO.replace("[5m]", "[10m]")).replace("rate5m", "rate6m"))
    result = project.run("preview", "--base", "old", "--scenario", "error burst", "--dashboard", "shop")
    assert (result.exit, result.err) == (0, "")
    changes = {
        panel["panel"]["title"]: panel["change"]
        for panel in document(project.root / "preview/shop.html")["views"][0]["panels"]
    }
    assert changes["Ratio"] == "changed"
    assert changes["Firing"] == "same"


def test_pictures_without_a_browser_are_an_error_with_a_remedy(
    project: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBSCODE_CHROMIUM", "/does/not/exist")
    project.write(shop=shop(RATIO))
    result = project.run("preview", "--png", "--scenario", "normal day", "--dashboard", "shop")
    assert result.exit == 2
    assert "pictures need Chromium, and there is none on PATH" in result.err
    assert (project.root / "preview/shop.html").exists()


CAPTURE = """\
# TYPE requests_total counter
requests_total{path="/pay",status="200"} 600
# TYPE shop_cache_usage_ratio gauge
shop_cache_usage_ratio 0.25
# TYPE other_info gauge
other_info 1
"""


@pytest.mark.parametrize("argument", ["shop.txt", "shop=shop.txt"])
def test_a_capture_is_exposed_by_its_service_in_the_scenarios_that_it_can_show(
    project: ProjectFolder, argument: str
) -> None:
    project.write(shop=shop(RATIO), cart='cart = Service("cart", metrics=[metrics.Gauge("cart_items")])\n')
    (project.root / "shop.txt").write_text(CAPTURE)
    result = project.run("preview", "--capture", argument, "--dashboard", "shop")
    assert (result.exit, result.err) == (0, "")
    views = document(project.root / "preview/shop.html")["views"]
    assert [view["label"] for view in views if not view["selects"]] == [
        *("normal load", "error burst", "drain", "full cache", "overload", "stuck", "down", "crash loop"),
    ]
    (ratio,) = (panel for panel in views[0]["panels"] if panel["panel"]["title"] == "Ratio")
    assert [frame["fields"][1]["labels"] for frame in ratio["frames"]] == [{"path": "/pay"}]
    firing = [{alert["name"] for alert in view["alerts"] if alert["state"] == "firing"} for view in views[:2]]
    assert firing == [set(), {"ErrorsMany"}]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--capture", "shap=shop.txt"], "there is no service 'shap'"),
        (["--capture", "other.txt"], "other.txt has metrics of no service"),
        (["--capture", "shop.txt", "--capture", "shop=shop.txt"], "service 'shop' has two captures"),
        (["--capture", "shop.txt", "--prometheus", "http://127.0.0.1:1"], "--capture excludes --prometheus and --test"),
        (["--capture", "none.txt"], "none.txt does not exist"),
    ],
)
def test_a_capture_of_no_service_is_an_error(project: ProjectFolder, arguments: list[str], message: str) -> None:
    project.write(shop=shop(RATIO))
    (project.root / "shop.txt").write_text(CAPTURE)
    (project.root / "other.txt").write_text("other 1\n")
    result = project.run("preview", *arguments)
    assert (result.exit, message in result.err) == (2, True), result.err


def test_a_dashboard_of_a_file_reads_the_capture_and_a_metric_that_it_lacks_is_a_finding(
    project: ProjectFolder,
) -> None:
    (project.root / "shop.txt").write_text(CAPTURE)
    titles = {
        "Requests": "sum(rate(requests_total[5m]))",
        "Cache": "shop_cache_usage_ratio",
        "Old name": "shop_gpu_cache_usage_ratio",
        "Other program": "node_load1",
    }
    body = {"title": "Shop", "uid": "shop", "panels": []}
    for number, (title, expr) in enumerate(titles.items()):
        body["panels"].append(  # type: ignore[attr-defined]
            {
                "id": number,
                "title": title,
                "type": "timeseries",
                "gridPos": {"x": 0, "y": number * 8, "w": 12, "h": 8},
                "targets": [{"refId": "A", "expr": expr}],
            }
        )
    (project.root / "shop.json").write_text(json.dumps(body))
    result = project.run("preview", "shop.json", "--capture", "shop.txt", "--scenario", "full cache")
    assert result.exit == 1
    assert "no service exposes shop_gpu_cache_usage_ratio" in result.err
    assert result.err.count("error[") == 1
    (view,) = document(project.root / "preview/shop.html")["views"]
    assert {title: count > 0 for title, count in panels(view).items()} == {
        **dict.fromkeys(titles, True),
        "Old name": False,
    }
    (cache,) = (panel for panel in view["panels"] if panel["panel"]["title"] == "Cache")
    assert max(cache["frames"][0]["fields"][1]["values"]) == 0.99


def test_an_unknown_dashboard_and_an_unknown_scenario_are_named(project: ProjectFolder) -> None:
    project.write(shop=shop(RATIO))
    result = project.run("preview", "--dashboard", "shap")
    assert (result.exit, "there is no dashboard 'shap'" in result.err) == (2, True)
    result = project.run("preview", "--scenario", "eror burst")
    assert (result.exit, "there is no scenario 'eror burst'" in result.err) == (2, True)
