"""Objects of prometheus-operator in files: what selects them, and fields that Kubernetes removes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from obscode.artifacts.kubernetes import KubernetesObject
from obscode.artifacts.operator_fields import KINDS, TYPES
from obscode.findings.code import Severity
from obscode.findings.suggestions import did_you_mean
from obscode.reader.yaml_nodes import YamlNode
from obscode.reader.yaml_section import UNKNOWN_KEY, Report

#: The kinds that are read. Services and namespaces are what the others select.
READ = (
    "Alertmanager",
    "AlertmanagerConfig",
    "Kustomization",
    "Namespace",
    "PodMonitor",
    "Probe",
    "Prometheus",
    "PrometheusAgent",
    "PrometheusRule",
    "ScrapeConfig",
    "Service",
    "ServiceMonitor",
    "ThanosRuler",
)
#: Those that are no objects of prometheus-operator: a file with nothing else is skipped.
BESIDE = ("Kustomization", "Namespace", "Service")
_HEAD = ("apiVersion", "kind", "metadata", "spec", "status")
_DATA = ("data", "stringData")
_GROUP = "monitoring.coreos.com/"
_GROUPS = {"Kustomization": "kustomize.config.k8s.io/", "Namespace": "v1", "Service": "v1"}


def kubernetes_object(node: YamlNode, report: Report) -> KubernetesObject | None:
    """An object of a kind that is read; None for others. Unknown fields are reported."""
    kind, version = node.text("kind"), node.text("apiVersion")
    if kind not in READ or not version.startswith(_GROUPS.get(kind, _GROUP)):
        return None
    spec = node.get("spec")
    # The reader of rule files reports unknown keys of groups and rules.
    if spec and kind != "PrometheusRule" and (types := KINDS.get(f"{version}/{kind}")):
        _check_fields(spec, types, f"a {kind}" if kind[0] != "A" else f"an {kind}", report)
    read = other_object(node)
    return replace(read, spec=_mapping(node.plain()), rest={}) if kind == "Kustomization" else read


def other_object(node: YamlNode, content: Collection[str] = ()) -> KubernetesObject:
    """An object of any kind; ``content`` are the keys of its data that are read by themselves."""
    metadata, spec = node.get("metadata"), node.get("spec")
    rest = {key: entry.value.plain() for key, entry in node.entries.items() if key not in _HEAD}
    if content:
        rest = {key: _without(value, content) if key in _DATA else value for key, value in rest.items()}
    return KubernetesObject(
        node.text("kind"),
        _text(metadata, "name"),
        _text(metadata, "namespace"),
        _labels(metadata, "labels"),
        _mapping(spec.plain()) if spec else {},
        node,
        node.text("apiVersion"),
        _labels(metadata, "annotations"),
        {key: value for key, value in rest.items() if value},
        bool(content),
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _without(value: Any, keys: Collection[str]) -> Mapping[str, Any]:
    return {key: item for key, item in _mapping(value).items() if key not in keys}


def _text(metadata: YamlNode | None, key: str) -> str:
    value = metadata.get(key) if metadata else None
    return value.raw if value and isinstance(value.content, str) else ""


def _labels(metadata: YamlNode | None, key: str) -> dict[str, str]:
    labels = metadata.get(key) if metadata else None
    return {name: entry.value.raw for name, entry in labels.entries.items()} if labels else {}


def _check_fields(node: YamlNode, types: Any, kind: str, report: Report) -> None:
    """Report the fields of a value, and of those in it, that the kind does not have."""
    while isinstance(types, str) and types.startswith("#"):
        types = TYPES[types[1:]]
    if isinstance(types, list):
        for item in node.items:
            _check_fields(item, types[0], kind, report)
    if not isinstance(types, dict) or "=" in types:
        return
    for name, entry in node.entries.items():
        if "*" in types or name in types:
            _check_fields(entry.value, types.get(name, types.get("*")), kind, report)
        else:
            near = did_you_mean(name, list(types))
            message = f"{kind} has no field {name!r} here, so Kubernetes removes it"
            severity: Severity = "error" if near else "warning"
            hint = near or f"its fields are {', '.join(sorted(types))}"
            report.add(UNKNOWN_KEY, message, hint, entry.key, severity=severity, source=node)
