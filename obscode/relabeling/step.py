"""Steps of relabeling, as they are written in `relabel_configs`, and what Prometheus rejects about them.

https://prometheus.io/docs/prometheus/latest/configuration/configuration/#relabel_config
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from obscode.findings.suggestions import did_you_mean
from obscode.promql.go_regex import group_count, group_names, syntax_error
from obscode.relabeling.template import group_number, references

#: The actions, and the keys beside `action` that each reads; the first ones are required.
ACTIONS: Mapping[str, tuple[str, ...]] = {
    "replace": ("target_label", "source_labels", "separator", "regex", "replacement"),
    "keep": ("source_labels", "separator", "regex"),
    "drop": ("source_labels", "separator", "regex"),
    "keepequal": ("target_label", "source_labels"),
    "dropequal": ("target_label", "source_labels"),
    "hashmod": ("target_label", "source_labels", "separator", "modulus"),
    "labelmap": ("regex", "replacement"),
    "labeldrop": ("regex",),
    "labelkeep": ("regex",),
    "lowercase": ("target_label", "source_labels", "separator"),
    "uppercase": ("target_label", "source_labels", "separator"),
}
KEYS = ("source_labels", "separator", "regex", "modulus", "target_label", "replacement", "action")
# Prometheus ignores other keys for the actions that are not listed here.
_STRICT = ("keepequal", "dropequal", "labeldrop", "labelkeep")

# A variable of the environment, which another program replaces before Prometheus reads the file.
_PLACEHOLDER = re.compile("[A-Z][A-Z0-9_]+")

ANY = "(.*)"
WHOLE_MATCH = "$1"
SEPARATOR = ";"


@dataclass(frozen=True)
class Step:
    """A step with the defaults of Prometheus.

    Attributes:
        action: one of `ACTIONS`.
        source: the labels whose values are joined.
        separator: what joins them.
        regex: the regular expression that matches the whole of the joined values, or names of labels.
        replacement: the new value, or the new name for `labelmap`, with groups of the regular expression.
        target: the label that is set or compared.
        modulus: the number of values of `hashmod`.
    """

    action: str = "replace"
    source: tuple[str, ...] = ()
    separator: str = SEPARATOR
    regex: str = ANY
    replacement: str = WHOLE_MATCH
    target: str = ""
    modulus: int = 0

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Step:
        """The step of an item of `relabel_configs`."""
        return cls(
            str(config.get("action") or "replace").lower(),
            _names(config.get("source_labels")),
            _text(config, "separator", SEPARATOR),
            _text(config, "regex", ANY),
            _text(config, "replacement", WHOLE_MATCH),
            _text(config, "target_label", ""),
            int(modulus) if str(modulus := config.get("modulus") or 0).isdigit() else 0,
        )

    @property
    def changes_labels(self) -> bool:
        """Whether it may set a label whose name is unknown."""
        return self.action == "labelmap" or (self.action == "replace" and "$" in self.target)

    @property
    def sets(self) -> str:
        """The label that it sets; empty for none, and for one whose name is unknown."""
        is_setting = self.action in ("replace", "hashmod", "lowercase", "uppercase") and not self.changes_labels
        return self.target if is_setting else ""


class Problem(NamedTuple):
    """What is wrong with a key of a step, and what to write instead."""

    key: str
    message: str
    hint: str


def problems(config: Mapping[str, Any]) -> Iterator[Problem]:
    """What Prometheus rejects about an item of `relabel_configs`."""
    for key in config:
        if key not in KEYS:
            hint = did_you_mean(key, KEYS) or f"its keys are {', '.join(KEYS)}"
            yield Problem(key, f"a relabeling step has no key {key!r}", hint)
    step = Step.of(config)
    if step.action not in ACTIONS:
        hint = did_you_mean(step.action, ACTIONS) or f"the actions are {', '.join(ACTIONS)}"
        yield Problem("action", f"action is {config['action']!r}", hint)
        return
    yield from _missing_keys(step)
    if error := syntax_error(step.regex):
        yield Problem("regex", f"invalid regular expression {step.regex!r}: {error}", "")
    yield from _superfluous_keys(step)


def _missing_keys(step: Step) -> Iterator[Problem]:
    if "target_label" in ACTIONS[step.action] and not step.target:
        yield Problem("target_label", f"the action {step.action} has no target label", "name the label")
    if step.action == "hashmod" and step.modulus <= 0:
        yield Problem("modulus", "the action hashmod has no modulus", "write the number of shards, such as 2")


def _superfluous_keys(step: Step) -> Iterator[Problem]:
    """Keys that Prometheus rejects for an action, unless they have the default."""
    default, names = Step(), {"source_labels": "source", "target_label": "target"}
    for key in KEYS[:-1] if step.action in _STRICT else ():
        at = names.get(key, key)
        if key not in ACTIONS[step.action] and getattr(step, at) != getattr(default, at):
            yield Problem(key, f"the action {step.action} takes no {key}", "leave it out")


def missing_groups(config: Mapping[str, Any]) -> Iterator[Problem]:
    """References to groups that the regular expression does not have: they are empty."""
    step = Step.of(config)
    if step.action not in ("replace", "labelmap") or syntax_error(step.regex):
        return
    count, names = group_count(step.regex), group_names(step.regex)
    if count is None:
        return
    for key, text in (("target_label", step.target), ("replacement", step.replacement)):
        for name in dict.fromkeys(references(text)):
            number = group_number(name, names)
            is_placeholder = _PLACEHOLDER.fullmatch(name)
            if (number is None or number > count) and not is_placeholder:
                yield Problem(key, *_missing_group(key, name, count, is_default=key not in config))


def _missing_group(key: str, name: str, count: int, *, is_default: bool) -> tuple[str, str]:
    has = f"has {'no group' if not count else 'one group' if count == 1 else f'{count} groups'}"
    message = f"the regular expression {has}, but {'the default ' if is_default else ''}{key} reads ${{{name}}}"
    digits = name[: len(name) - len(name.lstrip("0123456789"))]
    if digits and digits != name and int(digits) <= count:
        return message, f"write ${{{digits}}}{name[len(digits) :]}"
    return message, f"write a group, or a {key} without it" if is_default else "write a group in parentheses"


def _names(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(map(str, value)) if isinstance(value, list | tuple) else ()


def _text(config: Mapping[str, Any], key: str, default: str) -> str:
    """The text of a key; a key without a value is empty."""
    if key not in config:
        return default
    value = config[key]
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
