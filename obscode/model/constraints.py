"""What the values of a panel, a query, a variable may be: a rule each, told with what to write instead.

That a value is of the right kind at all (a string, a list of thresholds) is looked at elsewhere, for every
definition; a rule passes over one that is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import ClassVar

from obscode.findings.finding import Finding
from obscode.findings.suggestions import did_you_mean
from obscode.model.argument_types import fits, shown
from obscode.model.definition import Definition
from obscode.model.identifiers import Problem
from obscode.promql import duration

Rule = Callable[[object], Problem]


@dataclass(frozen=True)
class ConstrainedDefinition(Definition):
    """A definition whose arguments have rules: ``arguments``, and ``items`` for each of a list."""

    code_prefix: ClassVar[str] = ""
    arguments: ClassVar[Mapping[str, Rule]] = {}
    items: ClassVar[Mapping[str, Rule]] = {}

    def problems(self) -> Iterator[Finding]:
        for name, rule in self.arguments.items():
            if wrong := rule(getattr(self, name)):
                yield self._told(name, wrong)
        for name, rule in self.items.items():
            for i, item in enumerate(getattr(self, name)):
                if wrong := rule(item):
                    yield self._told(name, wrong, i)

    def _told(self, name: str, wrong: tuple[str, str], item: int | None = None) -> Finding:
        message, hint = wrong
        check = f"{self.code_prefix}-{name.replace('_', '-')}"
        return self.finding(check, f"{name} {message}", hint, at=name, item=item)


def each(base: Mapping[str, Rule] | None = None, /, **more: Rule) -> Mapping[str, Rule]:
    """The rules of a definition's arguments, those of its base first."""
    return {**(base or {}), **more}


def free(value: object) -> Problem:
    """Whatever is of the right kind."""
    return None


def words(value: object) -> Problem:
    """A string that says something."""
    return ("is empty", "write what it shows") if isinstance(value, str) and not value.strip() else None


def number(value: object) -> Problem:
    """A finite number, or none."""
    if not isinstance(value, int | float | Decimal) or _finite(value):
        return None
    return f"{value!r} is not a finite number", "write a number such as 0.05"


def _finite(value: float | Decimal) -> bool:
    try:
        return isfinite(value)
    except OverflowError:  # a whole number that no reader of JSON takes
        return False


def json_serialisable(value: object) -> Problem:
    """What JSON can hold."""
    if isinstance(value, Mapping | list | tuple):
        items = value.values() if isinstance(value, Mapping) else value
        return next((wrong for item in items if (wrong := json_serialisable(item))), None)
    plain = value is None or fits(value, str) or (isinstance(value, int | float) and not number(value))
    return None if plain else _unwritable(value)


def _unwritable(value: object) -> Problem:
    return f"holds {shown(value)}, which JSON does not", "write texts, numbers, lists and dicts"


def whole(low: int, high: int) -> Rule:
    """A whole number of a range, both ends included, or none."""

    def rule(value: object) -> Problem:
        if not isinstance(value, int) or low <= value <= high:
            return None
        return f"{value!r} is not within {low} to {high}", f"write a whole number from {low} to {high}"

    return rule


def one_of(*choices: str | int) -> Rule:
    """One of a few words or numbers."""

    def rule(value: object) -> Problem:
        if value in choices or not isinstance(value, type(choices[0])):
            return None
        listed = ", ".join(repr(choice) for choice in choices)
        near = did_you_mean(value, [c for c in choices if isinstance(c, str)]) if isinstance(value, str) else ""
        return f"{value!r} is not one of {listed}", near or "write one of them"

    return rule


def optional(rule: Rule) -> Rule:
    """An empty string, or what the rule demands."""
    return lambda value: None if value == "" else rule(value)


def length(value: object) -> Problem:
    """A duration such as `30s`, or nothing."""
    return None if value == "" else duration.validate_duration(value)
