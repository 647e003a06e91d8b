"""Steps that keep or drop a target, or a series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from obscode.model.relabel.step import Step
from obscode.relabeling.step import SEPARATOR


@dataclass(frozen=True)
class Keep(Step):
    """Keeps targets, or series, whose labels match a regular expression, and drops all others.

    `relabel.Keep("__meta_kubernetes_pod_label_app", "shop|checkout")`

    Attributes:
        source: the label, or several, whose values are joined.
        regex: the regular expression, which matches the whole value.
        separator: what joins the values.
    """

    action = "keep"

    source: str | Sequence[str]
    regex: str
    _: KW_ONLY
    separator: str = SEPARATOR


@dataclass(frozen=True)
class Drop(Step):
    """Drops targets, or series, whose labels match a regular expression.

    `relabel.Drop("__name__", "go_gc_.*")`

    Attributes:
        source: the label, or several, whose values are joined.
        regex: the regular expression, which matches the whole value.
        separator: what joins the values.
    """

    action = "drop"

    source: str | Sequence[str]
    regex: str
    _: KW_ONLY
    separator: str = SEPARATOR


@dataclass(frozen=True)
class KeepEqual(Step):
    """Keeps targets of which two labels are equal, and drops all others.

    `relabel.KeepEqual("__meta_kubernetes_pod_annotation_port", "__meta_kubernetes_pod_container_port_number")`

    Attributes:
        source: the label, or several, whose values are joined with `;`.
        target: the label that is compared with them.
    """

    action = "keepequal"

    source: str | Sequence[str]
    target: str


@dataclass(frozen=True)
class DropEqual(Step):
    """Drops targets of which two labels are equal.

    Attributes:
        source: the label, or several, whose values are joined with `;`.
        target: the label that is compared with them.
    """

    action = "dropequal"

    source: str | Sequence[str]
    target: str
