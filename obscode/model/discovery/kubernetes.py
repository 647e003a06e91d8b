"""Targets that are objects of Kubernetes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal

from obscode.findings.finding import Finding
from obscode.model.discovery.base import DISCOVERY, ClientDiscovery, present
from obscode.model.secrets import SecretFile, secret_path

Role = Literal["node", "service", "pod", "endpoints", "endpointslice", "ingress"]
Attached = Literal["node", "namespace", "deployment", "job", "cronjob"]


@dataclass(frozen=True)
class Kubernetes(ClientDiscovery):
    """Objects of Kubernetes: each container port of pods, each address of endpoints, each node.

    `discovery.Kubernetes("pod", namespaces=["shop"], label_selector="app=shop")`

    Attributes:
        role: the kind of object.
        namespaces: the namespaces; by default all of them.
        own_namespace: whether the namespace of Prometheus is among them.
        label_selector: a selector of labels that the objects of the role have, such as `app=shop`.
        field_selector: a selector of fields of the objects of the role, such as `status.phase=Running`.
        selectors: selectors of other objects, such as `{"role": "service", "label": "app=shop"}` for `endpoints`.
        attach: metadata of other objects that targets get as labels; all but `node` need newer versions of Prometheus.
        api_server: the URL of the API; by default that of the cluster in which Prometheus runs.
        kubeconfig_file: a kubeconfig file, for another cluster.
    """

    sd_configs = "kubernetes_sd_configs"

    role: Role
    _: KW_ONLY
    namespaces: Sequence[str] = ()
    own_namespace: bool = False
    label_selector: str = ""
    field_selector: str = ""
    selectors: Sequence[Mapping[str, str]] = ()
    attach: Sequence[Attached] = ()
    api_server: str = ""
    kubeconfig_file: SecretFile = ""

    def configuration(self) -> Mapping[str, Any]:
        of_role = present(label=self.label_selector, field=self.field_selector)
        return {
            "role": self.role,
            **present(
                api_server=self.api_server,
                kubeconfig_file=secret_path(self.kubeconfig_file, "prometheus"),
                namespaces=present(own_namespace=self.own_namespace, names=self.namespaces),
                selectors=[*([{"role": self.role, **of_role}] if of_role else ()), *map(dict, self.selectors)],
                attach_metadata=dict.fromkeys(self.attach, True),
            ),
            **self.client(),
        }

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        if self.api_server and self.kubeconfig_file:
            message = "kubeconfig_file= has the server, too"
            yield self.finding(DISCOVERY, message, "leave api_server= out", at="api_server")
        client = next((at for at in ("auth", "tls", "proxy") if getattr(self, at)), "")
        if client and not self.api_server:
            message = f"{client}= has no api_server="
            yield self.finding(DISCOVERY, message, "write api_server=, too; Prometheus requires it", at=client)
        if self.own_namespace and (self.api_server or self.kubeconfig_file):
            message = "Prometheus has no namespace in another cluster"
            yield self.finding(DISCOVERY, message, "write namespaces=[...]", at="own_namespace")
        for i, selector in enumerate(self.selectors):
            if not selector.get("role") or not {*selector} <= {"role", "label", "field"}:
                message = "a selector has the keys role, label and field"
                hint = 'write {"role": "service", "label": "app=shop"}'
                yield self.finding(DISCOVERY, message, hint, at="selectors", item=i)
