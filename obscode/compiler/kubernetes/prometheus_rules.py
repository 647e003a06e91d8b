"""Rule files as PrometheusRule objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from obscode.artifacts.json_text import json_text
from obscode.artifacts.operator_fields import KINDS
from obscode.artifacts.project import Artifacts
from obscode.artifacts.rule_data import group_data
from obscode.artifacts.rules import RuleFile
from obscode.compiler.kubernetes.operator_object import (
    ANNOTATIONS_LIMIT,
    OperatorObject,
    Problem,
    annotations_size,
    applied_size,
    metadata,
)
from obscode.model import naming
from obscode.model.targets.kubernetes import Kubernetes

#: The operator rejects a PrometheusRule whose rule file is larger:
#: https://github.com/prometheus-operator/prometheus-operator/blob/main/pkg/operator/rules.go (MaxConfigMapDataSize)
RULES_LIMIT = 524_288
_KIND = "monitoring.coreos.com/v1/PrometheusRule"
_GROUP_FIELDS = frozenset(KINDS[_KIND]["groups"][0])
_DEEPEST = 14

Group = dict[str, Any]


def objects(artifacts: Artifacts, target: Kubernetes) -> Iterator[OperatorObject]:
    """The rules of each service; several objects if they are too large for one."""
    of_others = {key for each in artifacts.project.targets for key in each.group_keys}
    for file in artifacts.rule_files:
        problems = tuple(_unknown_settings(file, of_others))
        # Global groups are for a ruler over several servers.
        local = [group for group in file.groups if not group.is_global]
        groups = [_retained(group_data(group), artifacts.project.evaluation_interval) for group in local]
        name = naming.kubernetes_name(file.name)
        for number, part in enumerate(parts(groups, target), 1):
            # A service has no dot in the name of its object, so no other object has this name.
            own = name if number == 1 else f"{name}.{number}"
            content = _content(part, target, own)
            title = f"the PrometheusRule {own}"
            yield OperatorObject(f"rules/{own}.yaml", content, file.source, title, problems if number == 1 else ())


def parts(groups: Sequence[Group], target: Kubernetes) -> Iterator[list[Group]]:
    """The groups in parts that the operator and `kubectl apply` accept; a group that is too large has its own part."""
    longest = _content((), target, "x" * 253)
    head, waiting = Size(rules_size(()), annotations_size(longest)), list[Group]()
    size = head
    for group in groups:
        own = Size(rules_size([group]), applied_size(group) + len(","))
        if waiting and not (size + own).fits(target):
            yield waiting
            waiting, size = [], head
        waiting.append(group)
        size += own
    if waiting:
        yield waiting


@dataclass(frozen=True)
class Size:
    """The size of an object in bytes: of its rule file, and of its annotations after `kubectl apply`."""

    rules: int
    annotations: int

    def __add__(self, other: Size) -> Size:
        return Size(self.rules + other.rules, self.annotations + other.annotations)

    def fits(self, target: Kubernetes) -> bool:
        """Whether an object may have this size."""
        return self.rules <= RULES_LIMIT and (target.server_side_apply or self.annotations <= ANNOTATIONS_LIMIT)


def rules_size(groups: Sequence[Group]) -> int:
    """About the bytes of the rule file that the operator makes of groups, and not less."""
    # YAML has fewer bytes than JSON with the same indentation, but indents each line of a text, too.
    text = json_text({"groups": list(groups)})
    return len(text.encode()) + _DEEPEST * text.count("\\n")


def _content(groups: Sequence[Group], target: Kubernetes, name: str) -> Mapping[str, Any]:
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": metadata(target, name, target.labels_of("rule_labels")),
        "spec": {"groups": list(groups)},
    }


def _retained(group: Group, interval: str) -> Group:
    """The fields of a group, with the interval of the project: that of the Prometheus object may be another one."""
    content = {"name": group["name"], "interval": interval, **group}
    return {key: value for key, value in content.items() if key in _GROUP_FIELDS}


def _unknown_settings(file: RuleFile, of_others: Set[str]) -> Iterator[Problem]:
    for group in file.groups:
        for key in group.settings:
            if key not in _GROUP_FIELDS and key not in of_others:
                message = f"a PrometheusRule has no field for {key} of group {group.name!r}"
                yield Problem(group.source or file.source, key, message, "leave it out")
