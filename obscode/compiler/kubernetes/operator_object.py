"""A Kubernetes object of a target, and what it cannot express."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from obscode.findings.source import Source
from obscode.model.targets.kubernetes import Kubernetes


class Problem(NamedTuple):
    """What an object has no field for: a message, a hint, and the part of the source that it is about."""

    source: Source
    at: str
    message: str
    hint: str


@dataclass(frozen=True)
class OperatorObject:
    """An object, as it is written.

    Attributes:
        path: its file in the folder of the target.
        content: the object.
        source: what it is compiled from.
        title: the name in findings, such as `the PrometheusRule shop`.
        problems: what its kind has no field for.
    """

    path: str
    content: Mapping[str, Any]
    source: Source
    title: str
    problems: Sequence[Problem] = ()


def metadata(target: Kubernetes, name: str, labels: Mapping[str, str]) -> dict[str, Any]:
    """The metadata of an object."""
    namespace = {"namespace": target.namespace} if target.namespace else {}
    return {"name": name, **namespace, **({"labels": dict(labels)} if labels else {})}


#: All annotations of an object together:
#: https://github.com/kubernetes/apimachinery/blob/master/pkg/api/validation/objectmeta.go
ANNOTATIONS_LIMIT = 262_144
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def annotations_size(content: Mapping[str, Any]) -> int:
    """Bytes of the annotations after `kubectl apply`, which stores the object in one of them."""
    annotations = content["metadata"].get("annotations", {})
    own = sum(len(name.encode()) + len(value.encode()) for name, value in annotations.items())
    return applied_size(content) + len(_LAST_APPLIED) + len("\n") + own


def applied_size(value: Mapping[str, Any]) -> int:
    """Bytes of a value in the annotation: kubectl writes no spaces, and escapes the characters of HTML, as Go does."""
    applied = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return len(applied.encode()) + sum(applied.count(character) for character in "<>&") * len("u003c")
