"""Dashboard variables: what a reader chooses at the top, and queries name as `$variable`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Literal

from obscode.findings.finding import Finding
from obscode.model import constraints
from obscode.model.constraints import ConstrainedDefinition
from obscode.model.dashboard import grafana_values

#: Variables that obscode adds: the choice of the datasource, and of Loki's where there are logs.
RESERVED = ("datasource", "loki_datasource")


@dataclass(frozen=True)
class Variable(ConstrainedDefinition):
    """Base of the variables; the label is made from the name where none is given."""

    name: str
    _: KW_ONLY
    label: str = ""
    description: str = ""
    hidden: bool = False

    code_prefix = "variable"
    arguments = constraints.constraints(name=grafana_values.variable)

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        if self.name in RESERVED:
            message = f"variable {self.name!r} is there already"
            yield self.finding("variable-name", message, "leave it out; obscode adds it", at="name")


@dataclass(frozen=True)
class QueryVariable(Variable):
    """The values of a label: `variables.Query("instance", 'label_values(up{job=~"$job"}, instance)')`.

    One query may name other variables. Readers choose several values, or all: match it with `=~`.
    """

    query: str
    _: KW_ONLY
    multi: bool = True
    include_all: bool = True
    all_value: str = ".+"
    regex: str = ""
    sort: Literal["alphabetical", "numerical", "natural", "none"] = "alphabetical"

    arguments = constraints.constraints(
        Variable.arguments,
        query=constraints.non_empty,
    )


@dataclass(frozen=True)
class CustomVariable(Variable):
    """One of a list, or of a mapping from what is shown to what queries get."""

    values: Sequence[str] | Mapping[str, str]
    _: KW_ONLY
    default: str = ""
    multi: bool = False
    include_all: bool = False

    def choices(self) -> dict[str, str]:
        """What is shown, and what queries get."""
        if isinstance(self.values, Mapping):
            return dict(self.values)
        return {value: value for value in self.values}

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        choices = self.choices()
        if not choices:
            yield self.finding("variable-values", "the variable has no values", 'write ["0.5", "0.99"]', at="values")
        for i, shown in enumerate(choices):
            if " : " in shown:  # how Grafana tells the name from the value
                message = f"{shown!r} would be read as a name and a value"
                yield self.finding("variable-values", message, "leave out the ' : '", at="values", item=i)
        if self.default and self.default not in choices.values():
            hint = f"it has {', '.join(repr(value) for value in choices.values())}"
            yield self.finding("variable-default", f"{self.default!r} is not one of the values", hint, at="default")


@dataclass(frozen=True)
class TextVariable(Variable):
    """What a reader types."""

    default: str = ""
