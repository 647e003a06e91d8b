"""The objects of the targets `targets.Kubernetes`: one module per kind of object."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from obscode.artifacts.project import Artifacts
from obscode.compiler.kubernetes import alertmanager_configs, dashboard_objects, prometheus_rules, scrape_objects
from obscode.compiler.kubernetes.operator_object import OperatorObject
from obscode.model.targets.kubernetes import Kubernetes

KINDS: tuple[Callable[[Artifacts, Kubernetes], Iterable[OperatorObject]], ...] = (
    prometheus_rules.objects,
    scrape_objects.objects,
    alertmanager_configs.objects,
    dashboard_objects.objects,
)
# The attribute with the objects of each target, once they are known.
_OBJECTS = "_known_kubernetes_objects"


def kubernetes_targets(artifacts: Artifacts) -> list[Kubernetes]:
    """The targets of the project that are of this kind."""
    return [target for target in artifacts.project.targets if isinstance(target, Kubernetes)]


def objects(artifacts: Artifacts, target: Kubernetes) -> Sequence[OperatorObject]:
    """The objects of a target, as they are written."""
    known: dict[int, Sequence[OperatorObject]] = vars(artifacts).setdefault(_OBJECTS, {})
    if id(target) not in known:  # the renderer and several checks read them
        known[id(target)] = [each for kind in KINDS for each in kind(artifacts, target)]
    return known[id(target)]
