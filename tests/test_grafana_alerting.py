"""Grafana-managed alerts: rules, contact points, notification policies and mute timings as provisioning files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from obscode import (
    SLO,
    Alert,
    Definitions,
    Project,
    Route,
    Routing,
    RuleGroup,
    ScrapeJob,
    Secret,
    Service,
    compile,
    http,
    receivers,
    sli,
    targets,
)
from obscode.artifacts import Artifacts
from obscode.checks import lint, registry
from obscode.findings.errors import DefinitionError
from obscode.model.mute_time import MuteTime
from obscode.model.receivers import Receiver
from obscode.promql.grafana_template import grafana_template, missing_in_grafana
from obscode.renderers import render

SCHEMA = Draft202012Validator(json.loads((Path(__file__).parent / "grafana_alerting_schema.json").read_text()))
CHECKS = [check for check in registry.checks() if check.name in ("grafana-contact-point", "grafana-template")]
PREFIX = "grafana/provisioning/alerting/"


def compiled(
    *alerts: Alert, routing: Routing | None = None, services: Sequence[Service] = (), **settings: Any
) -> Artifacts:
    """The artifacts of alerts in one group, with the target."""
    project = Project("shop", targets=[targets.GrafanaAlerting(**settings)], oldest_alertmanager="0.31")
    groups = [RuleGroup("g", rules=list(alerts), rule_file="r")] if alerts else []
    return compile(Definitions(project, services=list(services), rules=groups, routing=routing))


def written(artifacts: Artifacts) -> dict[str, Any]:
    """The provisioning files as data, each valid for Grafana's readers."""
    files = {file.path.removeprefix(PREFIX): file.text for file in render(artifacts) if file.path.startswith(PREFIX)}
    contents = {name: yaml.safe_load(text) for name, text in files.items()}
    for name, content in contents.items():
        assert [f"{name}: {error.json_path}: {error.message}" for error in SCHEMA.iter_errors(content)] == []
    return contents


def rules(*alerts: Alert, **settings: Any) -> list[dict[str, Any]]:
    (group,) = written(compiled(*alerts, **settings))["rules-r.yml"]["groups"]
    content: list[dict[str, Any]] = group["rules"]
    return content


DOWN = Alert(
    "Down",
    "up == 0",
    for_="5m",
    keep_firing_for="10m",
    labels={"severity": "page", "team": "{{ $labels.team }}"},
    summary="{{ $labels.job }} is down: {{ $value | humanize }}",
)


def test_an_alert_fires_for_each_series_that_its_query_returns() -> None:
    content = written(compiled(DOWN))["rules-r.yml"]
    expression = {"type": "__expr__", "uid": "__expr__"}
    no_time = {"from": 0, "to": 0}
    query = {
        "datasource": {"type": "prometheus", "uid": "prometheus"},
        "expr": "up == 0",
        "instant": True,
        "range": False,
        "refId": "query",
    }
    is_there = "is_number($query) || is_nan($query) || is_inf($query)"
    above = [{"evaluator": {"params": [0], "type": "gt"}}]
    math = {"datasource": expression, "expression": is_there, "type": "math", "refId": "prometheus_math"}
    threshold = {"datasource": expression, "expression": "prometheus_math", "type": "threshold", "refId": "threshold"}
    steps = [("query", "prometheus", {"from": 600, "to": 0}, query), ("prometheus_math", "__expr__", no_time, math)]
    steps += [("threshold", "__expr__", no_time, {**threshold, "conditions": above})]
    assert content == {
        "apiVersion": 1,
        "groups": [
            {
                "orgId": 1,
                "name": "g",
                "folder": "shop",
                "interval": "20s",
                "rules": [
                    {
                        "uid": "Down-f58a68e6",
                        "title": "Down",
                        "condition": "threshold",
                        "data": [
                            {"refId": name, "relativeTimeRange": time, "datasourceUid": uid, "model": model}
                            for name, uid, time, model in steps
                        ],
                        "noDataState": "OK",
                        "execErrState": "Error",
                        "for": "5m",
                        "keepFiringFor": "10m",
                        "missing_series_evals_to_resolve": 1,
                        "annotations": {"summary": "{{ $labels.job }} is down: {{ $values.query.Value | humanize }}"},
                        "labels": {"severity": "page", "team": "{{ $$labels.team }}"},
                        "isPaused": False,
                    }
                ],
            }
        ],
    }


