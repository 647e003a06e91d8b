"""Steps that select labels by their name."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from obscode.model.relabel.step import Step
from obscode.relabeling.step import WHOLE_MATCH


@dataclass(frozen=True)
class LabelMap(Step):
    """Copies each label whose name matches a regular expression to another name.

    `relabel.LabelMap("__meta_kubernetes_pod_label_(.+)")`

    Attributes:
        regex: the regular expression, which matches the whole name.
        replacement: the new name, with groups of the regular expression.
    """

    action = "labelmap"

    regex: str
    _: KW_ONLY
    replacement: str = WHOLE_MATCH


@dataclass(frozen=True)
class LabelDrop(Step):
    """Removes labels whose name matches a regular expression.

    Attributes:
        regex: the regular expression, which matches the whole name.
    """

    action = "labeldrop"

    regex: str


@dataclass(frozen=True)
class LabelKeep(Step):
    """Removes all labels but those whose name matches a regular expression.

    Attributes:
        regex: the regular expression, which matches the whole name. It matches `__address__`, too, in `relabel=`.
    """

    action = "labelkeep"

    regex: str
