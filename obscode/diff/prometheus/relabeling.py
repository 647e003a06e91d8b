"""Steps of relabeling, in their order; defaults that are written are no change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from difflib import SequenceMatcher
from typing import Any

from obscode.diff.change import Edit
from obscode.diff.plain_settings import plain_text, setting_edits
from obscode.relabeling.step import ACTIONS, Step

_NAMES = {"source": "source_labels", "target": "target_label"}
# Keys of the operator's objects, which are those of Prometheus in camel case.
_CAMEL = {"sourceLabels": "source_labels", "targetLabel": "target_label"}


def step_edits(before: Any, after: Any, key: str) -> Iterator[Edit]:
    """The edits of a list of steps."""
    old, new = (_steps(value) for value in (before, after))
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        if b - a == d - c:
            for index in range(b - a):
                yield from _edits(old[a + index], new[c + index], f"{key}[{c + index + 1}]")
            continue
        yield from (Edit(f"step of {key}", _text(step), None) for step in old[a:b])
        yield from (Edit(f"step of {key}", None, _text(step)) for step in new[c:d])


def _steps(value: Any) -> Sequence[Step]:
    items = value if isinstance(value, list | tuple) else ()
    return [
        Step.of({_CAMEL.get(str(k), str(k)): v for k, v in item.items()}) for item in items if isinstance(item, Mapping)
    ]


def _edits(old: Step, new: Step, prefix: str) -> Iterator[Edit]:
    if old.action != new.action and {*_values(old)} != {*_values(new)}:
        yield Edit(prefix, _text(old), _text(new))
    else:
        yield from setting_edits(_values(old, full=True), _values(new, full=True), prefix=prefix)


def _values(step: Step, *, full: bool = False) -> dict[str, Any]:
    """The keys that the action reads; without ``full``, those that differ from the defaults."""
    values = {_NAMES.get(key, key): list(v) if isinstance(v, tuple) else v for key, v in asdict(step).items()}
    defaults = {_NAMES.get(key, key): v for key, v in asdict(Step()).items()}
    keys = ACTIONS.get(step.action, tuple(values))
    chosen = {key: values[key] for key in keys if key in values and (full or values[key] not in (defaults[key], []))}
    return {"action": step.action, **chosen}


def _text(step: Step) -> str:
    values = _values(step)
    return f"{values.pop('action')} {plain_text(values)}".rstrip()