def test_the_settings_of_the_target_are_those_of_the_rules() -> None:
    artifacts = compiled(DOWN, folder="Shop", datasource_uid="mimir", org_id=2, exec_err_state="OK")
    (group,) = written(artifacts)["rules-r.yml"]["groups"]
    assert (group["folder"], group["orgId"], group["rules"][0]["execErrState"]) == ("Shop", 2, "OK")
    assert group["rules"][0]["data"][0]["datasourceUid"] == "mimir"


@pytest.mark.parametrize(("interval", "rounded"), [("10s", "10s"), ("11s", "20s"), ("1m", "1m"), ("95s", "1m40s")])
def test_intervals_are_multiples_of_ten_seconds(interval: str, rounded: str) -> None:
    project = Project("shop", targets=[targets.GrafanaAlerting()])
    group = RuleGroup("g", rules=[DOWN], interval=interval, rule_file="r")
    content = written(compile(Definitions(project, rules=[group])))
    assert content["rules-r.yml"]["groups"][0]["interval"] == rounded


def test_alerts_of_one_name_have_titles_and_uids_of_their_own() -> None:
    one, two = rules(DOWN, DOWN.derive(expr="up == 0 or vector(1)"))
    assert (one["title"], two["title"]) == ("Down", "Down 2")
    assert one["uid"] != two["uid"]


@pytest.mark.parametrize(("length", "uid_length"), [(31, 40), (32, 40), (10, 19)])
def test_a_uid_has_forty_characters_at_most(length: int, uid_length: int) -> None:
    (rule,) = rules(DOWN.derive(name="A" * length))
    assert len(rule["uid"]) == uid_length


def test_an_alert_of_an_slo_links_to_its_panel_and_has_no_query_in_its_text() -> None:
    slo = SLO("availability", 99.9, sli.Ratio(errors="e_total", total="t_total"))
    service = Service("shop", scrape=ScrapeJob(["localhost:1"]), slos=[slo])
    content = written(compiled(services=[service]))["rules-shop.yml"]
    page = next(r for g in content["groups"] for r in g["rules"] if r["title"] == "ShopAvailabilityBurnPage")
    assert page["dashboardUid"] == "shop-slo-detail-30d"
    assert isinstance(page["panelId"], int)
    assert page["annotations"]["description"].endswith("in 6h and 30m.")
    assert "query" not in json.dumps(page["annotations"]).replace("$values.query.Value", "")


def test_recording_rules_stay_with_prometheus() -> None:
    slo = SLO("availability", 99.9, sli.Ratio(errors="e_total", total="t_total"))
    service = Service("shop", scrape=ScrapeJob(["localhost:1"]), slos=[slo])
    content = written(compiled(services=[service]))["rules-shop.yml"]
    assert all("expr" in rule["data"][0]["model"] for group in content["groups"] for rule in group["rules"])
    assert [group["name"] for group in content["groups"]][:2] == [
        "shop-slo-availability",
        "shop-slo-availability-long",
    ]


TEMPLATES = {
    "{{ $value }} of {{ .Value | humanize }}": "{{ $values.query.Value }} of {{ $values.query.Value | humanize }}",
    "{{ with $labels.value }}{{ . }} {{ $.Value }}{{ end }}": (
        "{{ with $labels.value }}{{ . }} {{ $values.query.Value }}{{ end }}"
    ),
    '{{ printf "$value %v" $value }}': '{{ printf "$value %v" $values.query.Value }}',
    "{{ $values }} $value {{ $labels.Value }}": "{{ $values }} $value {{ $labels.Value }}",
}


@pytest.mark.parametrize("text", TEMPLATES)
def test_the_value_of_an_alert_is_that_of_its_query(text: str) -> None:
    assert grafana_template(text) == TEMPLATES[text]


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("{{ $externalLabels.cluster }}", "external labels"),
        ('{{ with query "up" }}{{ . | first | value }}{{ end }}', "results of the function query"),
        ("{{ $labels.query }} of a query", ""),
    ],
)
def test_values_that_grafana_does_not_have_are_found(text: str, missing: str) -> None:
    assert missing_in_grafana(text) == missing


# --- contact points ----------------------------------------------------------------------------------------------

