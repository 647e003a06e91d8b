"""ServiceMonitor and PodMonitor: the same labels in prometheus.yml and as objects of the operator."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import operator_relabeling
import pytest
import yaml
from operator_types import faults, objects
from scrape_cases import JOBS as CASES
from scrape_cases import NEWER_OTHERS, OTHERS
from test_scrape_jobs import rejection

from obscode import (
    PodMonitor,
    Probe,
    Project,
    ScrapeJob,
    Secret,
    Service,
    ServiceMonitor,
    discovery,
    http,
    relabel,
    render,
    targets,
)
from obscode.compiler import Definitions, compile
from obscode.compiler.kubernetes.objects import objects as target_objects
from obscode.model.scrape.base import Job
from obscode.model.scrape.configuration import configuration
from obscode.relabeling.apply import effects
from obscode.relabeling.step import Step
from obscode.toolchain import Tool

Json = dict[str, Any]
META = "__meta_kubernetes_"
TARGET = targets.Kubernetes("monitoring", rule_labels={})


def rendered(job: Job) -> tuple[Json, Json]:
    """The scrape job in prometheus.yml, and the object of the operator."""
    project = Project("team", oldest_prometheus="3.5", targets=[TARGET])
    files = render(compile(Definitions(project, [Service("shop", scrape=job)])))
    (config,) = yaml.safe_load(next(f.text for f in files if f.path == "prometheus/prometheus.yml"))["scrape_configs"]
    (monitor,) = (content for path, content in objects(files).items() if "/monitors/" in path)
    return config, monitor


def labels_after(labels: Json, steps: list[Json]) -> Json | None:
    """What relabeling makes of a target; None if it is dropped. Prometheus removes its own labels afterwards."""
    after: Any = labels
    for effect in effects(labels, [Step.of(each) for each in steps]):
        after = effect.after
    return None if after is None else {name: text for name, text in after.items() if not name.startswith("__")}


def service_targets(prefix: str) -> list[Json]:
    """Targets of Services: with and without the labels, the port, a running pod."""
    result = []
    for app, port, phase, kind in product(
        ["shop", "other", ""], ["http", "admin"], ["Running", "Failed"], ["Pod", "Node"]
    ):
        labels = {
            "__address__": "10.0.0.1:80",
            "job": "shop",
            f"{META}namespace": "shop",
            f"{META}service_name": "web",
            f"{META}{prefix}_port_name": port,
            f"{META}{prefix}_address_target_kind": kind,
            f"{META}{prefix}_address_target_name": "web-1",
            f"{META}pod_phase": phase,
            f"{META}pod_label_version": "v1",
            f"{META}service_label_team_name": "web",
            f"{META}service_labelpresent_team_name": "true",
        }
        if kind == "Pod":
            labels |= {f"{META}pod_name": "web-1", f"{META}pod_container_name": "app"}
            labels |= {f"{META}pod_container_port_number": "8080" if port == "http" else "9090"}
        if app:
            labels |= {f"{META}service_label_app": app, f"{META}service_labelpresent_app": "true"}
        result.append(labels)
    return result


def pod_targets() -> list[Json]:
    """Targets of pods: with and without the labels, the port, a running pod."""
    result = []
    for app, port, phase in product(["shop", "other", ""], ["http", "admin"], ["Running", "Succeeded"]):
        labels = {
            "__address__": "10.0.0.1:80",
            "job": "shop",
            f"{META}namespace": "shop",
            f"{META}pod_name": "web-1",
            f"{META}pod_container_name": "app",
            f"{META}pod_container_port_name": port,
            f"{META}pod_container_port_number": "8080" if port == "http" else "9090",
            f"{META}pod_phase": phase,
            f"{META}pod_label_version": "v1",
        }
        if app:
            labels |= {f"{META}pod_label_app": app, f"{META}pod_labelpresent_app": "true"}
        result.append(labels)
    return result


IN = {"matchExpressions": [{"key": "app", "operator": "In", "values": ["shop", "other"]}]}
NOT_IN = {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["other"]}]}
EXISTS = {"matchLabels": {}, "matchExpressions": [{"key": "app", "operator": "Exists"}]}
ABSENT = {"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}
STEPS = [relabel.Replace("zone", "__meta_kubernetes_namespace"), relabel.Replace("pod", replacement="$$1")]
ARGUMENTS: list[Json] = [
    {},
    {"port": 8080},
    {"job": "api"},
    {"labels": {"team": "a$1", "namespace": "own"}},
    {"relabel": STEPS},
    {"pod_target_labels": ["version", "missing"]},
    {"selector": IN},
    {"selector": NOT_IN},
    {"selector": EXISTS},
    {"selector": ABSENT},
    {"selector": {"matchLabels": {"app": "shop"}, **NOT_IN}},
]


@pytest.mark.parametrize("arguments", [*ARGUMENTS, {"target_labels": ["team/name"]}])
@pytest.mark.parametrize("role", ["endpointslice", "endpoints"])
def test_a_service_monitor_has_the_same_labels_in_both_worlds(arguments: Json, role: Any) -> None:
    job = ServiceMonitor(**{"selector": {"app": "shop"}, "port": "http", "service_discovery": role, **arguments})
    config, monitor = rendered(job)
    of_operator = operator_relabeling.relabel_configs(monitor)
    sample = service_targets("endpointslice" if role == "endpointslice" else "endpoint")
    plain = [labels_after({**each, "job": config["job_name"]}, config["relabel_configs"]) for each in sample]
    assert plain == [labels_after({**each, "job": "serviceMonitor/x/0"}, of_operator) for each in sample]
    assert 0 < len([each for each in plain if each]) < len(sample)
    assert faults(monitor) == []


@pytest.mark.parametrize("arguments", ARGUMENTS)
def test_a_pod_monitor_has_the_same_labels_in_both_worlds(arguments: Json) -> None:
    config, monitor = rendered(PodMonitor(**{"selector": {"app": "shop"}, "port": "http", **arguments}))
    of_operator = operator_relabeling.relabel_configs(monitor)
    plain = [labels_after({**each, "job": config["job_name"]}, config["relabel_configs"]) for each in pod_targets()]
    assert plain == [labels_after({**each, "job": "podMonitor/x/0"}, of_operator) for each in pod_targets()]
    assert 0 < len([each for each in plain if each]) < len(pod_targets())
    assert faults(monitor) == []


def test_the_labels_are_those_of_the_operator() -> None:
    config, _ = rendered(ServiceMonitor({"app": "shop"}, port="http"))
    assert labels_after(service_targets("endpointslice")[0], config["relabel_configs"]) == {
        "job": "shop",
        "namespace": "shop",
        "service": "web",
        "pod": "web-1",
        "container": "app",
        "endpoint": "http",
    }


def test_the_interval_is_that_of_the_project_or_of_the_job() -> None:
    job = ServiceMonitor({"app": "shop"}, port="http")
    for interval, expected in (("", "15s"), ("1m", "1m")):
        _, monitor = rendered(job.derive(interval=interval))
        assert monitor["spec"]["endpoints"][0]["interval"] == expected
    assert rendered(ScrapeJob(["shop:80"]))[1]["spec"]["scrapeInterval"] == "15s"
    assert rendered(Probe("http_2xx", ["https://shop"]))[1]["spec"]["interval"] == "15s"


def test_promtool_accepts_monitors(promtool: Tool, tmp_path: Path) -> None:
    monitors = [
        ServiceMonitor({"app": "shop"}, port="http", target_labels=["team/name"]),
        ServiceMonitor(NOT_IN, port=8080, service_discovery="endpoints"),
        PodMonitor(EXISTS, port="http", namespaces=["shop"]),
    ]
    jobs = {str(i): configuration(each) for i, each in enumerate(monitors)}
    assert rejection(promtool, jobs, tmp_path) == ""


@pytest.mark.parametrize(
    ("namespaces", "plain", "selected"),
    [((), None, {"any": True}), (["shop"], {"names": ["shop"]}, {"matchNames": ["shop"]})],
)
def test_the_namespaces_are_those_of_the_selector(namespaces: Any, plain: Any, selected: Any) -> None:
    config, monitor = rendered(ServiceMonitor({"app": "shop"}, port="http", namespaces=namespaces))
    assert config["kubernetes_sd_configs"][0].get("namespaces") == plain
    assert monitor["spec"]["namespaceSelector"] == selected


def test_settings_of_a_scrape_are_fields_of_the_endpoint_and_limits_those_of_the_monitor() -> None:
    auth = http.Bearer(Secret("shop", "token"))
    tls = http.TLS(ca_file=Secret("shop", "ca"), server_name="shop")
    _, monitor = rendered(
        ServiceMonitor(
            {"app": "shop"},
            port="http",
            interval="30s",
            timeout="10s",
            path="/m",
            scheme="https",
            params={"a": ["1"]},
            honor_labels=True,
            sample_limit=1000,
            body_size_limit="10MB",
            auth=auth,
            tls=tls,
            proxy="http://proxy:3128",
            metric_relabel=[relabel.Drop("__name__", regex="go_.*")],
        )
    )
    assert monitor["spec"] == {
        "selector": {"matchLabels": {"app": "shop"}},
        "namespaceSelector": {"any": True},
        "sampleLimit": 1000,
        "bodySizeLimit": "10MB",
        "endpoints": [
            {
                "port": "http",
                "honorLabels": True,
                "interval": "30s",
                "scrapeTimeout": "10s",
                "path": "/m",
                "params": {"a": ["1"]},
                "scheme": "https",
                "authorization": {"credentials": {"name": "shop", "key": "token"}},
                "tlsConfig": {"ca": {"secret": {"name": "shop", "key": "ca"}}, "serverName": "shop"},
                "proxyUrl": "http://proxy:3128",
                "metricRelabelings": [{"sourceLabels": ["__name__"], "regex": "go_.*", "action": "drop"}],
                "relabelings": [{"targetLabel": "job", "replacement": "shop"}],
            }
        ],
    }
    assert faults(monitor) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"selector": {}}, "the selector has no labels, so it selects all objects"),
        ({"port": ""}, "'' is not a port"),
        ({"port": 65_536}, "65536 is not a port"),
        ({"discovery": discovery.File(["targets.yml"])}, "the selector is the discovery"),
        ({"selector": {"matchLabels": {"app": "shop"}, "matchNames": []}}, "a selector has no key 'matchNames'"),
        (
            {"selector": {"matchExpressions": [{"key": "app", "operator": "Is"}]}},
            "{'key': 'app', 'operator': 'Is'} is not an expression",
        ),
    ],
)
def test_an_invalid_selector_or_port_is_reported(arguments: Json, message: str) -> None:
    monitor = PodMonitor(**{"selector": {"app": "shop"}, "port": 65_535, **arguments})
    assert [finding.message for finding in monitor.problems()] == [message]


# --- other jobs --------------------------------------------------------------------------------------------------


JOBS: list[Job] = [
    ScrapeJob(["shop:8000"], labels={"team": "web"}, sample_limit=100),
    ScrapeJob(discovery=discovery.Kubernetes("pod", namespaces=["shop"], label_selector="app=shop")),
    ScrapeJob(discovery=discovery.Kubernetes("endpointslice", attach=["node"])),
    ScrapeJob(discovery=discovery.DNS(["shop.example.com"], type="A", port=80)),
    ScrapeJob(
        discovery=discovery.HTTP(
            "http://shop/targets",
            auth=http.BasicAuth(username_file=Secret("shop", "user"), password_file=Secret("shop", "password")),
        )
    ),
    ScrapeJob(discovery=discovery.File(["/etc/prometheus/targets/*.yml"])),
    ScrapeJob(discovery=discovery.Consul("consul:8500", services=["shop"])),
    ScrapeJob(discovery=discovery.EC2("eu-west-1", port=9100, filters={"tag:team": ["web"]})),
    ScrapeJob(["shop:8000"], relabel=[relabel.HashMod("shard", "__address__", modulus=2), relabel.LabelDrop("a")]),
    ScrapeJob(discovery={"hetzner_sd_configs": [{"role": "hcloud", "port": 80}]}),
    Probe("http_2xx", ["https://shop.example.com/"], labels={"team": "web"}, params={"debug": ["true"]}),
]


@pytest.mark.parametrize("job", JOBS, ids=lambda job: str(job)[:60])
def test_the_object_of_a_job_is_valid(job: Job) -> None:
    config, monitor = rendered(job)
    assert faults(monitor) == []
    assert monitor["spec"]["jobName"] == config["job_name"]
    assert monitor["kind"] == ("Probe" if isinstance(job, Probe) else "ScrapeConfig")


def test_a_probe_with_discovered_targets_is_a_scrape_config() -> None:
    _, monitor = rendered(Probe("http_2xx", discovery=discovery.Kubernetes("ingress")))
    assert (monitor["kind"], faults(monitor)) == ("ScrapeConfig", [])


def mounted(value: Any) -> Any:
    """Settings in which each file is a key of a Secret."""
    if isinstance(value, dict):
        return {k: "/etc/prometheus/secrets/a/b" if k.endswith("_file") else mounted(v) for k, v in value.items()}
    return [mounted(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("key", [*OTHERS, *NEWER_OTHERS])
def test_each_other_discovery_has_fields_or_a_finding(key: str) -> None:
    job = ScrapeJob(discovery={key: [mounted({**OTHERS, **NEWER_OTHERS}[key])]})
    assert_complete(job)


@pytest.mark.parametrize("name", CASES)
def test_each_setting_of_a_job_has_a_field_or_a_finding(name: str) -> None:
    assert_complete(CASES[name])


def assert_complete(job: Job) -> None:
    """The object is valid, or a finding says what it lacks."""
    project = Project("team", oldest_prometheus="3.10", targets=[TARGET])
    compiled = compile(Definitions(project, [Service("shop", scrape=job)]))
    for each in target_objects(compiled, TARGET):
        if each.path.startswith("monitors/"):
            assert each.problems or faults(json.loads(json.dumps(each.content))) == []
