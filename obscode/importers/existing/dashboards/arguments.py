"""Arguments of a definition, from values of JSON: only values that the definition accepts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from functools import cache
from typing import Any, TypeVar, get_type_hints

from obscode.model import argument_types
from obscode.model.constraints import ConstrainedDefinition

_D = TypeVar("_D", bound=ConstrainedDefinition)


class Arguments:
    """The arguments of a definition that differ from its defaults.

    A value that the definition does not accept is left out; the comparison with the JSON adds it to `extra`.
    """

    def __init__(self, kind: type[ConstrainedDefinition]) -> None:
        self.kind = kind
        self.values: dict[str, Any] = {}

    def add(self, **values: Any) -> None:
        """Add values that are valid and no defaults; None is no value."""
        for name, value in values.items():
            if value is not None and value != _defaults(self.kind).get(name) and self._accepts(name, value):
                self.values[name] = value

    def _accepts(self, name: str, value: Any) -> bool:
        if not argument_types.matches_type(value, _hints(self.kind)[name]):
            return False
        constraint, of_items = self.kind.arguments.get(name), self.kind.items.get(name)
        if constraint and constraint(value):
            return False
        return not of_items or not any(of_items(item) for item in value)

    def definition(self, kind: type[_D], *positional: Any) -> _D | None:
        """The definition; None if it has errors."""
        definition = kind(*positional, **self.values)
        return None if any(argument_types.problems(definition)) else definition


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind, include_extras=True)


@cache
def _defaults(kind: type) -> Mapping[str, Any]:
    return {spec.name: spec.default for spec in fields(kind) if spec.default is not MISSING}
