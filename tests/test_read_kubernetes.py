"""Objects of prometheus-operator in files: what is read, and what is reported."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml

from obscode.project.check_files import check_files, read
from obscode.reader.kubernetes.alertmanager_config import snake_case
from obscode.reader.kubernetes.selection import matches
from obscode.reader.kubernetes.servers import jobs_of, prometheus_configs

SERVER = """
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: main, namespace: monitoring}
spec:
  ruleSelector: {matchLabels: {release: stack}}
  serviceMonitorSelector: {}
  serviceMonitorNamespaceSelector: {}
"""
RULES = """
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: shop, namespace: monitoring, labels: {release: stack}}
spec: {groups: [{name: shop, rules: [{alert: Down, expr: 'sum(up{job="shop"}) == 0', labels: {severity: page}}]}]}
"""
SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: shop, namespace: shop, labels: {app: shop, team: web}}
spec: {ports: [{name: http, port: 80}]}
"""
MONITOR = """
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: shop, namespace: shop}
spec: {selector: {matchLabels: {app: shop}}, endpoints: [{port: http, interval: 15s}]}
"""
ALERTMANAGER = """
apiVersion: monitoring.coreos.com/v1
kind: Alertmanager
metadata: {name: main, namespace: monitoring}
spec: {alertmanagerConfigSelector: {}}
"""
ROUTES = """
apiVersion: monitoring.coreos.com/v1beta1
kind: AlertmanagerConfig
metadata: {name: team, namespace: monitoring}
spec:
  route: {receiver: team, routes: [{receiver: pager, matchers: [{name: severity, value: page, matchType: '='}]}]}
  receivers:
    - {name: team, slackConfigs: [{channel: '#alerts', apiURL: {name: slack, key: url}}]}
    - {name: pager}
"""


def folder(path: Path, *documents: str) -> Path:
    (path / "objects.yaml").write_text("---\n".join(dedent(each) for each in documents))
    return path


def findings(path: Path, *documents: str) -> list[str]:
    """The findings as `line: severity[code]: message`."""
    reported = check_files([folder(path, *documents)]).findings
    return [f"{f.span.line if f.span else 0}: {f.severity}[{f.code.name}]: {f.message}" for f in reported]


def changed(document: str, **spec: Any) -> str:
    """A document with other values in its spec."""
    content = yaml.safe_load(document)
    content["spec"].update(spec)
    return str(yaml.safe_dump(content))


def test_a_tree_of_objects_without_mistakes_has_no_findings(tmp_path: Path) -> None:
    server = changed(SERVER, enforcedNamespaceLabel="namespace")
    assert findings(tmp_path, server, RULES, SERVICE, MONITOR, ALERTMANAGER, ROUTES) == []


def test_the_summary_counts_monitors(tmp_path: Path) -> None:
    report = check_files([folder(tmp_path, SERVER, RULES, SERVICE, MONITOR)])
    assert report.summary() == "1 rule file, 1 monitor"


def test_a_list_of_objects_is_read(tmp_path: Path) -> None:
    items = [yaml.safe_load(each) for each in (SERVER, SERVICE, MONITOR)]
    (tmp_path / "list.yaml").write_text(yaml.safe_dump({"apiVersion": "v1", "kind": "List", "items": items}))
    assert [each.kind for each in read([tmp_path]).objects] == ["Prometheus", "Service", "ServiceMonitor"]


# --- selection ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({}, True),
        ({"matchLabels": {"a": "1"}}, True),
        ({"matchLabels": {"a": "2"}}, False),
        ({"matchLabels": {"b": "1"}}, False),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["1", "2"]}]}, True),
        ({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["1"]}]}, False),
        ({"matchExpressions": [{"key": "b", "operator": "NotIn", "values": ["1"]}]}, True),
        ({"matchExpressions": [{"key": "a", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "b", "operator": "Exists"}]}, False),
        ({"matchExpressions": [{"key": "a", "operator": "DoesNotExist"}]}, False),
        ({"matchLabels": {"a": "1"}, "matchExpressions": [{"key": "b", "operator": "Exists"}]}, False),
    ],
)
def test_a_label_selector_selects_as_in_kubernetes(selector: dict[str, Any], expected: bool) -> None:
    assert matches(selector, {"a": "1"}) is expected


def test_rules_without_the_label_of_the_selector_are_reported(tmp_path: Path) -> None:
    rules = RULES.replace("release: stack", "release: other")
    assert findings(tmp_path, SERVER, rules) == [
        "13: warning[unselected-object]: no server selects the PrometheusRule shop: ruleSelector of the Prometheus "
        "main requires the label release=stack"
    ]


