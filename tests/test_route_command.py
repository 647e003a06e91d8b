"""`obscode route`: where the notifications of an alert go."""

from __future__ import annotations

import json
import subprocess

import pytest
from conftest import ProjectFolder

from obscode.findings.errors import Exit
from obscode.toolchain import Tool

DEFINITIONS = """\
pager = receivers.Webhook("pager", url="http://localhost:1/")
chat = receivers.Webhook("chat", url="http://localhost:2/")
routing = Routing(
    default=chat,
    routes=[
        Route(chat, match={"cluster": "eu", "severity": "page"}),
        Route(pager, match={"severity": "page"}, repeat_interval="1h"),
    ],
)
shop = Service(
    "shop",
    selector={"job": "shop"},
    slos=[SLO("up", 99, sli.Uptime("up"))],
    alerts=[Alert("Down", "up == 0", severity="page", summary="down"),
            Alert("Slow", "sum(latency) > 1", severity="ticket", summary="slow")],
)
"""
CONFIG = """\
route:
  receiver: chat
  routes:
  - matchers: [severity="page"]
    receiver: pager
    group_by: [job]
    mute_time_intervals: [nights]
    continue: true
  - matchers: ['severity=~"page|ticket"']
    group_wait: 10s
receivers: [{name: chat}, {name: pager}]
inhibit_rules:
- source_matchers: [severity="page"]
  target_matchers: [severity="ticket"]
  equal: [job]
time_intervals: [{name: nights}]
"""
RULES = "groups: [{name: a, rules: [{alert: Down, expr: up == 0, labels: {severity: page}}]}]\n"


@pytest.fixture
def project(project_folder: ProjectFolder) -> ProjectFolder:
    return project_folder.write(shop=DEFINITIONS)


def test_an_alert_has_one_receiver_if_its_labels_decide(project: ProjectFolder) -> None:
    assert project.run("route", "Slow").out == (
        """\
Slow  definitions/shop.py:17
  labels: severity='ticket', service='shop', alertname='Slow'
  receiver: chat
    route definitions/shop.py:5: all alerts
    group_by: service, slo, severity
    group_wait: 30s, group_interval: 5m, repeat_interval: 4h
"""
    )


def test_a_label_that_decides_between_receivers_is_listed(project: ProjectFolder) -> None:
    assert project.run("route", "Down").out == (
        """\
Down  definitions/shop.py:16
  labels: severity='page', service='shop', alertname='Down'
  perhaps receiver: chat
    route definitions/shop.py:5: all alerts
      route definitions/shop.py:8: cluster="eu", severity="page"
    group_by: service, slo, severity
    group_wait: 30s, group_interval: 5m, repeat_interval: 4h
  perhaps receiver: pager
    route definitions/shop.py:5: all alerts
      route definitions/shop.py:9: severity="page"
    group_by: service, slo, severity
    group_wait: 30s, group_interval: 5m, repeat_interval: 1h
  depends on cluster:
    without cluster: pager
    cluster='eu': chat
"""
    )


def test_a_label_on_the_command_line_decides(project: ProjectFolder) -> None:
    [report] = json.loads(project.run("route", "Down", "cluster=us", "--format", "json").out)
    assert [(route["receiver"], route["certain"], route["repeat_interval"]) for route in report["routes"]] == [
        ("pager", True, "1h")
    ]
    assert report["routes"][0]["path"] == [
        {"source": "definitions/shop.py:5", "matchers": []},
        {"source": "definitions/shop.py:9", "matchers": ['severity="page"']},
    ]
    assert report["labels"] == {"severity": "page", "service": "shop", "alertname": "Down", "cluster": "us"}
    assert report["deciding_labels"] == {}


def test_an_alert_that_others_mute_names_them(project: ProjectFolder) -> None:
    project.build.with_name("am.yml").write_text(CONFIG)
    project.build.with_name("rules.yml").write_text(RULES)
    ended = project.run("route", "Slow", "severity=ticket", "job=a", "--config", "am.yml", "--config", "rules.yml")
    assert ended.out == (
        """\
Slow
  labels: alertname='Slow', severity='ticket', job='a'
  receiver: chat
    route am.yml:2: all alerts
      route am.yml:9: severity=~"page|ticket"
    group_by: nothing, all alerts are one group
    group_wait: 10s, group_interval: 5m, repeat_interval: 4h
  muted by: severity="page", with equal job (am.yml:13)
    alerts: Down
"""
    )


def test_an_alert_of_files_has_the_labels_of_its_rule(project: ProjectFolder) -> None:
    project.build.with_name("am.yml").write_text(CONFIG)
    project.build.with_name("rules.yml").write_text(RULES)
    ended = project.run("route", "Down", "--config", "am.yml", "--config", "rules.yml")
    assert ended.out == (
        """\
Down  rules.yml:1
  labels: severity='page', alertname='Down'
  receiver: pager
    route am.yml:2: all alerts
      route am.yml:4: severity="page"
    group_by: job
    group_wait: 30s, group_interval: 5m, repeat_interval: 4h
    mute_time_intervals: nights (never)
  receiver: chat
    route am.yml:2: all alerts
      route am.yml:9: severity=~"page|ticket"
    group_by: nothing, all alerts are one group
    group_wait: 10s, group_interval: 5m, repeat_interval: 4h
"""
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["Dwon"], "error[invalid-argument]: there is no alert 'Dwon'\n  hint: did you mean 'Down'?\n"),
        (
            ["Down", "severity=ticket"],
            "error[invalid-argument]: alert Down has no label severity='ticket'\n  hint: it has severity='page'\n",
        ),
        (
            ["Down", "--config", "rules.yml"],
            "error[invalid-argument]: no Alertmanager configuration\n"
            "  hint: name one configuration of Alertmanager with --config\n",
        ),
    ],
)
def test_an_argument_that_cannot_be_is_an_error(project: ProjectFolder, arguments: list[str], message: str) -> None:
    project.build.with_name("rules.yml").write_text(RULES)
    ended = project.run("route", *arguments)
    assert (ended.exit, ended.out, ended.err) == (Exit.ERROR, "", message)


def test_a_label_has_a_value(project: ProjectFolder) -> None:
    ended = project.run("route", "Down", "severity")
    assert ended.exit == Exit.ERROR
    assert "'severity' is not LABEL=VALUE" in ended.err


def test_the_receivers_of_a_project_are_those_that_amtool_prints(project: ProjectFolder, newest_amtool: Tool) -> None:
    assert project.run("build").exit == Exit.OK
    config = project.build / "alertmanager" / "alertmanager.yml"
    for arguments in (["Down", "cluster=eu"], ["Down", "cluster=us"], ["Slow"], ["ShopUpBurnPage", "cluster=eu"]):
        [report] = json.loads(project.run("route", *arguments, "--format", "json").out)
        command = [str(newest_amtool.path), "config", "routes", "test", f"--config.file={config}"]
        command += [f"{name}={value}" for name, value in report["labels"].items()]
        receivers = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        assert receivers == ",".join(route["receiver"] for route in report["routes"])
