"""`obscode drift` on real Prometheus and Alertmanager, and on a Grafana that is recorded from its documentation."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ProjectFolder
from metrics_server import Answer, served
from receiver_samples import RECEIVERS
from scrape_cases import JOBS
from test_receivers import oldest_for

from obscode import Project, Route, Routing, Service, render
from obscode.clients.alertmanager import AlertmanagerClient
from obscode.clients.grafana import GrafanaClient
from obscode.clients.prometheus import PrometheusClient
from obscode.compiler import Definitions, compile
from obscode.drift.built_files import read_build
from obscode.drift.normal_form import aligned
from obscode.drift.report import Servers, drift
from obscode.model.receivers import Receiver
from obscode.toolchain import Tool
from obscode.verify import servers

BUILD = Path(__file__).parents[1] / "build"

RULES = """
groups:
  - name: shop
    interval: 60s
    rules:
      - record: job:requests:rate5m
        expr: sum  by (job) ( rate( requests_total{ job = "shop", status=~'5..' }[300s] ) )
        labels: {team: shop}
      - alert: High
        expr: |-
          job:requests:rate5m{team="shop"}   # a comment
          > 1e1
        for: 90s
        keep_firing_for: 1h
        labels: {severity: page}
        annotations: {summary: "{{ $value | humanize }} requests"}
  - name: global-interval
    rules:
      - alert: Down
        expr: up == 0
        for: 1d
        labels: {severity: ticket}
"""
CONFIG = """
global:
  external_labels: {region: eu}
rule_files: [rules.yml, other.yml]
alerting:
  alertmanagers:
    - basic_auth: {username: me, password: hidden}
      static_configs: [{targets: ["localhost:9093"]}]
