"""Dashboards as Python source: the definition of each, and constants for settings that several panels share."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields
from typing import Any

from obscode.importers.existing.module import Names
from obscode.importers.existing.python_source import Call, Code, Item, Promql, list_of, statement
from obscode.model.dashboard import Dashboard, Row
from obscode.model.definition import Definition
from obscode.model.type_descriptions import public_names

_NOT_WRITTEN = ("ignore", "origin")
_PROMQL = ("expr", "queries")
# Arguments by position come first, and what no reader needs last.
_ORDER = {"": 0, "extra=": 2, "ignore=": 3}
# Shorter settings are written where they are.
_LEAST_CONSTANT = 40
_LEAST_USES = 3


class DashboardWriter:
    """Writes dashboards as statements of a module; ``used`` are the names of obscode that they use."""

    def __init__(self, names: Names) -> None:
        self.used: set[str] = set()
        self._names = names
        names.taken |= {"panels", "variables"}  # the namespaces of obscode that dashboards use
        self._constants: dict[str, str] = {}

    def statements(self, dashboard: Dashboard) -> Iterator[str]:
        """The constants that are new, and the dashboard."""
        counts = Counter(_extras(dashboard))
        for text, uses in counts.items():
            if uses >= _LEAST_USES and len(text) >= _LEAST_CONSTANT and text not in self._constants:
                value = json.loads(text)
                self._constants[text] = name = self._names.new(_name(value), "settings").upper()
                yield statement(name, value)
        yield statement(self._names.new(dashboard.title, "dashboard"), self.call(dashboard))

    def call(self, definition: Definition) -> Call:
        """The call of a definition, with the arguments that differ from their defaults."""
        name = public_names()[type(definition)]
        self.used.add(name.partition(".")[0])
        items = []
        positional = type(definition).positional()
        for spec in (spec for spec in fields(definition) if spec.init and spec.name not in _NOT_WRITTEN):
            value = getattr(definition, spec.name)
            if isinstance(definition, Row) and spec.name == "panels":
                items += [Item(self._value(panel, "")) for panel in value]
            elif not _is_default(spec, value):
                items.append(Item(self._value(value, spec.name), "" if spec.name in positional else f"{spec.name}="))
        if definition.ignore:
            items.append(Item(definition.ignore, "ignore="))
        return Call(name, sorted(items, key=lambda item: _ORDER.get(item.prefix, 1)))

    def _value(self, value: Any, argument: str) -> Any:
        if isinstance(value, Definition):
            return self.call(value)
        if isinstance(value, str):
            return Promql(value) if argument in _PROMQL else value
        if isinstance(value, tuple):
            return list_of([Item(self._value(item, "")) for item in value])
        if argument == "extra" and (constant := self._constants.get(_text(value))):
            return Code(constant)
        return value


def _is_default(spec: Field[Any], value: Any) -> bool:
    if spec.default is not MISSING:
        return bool(value == spec.default) and isinstance(value, bool) == isinstance(spec.default, bool)
    return spec.default_factory is not MISSING and value == spec.default_factory()


def _extras(dashboard: Dashboard) -> Iterator[str]:
    for definition in dashboard.walk():
        if extra := getattr(definition, "extra", None):
            yield _text(extra)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _name(value: Mapping[str, Any]) -> str:
    """A name for settings: the last key that they have in common."""
    name = "settings"
    while isinstance(value, Mapping) and len(value) == 1:
        name, value = next(iter(value.items()))
    return name
