"""What every step of relabeling has: an action, and the keys that it is compiled to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model.definition import Definition
from obscode.relabeling import step

RELABEL_STEP = Code(
    "relabel-step",
    "A step of relabeling has a known action, the labels that it needs, and a valid regular expression.",
    why="Prometheus rejects the configuration otherwise.",
    bad='relabel.Keep("__meta_kubernetes_pod_label_app", "sh(op")',
    good='relabel.Keep("__meta_kubernetes_pod_label_app", "shop")',
)


@dataclass(frozen=True)
class Step(Definition):
    """Base of the steps of relabeling. `obscode explain target JOB label=value` prints what steps do."""

    action: ClassVar[str] = ""
    output_keys: ClassVar[Mapping[str, str]] = {"source_labels": "source", "target_label": "target"}

    def configuration(self) -> Mapping[str, Any]:
        """The step as an item of `relabel_configs`, without keys that have their default."""
        result: dict[str, Any] = {}
        for key in step.KEYS[:-1]:
            at = self.output_keys.get(key, key)
            value = getattr(self, at, None)
            if value not in (None, getattr(step.Step, at, None), ()) and (value != "" or key in _MAY_BE_EMPTY):
                result[key] = [value] if key == "source_labels" and isinstance(value, str) else _plain(value)
        return result if self.action == "replace" else {**result, "action": self.action}

    def problems(self) -> Iterator[Finding]:
        yield from step_problems(self, self.configuration())


# An empty separator, replacement or regular expression is another value than the default.
_MAY_BE_EMPTY = ("separator", "replacement", "regex")


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def configuration_of(each: Step | Mapping[str, Any]) -> Mapping[str, Any]:
    """A step, or plain data, as an item of `relabel_configs`."""
    return each.configuration() if isinstance(each, Step) else each


def configurations(steps: Sequence[Step | Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Steps, and plain data, as a list of `relabel_configs`."""
    return [configuration_of(each) for each in steps]


def plain_step_problems(
    definition: Definition, at: str, steps: Sequence[Step | Mapping[str, Any]]
) -> Iterator[Finding]:
    """The findings for the steps of an argument that are plain data; a Step reports its own."""
    for i, each in enumerate(steps):
        if not isinstance(each, Step):
            yield from step_problems(definition, each, at=at, item=i)


def step_problems(
    definition: Definition, config: Mapping[str, Any], *, at: str = "", item: int | None = None
) -> Iterator[Finding]:
    """The findings for one step; ``at`` and ``item`` is its place, by default the arguments of the definition."""
    arguments = {spec.name for spec in fields(definition)}
    for key, message, hint in step.problems(config):
        own = definition.output_keys.get(key, key)
        place = at or (own if own in arguments else "")
        yield definition.finding(RELABEL_STEP, message, hint, at=place, item=item)