def test_rules_in_another_namespace_are_reported(tmp_path: Path) -> None:
    rules = RULES.replace("namespace: monitoring", "namespace: shop")
    assert findings(tmp_path, SERVER, rules) == [
        "13: warning[unselected-object]: no server selects the PrometheusRule shop: the Prometheus main has no "
        "ruleNamespaceSelector, so it selects those in namespace monitoring"
    ]


def test_rules_of_a_namespace_without_the_label_are_reported(tmp_path: Path) -> None:
    server = changed(SERVER, ruleNamespaceSelector={"matchLabels": {"team": "web"}})
    namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: monitoring, labels: {team: ops}}\n"
    messages = findings(tmp_path, server, RULES, namespace)
    assert [each.partition("]: ")[2] for each in messages] == [
        "no server selects the PrometheusRule shop: ruleNamespaceSelector of the Prometheus main requires the label "
        "team=web of the namespace"
    ]
    assert findings(tmp_path, server, RULES, namespace.replace("ops", "web")) == []
    assert findings(tmp_path, server, RULES) == []  # the namespace may have any labels


def test_a_server_without_a_selector_selects_nothing(tmp_path: Path) -> None:
    server = changed(SERVER, ruleSelector=None)
    assert [each.partition("]: ")[2] for each in findings(tmp_path, server, RULES)] == [
        "no server selects the PrometheusRule shop: the Prometheus main has no ruleSelector, so it selects none"
    ]


def test_one_of_several_servers_is_enough(tmp_path: Path) -> None:
    other = changed(SERVER, ruleSelector={"matchLabels": {"release": "other"}}).replace("name: main", "name: other")
    assert findings(tmp_path, other, SERVER, RULES) == []


def test_without_a_server_nothing_is_known(tmp_path: Path) -> None:
    assert findings(tmp_path, RULES.replace("release: stack", "release: other")) == []


def test_a_kustomization_that_adds_labels_changes_what_is_selected(tmp_path: Path) -> None:
    kustomization = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\ncommonLabels: {release: stack}\n"
    assert findings(tmp_path, kustomization, SERVER, RULES.replace("release: stack", "app: shop")) == []


# --- jobs --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("monitor", "expected"),
    [
        (MONITOR, [("shop", "15s")]),
        (changed(MONITOR, jobLabel="team"), [("web", "15s")]),
        (changed(MONITOR, jobLabel="missing"), [("shop", "15s")]),
        (changed(MONITOR, jobLabel="app", selector={"matchLabels": {"app": "other"}}), [("other", "15s")]),
        (changed(MONITOR, selector={"matchLabels": {"app": "other"}}), [("other", ""), ("shop", "")]),
        (changed(MONITOR, endpoints=[{"relabelings": [{"targetLabel": "job", "replacement": "api"}]}]), [("api", "")]),
        (changed(MONITOR, endpoints=[{"relabelings": [{"targetLabel": "job", "sourceLabels": ["a"]}]}]), [("", "")]),
        (changed(MONITOR, namespaceSelector={"matchNames": ["other"]}), [("shop", "15s")]),
    ],
)
def test_the_jobs_of_a_service_monitor(monitor: str, expected: list[tuple[str, str]], tmp_path: Path) -> None:
    objects = read([folder(tmp_path, SERVICE, monitor)]).objects
    jobs = [*jobs_of(objects[1], objects)]
    assert jobs == [(name, interval or ("15s" if "15s" in monitor else "")) for name, interval in expected]


@pytest.mark.parametrize(
    ("kind", "spec", "expected"),
    [
        ("PodMonitor", {"podMetricsEndpoints": [{}]}, "shop/pods"),
        (
            "PodMonitor",
            {"podMetricsEndpoints": [{}], "jobLabel": "app", "selector": {"matchLabels": {"app": "x"}}},
            "x",
        ),
        ("PodMonitor", {"podMetricsEndpoints": [{}], "jobLabel": "app"}, ""),
        ("Probe", {"jobName": "http"}, "http"),
        ("Probe", {}, "probe/shop/pods"),
        ("ScrapeConfig", {"jobName": "nodes"}, "nodes"),
        ("ScrapeConfig", {}, "scrapeConfig/shop/pods"),
    ],
)
def test_the_jobs_of_other_monitors(kind: str, spec: dict[str, Any], expected: str, tmp_path: Path) -> None:
    version = "v1alpha1" if kind == "ScrapeConfig" else "v1"
    metadata = {"name": "pods", "namespace": "shop"}
    content = {"apiVersion": f"monitoring.coreos.com/{version}", "kind": kind, "metadata": metadata, "spec": spec}
    objects = read([folder(tmp_path, yaml.safe_dump(content))]).objects
    assert [*jobs_of(objects[0], objects)] == [(expected, "")]


