"""The `__meta_` labels that discoveries give their targets, by the keys of a scrape job.

https://prometheus.io/docs/prometheus/latest/configuration/configuration/, of Prometheus 3.14. A name that ends with `*`
begins many labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from fnmatch import fnmatchcase
from typing import Any

from obscode.findings.suggestions import did_you_mean, likely_typo

MetaLabels = Set[str]


def _metadata(kind: str) -> set[str]:
    return {f"{kind}_{each}_*" for each in ("label", "labelpresent", "annotation", "annotationpresent")}


_CONSUL = (
    "address dc health metadata_* node partition service service_address service_id service_metadata_* service_port "
    "tagged_address_* tags"
)
_DNS = "name srv_record_target srv_record_port mx_record_target ns_record_target"
_EC2 = (
    "ami architecture availability_zone availability_zone_id default_ipv6_address instance_id instance_lifecycle "
    "instance_state instance_type ipv6_addresses owner_id platform primary_ipv6_addresses primary_subnet_id "
    "private_dns_name private_ip public_dns_name public_ip region subnet_id tag_* vpc_id"
)
_NODE = {"node_name", *_metadata("node")}
_SERVICE = {
    *("service_cluster_ip", "service_loadbalancer_ip", "service_external_name", "service_name", "service_port_name"),
    *("service_port_number", "service_port_protocol", "service_type"),
    *_metadata("service"),
}
_POD = {
    *("pod_name", "pod_ip", "pod_container_init", "pod_container_name", "pod_container_id", "pod_container_image"),
    *("pod_container_port_name", "pod_container_port_number", "pod_container_port_protocol", "pod_ready", "pod_phase"),
    *("pod_node_name", "pod_host_ip", "pod_uid", "pod_controller_kind", "pod_controller_name"),
    *("pod_deployment_name", "pod_cronjob_name", "pod_job_name"),
    *_metadata("pod"),
}
_KUBERNETES: Mapping[str, set[str]] = {
    "node": {*_NODE, "node_provider_id", "node_address_*", "node_condition_*"},
    "service": {"namespace", *_SERVICE},
    "pod": {"namespace", *_POD},
    "endpoints": {
        *("namespace", "endpoints_name", "endpoint_hostname", "endpoint_node_name", "endpoint_ready"),
        *("endpoint_port_name", "endpoint_port_protocol", "endpoint_address_target_kind"),
        *("endpoint_address_target_name", *_metadata("endpoints")),
        *_SERVICE,
        *_POD,
    },
    "endpointslice": {
        *("namespace", "endpointslice_name", "endpointslice_address_target_kind", "endpointslice_address_target_name"),
        *("endpointslice_address_type", "endpointslice_endpoint_*", "endpointslice_port", "endpointslice_port_*"),
        *_metadata("endpointslice"),
        *_SERVICE,
        *_POD,
    },
    "ingress": {
        *("namespace", "ingress_name", "ingress_class_name", "ingress_scheme", "ingress_path", "ingress_host"),
        *_metadata("ingress"),
    },
}
# The roles to which labels of nodes are attached.
_ON_NODES = ("pod", "endpoints", "endpointslice")


def meta_labels(discoveries: Mapping[str, Any]) -> MetaLabels | None:
    """The labels of the targets of discoveries that begin with `__meta_`; None if they may have any.

    ``discoveries`` are the keys of a scrape job with their items, such as `kubernetes_sd_configs`.
    """
    known: set[str] = set()
    for key, items in discoveries.items():
        for item in items if isinstance(items, list | tuple) else ():
            labels = _of_item(key, item if isinstance(item, Mapping) else {})
            if labels is None:
                return None
            known |= labels
    return known


def has_label(labels: Iterable[str], name: str) -> bool:
    """Whether a label is one of some labels, which may be patterns."""
    return any(name == label or ("*" in label and fnmatchcase(name, label)) for label in labels)


def similar_label(labels: Iterable[str], name: str) -> str:
    """The hint with the label that a name is close to; empty if there is none."""
    labels = list(labels)
    families = [label.removesuffix("*") for label in labels if label.endswith("*")]
    for family in families:
        parts = name.split("_")
        own = "_".join(parts[: family.count("_")]) + "_"
        if likely_typo(own, [family]):
            return f"did you mean {family + name.removeprefix(own)!r}?"
    return did_you_mean(name, [label for label in labels if "*" not in label])


def discovery_with(discoveries: Mapping[str, Any], label: str) -> str:
    """How to write the discovery of Kubernetes so that targets have a label; empty if nothing is known about it."""
    items: Sequence[Any] = discoveries.get("kubernetes_sd_configs") or ()
    for item in (each for each in items if isinstance(each, Mapping)):
        for kind in ("node", "namespace"):
            if has_label(_of_kubernetes({**item, "attach_metadata": {kind: True}}) or (), label):
                return f'attach_metadata: {{{kind}: true}}, in Python attach=["{kind}"]'
    roles = [role for role in _KUBERNETES if has_label(_of_kubernetes({"role": role}) or (), label)]
    return f"the role {roles[0]}" if items and roles else ""


def _of_item(key: str, item: Mapping[str, Any]) -> set[str] | None:
    if key == "static_configs":
        return {str(label) for label in item.get("labels") or ()}
    if key == "kubernetes_sd_configs":
        return _of_kubernetes(item)
    known = {"consul_sd_configs": _CONSUL, "dns_sd_configs": _DNS, "ec2_sd_configs": _EC2}.get(key)
    if known is None:
        return None
    return {f"__meta_{key.removesuffix('_sd_configs')}_{name}" for name in known.split()}


def _of_kubernetes(item: Mapping[str, Any]) -> set[str] | None:
    role, attached = str(item.get("role")), item.get("attach_metadata")
    if role not in _KUBERNETES:
        return None
    attached = attached if isinstance(attached, Mapping) else {}
    names = set(_KUBERNETES[role])
    names |= _NODE if attached.get("node") and role in _ON_NODES else set()
    names |= _metadata("namespace") if attached.get("namespace") else set()
    return {f"__meta_kubernetes_{name}" for name in names}