LOGIN = http.Client(auth=http.BasicAuth("bot", password_file="/run/secrets/jira"))
RECEIVERS: dict[str, tuple[Receiver, dict[str, Any]]] = {
    "slack": (
        receivers.Slack(channel="#shop", url_file="/run/secrets/slack"),
        {"recipient": "#shop", "url": "$__file{/run/secrets/slack}"},
    ),
    "slack app": (
        receivers.Slack(channel="#shop", app_token_file=Secret("slack", "token")),
        {"recipient": "#shop", "token": "$__file{/etc/grafana/secrets/slack/token}"},
    ),
    "teams": (
        receivers.Teams(webhook_url_file="/run/secrets/teams", title="{{ .CommonLabels.alertname }} $5"),
        {"url": "$__file{/run/secrets/teams}", "title": "{{ .CommonLabels.alertname }} $$5"},
    ),
    "email": (
        receivers.Email(to=["a@example.com", "b@example.com"], from_="c@example.com", smarthost="mail:587"),
        {"addresses": "a@example.com;b@example.com"},
    ),
    "webhook": (
        receivers.Webhook(url="http://tickets.internal/", max_alerts=5),
        {"url": "http://tickets.internal/", "maxAlerts": 5},
    ),
    "webhook with a login": (
        receivers.Webhook("tickets", url="http://tickets.internal/", http=LOGIN),
        {"url": "http://tickets.internal/", "username": "bot", "password": "$__file{/run/secrets/jira}"},
    ),
    "discord": (receivers.Discord(webhook_url_file="/run/d"), {"url": "$__file{/run/d}"}),
    "telegram": (
        receivers.Telegram(chat_id=-100, bot_token_file="/run/t"),
        {"bottoken": "$__file{/run/t}", "chatid": "-100"},
    ),
    "opsgenie": (
        receivers.Opsgenie(api_key_file="/run/o", api_url="https://api.eu.opsgenie.com/"),
        {"apiKey": "$__file{/run/o}", "apiUrl": "https://api.eu.opsgenie.com/v2/alerts"},
    ),
    "jira": (
        receivers.Jira(project="SHOP", issue_type="Bug", api_url="https://jira.example/rest/api/2/", http=LOGIN),
        {
            "api_url": "https://jira.example/rest/api/2/",
            "project": "SHOP",
            "issue_type": "Bug",
            "user": "bot",
            "password": "$__file{/run/secrets/jira}",
        },
    ),
}


@pytest.mark.parametrize("kind", RECEIVERS)
def test_a_receiver_is_a_contact_point_whose_secrets_stay_in_files(kind: str) -> None:
    receiver, settings = RECEIVERS[kind]
    artifacts = compiled(DOWN, routing=Routing(default=receiver))
    (point,) = written(artifacts)["contact-points.yml"]["contactPoints"]
    (integration,) = point["receivers"]
    assert (point["name"], integration["type"]) == (receiver.name, kind.split()[0])
    assert integration["settings"] == settings
    assert integration["disableResolveMessage"] is False
    assert messages(artifacts) == []


def test_the_severity_of_pagerduty_follows_that_of_the_alert() -> None:
    routing = Routing(default=receivers.PagerDuty(routing_key_file="/run/p"))
    (point,) = written(compiled(DOWN, routing=routing))["contact-points.yml"]["contactPoints"]
    settings = point["receivers"][0]["settings"]
    assert settings["integrationKey"] == "$__file{/run/p}"
    assert "critical" in settings["severity"]


def messages(artifacts: Artifacts) -> list[str]:
    return [finding.message for finding in lint(artifacts, CHECKS)]


def test_receivers_that_grafana_does_not_have_are_reported() -> None:
    incident = receivers.IncidentIO(url="https://api.incident.io/v2/alert_events/alertmanager/a")
    artifacts = compiled(DOWN, routing=Routing(default=incident))
    assert messages(artifacts) == ["receiver incidentio has incidentio_configs, which Grafana does not have"]
    assert list(written(artifacts)) == ["rules-r.yml"]


def test_settings_that_a_contact_point_lacks_are_reported() -> None:
    tls = http.Client(tls=http.TLS(ca_file="/ca.crt"))
    jira = receivers.Jira(project="SHOP", issue_type="Bug", api_url="https://jira.example/rest/api/2/")
    assert messages(compiled(DOWN, routing=Routing(default=jira))) == [
        "receiver jira has no 'api_token', which Grafana's jira needs"
    ]
    webhook = receivers.Webhook(url="https://tickets.internal/", http=tls)
    assert messages(compiled(DOWN, routing=Routing(default=webhook))) == [
        "receiver webhook has tls_config, which contact points of Grafana do not have"
    ]


