"""A rule, a monitor or a configuration for prometheus-operator is selected by a server.

Why: the operator ignores an object that no selector matches, and says nothing: its rules and targets do not exist. The
check needs the Prometheus, ThanosRuler or Alertmanager object among the files.

Bad:
    apiVersion: monitoring.coreos.com/v1
    kind: Prometheus
    metadata: {name: main, namespace: monitoring}
    spec: {ruleSelector: {matchLabels: {release: stack}}}
    ---
    apiVersion: monitoring.coreos.com/v1
    kind: PrometheusRule
    metadata: {name: shop, namespace: monitoring, labels: {app: shop}}
    spec: {groups: [{name: shop, rules: [{record: job:up:sum, expr: sum by (job) (up)}]}]}

Good:
    apiVersion: monitoring.coreos.com/v1
    kind: Prometheus
    metadata: {name: main, namespace: monitoring}
    spec: {ruleSelector: {matchLabels: {release: stack}}}
    ---
    apiVersion: monitoring.coreos.com/v1
    kind: PrometheusRule
    metadata: {name: shop, namespace: monitoring, labels: {release: stack}}
    spec: {groups: [{name: shop, rules: [{record: job:up:sum, expr: sum by (job) (up)}]}]}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.artifacts.kubernetes import KubernetesObject
from obscode.artifacts.project import Artifacts
from obscode.checks.check import Context, check
from obscode.findings.finding import Finding
from obscode.reader.kubernetes.selection import SERVERS, namespaces_of, rejection

# Keys of a Kustomization that change the labels, the namespace or other parts of its resources.
_CHANGES = (
    "commonLabels",
    "labels",
    "namespace",
    "patches",
    "patchesJson6902",
    "patchesStrategicMerge",
    "transformers",
)


@check(Artifacts, severity="warning", scope="file")
def unselected_object(artifacts: Artifacts, context: Context) -> Iterator[Finding]:
    """Objects that no server among the files selects."""
    objects = artifacts.objects
    namespaces = namespaces_of(objects)
    changed = _changed_folders(objects)
    for each in objects:
        kinds, _ = SERVERS.get(each.kind, ((), ""))
        servers = [server for server in objects if server.kind in kinds]
        if not servers or _folder(each).startswith(changed):
            continue
        reasons = [rejection(each, server, namespaces) for server in servers]
        if None in reasons:
            continue
        reason = reasons[0]
        assert reason
        message = f"no server selects {each.title}: {reason.text}"
        hint = "add the label" if reason.of_labels else "correct the selector, or the namespace of the object"
        yield each.source.finding(unselected_object, message, hint, at="labels" if each.labels else "name")


def _changed_folders(objects: Sequence[KubernetesObject]) -> tuple[str, ...]:
    """The folders whose files are not applied as they are."""
    lists = [each for each in objects if each.kind == "Kustomization"]
    return tuple(_folder(each) for each in lists if any(each.spec.get(key) for key in _CHANGES))


def _folder(each: KubernetesObject) -> str:
    """The folder of a file, with a slash at its end."""
    return each.source.file.rpartition("/")[0] + "/"
