"""The scrape configuration that prometheus-operator generates from a ServiceMonitor or a PodMonitor.

From generateServiceMonitorConfig and generatePodMonitorConfig of version 0.93, in its order:
https://github.com/prometheus-operator/prometheus-operator/blob/v0.93.0/pkg/prometheus/promcfg.go
Left out are scrape classes, sharding and enforced namespaces, which are settings of the Prometheus object.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
META = "__meta_kubernetes_"


def relabel_configs(monitor: Json, role: str = "endpointslice") -> list[Json]:
    """The items of `relabel_configs`."""
    steps: list[Json] = [{"source_labels": ["job"], "target_label": "__tmp_prometheus_job_name"}]
    if monitor["kind"] == "ServiceMonitor":
        return [*steps, *_service_monitor(monitor, role)]
    return [*steps, *_pod_monitor(monitor)]


def _service_monitor(monitor: Json, role: str) -> Iterator[Json]:
    spec = monitor["spec"]
    role = spec.get("serviceDiscoveryRole", role).lower()
    prefix = "endpointslice" if role == "endpointslice" else "endpoint"
    endpoint = spec["endpoints"][0]
    yield from _selected("service", spec["selector"])
    if endpoint.get("port"):
        yield _step("keep", [f"{META}{prefix}_port_name"], endpoint["port"])
    elif isinstance(endpoint.get("targetPort"), int):
        yield _step("keep", [f"{META}pod_container_port_number"], str(endpoint["targetPort"]))
    address = [f"{META}{prefix}_address_target_kind", f"{META}{prefix}_address_target_name"]
    yield {"source_labels": address, "separator": ";", "regex": "Node;(.*)", "replacement": "${1}"} | _to("node")
    yield {"source_labels": address, "separator": ";", "regex": "Pod;(.*)", "replacement": "${1}"} | _to("pod")
    yield {"source_labels": [f"{META}namespace"]} | _to("namespace")
    yield {"source_labels": [f"{META}service_name"]} | _to("service")
    yield {"source_labels": [f"{META}pod_name"]} | _to("pod")
    yield {"source_labels": [f"{META}pod_container_name"]} | _to("container")
    if endpoint.get("filterRunning", True):
        yield _running()
    yield from _label_copies("service", spec.get("targetLabels", ()))
    yield from _label_copies("pod", spec.get("podTargetLabels", ()))
    yield {"source_labels": [f"{META}service_name"], "replacement": "${1}"} | _to("job")
    if port := endpoint.get("port") or endpoint.get("targetPort"):
        yield {"replacement": str(port)} | _to("endpoint")
    yield from map(_own, endpoint.get("relabelings", ()))


def _pod_monitor(monitor: Json) -> Iterator[Json]:
    spec, metadata = monitor["spec"], monitor["metadata"]
    endpoint = spec["podMetricsEndpoints"][0]
    if endpoint.get("filterRunning", True):
        yield _running()
    yield from _selected("pod", spec["selector"])
    if endpoint.get("port"):
        yield _step("keep", [f"{META}pod_container_port_name"], endpoint["port"])
    elif endpoint.get("portNumber"):
        yield _step("keep", [f"{META}pod_container_port_number"], str(endpoint["portNumber"]))
    yield {"source_labels": [f"{META}namespace"]} | _to("namespace")
    yield {"source_labels": [f"{META}pod_container_name"]} | _to("container")
    yield {"source_labels": [f"{META}pod_name"]} | _to("pod")
    yield from _label_copies("pod", spec.get("podTargetLabels", ()))
    yield {"replacement": f"{metadata['namespace']}/{metadata['name']}"} | _to("job")
    if endpoint.get("port"):
        yield {"replacement": endpoint["port"]} | _to("endpoint")
    yield from map(_own, endpoint.get("relabelings", ()))


def _selected(kind: str, selector: Json) -> Iterator[Json]:
    for key, value in sorted(selector.get("matchLabels", {}).items()):
        yield _step("keep", [_label(kind, key), _present(kind, key)], f"({value});true")
    for each in selector.get("matchExpressions", ()):
        key, values = each["key"], "|".join(each.get("values", ()))
        if each["operator"] == "In":
            yield _step("keep", [_label(kind, key), _present(kind, key)], f"({values});true")
        elif each["operator"] == "NotIn":
            yield _step("drop", [_label(kind, key), _present(kind, key)], f"({values});true")
        else:
            yield _step("keep" if each["operator"] == "Exists" else "drop", [_present(kind, key)], "true")


def _label_copies(kind: str, names: list[str]) -> Iterator[Json]:
    for name in names:
        step = {"source_labels": [_label(kind, name)], "regex": "(.+)", "replacement": "${1}"}
        yield step | _to(re.sub("[^a-zA-Z0-9_]", "_", name))


def _label(kind: str, key: str) -> str:
    return f"{META}{kind}_label_" + re.sub("[^a-zA-Z0-9_]", "_", key)


def _present(kind: str, key: str) -> str:
    return f"{META}{kind}_labelpresent_" + re.sub("[^a-zA-Z0-9_]", "_", key)


def _running() -> Json:
    return _step("drop", [f"{META}pod_phase"], "(Failed|Succeeded)")


def _step(action: str, source: list[str], regex: str) -> Json:
    return {"action": action, "source_labels": source, "regex": regex}


def _to(label: str) -> Json:
    return {"target_label": label}


def _own(step: Json) -> Json:
    """A step of the object: the names of the keys differ only."""
    return {re.sub("[A-Z]", lambda capital: "_" + capital[0].lower(), key): value for key, value in step.items()}
