"""Constraints on the values of arguments: each reports what is wrong with a value, and what to write instead.

The types of values are checked for every definition, in `argument_types`; a constraint sees values of the right type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import ClassVar

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model.argument_types import matches_type
from obscode.model.definition import Definition
from obscode.model.identifiers import Invalid
from obscode.model.type_descriptions import short_repr
from obscode.promql import duration


@dataclass(frozen=True)
class Constraint:
    """A condition on a value.

    Attributes:
        description: what the value is, for `obscode explain`: "an integer from 1 to 24".
        validate: returns what is wrong with a value and what to write, or None.
        code: the code of its findings; by default it follows from the definition and the argument.
    """

    description: str
    validate: Callable[[object], Invalid]
    code: Code | None = None

    def __call__(self, value: object) -> Invalid:
        return self.validate(value)


def constraint(description: str, code: Code | None = None) -> Callable[[Callable[[object], Invalid]], Constraint]:
    """Make a constraint of a function that validates a value."""
    return lambda validate: Constraint(description, validate, code)


@dataclass(frozen=True)
class ConstrainedDefinition(Definition):
    """A definition with constraints: ``arguments`` on its arguments, ``items`` on each item of a list.

    The code of a finding is ``code_prefix`` and the argument's name, such as `panel-width`.
    """

    code_prefix: ClassVar[str] = ""
    arguments: ClassVar[Mapping[str, Constraint]] = {}
    items: ClassVar[Mapping[str, Constraint]] = {}

    @classmethod
    def codes(cls) -> Iterator[Code]:
        """The codes of the constraints."""
        constrained = {**cls.arguments, **cls.items}
        yield from (cls._code(name) for name in constrained if constrained[name] is not anything)

    @classmethod
    def _code(cls, name: str) -> Code:
        constraint = cls.arguments.get(name) or cls.items[name]
        if constraint.code:
            return constraint.code
        each = "Each item of" if name in cls.items else "The argument"
        summary = f"{each} `{name}` of {_NOUNS.get(cls.code_prefix, cls.code_prefix)} is {constraint.description}."
        return Code(f"{cls.code_prefix}-{name.replace('_', '-')}", summary)

    def problems(self) -> Iterator[Finding]:
        for name, constraint in self.arguments.items():
            if invalid := constraint(getattr(self, name)):
                yield self._invalid(name, invalid)
        for name, constraint in self.items.items():
            for i, item in enumerate(getattr(self, name)):
                if invalid := constraint(item):
                    yield self._invalid(name, invalid, i)

    def _invalid(self, name: str, invalid: tuple[str, str], item: int | None = None) -> Finding:
        message, hint = invalid
        return self.finding(self._code(name), f"{name} {message}", hint, at=name, item=item)


_NOUNS: Mapping[str, str] = {
    "annotation": "an annotation",
    "dashboard": "a dashboard",
    "link": "a link",
    "mapping": "a value mapping",
    "override": "an override",
    "panel": "a panel",
    "query": "a query",
    "row": "a row",
    "threshold": "a threshold",
    "variable": "a variable",
}


def constraints(base: Mapping[str, Constraint] | None = None, /, **more: Constraint) -> Mapping[str, Constraint]:
    """The constraints of a class by argument: those of its base, then its own."""
    return {**(base or {}), **more}


@constraint("anything")
def anything(value: object) -> Invalid:
    """Accept every value."""
    return None


@constraint("not empty")
def non_empty(value: object) -> Invalid:
    """A string with more than spaces."""
    return ("is empty", "write a text") if isinstance(value, str) and not value.strip() else None


@constraint("a finite number")
def finite_number(value: object) -> Invalid:
    """A finite number, or None."""
    if not isinstance(value, int | float | Decimal) or _is_finite(value):
        return None
    return f"{value!r} is not a finite number", "write a number such as 0.05"


def _is_finite(value: float | Decimal) -> bool:
    try:
        return isfinite(value)
    except OverflowError:  # an integer that no reader of JSON takes
        return False


@constraint("strings, numbers, lists and dicts, as JSON has them")
def json_serialisable(value: object) -> Invalid:
    """A value that JSON can hold."""
    if isinstance(value, Mapping | list | tuple):
        items = value.values() if isinstance(value, Mapping) else value
        return next((invalid for item in items if (invalid := json_serialisable(item))), None)
    if value is None or matches_type(value, str) or (isinstance(value, int | float) and not finite_number(value)):
        return None
    return f"holds {short_repr(value)}, which JSON does not", "write strings, numbers, lists and dicts"


def number_between(low: float, high: float) -> Constraint:
    """A number in a range, both ends included, or None."""

    def validate(value: object) -> Invalid:
        if not isinstance(value, int | float | Decimal) or low <= value <= high:
            return None
        return f"{value!r} is not within {low} to {high}", f"write a number from {low} to {high}"

    return Constraint(f"a number from {low} to {high}", validate)


def int_between(low: int, high: int) -> Constraint:
    """An integer in a range, both ends included, or None."""

    def validate(value: object) -> Invalid:
        if not isinstance(value, int) or low <= value <= high:
            return None
        return f"{value!r} is not within {low} to {high}", f"write an integer from {low} to {high}"

    return Constraint(f"an integer from {low} to {high}", validate)


def optional(constraint: Constraint) -> Constraint:
    """An empty string, or a value that meets the constraint."""
    return Constraint(f"empty, or {constraint.description}", lambda value: None if value == "" else constraint(value))


#: A duration above zero.
positive_duration = Constraint("a duration such as `30s`", duration.validate_duration)
#: A duration, or an empty string.
optional_duration = optional(positive_duration)
