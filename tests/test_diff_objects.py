"""`obscode diff` of Kubernetes objects: field by field, beside the rules, dashboards and configurations in them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from obscode.artifacts.project import Artifacts
from obscode.diff.change import Change
from obscode.diff.comparison import compare
from obscode.reader.file_contents import read_text

Json = dict[str, Any]

OBJECTS: list[Json] = list(
    yaml.safe_load_all("""
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: api, namespace: shop, labels: {team: shop}}
spec:
  selector: {matchLabels: {app: api}}
  endpoints:
  - port: metrics
    interval: 30s
    metricRelabelings: [{sourceLabels: [__name__], regex: go_.*, action: drop}]
---
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: k8s, namespace: monitoring}
spec:
  replicas: 2
  retention: 15d
  externalLabels: {cluster: eu}
  serviceMonitorSelector: {matchLabels: {team: shop}}
  serviceMonitorNamespaceSelector: {}
---
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: rules, namespace: shop}
spec: {groups: [{name: a, rules: [{alert: Down, expr: up == 0, labels: {severity: page}}]}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: files, namespace: shop, annotations: {owner: shop}}
data:
  level: info
  app.conf: "a = 1\\nb = 2\\n"
---
apiVersion: v1
kind: Secret
metadata: {name: keys, namespace: shop}
data: {token: YWFhYWFhYWE=}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  replicas: 2
  template:
    spec:
      containers:
      - {name: api, image: "api:1", env: [{name: LEVEL, value: info}]}
      - {name: log, image: log}
---
apiVersion: monitoring.coreos.com/v1
kind: Probe
metadata: {name: web, namespace: shop}
spec: {targets: {staticConfig: {static: [a.example.com, b.example.com]}}}
""")
)


def artifacts(objects: list[Json]) -> Artifacts:
    read = read_text(yaml.safe_dump_all(objects, sort_keys=False), "objects.yaml")
    return Artifacts(rule_files=read.rule_files, dashboards=read.dashboards, objects=[*read.objects, *read.others])


def changes(edit: Callable[[list[Json]], object]) -> list[Change]:
    after = copy.deepcopy(OBJECTS)
    edit(after)
    return list(compare(artifacts(OBJECTS), artifacts(after)).changes)


def containers(objects: list[Json]) -> list[Json]:
    result: list[Json] = objects[5]["spec"]["template"]["spec"]["containers"]
    return result


EDITS: dict[str, tuple[Callable[[list[Json]], object], list[str]]] = {
    "interval": (
        lambda o: o[0]["spec"]["endpoints"][0].update(interval="1m"),
        ["changed: ServiceMonitor shop/api: interval 30s -> 1m."],
    ),
    "endpoint": (
        lambda o: o[0]["spec"]["endpoints"].append({"port": "admin"}),
        ['stricter: ServiceMonitor shop/api: endpoint "admin" added.'],
    ),
    "relabeling": (
        lambda o: o[0]["spec"]["endpoints"][0].pop("metricRelabelings"),
        [
            "changed: ServiceMonitor shop/api: step of metricRelabelings "
            'drop {source_labels: "__name__", regex: "go_.*"} removed.'
        ],
    ),
    "selector": (
        lambda o: o[0]["spec"]["selector"]["matchLabels"].update(app="web"),
        ['changed: ServiceMonitor shop/api: selector.matchLabels.app "api" -> "web".'],
    ),
    "a label by which a server selects": (
        lambda o: o[0]["metadata"]["labels"].update(team="web"),
        ['lost: ServiceMonitor shop/api: label team "shop" -> "web". Prometheus monitoring/k8s no longer selects it.'],
    ),
    "the selector of a server": (
        lambda o: o[1]["spec"]["serviceMonitorSelector"]["matchLabels"].update(team="web"),
        [
            'lost: Prometheus monitoring/k8s: serviceMonitorSelector.matchLabels.team "shop" -> "web". '
            "It no longer selects ServiceMonitor shop/api."
        ],
    ),
    "retention": (
        lambda o: o[1]["spec"].update(retention="7d"),
        ["changed: Prometheus monitoring/k8s: retention 15d -> 7d."],
    ),
    "external label": (
        lambda o: o[1]["spec"]["externalLabels"].update(cluster="us"),
        ['history: Prometheus monitoring/k8s: externalLabels.cluster "eu" -> "us".'],
    ),
    "monitor removed": (lambda o: o.pop(0), ["lost: ServiceMonitor shop/api is removed."]),
    "object added": (
        lambda o: o.append({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "api"}, "spec": {"ports": []}}),
        ["stricter: Service api is added."],
    ),
    "object renamed": (
        lambda o: o[5]["metadata"].update(name="web"),
        ['changed: Deployment shop/web: name "api" -> "web".'],
    ),
    "version of the API": (
        lambda o: o[5].update(apiVersion="apps/v2"),
        ['changed: Deployment shop/api: apiVersion "apps/v1" -> "apps/v2".'],
    ),
    "image": (
        lambda o: containers(o)[0].update(image="api:2"),
        ['changed: Deployment shop/api: template.spec.containers.api.image "api:1" -> "api:2".'],
    ),
    "variable": (
        lambda o: containers(o)[0]["env"][0].update(value="debug"),
        ['changed: Deployment shop/api: template.spec.containers.api.env.LEVEL.value "info" -> "debug".'],
    ),
    "text of a ConfigMap": (
        lambda o: o[3]["data"].update(level="debug"),
        ['changed: ConfigMap shop/files: data.level "info" -> "debug".'],
    ),
    "file of a ConfigMap": (
        lambda o: o[3]["data"].update({"app.conf": "a = 1\nb = 3\n"}),
        ["changed: ConfigMap shop/files: data.app.conf 2 lines -> 2 lines, of which 1 differs."],
    ),
    "annotation": (
        lambda o: o[3]["metadata"]["annotations"].update(owner="web"),
        ['text: ConfigMap shop/files: annotation owner "shop" -> "web".'],
    ),
    "secret": (
        lambda o: o[4]["data"].update(token="YmJiYmJiYmI="),
        ["changed: Secret shop/keys: data.token a secret -> another secret."],
    ),
    "target of a probe": (
        lambda o: o[6]["spec"]["targets"]["staticConfig"]["static"].pop(),
        ['lost: Probe shop/web: target "b.example.com" removed.'],
    ),
    "rule": (
        lambda o: o[2]["spec"]["groups"][0]["rules"][0].update({"for": "5m"}),
        ["weaker: Alert Down fires later: for 0s -> 5m."],
    ),
}


@pytest.mark.parametrize("case", EDITS)
def test_an_edit_is_one_sentence(case: str) -> None:
    edit, expected = EDITS[case]
    assert [" ".join([f"{c.risk}:", c.sentence, *c.effects]) for c in changes(edit)] == expected


SAME: dict[str, Callable[[list[Json]], object]] = {
    "objects in another order": lambda o: o.reverse(),
    "containers in another order": lambda o: containers(o).reverse(),
    "durations in other units": lambda o: o[0]["spec"]["endpoints"][0].update(interval="30000ms"),
    "defaults": lambda o: o[0]["spec"]["endpoints"][0].update(path="/metrics", scheme="http"),
    "status": lambda o: o[5].update(status={"replicas": 2}),
}


@pytest.mark.parametrize("case", SAME)
def test_the_same_objects_have_no_changes(case: str) -> None:
    assert [each.sentence for each in changes(SAME[case])] == []


def test_rules_that_move_from_a_file_into_an_object_are_the_same() -> None:
    rules = read_text(yaml.safe_dump(OBJECTS[2]["spec"]), "rules.yml")
    rest = artifacts([*OBJECTS[:2], *OBJECTS[3:]])
    before = Artifacts(rule_files=rules.rule_files, objects=rest.objects)
    assert [each.sentence for each in compare(before, artifacts(OBJECTS)).changes] == []
    assert [each.sentence for each in compare(artifacts(OBJECTS), before).changes] == []


def test_a_dashboard_that_moves_into_a_config_map_is_the_same() -> None:
    body = json.dumps({"uid": "shop", "title": "Shop", "panels": [], "schemaVersion": 39})
    before = Artifacts(dashboards=read_text(body, "shop.json").dashboards)
    after = artifacts(
        [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "d"}, "data": {"shop.json": body}}]
    )
    assert [each.sentence for each in compare(before, after).changes] == []


def test_many_edits_are_shortened() -> None:
    (change,) = changes(lambda o: o[5]["spec"].update({f"field{i}": i + 1 for i in range(9)}))
    assert change.sentence == (
        "Deployment shop/api: field0 1 added, field1 2 added, field2 3 added, field3 4 added and field4 5 added, "
        "and 4 more fields differ."
    )
    assert len(change.edits) == 9


def test_the_schema_of_a_custom_resource_is_one_edit() -> None:
    text = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: probes.monitoring.coreos.com, annotations: {version: "1"}}
spec: {versions: [{name: v1, schema: {a: {description: b}, c: d}}]}
"""
    before, after = (
        artifacts([yaml.safe_load(each)])
        for each in (text, text.replace(": b}", ": x}").replace("c: d", "c: e").replace('"1"', '"2"'))
    )
    assert [each.sentence for each in compare(before, after).changes] == [
        "CustomResourceDefinition probes.monitoring.coreos.com: 2 fields of the schema differ.",
        'CustomResourceDefinition probes.monitoring.coreos.com: annotation version "1" -> "2".',
    ]


def test_an_edit_of_several_objects_is_one_sentence() -> None:
    def label(objects: list[Json]) -> None:
        for each in objects[2:6]:
            each["metadata"].setdefault("labels", {})["app.kubernetes.io/version"] = "2"

    (change,) = changes(label)
    assert (change.risk, change.count, change.sentence) == (
        "text",
        4,
        "4 objects (PrometheusRule shop/rules, ConfigMap shop/files, Secret shop/keys and Deployment shop/api): "
        'label app.kubernetes.io/version "2" added.',
    )
