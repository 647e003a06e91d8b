"""A Kubernetes object of a target is small enough for the operator and for `kubectl apply`.

Why: kubectl stores a copy of the object in an annotation, and Kubernetes limits the annotations of an object to 262,144
bytes. `kubectl apply --server-side` stores no copy. The operator rejects a PrometheusRule with more than 524,288 bytes
of rules, and a ConfigMap has 1,048,576 bytes at most. Rule groups are split over several objects; a group, a dashboard
and a tree of routes are not.
https://kubernetes.io/docs/reference/using-api/server-side-apply/

Bad:
    Project("examples", targets=[targets.Kubernetes("monitoring", rule_labels={})])
    Dashboard("Cells", [Row("Cells", *400 * [panels.Stat("Cell", "sum(rate(cell_requests_total[5m]))")])])

Good:
    Project("examples", targets=[targets.Kubernetes("monitoring", rule_labels={}, server_side_apply=True)])
    Dashboard("Cells", [Row("Cells", *400 * [panels.Stat("Cell", "sum(rate(cell_requests_total[5m]))")])])
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.project import Artifacts
from obscode.checks.check import Context, check
from obscode.compiler.kubernetes.objects import kubernetes_targets, objects
from obscode.compiler.kubernetes.operator_object import ANNOTATIONS_LIMIT, OperatorObject, annotations_size
from obscode.compiler.kubernetes.prometheus_rules import RULES_LIMIT, rules_size
from obscode.findings.finding import Finding
from obscode.model.targets.kubernetes import Kubernetes

#: https://kubernetes.io/docs/concepts/configuration/configmap/#motivation
CONFIG_MAP_LIMIT = 1_048_576
_PARTS = {"PrometheusRule": "the group", "AlertmanagerConfig": "the routes"}


@check(Artifacts, scope="compiled")
def kubernetes_size(artifacts: Artifacts, context: Context) -> Iterator[Finding]:
    """Objects that are too large."""
    for target in kubernetes_targets(artifacts):
        for each in objects(artifacts, target):
            yield from _too_large(each, target)


def _too_large(each: OperatorObject, target: Kubernetes) -> Iterator[Finding]:
    part = _PARTS.get(kind := each.content["kind"], "the dashboard")
    if kind == "PrometheusRule" and (size := rules_size(each.content["spec"]["groups"])) > RULES_LIMIT:
        message = f"{each.title} has about {size:,} bytes of rules; the operator accepts {RULES_LIMIT:,}"
        yield each.source.finding(kubernetes_size, message, f"split {part}")
    elif kind == "ConfigMap" and (size := _data_size(each)) > CONFIG_MAP_LIMIT:
        message = f"{each.title} has {size:,} bytes; Kubernetes accepts {CONFIG_MAP_LIMIT:,}"
        yield each.source.finding(kubernetes_size, message, f"split {part}", at="title")
    elif not target.server_side_apply and (size := annotations_size(each.content)) > ANNOTATIONS_LIMIT:
        message = f"{each.title} takes {size:,} bytes of annotations; Kubernetes accepts {ANNOTATIONS_LIMIT:,}"
        hint = f"write server_side_apply=True and use kubectl apply --server-side, or split {part}"
        yield each.source.finding(kubernetes_size, message, hint, at="title", severity="warning")


def _data_size(each: OperatorObject) -> int:
    return sum(len(name.encode()) + len(text.encode()) for name, text in each.content["data"].items())
