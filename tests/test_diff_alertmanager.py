"""`obscode diff` of Alertmanager's configuration: who gets what, before and after, in one sentence for each change."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from obscode.artifacts.project import Artifacts
from obscode.diff.change import Change
from obscode.diff.comparison import compare
from obscode.diff.comparisons import alertmanager
from obscode.reader.file_contents import read_text

Config = dict[str, Any]

CONFIG: Config = yaml.safe_load("""
global: {resolve_timeout: 5m, smtp_smarthost: "mail:25", smtp_auth_password: hunter2hunter2}
route:
  receiver: slack
  group_by: [alertname]
  routes:
  - matchers: ['severity="page"']
    receiver: pager
    repeat_interval: 1h
    routes:
    - {matchers: ['team="db"'], receiver: db}
  - {match: {severity: ticket}, receiver: mail, mute_time_intervals: [weekends]}
  - {match_re: {service: foo|bar}, receiver: hook, continue: true}
receivers:
- {name: slack, slack_configs: [{channel: "#alerts", api_url: "https://hooks.slack.com/services/T0/B0/aaaaaaaaaaaaaaaa"}]}
- {name: pager, pagerduty_configs: [{routing_key: abcdefabcdefabcdef}]}
- {name: db, email_configs: [{to: db@example.com}]}
- {name: mail, email_configs: [{to: ops@example.com}]}
- {name: hook, webhook_configs: [{url: "http://hook:8080/a"}]}
- {name: none}
inhibit_rules:
- {source_matchers: ['severity="page"'], target_matchers: ['severity="ticket"'], equal: [service]}
time_intervals: [{name: weekends, time_intervals: [{weekdays: [saturday, sunday]}]}]
templates: [/etc/alertmanager/*.tmpl]
""")
RULES = """
groups:
- name: shop
  rules:
  - {alert: Down, expr: up == 0, labels: {severity: page}}
  - {alert: DatabaseDown, expr: pg_up == 0, labels: {severity: page, team: db}}
  - {alert: Slow, expr: latency > 1, labels: {severity: ticket}}
  - {alert: Unlabelled, expr: load > 1}
"""


def artifacts(config: Config, rules: str = RULES) -> Artifacts:
    read = read_text(yaml.safe_dump(config, sort_keys=False), "alertmanager.yml")
    assert len(read.alertmanager_configs) == 1
    return Artifacts(
        alertmanager_configs=read.alertmanager_configs, rule_files=read_text(rules, "rules.yml").rule_files
    )


def changes(edit: Callable[[Config], object]) -> list[Change]:
    after = copy.deepcopy(CONFIG)
    edit(after)
    return list(alertmanager.compare(artifacts(CONFIG), artifacts(after)))


def route(config: Config, place: int) -> Config:
    result: Config = config["route"]["routes"][place]
    return result


def integration(config: Config, place: int, kind: str) -> Config:
    result: Config = config["receivers"][place][kind][0]
    return result


EDITS: dict[str, tuple[Callable[[Config], object], str]] = {
    "another receiver": (
        lambda c: route(c, 0).update(receiver="slack"),
        'changed: Alerts with severity="page" go to "slack" instead of "pager". Affects alert Down.',
    ),
    "a route removed": (
        lambda c: c["route"]["routes"].pop(1),
        'changed: Alerts with severity="ticket" go to "slack" instead of "mail". Affects alert Slow.',
    ),
    "a nested route removed": (
        lambda c: route(c, 0)["routes"].pop(),
        'changed: Alerts with severity="page" and team="db" go to "pager" instead of "db". Affects alert DatabaseDown.',
    ),
    "a route added": (
        lambda c: c["route"]["routes"].append({"matchers": ['team="web"'], "receiver": "mail"}),
        'changed: Alerts with team="web" go to "mail" instead of "slack".',
    ),
    "a receiver that sends nothing": (
        lambda c: route(c, 1).update(receiver="none"),
        'lost: Alerts with severity="ticket" go to "none", which sends nothing, instead of "mail". Affects alert Slow.',
    ),
    "the receiver of the root": (
        lambda c: c["route"].update(receiver="mail"),
        'changed: Alerts that match no route below the root go to "mail" instead of "slack".',
    ),
    "other matchers": (
        lambda c: route(c, 1).update(match={"severity": "info"}),
        'changed: The route to "mail" takes alerts with severity="info" instead of severity="ticket". '
        'Alerts with severity="ticket" go to "slack" instead of "mail". Affects alert Slow. '
        'Alerts with severity="info" go to "mail" instead of "slack".',
    ),
    "a value of a regular expression": (
        lambda c: route(c, 2).update(match_re={"service": "foo|baz"}),
        'changed: The route to "hook" takes alerts with service=~"foo|baz" instead of service=~"foo|bar". '
        'Alerts with service="bar" go to "slack" instead of "hook". '
        'Alerts with service="baz" go to "hook" instead of "slack".',
    ),
    "a route in front of others": (
        lambda c: c["route"]["routes"].insert(1, c["route"]["routes"].pop(2)),
        'stricter: Alerts with service=~"foo|bar" and severity="ticket" also go to "hook".',
    ),
    "continue": (
        lambda c: route(c, 0).update({"continue": True}),
        'stricter: Alerts with service=~"foo|bar" and severity="page" also go to "hook".',
    ),
    "no continue": (
        lambda c: (route(c, 2).pop("continue"), c["route"]["routes"].append(c["route"]["routes"].pop(1))),
        'changed: Alerts with service=~"foo|bar" and severity="ticket" go to "hook" instead of "mail".',
    ),
    "repeated later": (
        lambda c: route(c, 0).update(repeat_interval="4h"),
        'weaker: Alerts with severity="page": repeat_interval 1h -> 4h. Affects alerts Down and DatabaseDown.',
    ),
    "the repetition of the root": (
        lambda c: c["route"].update(repeat_interval="2h"),
        'stricter: All alerts except those with severity="page": repeat_interval 4h -> 2h. Affects alert Slow.',
    ),
    "grouping": (
        lambda c: c["route"].update(group_by=["job", "alertname"]),
        "changed: All alerts: group_by alertname -> alertname and job.",
    ),
    "not muted": (
        lambda c: route(c, 1).pop("mute_time_intervals"),
        'stricter: Alerts with severity="ticket": mute_time_intervals "weekends" removed. Affects alert Slow.',
    ),
    "muted": (
        lambda c: route(c, 2).update(mute_time_intervals=["weekends"]),
        'weaker: Alerts with service=~"foo|bar": mute_time_intervals "weekends" added.',
    ),
    "other times": (
        lambda c: c["time_intervals"][0]["time_intervals"][0].update(weekdays=["sunday"]),
        'changed: Time interval "weekends": time_intervals[1].weekdays "saturday" and "sunday" -> "sunday". '
        "1 route uses it.",
    ),
    "a channel": (
        lambda c: integration(c, 0, "slack_configs").update(channel="#ops"),
        'changed: Receiver "slack": slack channel "#alerts" -> "#ops".',
    ),
    "a secret URL": (
        lambda c: integration(c, 0, "slack_configs").update(api_url="https://hooks.slack.com/services/T0/B0/bbbb"),
        'changed: Receiver "slack": slack api_url hooks.slack.com -> another URL of hooks.slack.com.',
    ),
    "a secret key": (
        lambda c: integration(c, 1, "pagerduty_configs").update(routing_key="zzzzzzzzzzzzzzzzzz"),
        'changed: Receiver "pager": pagerduty routing_key a secret -> another secret.',
    ),
    "an address": (
        lambda c: integration(c, 2, "email_configs").update(to="dba@example.com"),
        'changed: Receiver "db": email to "db@example.com" -> "dba@example.com".',
    ),
    "resolved alerts": (
        lambda c: integration(c, 0, "slack_configs").update(send_resolved=True),
        'changed: Receiver "slack": slack send_resolved false -> true.',
    ),
    "an integration added": (
        lambda c: c["receivers"][1].update(webhook_configs=[{"url": "http://bot/alerts"}]),
        'stricter: Receiver "pager": integration webhook of bot added.',
    ),
    "an integration removed": (
        lambda c: c["receivers"][1].pop("pagerduty_configs"),
        'lost: Receiver "pager": integration pagerduty removed.',
    ),
    "another integration": (
        lambda c: c["receivers"].__setitem__(4, {"name": "hook", "email_configs": [{"to": "bot@example.com"}]}),
        'changed: Receiver "hook": integration webhook of hook -> email "bot@example.com".',
    ),
    "a receiver renamed": (
        lambda c: (c["receivers"][1].update(name="oncall"), route(c, 0).update(receiver="oncall")),
        'text: Receiver "oncall": name "pager" -> "oncall".',
    ),
    "a receiver added": (
        lambda c: c["receivers"].append({"name": "new", "email_configs": [{"to": "new@example.com"}]}),
        'stricter: Receiver "new" (email "new@example.com") is added.',
    ),
    "an unused receiver removed": (
        lambda c: c["receivers"].pop(5),
        'changed: Receiver "none" (without integrations) is removed.',
    ),
    "inhibition removed": (
        lambda c: c["inhibit_rules"].pop(),
        'stricter: Alerts with severity="page" no longer mute alerts with severity="ticket" '
        "that have the same service.",
    ),
    "inhibition added": (
        lambda c: c["inhibit_rules"].append({"source_matchers": ["alertname=Down"], "target_matchers": ["team=db"]}),
        'weaker: Alerts with alertname="Down" mute alerts with team="db".',
    ),
    "labels of an inhibition": (
        lambda c: c["inhibit_rules"][0].update(equal=["service", "cluster"]),
        'changed: Inhibition of alerts with severity="ticket" by alerts with severity="page": '
        "equal service -> cluster and service.",
    ),
    "alerts of an inhibition": (
        lambda c: c["inhibit_rules"][0].update(target_matchers=['severity=~"ticket|info"']),
        'changed: Inhibition of alerts with severity="ticket" by alerts with severity="page": '
        'target severity="ticket" -> severity=~"ticket|info".',
    ),
    "a global setting": (
        lambda c: c["global"].update(resolve_timeout="10m"),
        "changed: Alertmanager: global.resolve_timeout 5m -> 10m.",
    ),
    "a password": (
        lambda c: c["global"].update(smtp_auth_password="other"),
        "changed: Alertmanager: global.smtp_auth_password a secret -> another secret.",
    ),
    "template files": (
        lambda c: c["templates"].append("/etc/more.tmpl"),
        'changed: Alertmanager: template file "/etc/more.tmpl" added.',
    ),
}


@pytest.mark.parametrize("case", EDITS)
def test_an_edit_is_one_sentence(case: str) -> None:
    edit, expected = EDITS[case]
    assert [" ".join([f"{c.risk}:", c.sentence, *c.effects]) for c in changes(edit)] == [expected]


def test_a_route_from_one_silent_receiver_to_another_is_not_stricter() -> None:
    before, after = copy.deepcopy(CONFIG), copy.deepcopy(CONFIG)
    for config, name in ((before, "none"), (after, "nobody")):
        config["receivers"].append({"name": "nobody"})
        route(config, 1).update(receiver=name)
    reported = alertmanager.compare(artifacts(before), artifacts(after))
    assert [(c.risk, c.sentence) for c in reported] == [
        ("changed", 'Alerts with severity="ticket" go to "nobody" instead of "none".')
    ]


SAME: dict[str, Callable[[Config], object]] = {
    "receivers in another order": lambda c: c["receivers"].reverse(),
    "matchers in another notation": lambda c: route(c, 1).update(match={}, matchers=['severity = "ticket"']),
    "durations in other units": lambda c: route(c, 0).update(repeat_interval="60m"),
    "defaults": lambda c: (
        c["route"].update(group_wait="30s", group_interval="5m"),
        c["global"].pop("resolve_timeout"),
    ),
    "routes in another order that receive the same": lambda c: c["route"]["routes"].insert(
        0, c["route"]["routes"].pop(1)
    ),
}


@pytest.mark.parametrize("case", SAME)
def test_the_same_configuration_has_no_changes(case: str) -> None:
    assert [each.sentence for each in changes(SAME[case])] == []


def test_a_receiver_of_a_route_that_is_removed_is_lost() -> None:
    removed = changes(lambda c: (c["receivers"].pop(4), c["route"]["routes"].pop(2)))
    assert [(each.risk, each.sentence) for each in removed] == [
        ("changed", 'Alerts with service=~"foo|bar" go to "slack" instead of "hook".'),
        ("lost", 'Receiver "hook" (webhook of hook) is removed.'),
    ]


@pytest.mark.parametrize(
    ("severity", "effects"),
    [("ticket", ['It goes to "mail" instead of "pager".']), ("page", []), ("none", [])],
)
def test_another_label_of_an_alert_has_its_receivers_as_an_effect(severity: str, effects: list[str]) -> None:
    rule = "groups: [{name: shop, rules: [{alert: Down, expr: sum(up) == 0, labels: {severity: %s, team: web}}]}]"
    routes = {"receiver": "pager", "routes": [{"matchers": ["severity=ticket"], "receiver": "mail"}]}
    config = {**CONFIG, "route": routes}
    before, after = (artifacts(config, rule % each) for each in ("page", severity))
    assert [
        effect for change in compare(before, after).changes for effect in change.effects if "goes" in effect
    ] == effects


OBJECT = """
apiVersion: monitoring.coreos.com/v1alpha1
kind: AlertmanagerConfig
metadata: {name: NAME, namespace: shop}
spec:
  route: {receiver: chat, groupBy: [alertname], groupWait: WAIT}
  receivers: [{name: chat, slackConfigs: [{channel: "#shop", apiURL: {name: slack, key: url}}]}]
"""


def test_objects_of_the_operator_are_named() -> None:
    before, after = (
        Artifacts(alertmanager_configs=read_text(text, "config.yaml").alertmanager_configs)
        for text in (
            OBJECT.replace("NAME", "one").replace("WAIT", "30s"),
            OBJECT.replace("NAME", "two").replace("WAIT", "30s")
            + "---"
            + OBJECT.replace("NAME", "one").replace("WAIT", "1m"),
        )
    )
    assert [each.sentence for each in alertmanager.compare(before, after)] == [
        "All alerts in the AlertmanagerConfig shop/one: group_wait 30s -> 1m.",
        'The configuration of Alertmanager in the AlertmanagerConfig shop/two is added, with the receivers "chat".',
    ]