scrape_configs:
  - job_name: shop
    scrape_interval: 5s
    authorization: {credentials: hidden}
    metric_relabel_configs:
      - {source_labels: [path], regex: "/debug.*", action: drop}
    static_configs: [{targets: ["localhost:8000"], labels: {env: prod}}]
  - job_name: pods
    scrape_interval: 300s
    file_sd_configs: [{files: [targets/*.json]}]
remote_write:
  - url: http://me:hidden@localhost:9/write
    write_relabel_configs: [{source_labels: [__name__], regex: "a.*", action: keep}]
"""
OTHER = "groups: [{name: of-others, rules: [{alert: Other, expr: up == 0}]}]"


def build_in(folder: Path, rules: str = RULES, config: str = CONFIG) -> Path:
    folder.mkdir()
    (folder / "rules.yml").write_text(rules)
    (folder / "prometheus.yml").write_text(config)
    return folder


@contextmanager
def prometheus_with(tool: Tool, folder: Path, rules: str = RULES, config: str = CONFIG) -> Iterator[PrometheusClient]:
    """A Prometheus with these files, and with rules of others."""
    build_in(folder, rules, config)
    (folder / "other.yml").write_text(OTHER)
    with servers.prometheus(tool, folder / "prometheus.yml", folder / "data", servers.free_port()) as url:
        yield PrometheusClient(url)


def sentences(build: Path, servers_: Servers, *, strict: bool = False) -> list[str]:
    return [change.sentence for change in drift(read_build(build), servers_, strict=strict).changes]


def test_a_prometheus_with_the_build_does_not_differ(prometheus: Tool, tmp_path: Path) -> None:
    build = build_in(tmp_path / "build")
    with prometheus_with(prometheus, tmp_path / "server") as client:
        assert sentences(build, Servers(client)) == []


def test_the_timeout_of_a_short_interval_is_filled_in_by_the_server(prometheus: Tool, tmp_path: Path) -> None:
    config = CONFIG.replace("global:", "global:\n  scrape_interval: 5s")
    build = build_in(tmp_path / "build", config=config)
    with prometheus_with(prometheus, tmp_path / "server", config=config) as client:
        assert sentences(build, Servers(client)) == []


def test_rules_and_jobs_of_others_differ_only_if_they_are_requested(newest_prometheus: Tool, tmp_path: Path) -> None:
    build = build_in(tmp_path / "build")
    with prometheus_with(newest_prometheus, tmp_path / "server") as client:
        assert sentences(build, Servers(client), strict=True) == ["Alert Other is on the server only: `up == 0`."]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("> 1e1", "> 20", ["Alert High is less sensitive: threshold 10 -> 20."]),
        ("for: 90s", "for: 5m", ["Alert High fires later: for 1m30s -> 5m."]),
        ("severity: page", "severity: ticket", ["Alert High is less urgent: severity page -> ticket."]),
        (
            "humanize }} requests",
            "humanize }} errors",
            ['Alert High: annotation summary "{{ $value | humanize }} requests" -> "{{ $value | humanize }} errors".'],
        ),
        ("interval: 60s", "interval: 30s", ["Group shop with 2 rules: interval 1m -> 30s."]),
        ("- alert: High", "- alert: Higher", ["Alert High is on the server as Higher."]),
        ("[300s]", "[10m]", ["Record job:requests:rate5m: window 5m -> 10m."]),
    ],
)
def test_each_difference_of_rules_is_one_sentence(
    before: str, after: str, expected: list[str], newest_prometheus: Tool, tmp_path: Path
) -> None:
    build = build_in(tmp_path / "build")
    with prometheus_with(newest_prometheus, tmp_path / "server", RULES.replace(before, after)) as client:
        assert sentences(build, Servers(client)) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("scrape_interval: 5s", "scrape_interval: 10s", ['Scrape job "shop": scrape_interval 5s -> 10s.']),
        (
            "scrape_interval: 5s",
            "scrape_interval: 5s\n    honor_labels: true",
            ['Scrape job "shop": honor_labels false -> true.'],
        ),
        ("region: eu", "region: us", ['Prometheus: external label region "eu" -> "us".']),
        ("localhost:8000", "localhost:8001", ['Scrape job "shop": target "localhost:8000" -> "localhost:8001".']),
        ("job_name: shop", "job_name: store", ['Scrape job "shop" with 1 target is not on the server.']),
        (
            'regex: "a.*"',
            'regex: "b.*"',
            ['Remote write to http://localhost:9/write: write_relabel_configs[1].regex "a.*" -> "b.*".'],
        ),
    ],
)
def test_each_difference_of_the_configuration_is_one_sentence(
    before: str, after: str, expected: list[str], newest_prometheus: Tool, tmp_path: Path
) -> None:
    build = build_in(tmp_path / "build")
    with prometheus_with(newest_prometheus, tmp_path / "server", config=CONFIG.replace(before, after)) as client:
        assert sentences(build, Servers(client)) == expected


def test_the_servers_of_this_repository_do_not_differ(
    prometheus: Tool, newest_alertmanager: Tool, tmp_path: Path
) -> None:
    shutil.copytree(BUILD, tmp_path / "server")
    at = tmp_path / "server"
    with (
        servers.prometheus(prometheus, at / "prometheus/prometheus.yml", tmp_path / "p", servers.free_port()) as one,
        servers.alertmanager(
            newest_alertmanager, at / "alertmanager/alertmanager.yml", tmp_path / "a", servers.free_port()
        ) as two,
    ):
        assert sentences(BUILD, Servers(PrometheusClient(one), AlertmanagerClient(two))) == []


def test_every_receiver_is_equal_on_the_server(alertmanager: Tool, tmp_path: Path) -> None:
    supported = [
        replace(each, name=name)
        for name, each in RECEIVERS.items()
        if alertmanager.at_least(*map(int, oldest_for(each).split(".")))
    ]
    assert supported
    text = alertmanager_config(supported, ".".join(map(str, alertmanager.version_tuple[:2])))
    build = tmp_path / "build"
    build.mkdir()
    path = build / "alertmanager.yml"
    path.write_text(text.replace("/run/secrets/", f"{tmp_path}/"))
    for name in set(re.findall(r"/run/secrets/(\S+)", text)):  # Alertmanager reads some of them when it starts
        (tmp_path / name).write_text("secret")
    with servers.alertmanager(alertmanager, path, tmp_path / "data", servers.free_port()) as url:
        assert sentences(build, Servers(alertmanager=AlertmanagerClient(url))) == []


def alertmanager_config(chosen: list[Receiver], version: str) -> str:
    default, *others = chosen
    routes = [Route(other, match={"team": other.name}) for other in others]
    project = Project("team", oldest_alertmanager=version)
    output = render(compile(Definitions(project, routing=Routing(default=default, routes=routes, templates=False))))
    return next(file.text for file in output if file.path == "alertmanager/alertmanager.yml")


NOT_IN_DEBIAN = {"kubernetes_sd_configs", "consul_sd_configs", "linode_sd_configs"}


def test_every_scrape_job_is_equal_on_the_server(prometheus: Tool, tmp_path: Path) -> None:
    services = [Service(f"job-{n}", scrape=job) for n, job in enumerate(JOBS.values())]
    version = ".".join(map(str, prometheus.version_tuple[:2]))
    output = render(compile(Definitions(Project("team", oldest_prometheus=version), services=services)))
    build = tmp_path / "build"
    build.mkdir()
    path = build / "prometheus.yml"
    content = yaml.safe_load(next(file.text for file in output if file.path == "prometheus/prometheus.yml"))
    jobs = [job for job in content["scrape_configs"] if not job.keys() & NOT_IN_DEBIAN]
    path.write_text(yaml.safe_dump({**content, "scrape_configs": jobs}))
    with servers.prometheus(prometheus, path, tmp_path / "data", servers.free_port()) as url:
        assert sentences(build, Servers(PrometheusClient(url))) == []


# --- Alertmanager ----------------------------------------------------------------------------------------------------

ROUTES = """
global: {resolve_timeout: 10m}
route:
  receiver: team
  group_by: [alertname]
  routes:
    - receiver: pager
      matchers: [severity = page]
      group_wait: 60s
receivers:
  - name: team
    webhook_configs: [{url: "http://localhost:9/hook"}]
  - name: pager
    pagerduty_configs: [{routing_key: hidden, description: "{{ .CommonAnnotations.summary }}"}]
inhibit_rules:
  - source_matchers: [severity="page"]
    target_matchers: [severity="ticket"]
    equal: [service]
"""


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("hidden", "other", []),
        ("group_wait: 60s", "group_wait: 5m", ['Alerts with severity="page": group_wait 1m -> 5m.']),
        (
            "equal: [service]",
            "equal: [service, slo]",
            [
                'Inhibition of alerts with severity="ticket" by alerts with severity="page": '
                "equal service -> service and slo."
            ],
        ),
        ("resolve_timeout: 10m", "resolve_timeout: 5m", ["Alertmanager: global.resolve_timeout 10m -> 5m."]),
        (
            "CommonAnnotations.summary",
            "CommonAnnotations.description",
            [
                'Receiver "pager": pagerduty description "{{ .CommonAnnotations.summary }}" -> '
                '"{{ .CommonAnnotations.description }}".'
            ],
        ),
        (
            "severity = page",
            "severity = critical",
            ['The route to "pager" takes alerts with severity="critical" instead of severity="page".'],
        ),
    ],
)
def test_each_difference_of_alertmanager_is_one_sentence(
    before: str, after: str, expected: list[str], newest_alertmanager: Tool, tmp_path: Path
) -> None:
    build = tmp_path / "build"
    build.mkdir()
    (build / "alertmanager.yml").write_text(ROUTES)
    (build / "rules.yml").write_text(RULES)
    running = tmp_path / "running.yml"
    running.write_text(ROUTES.replace(before, after))
    with servers.alertmanager(newest_alertmanager, running, tmp_path / "data", servers.free_port()) as url:
        assert sentences(build, Servers(alertmanager=AlertmanagerClient(url))) == expected


# --- Grafana -------------------------------------------------------------------------------------------------------

DASHBOARD: dict[str, Any] = {
    "uid": "shop",
    "title": "Shop",
    "panels": [
        {
            "id": 1,
            "type": "timeseries",
            "title": "Requests",
            "gridPos": {"h": 8, "w": 12, "x": 0, "y": 0},
            "targets": [{"refId": "A", "expr": "rate(requests_total[5m])"}],
        }
    ],
    "schemaVersion": 39,
}
ALERT: dict[str, Any] = {
    "uid": "high",
    "title": "High",
    "condition": "C",
    "data": [{"refId": "A", "datasourceUid": "prometheus", "model": {"expr": "rate(x[5m])", "refId": "A"}}],
    "for": "300s",
    "labels": {"severity": "page"},
}


def answer(value: object, status: int = 200) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(value).encode()


def grafana_answers(dashboard: dict[str, Any], alert: dict[str, Any], folder: str = "team") -> dict[str, Answer]:
    """What Grafana's documentation says that it answers: with ids, versions, and defaults of alert rules."""
    meta = {"type": "db", "canSave": True, "slug": "shop", "url": "/d/shop/shop", "folderTitle": folder, "version": 7}
    stored = {"id": 12, "uid": "high", "orgID": 1, "folderUID": "team", "ruleGroup": "shop", "updated": "2026-11-01"}
    filled_in = {"noDataState": "NoData", "execErrState": "Error", "isPaused": False, "provenance": "file"}
    data = [{**each, "queryType": "", "model": {**each["model"], "intervalMs": 1000}} for each in alert["data"]]
    others = [{"uid": "shop", "title": "Shop"}, {"uid": "other", "title": "Other"}]
    return {
        "/api/dashboards/uid/shop": answer({"dashboard": {**dashboard, "id": 1, "version": 7}, "meta": meta}),
        "/api/dashboards/uid/other": answer(
            {"dashboard": {"uid": "other", "title": "Other", "panels": []}, "meta": {}}
        ),
        "/api/v1/provisioning/alert-rules": answer([{**stored, **filled_in, **alert, "for": "5m", "data": data}]),
        "/api/search?type=dash-db&limit=1000&page=1": answer(others),
    }


def grafana_build(folder: Path) -> Path:
    dashboards, alerting = folder / "grafana/dashboards/team", folder / "grafana/provisioning/alerting"
    dashboards.mkdir(parents=True)
    alerting.mkdir(parents=True)
    (dashboards / "shop.json").write_text(json.dumps(DASHBOARD))
    content = {"apiVersion": 1, "groups": [{"name": "shop", "folder": "team", "interval": "1m", "rules": [ALERT]}]}
    (alerting / "rules.yml").write_text(yaml.safe_dump(content))
    return folder


def changed_dashboard(**settings: object) -> dict[str, Any]:
    (panel,) = DASHBOARD["panels"]
    return {**DASHBOARD, "panels": [{**panel, **settings}]}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (grafana_answers(DASHBOARD, ALERT), []),
        (
            grafana_answers(changed_dashboard(title="Requests per second"), ALERT),
            ['Panel "Requests per second" of dashboard "Shop": title "Requests" -> "Requests per second".'],
        ),
        (
            grafana_answers(changed_dashboard(targets=[{"refId": "A", "expr": "rate(requests_total[1m])"}]), ALERT),
            ['Panel "Requests" of dashboard "Shop": window 5m -> 1m.'],
        ),
        (grafana_answers(DASHBOARD, ALERT, "General"), ['Dashboard "Shop": folder "team" -> "General".']),
        (
            grafana_answers(DASHBOARD, {**ALERT, "labels": {"severity": "ticket"}}),
            ['Alert rule "High" of Grafana: labels.severity "page" -> "ticket".'],
        ),
        (
            {**grafana_answers(DASHBOARD, ALERT), "/api/v1/provisioning/alert-rules": answer([])},
            ['Alert rule "High" of Grafana is not on the server.'],
        ),
        (
            {**grafana_answers(DASHBOARD, ALERT), "/api/dashboards/uid/shop": answer({"message": "not found"}, 404)},
            ['Dashboard "Shop" is not on the server.'],
        ),
    ],
)
def test_each_difference_of_grafana_is_one_sentence(
    answers: dict[str, Answer], expected: list[str], tmp_path: Path
) -> None:
    with served(answers) as (url, _):
        assert sentences(grafana_build(tmp_path), Servers(grafana=GrafanaClient(url))) == expected


def test_dashboards_of_others_are_reported_with_strict(tmp_path: Path) -> None:
    with served(grafana_answers(DASHBOARD, ALERT)) as (url, _):
        assert sentences(grafana_build(tmp_path), Servers(grafana=GrafanaClient(url)), strict=True) == [
            'Dashboard "Other" with 0 panels is on the server only.'
        ]


# --- notations -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("built", "running"),
    [
        ("90s", "1m30s"),
        ("rules/*.yml", "/etc/prometheus/rules/*.yml"),
        ("rules/*.yml", "build/prometheus/rules/*.yml"),
        ("password", "<secret>"),
        ("http://me:hidden@host/write", "http://me:xxxxx@host/write"),
        ("https://api.opsgenie.com", "https://api.opsgenie.com/"),
        (5, "5"),
        ("10MB", "10MiB"),
        ("summary", {"template": "summary"}),
    ],
)
def test_other_notations_are_equal(built: object, running: object) -> None:
    assert aligned({"rule_files": built}, {"rule_files": running}, lambda path, value: False) == {"rule_files": built}


@pytest.mark.parametrize(
    ("built", "running"),
    [
        ("90s", "91s"),
        ("a.yml", "/etc/ba.yml"),
        ("a.yml", "ba.yml"),
        ("/etc/a.yml", "/var/etc/a.yml"),
        ("http://a:x@host", "http://a:xxxxx@other"),
        ("10MB", "10GiB"),
    ],
)
def test_other_values_are_differences(built: object, running: object) -> None:
    got = aligned({"rule_files": built}, {"rule_files": running}, lambda path, value: False)
    assert got == {"rule_files": running}


def test_what_a_server_adds_is_a_difference_unless_it_is_a_default() -> None:
    built = {"jobs": [{"name": "a", "x": 1, "off": False}, {"name": "b"}]}
    running = {"jobs": [{"name": "b", "y": 2, "empty": ""}, {"name": "a", "x": 1, "scheme": "http", "z": {"on": True}}]}
    expected = {"jobs": [{"name": "a", "x": 1, "off": False, "z": {"on": True}}, {"name": "b", "y": 2}]}
    assert aligned(built, running, lambda path, value: path[-1] == "scheme" and value == "http") == expected


# --- the command ---------------------------------------------------------------------------------------------------


def test_differences_exit_with_1(newest_prometheus: Tool, tmp_path: Path, project_folder: ProjectFolder) -> None:
    build = build_in(tmp_path / "build")
    with prometheus_with(newest_prometheus, tmp_path / "server", RULES.replace("> 1e1", "> 20")) as client:
        result = project_folder.run("drift", str(build), "--prometheus", client.url)
    assert (result.exit, result.out) == (
        1,
        "weaker:\n  Alert High is less sensitive: threshold 10 -> 20.\n"
        f"1 change from {build} to {client.url}: 1 weaker\n",
    )


def test_no_differences_exit_with_0(newest_prometheus: Tool, tmp_path: Path, project_folder: ProjectFolder) -> None:
    build = build_in(tmp_path / "build")
    with prometheus_with(newest_prometheus, tmp_path / "server") as client:
        result = project_folder.run("drift", str(build), "--prometheus", client.url)
    assert (result.exit, result.out) == (0, "OK: no differences\n")
