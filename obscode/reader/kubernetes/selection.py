"""Which objects the operator's servers select: label selectors, and namespaces.

https://prometheus-operator.dev/docs/api-reference/api/: a selector that is missing selects nothing, an empty one all;
without a selector of namespaces, a server selects the objects in its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from obscode.artifacts.kubernetes import KubernetesObject

#: For each kind of object: the kinds of servers that select it, and the name of the selector.
SERVERS: Mapping[str, tuple[Sequence[str], str]] = {
    "PrometheusRule": (("Prometheus", "ThanosRuler"), "rule"),
    "ServiceMonitor": (("Prometheus", "PrometheusAgent"), "serviceMonitor"),
    "PodMonitor": (("Prometheus", "PrometheusAgent"), "podMonitor"),
    "Probe": (("Prometheus", "PrometheusAgent"), "probe"),
    "ScrapeConfig": (("Prometheus", "PrometheusAgent"), "scrapeConfig"),
    "AlertmanagerConfig": (("Alertmanager",), "alertmanagerConfig"),
}
_NAME_LABEL = "kubernetes.io/metadata.name"


@dataclass(frozen=True)
class Reason:
    """Why a server does not select an object: a message, and whether the labels are the cause."""

    text: str
    of_labels: bool


def matches(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether a label selector selects labels."""
    return next(unmatched(selector, labels), None) is None


def unmatched(selector: Mapping[str, Any], labels: Mapping[str, str]) -> Iterator[str]:
    """The requirements that labels do not meet, as text."""
    for name, value in _mapping(selector.get("matchLabels")).items():
        if labels.get(str(name)) != str(value):
            yield f"{name}={value}"
    for each in selector.get("matchExpressions") or ():
        if isinstance(each, Mapping) and not _meets(each, labels):
            values = f" ({', '.join(map(str, each.get('values') or ()))})" if each.get("values") else ""
            yield f"{each.get('key')} {each.get('operator')}{values}"


def _meets(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key, values = str(expression.get("key")), [str(value) for value in expression.get("values") or ()]
    operator = expression.get("operator")
    if operator == "In":
        return labels.get(key) in values
    if operator == "NotIn":
        return labels.get(key) not in values
    return (key in labels) == (operator == "Exists") if operator in ("Exists", "DoesNotExist") else True


def rejection(
    each: KubernetesObject, server: KubernetesObject, namespaces: Mapping[str, Mapping[str, str]]
) -> Reason | None:
    """Why a server does not select an object; None if it does, or may. ``namespaces`` have their labels."""
    _, name = SERVERS[each.kind]
    if each.kind == "AlertmanagerConfig" and _is_global(each, server):
        return None
    selector = server.spec.get(f"{name}Selector")
    if selector is None:
        return Reason(f"{server.title} has no {name}Selector, so it selects none", of_labels=False)
    if isinstance(selector, Mapping) and (missing := next(unmatched(selector, each.labels), None)):
        return Reason(f"{name}Selector of {server.title} requires the label {missing}", of_labels=True)
    of_namespaces = server.spec.get(f"{name}NamespaceSelector")
    if of_namespaces is None:
        if each.namespace and server.namespace and each.namespace != server.namespace:
            text = f"{server.title} has no {name}NamespaceSelector, so it selects those in namespace {server.namespace}"
            return Reason(text, of_labels=False)
        return None
    if isinstance(of_namespaces, Mapping) and each.namespace in namespaces:
        labels = {_NAME_LABEL: each.namespace, **namespaces[each.namespace]}
        if missing := next(unmatched(of_namespaces, labels), None):
            text = f"{name}NamespaceSelector of {server.title} requires the label {missing} of the namespace"
            return Reason(text, of_labels=False)
    return None


def namespaces_of(objects: Sequence[KubernetesObject]) -> dict[str, Mapping[str, str]]:
    """The namespaces among objects, with their labels."""
    return {each.name: each.labels for each in objects if each.kind == "Namespace"}


def services_of(monitor: KubernetesObject, objects: Sequence[KubernetesObject]) -> list[KubernetesObject]:
    """The Services among objects that a ServiceMonitor selects."""
    selector, own = _mapping(monitor.spec.get("selector")), _mapping(monitor.spec.get("namespaceSelector"))
    names = own.get("matchNames") or ([monitor.namespace] if monitor.namespace else [])
    return [
        each
        for each in objects
        if each.kind == "Service"
        and (own.get("any") or not names or not each.namespace or each.namespace in names)
        and matches(selector, each.labels)
    ]


def _is_global(each: KubernetesObject, server: KubernetesObject) -> bool:
    """Whether an AlertmanagerConfig is the whole configuration of an Alertmanager."""
    configuration = _mapping(server.spec.get("alertmanagerConfiguration"))
    same_namespace = not each.namespace or not server.namespace or each.namespace == server.namespace
    return configuration.get("name") == each.name and same_namespace


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
