"""The relabeling that prometheus-operator generates for ServiceMonitor and PodMonitor, in its order.

https://github.com/prometheus-operator/prometheus-operator/blob/main/pkg/prometheus/promcfg.go
(generateServiceMonitorConfig, generatePodMonitorConfig). The label `job` is left out: it is the name of the job.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

#: A step as an item of `relabel_configs`.
Config = dict[str, Any]
SelectedKind = Literal["service", "pod"]

_META = "__meta_kubernetes_"
#: What the operators of `matchExpressions` do with targets.
_ACTIONS = {"In": "keep", "NotIn": "drop", "Exists": "keep", "DoesNotExist": "drop"}


def selector_steps(kind: SelectedKind, selector: Mapping[str, Any]) -> Iterator[Config]:
    """Keep the targets whose Service or pod has the labels of a selector."""
    labels, expressions = selector.get("matchLabels") or {}, selector.get("matchExpressions") or ()
    for name, value in sorted(labels.items()):
        yield _step("keep", [*_label(kind, name), *_present(kind, name)], f"({value});true")
    for each in expressions:
        name, values = str(each.get("key")), "|".join(map(str, each.get("values") or ()))
        action = _ACTIONS[str(each.get("operator"))]
        if each.get("operator") in ("In", "NotIn"):
            yield _step(action, [*_label(kind, name), *_present(kind, name)], f"({values});true")
        else:
            yield _step(action, _present(kind, name), "true")


def service_steps(role: str, port: str | int) -> Iterator[Config]:
    """Keep the targets of a port, and set the labels of their objects."""
    prefix = "endpointslice" if role == "endpointslice" else "endpoint"
    if isinstance(port, int):
        yield _step("keep", [f"{_META}pod_container_port_number"], str(port))
    elif port:
        yield _step("keep", [f"{_META}{prefix}_port_name"], port)
    target = [f"{_META}{prefix}_address_target_kind", f"{_META}{prefix}_address_target_name"]
    for kind in ("node", "pod"):
        yield {"source_labels": target, "regex": f"{kind.title()};(.*)", "target_label": kind}
    yield from _copies(namespace="namespace", service_name="service", pod_name="pod", pod_container_name="container")
    yield not_running()


def pod_steps(port: str | int) -> Iterator[Config]:
    """Keep the targets of a port, and set the labels of their objects."""
    if port:
        part = "number" if isinstance(port, int) else "name"
        yield _step("keep", [f"{_META}pod_container_port_{part}"], str(port))
    yield from _copies(namespace="namespace", pod_container_name="container", pod_name="pod")


def not_running() -> Config:
    """Drop the pods that do not run any more."""
    return _step("drop", [f"{_META}pod_phase"], "(Failed|Succeeded)")


def label_steps(kind: SelectedKind, labels: Sequence[str]) -> Iterator[Config]:
    """Set the labels of Services or pods on their series."""
    for name in labels:
        yield {"source_labels": _label(kind, name), "regex": "(.+)", "target_label": sanitized(name)}


def endpoint_step(port: str | int) -> Config:
    """Set the label `endpoint` to the port."""
    return {"target_label": "endpoint", "replacement": str(port)}


def sanitized(name: str) -> str:
    """The name of a Kubernetes label as Prometheus has it."""
    return re.sub("[^a-zA-Z0-9_]", "_", name)


def _copies(**labels: str) -> Iterator[Config]:
    for source, target in labels.items():
        yield {"source_labels": [f"{_META}{source}"], "target_label": target}


def _label(kind: str, name: str) -> list[str]:
    return [f"{_META}{kind}_label_{sanitized(name)}"]


def _present(kind: str, name: str) -> list[str]:
    return [f"{_META}{kind}_labelpresent_{sanitized(name)}"]


def _step(action: str, source: Sequence[str], regex: str) -> Config:
    return {"source_labels": list(source), "regex": regex, "action": action}
