"""What steps of relabeling make of labels, step by step.

The reference is `relabel` in Prometheus' model/relabel/relabel.go; a test compares both on a running Prometheus.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import md5
from typing import Literal

from obscode.promql.go_regex import Groups, full_match_groups
from obscode.promql.tokens import is_plain_label
from obscode.relabeling.step import Step
from obscode.relabeling.template import expand

Labels = Mapping[str, str]
Generation = Literal[2, 3]

#: U+0130, whose lower case has one character in Go and two in Python.
_CAPITAL_I_WITH_DOT = "\u0130"


@dataclass(frozen=True)
class Effect:
    """What a step does.

    Attributes:
        step: the step.
        before: the labels before it.
        after: the labels after it; None if it drops the target.
    """

    step: Step
    before: Labels
    after: Labels | None


def effects(labels: Labels, steps: Sequence[Step], *, generation: Generation = 3) -> Iterator[Effect]:
    """What each step does, up to the one that drops the target.

    ``generation`` is the major version of Prometheus: in 3, label names may have any characters.
    """
    for step in steps:
        after = apply(labels, step, generation=generation)
        yield Effect(step, labels, after)
        if after is None:
            return
        labels = after


def apply(labels: Labels, step: Step, *, generation: Generation = 3) -> Labels | None:
    """The labels after a step; None if it drops the target. Labels without a value do not exist."""
    value = step.separator.join(labels.get(name, "") for name in step.source)
    if step.action in ("keep", "drop"):
        is_match = _match(step, value, generation) is not None
        return labels if is_match == (step.action == "keep") else None
    if step.action in ("keepequal", "dropequal"):
        is_equal = labels.get(step.target, "") == value
        return labels if is_equal == (step.action == "keepequal") else None
    return _changed(labels, step, value, generation)


def _changed(labels: Labels, step: Step, value: str, generation: Generation) -> Labels:
    if step.action == "replace":
        return _replaced(labels, step, value, generation)
    if step.action == "hashmod":
        number = int.from_bytes(md5(value.encode(), usedforsecurity=False).digest()[8:], "big")
        return _with(labels, step.target, str(number % step.modulus))
    if step.action in ("lowercase", "uppercase"):
        change = _lower if step.action == "lowercase" else _upper
        return _with(labels, step.target, "".join(map(change, value)))
    if step.action == "labelmap":
        return _mapped(labels, step, generation)
    matching = {name for name in labels if _match(step, name, generation) is not None}
    retained = labels.keys() - matching if step.action == "labeldrop" else matching
    return {name: text for name, text in labels.items() if name in retained}


def _replaced(labels: Labels, step: Step, value: str, generation: Generation) -> Labels:
    match = _match(step, value, generation)
    if match is None:
        return labels
    target = expand(step.target, match.groups, match.names)
    if not target or not (generation > 2 or is_plain_label(target)):
        return labels
    value = expand(step.replacement, match.groups, match.names)
    # Prometheus 2 removes the label with the name as it is written.
    return _with(labels, target if value or generation > 2 else step.target, value)


def _mapped(labels: Labels, step: Step, generation: Generation) -> Labels:
    result = labels
    for name, text in sorted(labels.items()):
        if match := _match(step, name, generation):
            result = _with(result, expand(step.replacement, match.groups, match.names), text)
    return result


def _match(step: Step, value: str, generation: Generation) -> Groups | None:
    """The groups of a match. Before Prometheus 3, `.` does not match a newline."""
    return full_match_groups(step.regex, value, dot_matches_newline=generation > 2)


def _with(labels: Labels, name: str, value: str) -> Labels:
    """The labels with another value of one; without it if the value is empty."""
    if value:
        return {**labels, name: value}
    return {other: text for other, text in labels.items() if other != name}


def _lower(character: str) -> str:
    """The lower case of a character, which is one character in Go."""
    return "i" if character == _CAPITAL_I_WITH_DOT else character.lower()


def _upper(character: str) -> str:
    upper = character.upper()
    return upper if len(upper) == 1 else character
