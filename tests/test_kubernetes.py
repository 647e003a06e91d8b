"""Kubernetes objects: each is valid for the operators, selected, small enough, and says what the plain files say."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from finding_text import finding_text
from operator_schema.renew import FIELDS, fields_module
from operator_types import SCHEMA, faults, kind, objects
from receiver_samples import sample

from obscode import (
    SLO,
    Alert,
    Dashboard,
    Inhibit,
    MuteTime,
    Project,
    PrometheusServer,
    RecordingRule,
    Route,
    Routing,
    Row,
    RuleGroup,
    ScrapeJob,
    Service,
    panels,
    receivers,
    render,
    sli,
    targets,
)
from obscode.artifacts.project import Artifacts
from obscode.checks import kubernetes_size, lint
from obscode.compiler import Definitions, compile
from obscode.compiler.kubernetes.objects import objects as target_objects
from obscode.compiler.kubernetes.operator_object import ANNOTATIONS_LIMIT
from obscode.compiler.kubernetes.prometheus_rules import RULES_LIMIT, rules_size
from obscode.model import naming
from obscode.model.receivers import fields
from obscode.project.check_files import check_files

PAGER = receivers.Webhook("pager", url="http://localhost:5001/")
TEAM = receivers.Webhook("team", url="http://localhost:5002/")
ROUTING = Routing(default=TEAM, routes=[Route(PAGER, match={"severity": "page"}, repeat_interval="1h")])
RELEASE = {"release": "kube-prometheus-stack"}


def shop(**arguments: Any) -> Service:
    """A service with rules of all kinds."""
    return Service(
        "shop",
        scrape=ScrapeJob(["shop:8000"], interval="30s", labels={"team": "web"}),
        slos=[SLO("availability", 99.9, sli.Uptime("up"))],
        recording_rules=[RecordingRule("job:up:sum", "sum by (job) (up)")],
        alerts=[Alert("ShopDown", 'up{job="shop"} == 0', severity="page", summary="{{ $labels.instance }} is down")],
        **arguments,
    )


def artifacts(
    target: targets.Kubernetes, services: Sequence[Service] | None = None, routing: Routing | None = ROUTING
) -> Artifacts:
    """What a project with a target compiles to."""
    project = Project("team", targets=[target])
    dashboards = [Dashboard("Sales", [Row("R", panels.Stat("Requests", "up"))], uid="Sales_1")]
    return compile(Definitions(project, [shop()] if services is None else services, dashboards, routing))


def written(target: targets.Kubernetes, *services: Service, **arguments: Any) -> dict[str, Any]:
    """The objects of a target by path."""
    return objects(render(artifacts(target, services or None, **arguments)))


TARGET = targets.Kubernetes("monitoring", rule_labels=RELEASE)


# --- every object ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dashboards", ["configmap", "operator"])
@pytest.mark.parametrize("version", ["v1alpha1", "v1beta1"])
def test_every_object_is_valid(dashboards: Any, version: Any) -> None:
    target = targets.Kubernetes("monitoring", rule_labels=RELEASE, dashboards=dashboards, alertmanager_config=version)
    of_target = written(target)
    assert {path: faults(content) for path, content in of_target.items() if faults(content)} == {}
    assert {kind(content).rpartition("/")[2] for content in of_target.values()} >= {
        "AlertmanagerConfig",
        "PrometheusRule",
        "ScrapeConfig",
        "ConfigMap" if dashboards == "configmap" else "GrafanaDashboard",
    }


def test_the_schema_rejects_unknown_fields_and_wrong_types() -> None:
    rule = written(TARGET)["kubernetes/rules/shop.yaml"]
    rule["spec"]["groups"][0]["intervall"] = "1m"
    rule["spec"]["groups"][0]["interval"] = "1 minute"
    rule["metadata"]["name"] = "Shop"
    assert [fault.partition(":")[0] for fault in faults(rule)] == [
        "metadata.name",
        "spec.groups.0.interval",
        "spec.groups.0",
    ]


def test_the_fields_that_obscode_knows_are_those_of_the_schema() -> None:
    assert fields_module(SCHEMA) == FIELDS.read_text()


def test_the_folder_lists_every_object_for_kustomize() -> None:
    files = {file.path: file.text for file in render(artifacts(TARGET)) if file.path.startswith("kubernetes/")}
    listed = yaml.safe_load(files.pop("kubernetes/kustomization.yaml"))["resources"]
    assert [f"kubernetes/{path}" for path in listed] == sorted(files)


def test_a_target_with_a_name_has_a_folder_of_its_own() -> None:
    project = Project("team", targets=[TARGET, targets.Kubernetes("shop", name="shop", rule_labels={})])
    paths = [file.path for file in render(compile(Definitions(project, [shop()])))]
    assert {"kubernetes/rules/shop.yaml", "kubernetes/shop/rules/shop.yaml"} <= {*paths}


def test_objects_have_the_labels_that_the_stack_selects() -> None:
    target = targets.Kubernetes(
        "monitoring",
        rule_labels=RELEASE,
        monitor_labels={"team": "web"},
        alertmanager_config_labels={"alertmanager": "main"},
        dashboard_labels={"dashboard": "yes"},
    )
    metadata = {path: content["metadata"].get("labels") for path, content in written(target).items()}
    assert metadata == {
        **{path: {"dashboard": "yes"} for path in metadata if "/dashboards/" in path},
        "kubernetes/alertmanager/team.yaml": {"alertmanager": "main"},
        "kubernetes/monitors/shop.yaml": {"team": "web"},
        "kubernetes/rules/shop.yaml": RELEASE,
    }


def test_monitors_and_routes_have_the_labels_of_rules_by_default() -> None:
    labels = {path: content["metadata"].get("labels") for path, content in written(TARGET).items()}
    assert labels["kubernetes/monitors/shop.yaml"] == labels["kubernetes/alertmanager/team.yaml"] == RELEASE


def test_an_object_has_the_namespace_of_the_target() -> None:
    assert {content["metadata"]["namespace"] for content in written(TARGET).values()} == {"monitoring"}
    assert not any("namespace" in content["metadata"] for content in written(targets.Kubernetes()).values())


def test_dashboards_of_the_format_configmap_are_those_of_the_target() -> None:
    project = Project("team", targets=[TARGET], dashboard_formats=["classic", "configmap"])
    of_target = objects(render(compile(Definitions(project, [shop()]))))
    assert {content["metadata"].get("namespace") for content in of_target.values()} == {"monitoring"}


# --- rules -------------------------------------------------------------------------------------------------------


def test_a_prometheus_rule_has_the_groups_of_the_rule_file() -> None:
    files = {file.path: file.text for file in render(artifacts(TARGET))}
    rule = yaml.safe_load(files["kubernetes/rules/shop.yaml"])
    plain_groups = yaml.safe_load(files["prometheus/rules/shop.yml"])["groups"]
    # Where the rule file has no interval, that of the project: the Prometheus object may have another one.
    assert rule["spec"]["groups"] == [{"interval": "15s", **group} for group in plain_groups]


def test_groups_for_rulers_and_their_settings_are_not_for_prometheus() -> None:
    rule = RecordingRule("job:up:sum", "sum by (job) (up)")
    groups = [
        RuleGroup("all-clusters", is_global=True, rules=[rule]),
        RuleGroup("own", rules=[rule], settings={"source_tenants": ["shop"]}),
    ]
    project = Project("team", targets=[TARGET, targets.Mimir(), targets.Thanos(only_global=True)])
    compiled = compile(Definitions(project, [Service("shop", rules=groups)]))
    rules = objects(render(compiled))["kubernetes/rules/shop.yaml"]
    assert [group["name"] for group in rules["spec"]["groups"]] == ["own"]
    assert faults(rules) == []
    assert [finding for finding in lint(compiled) if finding.code.name == "kubernetes-field"] == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("shop", "shop"),
        ("s" * 200, "s" * 200),
        ("s" * 201, f"{'s' * 200}-74b5c10a"),
        ("Shop_1.a", "shop-1-a-8f8b0497"),
        ("-", "3973e022"),
    ],
)
def test_a_name_is_valid_in_kubernetes(name: str, expected: str) -> None:
    assert naming.kubernetes_name(name) == expected


def many_rules(count: int, size: int) -> Service:
    """A service with groups of about ``size`` bytes."""
    rule = RecordingRule("job:up:sum", f"sum by (job) (up) + 0 * {'1' * size}")
    return Service("big", scrape=ScrapeJob(["big:80"]), rules=[RuleGroup(f"g{i}", rules=[rule]) for i in range(count)])


@pytest.mark.parametrize(("server_side", "sizes"), [(False, [1, 2, 2]), (True, [5])])
def test_rule_groups_are_split_over_several_objects(server_side: bool, sizes: list[int]) -> None:
    target = targets.Kubernetes("monitoring", rule_labels=RELEASE, server_side_apply=server_side)
    of_target = written(target, many_rules(5, 100_000))
    rules = {path: content for path, content in of_target.items() if "/rules/" in path}
    assert sorted(len(content["spec"]["groups"]) for content in rules.values()) == sizes
    assert list(rules)[:2] == ["kubernetes/rules/big.2.yaml", "kubernetes/rules/big.3.yaml"][: len(sizes)] or sizes == [
        5
    ]
    assert [faults(content) for content in rules.values()] == [[]] * len(sizes)


# --- routes ------------------------------------------------------------------------------------------------------


def test_an_alertmanager_config_has_the_routes_and_receivers() -> None:
    spec = written(TARGET)["kubernetes/alertmanager/team.yaml"]["spec"]
    assert spec["route"] == {
        "receiver": "team",
        "groupBy": ["service", "slo", "severity"],
        "groupWait": "30s",
        "groupInterval": "5m",
        "repeatInterval": "4h",
        "routes": [
            {
                "receiver": "pager",
                "matchers": [{"name": "severity", "value": "page", "matchType": "="}],
                "repeatInterval": "1h",
            }
        ],
    }
    assert spec["receivers"] == [
        {"name": name, "webhookConfigs": [{"url": f"http://localhost:{port}/", "sendResolved": True}]}
        for name, port in (("team", 5002), ("pager", 5001))
    ]
    assert spec["inhibitRules"][0]["sourceMatch"][0] == {"name": "severity", "value": "page", "matchType": "="}


def test_without_a_routing_there_is_no_alertmanager_config() -> None:
    assert "kubernetes/alertmanager/team.yaml" not in written(TARGET, routing=None)


# --- findings ----------------------------------------------------------------------------------------------------


def findings(target: targets.Kubernetes, **arguments: Any) -> str:
    """The texts of the findings about objects."""
    names = ("kubernetes-", "unrouted-")
    reported = lint(artifacts(target, **arguments))
    return finding_text(finding for finding in reported if finding.code.name.startswith(names))


def test_a_target_without_labels_is_reported() -> None:
    assert findings(targets.Kubernetes("monitoring", alertmanager_matcher="None")) == (
        "warning[kubernetes-labels]: the objects have no labels, and the operator ignores those that its selectors do "
        "not match\n"
        '  hint: write rule_labels={"release": "kube-prometheus-stack"}, or {} if the selectors are empty'
    )


def test_alerts_without_the_namespace_of_the_routes_are_reported() -> None:
    assert findings(TARGET) == (
        'warning[unrouted-alert]: 7 alerts have no label namespace="monitoring", so no AlertmanagerConfig of this '
        "namespace receives them: ShopAvailabilityBurnPage, ShopAvailabilityBurnTicket, ShopAvailabilityMetricMissing, "
        "...\n"
        "  hint: set alertmanagerConfigMatcherStrategy: {type: None} in the Alertmanager object, and write "
        'alertmanager_matcher="None"'
    )


@pytest.mark.parametrize(
    "target",
    [
        targets.Kubernetes("monitoring", rule_labels={}, alertmanager_matcher="None"),
        targets.Kubernetes(
            "monitoring", rule_labels={}, alertmanager_matcher="OnNamespaceExceptForAlertmanagerNamespace"
        ),
        targets.Kubernetes("monitoring", rule_labels={}, enforced_namespace_label="namespace"),
        targets.Kubernetes("monitoring", rule_labels={}, alertmanager_config="none"),
        targets.Kubernetes(rule_labels={}),
    ],
)
def test_alerts_are_routed_where_the_operator_adds_no_matcher_or_the_label(target: targets.Kubernetes) -> None:
    assert findings(target) == ""


def test_an_alert_with_the_namespace_is_routed() -> None:
    alert = Alert("Down", 'up{namespace="monitoring"} == 0', severity="page", summary="down")
    service = Service("shop", scrape=ScrapeJob(["shop:80"], labels={"namespace": "monitoring"}), alerts=[alert])
    assert "Down" not in findings(TARGET, services=[service])


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ('up{namespace="other"} == 0', True),
        ('up{namespace!="monitoring"} == 0', True),
        ('up{namespace=~"a|b"} == 0', True),
        ('up{namespace=~"mon.*"} == 0', False),
        ('up{namespace="monitoring"} == 0', False),
        ("up == 0", False),
    ],
)
def test_a_rule_about_another_namespace_than_the_enforced_one_is_reported(expr: str, expected: bool) -> None:
    target = targets.Kubernetes("monitoring", rule_labels={}, enforced_namespace_label="namespace")
    service = Service("shop", alerts=[Alert("Down", expr, severity="page", summary="down")])
    reported = lint(artifacts(target, [service]))
    assert ("enforced-namespace" in [finding.code.name for finding in reported]) is expected


def test_a_secret_in_a_file_has_no_field() -> None:
    slack = receivers.Slack("team", channel="#alerts", url_file="/etc/slack/url")
    assert findings(targets.Kubernetes(rule_labels={}), routing=Routing(default=slack)) == (
        "error[kubernetes-field]: receiver 'team': slack_configs[0].api_url_file is the file '/etc/slack/url', and an "
        "AlertmanagerConfig takes it only from a Secret\n"
        '  hint: write Secret("name", "key"), which the object refers to'
    )


def test_a_mounted_secret_is_a_reference() -> None:
    slack = receivers.Slack("team", channel="#alerts", url_file="/etc/alertmanager/secrets/slack/url")
    content = written(TARGET, routing=Routing(default=slack))["kubernetes/alertmanager/team.yaml"]
    assert content["spec"]["receivers"][0]["slackConfigs"][0]["apiURL"] == {"name": "slack", "key": "url"}
    assert faults(content) == []


def test_a_setting_of_a_group_that_only_other_systems_have_is_reported() -> None:
    group = RuleGroup("up", rules=[RecordingRule("job:up:sum", "sum(up)")], settings={"source_tenants": ["shop"]})
    assert findings(targets.Kubernetes(rule_labels={}), services=[Service("shop", rules=[group])]) == (
        "error[kubernetes-field]: a PrometheusRule has no field for source_tenants of group 'up'\n  hint: leave it out"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"namespace": "Monitoring"}, "'Monitoring' is not a namespace of Kubernetes"),
        ({"namespace": "n" * 64}, f"'{'n' * 64}' is not a namespace of Kubernetes"),
        ({"rule_labels": {"a b": "c"}}, "'a b' is not the name of a label"),
        ({"rule_labels": {"a": "v" * 64}}, f"'{'v' * 64}' is not the value of a label in Kubernetes"),
        ({"name": "a/b"}, "'a/b' is not a valid name"),
        ({"enforced_namespace_label": "a-b"}, "'a-b' is not a label name"),
    ],
)
def test_names_and_labels_are_valid_in_kubernetes(arguments: Any, message: str) -> None:
    assert [finding.message for finding in targets.Kubernetes(**arguments).problems()] == [message]


@pytest.mark.parametrize(
    "arguments",
    [
        {"namespace": "n" * 63},
        {"rule_labels": {"a": "v" * 63, "example.com/b": ""}},
        {"name": "cluster-1", "enforced_namespace_label": "namespace"},
    ],
)
def test_longest_names_and_labels_are_accepted(arguments: Any) -> None:
    assert [*targets.Kubernetes(**arguments).problems()] == []


# --- sizes -------------------------------------------------------------------------------------------------------


def big_dashboard(size: int) -> Definitions:
    row = Row("R", panels.Stat("S", "up", description="d" * 100), panels.Text("T", "x" * size))
    target = targets.Kubernetes(rule_labels={}, server_side_apply=size > 10**6)
    return Definitions(Project("team", targets=[target]), dashboards=[Dashboard("Big", [row])])


def test_a_dashboard_that_is_too_large_is_reported() -> None:
    (finding,) = (f for f in lint(compile(big_dashboard(262_000))) if f.code.name == "kubernetes-size")
    assert finding.severity == "warning"
    assert " bytes of annotations; Kubernetes accepts 262,144" in finding.message
    (finding,) = (f for f in lint(compile(big_dashboard(1_048_576))) if f.code.name == "kubernetes-size")
    assert finding.severity == "error"
    assert " bytes; Kubernetes accepts 1,048,576" in finding.message


@pytest.mark.parametrize(("limit", "expected"), [(0, 1), (1, 0)])
def test_a_group_is_reported_from_one_byte_beyond_the_limit_of_the_operator(
    limit: int, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = targets.Kubernetes(rule_labels={}, server_side_apply=True)
    project = compile(Definitions(Project("team", targets=[target]), [many_rules(1, 1000)]))
    content = objects(render(project))["kubernetes/rules/big.yaml"]
    monkeypatch.setattr(kubernetes_size, "RULES_LIMIT", rules_size(content["spec"]["groups"]) - 1 + limit)
    assert sum(finding.code.name == "kubernetes-size" for finding in lint(project)) == expected


def test_the_limits_are_those_of_kubernetes_and_of_the_operator() -> None:
    assert (ANNOTATIONS_LIMIT, RULES_LIMIT, kubernetes_size.CONFIG_MAP_LIMIT) == (256 * 1024, 512 * 1024, 1024 * 1024)


# --- receivers and times -----------------------------------------------------------------------------------------


def converted(receiver: receivers.Receiver, version: Any = "v1alpha1") -> tuple[list[str], list[str]]:
    """What an AlertmanagerConfig does not express of a receiver, and the faults of the object."""
    target = targets.Kubernetes("monitoring", rule_labels={}, alertmanager_config=version)
    project = Project("team", oldest_alertmanager="0.34", targets=[target])
    compiled = compile(Definitions(project, routing=Routing(default=receiver)))
    (each,) = (o for o in target_objects(compiled, target) if o.content["kind"] == "AlertmanagerConfig")
    return [problem.message for problem in each.problems], faults(plain(each.content))


def plain(content: Any) -> Any:
    """Content as JSON has it: without tuples."""
    return json.loads(json.dumps(content))


def mounted(value: Any) -> Any:
    """Settings in which each file is a key of a Secret."""
    if isinstance(value, dict):
        return {
            key: "/etc/alertmanager/secrets/a/b" if key.endswith("_file") else mounted(item)
            for key, item in value.items()
        }
    return [mounted(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("version", ["v1alpha1", "v1beta1"])
@pytest.mark.parametrize("integration", fields.INTEGRATIONS)
def test_each_setting_of_a_receiver_has_a_field_or_a_finding(integration: str, version: Any) -> None:
    needed = {alternatives[0]: sample(integration, alternatives[0]) for alternatives, _ in fields.NEEDS[integration]}
    for key in fields.INTEGRATIONS[integration]:
        item = mounted({**needed, key: sample(integration, key)})
        problems, wrong = converted(receivers.Raw("all", {integration: [item]}), version)
        assert problems or wrong == [], key


EMAIL = {"to": "a@example.com", "from": "b@example.com", "smarthost": "smtp.example.com:587"}


def test_links_of_pagerduty_and_headers_of_emails_are_converted() -> None:
    pager = receivers.Raw(
        "all",
        {
            "pagerduty_configs": [
                {
                    "routing_key_file": "/etc/alertmanager/secrets/pagerduty/key",
                    "links": [{"href": "https://example.com/", "text": "Runbook"}],
                    "details": {"firing": "2"},
                }
            ],
            "email_configs": [{**EMAIL, "headers": {"Subject": "Alert"}}],
        },
    )
    content = written(targets.Kubernetes(rule_labels={}), routing=Routing(default=pager))
    assert content["kubernetes/alertmanager/team.yaml"]["spec"]["receivers"] == [
        {
            "name": "all",
            "pagerdutyConfigs": [
                {
                    "routingKey": {"name": "pagerduty", "key": "key"},
                    "pagerDutyLinkConfigs": [{"href": "https://example.com/", "alt": "Runbook"}],
                    "details": [{"key": "firing", "value": "2"}],
                }
            ],
            "emailConfigs": [{**EMAIL, "headers": [{"key": "Subject", "value": "Alert"}]}],
        }
    ]


@pytest.mark.parametrize(("version", "key"), [("v1alpha1", "muteTimeIntervals"), ("v1beta1", "timeIntervals")])
def test_mute_times_are_time_intervals(version: Any, key: str) -> None:
    nights = MuteTime("nights", times=[("22:00", "24:00")], weekdays=["saturday"], days_of_month=["1:5", "-1"])
    routes = [Route(PAGER, match={"severity": "page"}, mute=[nights], matchers=['team!~"a|b"'])]
    target = targets.Kubernetes(rule_labels={}, alertmanager_config=version)
    content = written(target, routing=Routing(default=TEAM, routes=routes))["kubernetes/alertmanager/team.yaml"]
    assert content["spec"][key] == [
        {
            "name": "nights",
            "timeIntervals": [
                {
                    "times": [{"startTime": "22:00", "endTime": "24:00"}],
                    "weekdays": ["saturday"],
                    "daysOfMonth": [{"start": 1, "end": 5}, {"start": -1, "end": -1}],
                }
            ],
        }
    ]
    assert content["spec"]["route"]["routes"][0]["muteTimeIntervals"] == ["nights"]
    assert content["spec"]["route"]["routes"][0]["matchers"][-1] == {"name": "team", "value": "a|b", "matchType": "!~"}
    assert faults(content) == []


def test_a_time_zone_has_no_field() -> None:
    nights = MuteTime("nights", times=[("22:00", "24:00")], location="Europe/Berlin")
    routing = Routing(default=TEAM, routes=[Route(PAGER, match={"severity": "page"}, mute=[nights])])
    assert "has no field for time_intervals[0].location" in findings(
        targets.Kubernetes(rule_labels={}), routing=routing
    )


def test_names_of_inhibition_rules_and_labels_of_receivers_have_no_field() -> None:
    inhibit = Inhibit(source={"severity": "page"}, target={"severity": "ticket"}, equal=["service"], name="page first")
    routing = Routing(default=TEAM, inhibit=[inhibit])
    assert findings(targets.Kubernetes(rule_labels={}), routing=routing) == (
        "error[kubernetes-field]: an inhibition rule of an AlertmanagerConfig has no field for name\n"
        "  hint: leave it out"
    )
    labelled = receivers.Raw("team", {"webhook_configs": [{"url": "http://localhost:1/"}]}, labels={"team": "web"})
    assert findings(targets.Kubernetes(rule_labels={}), routing=Routing(default=labelled)) == (
        "error[kubernetes-field]: receiver 'team': an AlertmanagerConfig has no field for labels\n"
        "  hint: leave them out"
    )


def test_settings_of_all_receivers_have_no_field() -> None:
    routing = Routing(default=TEAM, settings={"global": {"resolve_timeout": "10m"}})
    assert findings(targets.Kubernetes(rule_labels={}), routing=routing) == (
        "error[kubernetes-field]: an AlertmanagerConfig has no field for global, which is for all alerts\n"
        "  hint: write it in the Alertmanager object, or in the Secret with its configuration"
    )


def test_shards_are_a_setting_of_the_prometheus_object() -> None:
    server = PrometheusServer(shards=2)
    project = Project("team", targets=[TARGET], prometheus=server)
    monitor = objects(render(compile(Definitions(project, [shop()]))))["kubernetes/monitors/shop.yaml"]
    assert "relabelings" not in monitor["spec"]


def test_what_is_written_is_read_without_a_finding(tmp_path: Path) -> None:
    target = targets.Kubernetes("monitoring", rule_labels=RELEASE, enforced_namespace_label="namespace")
    server = {"ruleSelector": {"matchLabels": RELEASE}, "enforcedNamespaceLabel": "namespace"}
    selectors: dict[str, Any] = {"serviceMonitorSelector": {}, "scrapeConfigSelector": {}}
    stack = [("Prometheus", {**server, **selectors}), ("Alertmanager", {"alertmanagerConfigSelector": {}})]
    for kind_of_server, spec in stack:
        metadata = {"name": "main", "namespace": "monitoring"}
        content = {"apiVersion": "monitoring.coreos.com/v1", "kind": kind_of_server, "metadata": metadata, "spec": spec}
        (tmp_path / f"{kind_of_server}.yaml").write_text(yaml.safe_dump(content))
    alert = Alert("ShopDown", 'up{job="shop"} == 0', severity="page", summary="{{ $labels.instance }} is down")
    service = Service("shop", scrape=ScrapeJob(["shop:8000"]), alerts=[alert])
    for file in render(artifacts(target, [service])):
        if file.path.startswith("kubernetes/"):
            (tmp_path / file.path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file.path).write_text(file.text)
    report = check_files([tmp_path])
    assert [str(finding) for finding in report.findings] == []
    assert [path.rpartition("/")[2] for path, _ in report.skipped] == ["kustomization.yaml"]
