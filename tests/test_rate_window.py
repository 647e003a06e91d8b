"""Windows are compared with the intervals of scrape jobs and rule groups."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from obscode import Alert, Dashboard, RecordingRule, Row, ScrapeJob, Service, metrics, panels
from obscode.checks import lint
from obscode.compiler import compile
from obscode.findings.finding import Finding
from obscode.model.definitions import Definitions
from obscode.model.project import Project
from obscode.project.check_files import check_files


def of_windows(findings: list[Finding]) -> list[str]:
    return [f"{each.severity}: {each.message}" for each in findings if each.code.name == "rate-window"]


def of_alert(expr: str, *others: Service, interval: str = "30s") -> list[str]:
    """The findings for an alert of a service that is scraped every ``interval``."""
    service = Service(
        "shop",
        scrape=ScrapeJob(["a:80"], interval=interval),
        metrics=[metrics.Counter("errors_total")],
        recording_rules=[RecordingRule("job:errors:sum", "sum by (job) (x)")],
        alerts=[Alert("A", expr, severity="page", summary="summary")],
    )
    return of_windows(lint(compile(Definitions(Project("p"), [service, *others]))))


@pytest.mark.parametrize(
    ("window", "severity"),
    [("59s", "error"), ("60s", "warning"), ("119s", "warning"), ("2m", "")],
)
def test_a_window_holds_four_samples(window: str, severity: str) -> None:
    text = {"60s": "1m"}.get(window, window).replace("119s", "1m59s")
    message = f"rate in alert A reads a window of {text} of series with a sample every 30s"
    message += ": it holds fewer than two samples" if severity == "error" else ""
    assert of_alert(f"rate(errors_total[{window}]) > 1") == ([f"{severity}: {message}"] if severity else [])


def test_a_window_holds_a_sample() -> None:
    message = "avg_over_time in alert A reads a window of 29s of series with a sample every 30s"
    assert of_alert("avg_over_time(x[29s]) > 1") == [f"warning: {message}"]
    assert of_alert("avg_over_time(x[30s]) > 1") == []
    assert of_alert("present_over_time(x[29s])") == []
    assert of_alert("max_over_time(x[5m:10m]) > 1") == [
        "warning: max_over_time in alert A reads a window of 5m of series with a sample every 10m"
    ]


@pytest.mark.parametrize("function", ["irate", "increase", "delta", "idelta", "deriv"])
def test_functions_of_two_samples_are_checked(function: str) -> None:
    message = "reads a window of 30s of series with a sample every 30s: it holds fewer than two samples"
    assert of_alert(f"{function}(x[30s]) > 1") == [f"error: {function} in alert A {message}"]


@pytest.mark.parametrize(
    "expr",
    [
        "max_over_time(x[30s]) > 1",  # one sample is enough
        "rate(x[2m]) > 1",
        "changes(x[30s]) > 1",
        "rate(other:x:sum[30s]) > 1",  # recorded elsewhere
        "rate((x + x)[5m:1m]) > 1",
    ],
)
def test_windows_with_enough_samples_are_accepted(expr: str) -> None:
    assert of_alert(expr) == []


def test_a_subquery_has_samples_at_its_steps() -> None:
    assert of_alert("deriv((x + x)[5m:10m]) > 1") == [
        "error: deriv in alert A reads a window of 5m of series with a sample every 10m: "
        "it holds fewer than two samples"
    ]


def test_recorded_series_have_the_interval_of_their_group() -> None:
    assert of_alert("deriv(job:errors:sum[20s]) > 1", interval="5s") == [
        "error: deriv in alert A reads a window of 20s of series with a sample every 15s: "
        "it holds fewer than two samples"
    ]


def test_a_matcher_of_the_job_selects_the_interval() -> None:
    slow = Service("slow", scrape=ScrapeJob(["b:80"], interval="2m"))
    assert of_alert('rate(x{job="slow"}[5m]) > 1', slow) == [
        "warning: rate in alert A reads a window of 5m of series with a sample every 2m"
    ]
    assert of_alert("rate(x[5m]) > 1", slow) == []  # the series may be those of the faster job


def test_nothing_is_known_of_targets_that_others_discover() -> None:
    discovered = Service("ingress", selector={"job": "ingress"}, metrics=[metrics.Counter("hits_total")])
    assert of_alert("rate(x[30s]) > 1", discovered) == []
    assert of_alert("rate(hits_total[30s]) > 1", discovered) == []
    assert len(of_alert("rate(errors_total[30s]) > 1", discovered)) == 1


def test_windows_of_panels_are_checked_unless_they_are_variables() -> None:
    fixed, variable = (
        panels.TimeSeries(title, f"rate(errors_total[{window}])", unit="short", description="D")
        for title, window in (("Fixed", "30s"), ("Variable", "$__rate_interval"))
    )
    subquery = panels.TimeSeries("Step", "rate((x + x)[$__range:$__interval])", unit="short", description="D")
    service = Service(
        "shop",
        scrape=ScrapeJob(["a:80"]),
        metrics=[metrics.Counter("errors_total")],
        dashboards=[Dashboard("Errors", [Row("Errors", fixed, variable, subquery)])],
    )
    assert of_windows(lint(compile(Definitions(Project("p"), [service])))) == [
        "warning: rate in query A of panel 'Fixed' reads a window of 30s of series with a sample every 15s"
    ]


def test_files_are_checked_with_the_only_configuration_among_them(tmp_path: Path) -> None:
    rule = "{record: 'a:b:c', expr: 'rate(x[1m]) + rate(x{job=\"fast\"}[1m])'}"
    (tmp_path / "rules.yml").write_text(f"groups: [{{name: g, rules: [{rule}]}}]")
    assert of_windows(list(check_files([tmp_path]).findings)) == []
    jobs = "[{job_name: fast, scrape_interval: 15s}, {job_name: slow}]"
    (tmp_path / "prometheus.yml").write_text(f"global: {{scrape_interval: 30s}}\nscrape_configs: {jobs}\n")
    assert of_windows(list(check_files([tmp_path]).findings)) == []
    (tmp_path / "prometheus.yml").write_text("scrape_configs: [{job_name: fast, scrape_interval: 20s}]\n")
    message = "rate in recording rule a:b:c reads a window of 1m of series with a sample every 20s"
    assert of_windows(list(check_files([tmp_path]).findings)) == [f"warning: {message}"] * 2


@pytest.mark.parametrize(
    ("subquery", "count"),
    [("$__range:10m", 0), ("[[range]]:10m", 0), ("$__interval:$__interval", 0), ("5m:10m", 1), ("40m:10m", 0)],
)
def test_a_subquery_over_a_variable_has_no_known_window(subquery: str, count: int, tmp_path: Path) -> None:
    target = {"refId": "A", "expr": f"increase((a_total + b_total)[{subquery}])"}
    board = {"title": "B", "schemaVersion": 40, "panels": [{"type": "stat", "title": "T", "targets": [target]}]}
    (tmp_path / "board.json").write_text(json.dumps(board))
    assert len(of_windows(list(check_files([tmp_path]).findings))) == count
