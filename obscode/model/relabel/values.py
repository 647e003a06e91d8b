"""Steps that set the value of a label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from obscode.model.relabel.step import Step
from obscode.relabeling.step import ANY, SEPARATOR, WHOLE_MATCH


@dataclass(frozen=True)
class Replace(Step):
    """Sets a label, if the values of others match a regular expression.

    `relabel.Replace("namespace", "__meta_kubernetes_namespace")` copies a label;
    `relabel.Replace("team", replacement="shop")` sets one. An empty result removes the label.

    Attributes:
        target: the label that is set.
        source: the label, or several, whose values are joined.
        regex: the regular expression, which matches the whole value.
        replacement: the new value, with groups of the regular expression as `$1` or `${1}`.
        separator: what joins the values.
    """

    action = "replace"
    label_names = ("target",)

    target: str
    source: str | Sequence[str] = ()
    _: KW_ONLY
    regex: str = ANY
    replacement: str = WHOLE_MATCH
    separator: str = SEPARATOR


@dataclass(frozen=True)
class HashMod(Step):
    """Sets a label to a hash of others, a number below the modulus, such as the shard of a target.

    `relabel.HashMod("__tmp_shard", "__address__", modulus=4)`

    Attributes:
        target: the label that is set.
        source: the label, or several, whose values are joined.
        modulus: the number of different values.
        separator: what joins the values.
    """

    action = "hashmod"
    label_names = ("target",)

    target: str
    source: str | Sequence[str]
    _: KW_ONLY
    modulus: int
    separator: str = SEPARATOR


@dataclass(frozen=True)
class Lowercase(Step):
    """Sets a label to the values of others in lower case.

    Attributes:
        target: the label that is set.
        source: the label, or several, whose values are joined.
        separator: what joins the values.
    """

    action = "lowercase"
    label_names = ("target",)

    target: str
    source: str | Sequence[str]
    _: KW_ONLY
    separator: str = SEPARATOR


@dataclass(frozen=True)
class Uppercase(Step):
    """Sets a label to the values of others in upper case.

    Attributes:
        target: the label that is set.
        source: the label, or several, whose values are joined.
        separator: what joins the values.
    """

    action = "uppercase"
    label_names = ("target",)

    target: str
    source: str | Sequence[str]
    _: KW_ONLY
    separator: str = SEPARATOR
