"""Kubernetes objects for prometheus-operator and Grafana."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Literal

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.identifiers import validate_name, validate_plain_label_name
from obscode.model.targets.base import Target

KUBERNETES_NAME = Code(
    "kubernetes-name",
    "The namespace and the labels of Kubernetes objects are valid in Kubernetes.",
    why="the API server rejects the objects at the deployment.",
    bad='targets.Kubernetes("monitoring", rule_labels={"release": "kube prometheus"})',
    good='targets.Kubernetes("monitoring", rule_labels={"release": "kube-prometheus-stack"})',
)

#: Which alerts the operator routes by an AlertmanagerConfig: `alertmanagerConfigMatcherStrategy` of its Alertmanager.
MatcherStrategy = Literal["OnNamespace", "OnNamespaceExceptForAlertmanagerNamespace", "None"]
#: The dashboards as objects: for the sidecar of Grafana's chart, or for grafana-operator.
DashboardObjects = Literal["configmap", "operator", "none"]
AlertmanagerVersion = Literal["v1alpha1", "v1beta1", "none"]

# https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
_WORD = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"
_NAMESPACE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_DOMAIN = r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?"
_KEY = re.compile(rf"(?:{_DOMAIN}/)?{_WORD}")
_VALUE = re.compile(rf"(?:{_WORD})?")
_LABELS = ("rule_labels", "monitor_labels", "alertmanager_config_labels", "dashboard_labels", "grafana_selector")


@dataclass(frozen=True)
class Kubernetes(Target):
    """Objects for prometheus-operator and Grafana in the folder `kubernetes`, with a `kustomization.yaml`.

    Attributes:
        namespace: the namespace of the objects; by default that of the command that applies them.
        name: the folder below `kubernetes`, for projects with several targets of this kind.
        rule_labels: the labels that the `ruleSelector` of the Prometheus object selects; `{}` if it selects all. The
            operator ignores other objects silently.
        monitor_labels: the labels that the selectors of ServiceMonitor, PodMonitor, Probe and ScrapeConfig select; by
            default ``rule_labels``.
        alertmanager_config_labels: the labels that the `alertmanagerConfigSelector` selects; by default
            ``rule_labels``.
        dashboard_labels: the labels by which the sidecar of Grafana's chart finds ConfigMaps.
        grafana_selector: the labels of the Grafana instances that grafana-operator writes dashboards to.
        dashboards: the objects of dashboards: `configmap`, `operator` for GrafanaDashboard, or `none`.
        alertmanager_config: the version of AlertmanagerConfig; `none` for no such object.
        alertmanager_matcher: the `alertmanagerConfigMatcherStrategy` of the Alertmanager object. With `OnNamespace`,
            alerts of other namespaces, and those without a label `namespace`, are not routed.
        enforced_namespace_label: the `enforcedNamespaceLabel` of the Prometheus object, if it has one.
        server_side_apply: whether objects are applied with `kubectl apply --server-side`, which has no limit of
            262,144 bytes.
    """

    namespace: str = ""
    _: KW_ONLY
    name: str = ""
    rule_labels: Mapping[str, str] | None = None
    monitor_labels: Mapping[str, str] | None = None
    alertmanager_config_labels: Mapping[str, str] | None = None
    dashboard_labels: Mapping[str, str] = field(default_factory=lambda: {"grafana_dashboard": "1"})
    grafana_selector: Mapping[str, str] = field(default_factory=lambda: {"dashboards": "grafana"})
    dashboards: DashboardObjects = "configmap"
    alertmanager_config: AlertmanagerVersion = "v1alpha1"
    alertmanager_matcher: MatcherStrategy = "OnNamespace"
    enforced_namespace_label: str = ""
    server_side_apply: bool = False

    @property
    def folder(self) -> str:
        """The folder of the objects in the output."""
        return f"kubernetes/{self.name}" if self.name else "kubernetes"

    def labels_of(self, argument: str) -> dict[str, str]:
        """The labels of a kind of objects, such as `monitor_labels`."""
        own = getattr(self, argument)
        return dict((self.rule_labels if own is None else own) or {})

    def routes_all_namespaces(self) -> bool:
        """Whether alerts without the label `namespace` are routed, as far as the settings say."""
        return self.alertmanager_matcher != "OnNamespace" or not self.namespace

    def problems(self) -> Iterator[Finding]:
        if self.name and (wrong := validate_name(self.name)):
            yield self.finding(KUBERNETES_NAME, *wrong, at="name")
        if self.namespace and not _NAMESPACE.fullmatch(self.namespace):
            message = f"{self.namespace!r} is not a namespace of Kubernetes"
            yield self.finding(KUBERNETES_NAME, message, 'write lower-case letters, digits and "-"', at="namespace")
        if self.enforced_namespace_label and (wrong := validate_plain_label_name(self.enforced_namespace_label)):
            yield self.finding(codes.LABEL_NAME, *wrong, at="enforced_namespace_label")
        for at in _LABELS:
            for i, (key, value) in enumerate((getattr(self, at) or {}).items()):
                if not _KEY.fullmatch(key):
                    hint = 'write letters, digits, "-", "_" and ".", 63 at most, after a domain and "/" or without'
                    yield self.finding(KUBERNETES_NAME, f"{key!r} is not the name of a label", hint, at=at, item=i)
                elif not _VALUE.fullmatch(value):
                    message = f"{value!r} is not the value of a label in Kubernetes"
                    hint = 'write letters, digits, "-", "_" and ".", 63 at most'
                    yield self.finding(KUBERNETES_NAME, message, hint, at=at, item=i)
