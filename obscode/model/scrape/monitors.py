"""Targets that Kubernetes knows: those behind Services, and pods.

In prometheus.yml they are discovered and relabeled as prometheus-operator does it; with `targets.Kubernetes`, they are
objects of the operator. Series have the same labels.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model.discovery.base import Discovery
from obscode.model.discovery.configurations import discovery_configs
from obscode.model.discovery.kubernetes import Kubernetes, Role
from obscode.model.scrape import kubernetes_steps as steps
from obscode.model.scrape.base import Job

MONITOR = Code(
    "monitor",
    "A ServiceMonitor and a PodMonitor have a selector of labels, and a port.",
    why="Without labels, a selector selects all objects. Prometheus would scrape each port of the selected ones.",
    bad='ServiceMonitor({"app": "shop"}, port="")',
    good='ServiceMonitor({"app": "shop"}, port="metrics")',
)
#: Labels that objects must have, or a selector of Kubernetes with `matchLabels` and `matchExpressions`.
Selector = Mapping[str, Any]

_PARTS = {"matchLabels", "matchExpressions"}
_LAST_PORT = 65_535


@dataclass(frozen=True)
class Monitor(Job, ABC):
    """Base of the scrape jobs whose targets are selected by their labels in Kubernetes.

    Attributes:
        selector: the labels that the objects have, such as `{"app": "shop"}`, or a selector of Kubernetes with
            `matchLabels` and `matchExpressions`.
        port: the name of the port, or the number of the container's port.
        namespaces: the namespaces of the objects; by default all.
        pod_target_labels: labels of the pods that their series get.
    """

    selector: Selector
    _: KW_ONLY
    port: str | int
    namespaces: Sequence[str] = ()
    pod_target_labels: Sequence[str] = ()

    def label_selector(self) -> Mapping[str, Any]:
        """The selector as Kubernetes has it."""
        return self.selector if _PARTS & self.selector.keys() else {"matchLabels": dict(self.selector)}

    @abstractmethod
    def role(self) -> Role:
        """The kind of object that Prometheus discovers."""

    def discoveries(self) -> Sequence[Discovery]:
        return (Kubernetes(self.role(), namespaces=self.namespaces).with_origin(self.origin),)

    def discovery_configs(self) -> dict[str, list[Mapping[str, Any]]]:
        return discovery_configs(self.discoveries())

    def has_no_targets(self) -> bool:
        return False

    def _target_problems(self) -> Iterator[Finding]:
        if self.discovery:
            hint = "leave it out, or write a ScrapeJob"
            yield self.finding(MONITOR, "the selector is the discovery", hint, at="discovery")
        if not any(self.label_selector().get(part) for part in _PARTS):
            message = "the selector has no labels, so it selects all objects"
            yield self.finding(MONITOR, message, 'write {"app": "shop"}, for example', at="selector")
        elif wrong := _selector_problem(self.label_selector()):
            yield self.finding(MONITOR, *wrong, at="selector")
        if not self.port or (isinstance(self.port, int) and not 0 < self.port <= _LAST_PORT):
            message = f"{self.port!r} is not a port"
            yield self.finding(MONITOR, message, 'write the name of the port, such as "metrics"', at="port")


@dataclass(frozen=True)
class ServiceMonitor(Monitor):
    """A scrape job of the pods behind Kubernetes Services; with `targets.Kubernetes`, a ServiceMonitor object.

    `ServiceMonitor({"app": "shop"}, port="metrics", namespaces=["shop"])`. Series have the labels `namespace`,
    `service`, `pod`, `container` and `endpoint`, as those of the operator. The label `job` is the name of the job.

    Attributes:
        target_labels: labels of the Services that their series get.
        service_discovery: the objects that are discovered: `endpointslice`, or `endpoints` before Kubernetes 1.21.
    """

    _: KW_ONLY
    target_labels: Sequence[str] = ()
    service_discovery: Literal["endpointslice", "endpoints"] = "endpointslice"

    def role(self) -> Role:
        return self.service_discovery

    def first_steps(self) -> Sequence[Mapping[str, Any]]:
        return [
            *steps.selector_steps("service", self.label_selector()),
            *steps.service_steps(self.service_discovery, self.port),
            *steps.label_steps("service", self.target_labels),
            *steps.label_steps("pod", self.pod_target_labels),
            steps.endpoint_step(self.port),
        ]


@dataclass(frozen=True)
class PodMonitor(Monitor):
    """A scrape job of Kubernetes pods, without a Service; with `targets.Kubernetes`, a PodMonitor object.

    `PodMonitor({"app": "worker"}, port="metrics", namespaces=["shop"])`. Series have the labels `namespace`, `pod`,
    `container` and, for a port with a name, `endpoint`, as those of the operator. The label `job` is the name of the
    job.
    """

    def role(self) -> Role:
        return "pod"

    def first_steps(self) -> Sequence[Mapping[str, Any]]:
        return [
            steps.not_running(),
            *steps.selector_steps("pod", self.label_selector()),
            *steps.pod_steps(self.port),
            *steps.label_steps("pod", self.pod_target_labels),
            *([steps.endpoint_step(self.port)] if isinstance(self.port, str) else ()),
        ]


def _selector_problem(selector: Mapping[str, Any]) -> tuple[str, str] | None:
    labels, expressions = selector.get("matchLabels") or {}, selector.get("matchExpressions") or ()
    if unknown := sorted(selector.keys() - _PARTS):
        return f"a selector has no key {unknown[0]!r}", "its keys are matchLabels and matchExpressions"
    if not isinstance(labels, Mapping) or not all(isinstance(value, str) for value in labels.values()):
        return "the labels are not a mapping of strings", 'write {"app": "shop"}'
    for each in expressions:
        operator = each.get("operator") if isinstance(each, Mapping) else None
        if operator not in ("In", "NotIn", "Exists", "DoesNotExist") or not each.get("key"):
            return f"{each!r} is not an expression", 'write {"key": "app", "operator": "In", "values": ["shop"]}'
    return None