LOST: dict[str, tuple[Receiver, str]] = {
    "opsgenie": (
        receivers.Opsgenie(
            api_key_file="/run/o", priority={"page": "P1"}, details={"a": "b"}, tags=["a"], note="n", entity="e"
        ),
        "priority, details, tags, note, entity",
    ),
    "pagerduty": (
        receivers.PagerDuty(routing_key_file="/run/p", details={"a": "b"}, settings={"source": "a"}),
        "source",
    ),
    "email": (
        receivers.Email(to="a@example.com", smarthost="mail:587", from_="b@example.com", html="<p>"),
        "html",
    ),
    "slack": (receivers.Slack(channel="#a", url_file="/run/s", text='{{ template "own" . }}'), "text"),
}


@pytest.mark.parametrize("kind", LOST)
def test_settings_that_grafana_does_not_have_are_reported(kind: str) -> None:
    receiver, keys = LOST[kind]
    assert messages(compiled(DOWN, routing=Routing(default=receiver))) == [
        f"receiver {kind} has {keys}, which obscode cannot write for Grafana"
    ]


@pytest.mark.parametrize("name", ["prometheus", "grafana"])
def test_alerts_that_grafana_and_alertmanager_send_are_reported(name: str) -> None:
    addresses = {"prometheus": ["localhost:9093"], "grafana": []}[name]
    project = Project("shop", targets=[targets.GrafanaAlerting()], alertmanagers=addresses)
    artifacts = compile(Definitions(project, services=[Service("shop", scrape=ScrapeJob(["a:80"]))]))
    duplicates = [finding for finding in lint(artifacts) if finding.code.name == "duplicate-notification"]
    expected = ["Grafana sends the alerts, and Prometheus sends them to Alertmanagers, too"]
    assert [finding.message for finding in duplicates] == (expected if name == "prometheus" else [])


def test_templates_with_values_that_grafana_does_not_have_are_reported() -> None:
    alert = DOWN.derive(summary="{{ $externalLabels.cluster }}")
    assert messages(compiled(alert)) == [
        "summary of alert Down has external labels, which Grafana's templates do not have"
    ]


# --- policies ----------------------------------------------------------------------------------------------------

PAGER = receivers.PagerDuty("pager", routing_key_file="/run/p")
CHAT = receivers.Slack("chat", channel="#shop", url_file="/run/s")
WEEKENDS = MuteTime("weekends", weekdays=["saturday:sunday"])


def test_routes_are_notification_policies() -> None:
    routing = Routing(
        default=CHAT,
        group_wait="10s",
        routes=[Route(PAGER, match={"severity": "page"}, matchers=['team=~"a$"'], mute=[WEEKENDS], continue_=True)],
    )
    content = written(compiled(DOWN, routing=routing))
    (policy,) = content["policies.yml"]["policies"]
    assert (policy["receiver"], policy["group_wait"], policy["orgId"]) == ("chat", "10s", 1)
    assert policy["routes"] == [
        {
            "receiver": "pager",
            "object_matchers": [["severity", "=", "page"], ["team", "=~", "a$$"]],
            "mute_time_intervals": ["weekends"],
            "continue": True,
        }
    ]
    assert content["mute-times.yml"]["muteTimes"] == [
        {"orgId": 1, "name": "weekends", "time_intervals": [{"weekdays": ["saturday", "sunday"]}]}
    ]


def test_a_route_to_nobody_is_always_muted() -> None:
    routing = Routing(default=CHAT, routes=[Route(receivers.Raw("nobody", {}), match={"team": "x"})])
    content = written(compiled(DOWN, routing=routing))
    assert content["policies.yml"]["policies"][0]["routes"] == [
        {"receiver": "chat", "object_matchers": [["team", "=", "x"]], "mute_time_intervals": ["always"]}
    ]
    assert [time["name"] for time in content["mute-times.yml"]["muteTimes"]] == ["always"]


def test_without_routing_there_are_rules_only() -> None:
    assert list(written(compiled(DOWN))) == ["rules-r.yml"]


def test_values_that_grafana_rejects_are_reported() -> None:
    with pytest.raises(DefinitionError) as raised:
        compiled(DOWN, datasource_uid="my prometheus", org_id=0)
    assert [finding.message for finding in raised.value.findings] == [
        "'my prometheus' is not a valid datasource uid",
        "org_id is 0",
    ]