def test_a_prometheus_object_is_a_configuration(tmp_path: Path) -> None:
    server = changed(SERVER, retention="10d", evaluationInterval="1m", externalLabels={"cluster": "eu"})
    (config,) = prometheus_configs(read([folder(tmp_path, server, SERVICE, MONITOR)]).objects)
    assert config.settings == {
        "global": {
            "scrape_interval": "30s",
            "evaluation_interval": "1m",
            "external_labels": {"prometheus": "monitoring/main", "cluster": "eu"},
        },
        "rule_files": ["rules"],
        "storage": {"tsdb": {"retention": {"time": "10d"}}},
    }
    assert [(job.job, job.settings) for job in config.scrape_configs] == [("shop", {"scrape_interval": "15s"})]


def test_a_job_that_no_monitor_has_is_reported(tmp_path: Path) -> None:
    rules = RULES.replace('job="shop"', 'job="shpo"')
    assert findings(tmp_path, SERVER, rules, SERVICE, MONITOR) == [
        "14: warning[unknown-job]: alert Down selects the job 'shpo', which no scrape job has"
    ]


def test_a_monitor_that_is_not_selected_has_no_jobs(tmp_path: Path) -> None:
    server = changed(SERVER, serviceMonitorSelector={"matchLabels": {"release": "stack"}})
    objects = read([folder(tmp_path, server, SERVICE, MONITOR)]).objects
    assert [job.job for job in prometheus_configs(objects)[0].scrape_configs] == []


def test_a_port_that_no_service_has_is_reported(tmp_path: Path) -> None:
    assert findings(tmp_path, SERVICE, changed(MONITOR, endpoints=[{"port": "metrics"}])) == [
        "14: warning[unmatched-port]: the ServiceMonitor shop selects no port 'metrics' of the Services shop"
    ]


# --- fields ------------------------------------------------------------------------------------------------------


def test_a_field_that_kubernetes_removes_is_reported(tmp_path: Path) -> None:
    monitor = MONITOR.replace("interval: 15s", "intervall: 15s, honnorLabels: true, zone: eu")
    assert findings(tmp_path, monitor) == [
        "5: error[unknown-key]: a ServiceMonitor has no field 'intervall' here, so Kubernetes removes it",
        "5: error[unknown-key]: a ServiceMonitor has no field 'honnorLabels' here, so Kubernetes removes it",
        "5: warning[unknown-key]: a ServiceMonitor has no field 'zone' here, so Kubernetes removes it",
    ]


def test_an_unknown_key_of_rules_is_reported_once(tmp_path: Path) -> None:
    assert findings(tmp_path, RULES.replace("{name: shop, rules", "{name: shop, intervall: 1m, rules")) == [
        "5: error[unknown-key]: the group has an unknown key 'intervall'"
    ]


# --- routes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [("msteamsv2Configs", "msteamsv2_configs"), ("apiURL", "api_url"), ("enableHTTP2", "enable_http2"), ("to", "to")],
)
def test_a_field_has_the_name_of_the_setting(name: str, expected: str) -> None:
    assert snake_case(name) == expected


def test_an_alertmanager_config_has_routes_and_receivers(tmp_path: Path) -> None:
    (config,) = read([folder(tmp_path, ROUTES)]).alertmanager_configs
    assert [(route.receiver, route.matchers) for route in config.route.walk()] == [
        ("team", []),
        ("pager", ['severity="page"']),
    ]
    assert [receiver.integrations for receiver in config.receivers] == [
        {"slack_configs": [{"channel": "#alerts", "api_url": {"name": "slack", "key": "url"}}]},
        {},
    ]


def test_a_route_to_an_undefined_receiver_is_reported(tmp_path: Path) -> None:
    assert findings(tmp_path, ROUTES.replace("{name: pager}", "{name: pagers}"))[0] == (
        "6: error[unknown-receiver]: there is no receiver 'pager'"
    )


def test_an_alert_without_the_namespace_is_not_routed(tmp_path: Path) -> None:
    messages = findings(tmp_path, SERVER, RULES, ALERTMANAGER, ROUTES)
    assert messages == [
        '25: warning[unrouted-alert]: 1 alert has no label namespace="monitoring", so no AlertmanagerConfig of this '
        "namespace receives it: Down"
    ]
    strategy = changed(ALERTMANAGER, alertmanagerConfigMatcherStrategy={"type": "None"})
    assert findings(tmp_path, SERVER, RULES, strategy, ROUTES) == []
    enforced = changed(SERVER, enforcedNamespaceLabel="namespace")
    assert findings(tmp_path, enforced, RULES, ALERTMANAGER, ROUTES) == []
    assert findings(tmp_path, SERVER, RULES, ROUTES) == []
