"""Variables of dashboards: values that a reader selects, and that queries contain as `$name`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Literal

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model import constraints
from obscode.model.constraints import ConstrainedDefinition
from obscode.model.dashboard import grafana_values

RESERVED_VARIABLE = Code(
    "reserved-variable",
    "A variable has another name than the datasource variables `datasource` and `loki_datasource`.",
    why="obscode adds these to every dashboard that needs them.",
    bad='variables.Text("datasource")',
    good='variables.Text("search")',
)
VARIABLE_VALUES = Code(
    "variable-values",
    "A custom variable has values, and no name of a value contains ` : `.",
    why="Grafana separates the name of a value from the value by ` : `.",
    bad='variables.Custom("quantile", [])',
    good='variables.Custom("quantile", ["0.5", "0.99"])',
)
VARIABLE_DEFAULT = Code(
    "variable-default",
    "The default of a custom variable is one of its values.",
    why="Grafana would query with a value that a reader cannot select again.",
    bad='variables.Custom("quantile", ["0.5", "0.99"], default="0.9")',
    good='variables.Custom("quantile", ["0.5", "0.99"], default="0.99")',
)

#: Variables that obscode adds for the datasources of Prometheus and Loki.
RESERVED = ("datasource", "loki_datasource")


@dataclass(frozen=True)
class Variable(ConstrainedDefinition):
    """Base of all variables.

    Attributes:
        name: letters, digits and `_`; queries contain it as `$name`.
        label: shown before the values; by default it follows from the name.
        description: shown as a tooltip.
        hidden: not shown at the top.
    """

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
            message = f"obscode adds the variable {self.name!r} itself"
            yield self.finding(RESERVED_VARIABLE, message, "remove it, or rename it", at="name")


@dataclass(frozen=True)
class QueryVariable(Variable):
    """The values of a label: `variables.Query("instance", 'label_values(up{job=~"$job"}, instance)')`.

    Attributes:
        query: `label_values(selector, label)`, `query_result(...)` or `metrics(...)`; it may use other variables.
        multi: several values can be selected; queries then match it with `=~`.
        include_all: the values include All.
        all_value: the regular expression for All.
        regex: a filter of the values, such as `/api-.*/`.
        sort: the order of the values: "alphabetical", "numerical", "natural" or "none".
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
    """A list of values.

    Attributes:
        values: the values, or a mapping of their names to the values.
        default: the value that is selected at first; by default the first one.
        multi: several values can be selected; queries then match it with `=~`.
        include_all: the values include All.
    """

    values: Sequence[str] | Mapping[str, str]
    _: KW_ONLY
    default: str = ""
    multi: bool = False
    include_all: bool = False

    def choices(self) -> dict[str, str]:
        """The values by their names."""
        if isinstance(self.values, Mapping):
            return dict(self.values)
        return {value: value for value in self.values}

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        choices = self.choices()
        if not choices:
            yield self.finding(VARIABLE_VALUES, "the variable has no values", 'write ["0.5", "0.99"]', at="values")
        for i, text in enumerate(choices):
            if " : " in text:  # Grafana's separator of name and value
                message = f"Grafana reads {text!r} as a name and a value"
                yield self.finding(VARIABLE_VALUES, message, "remove the ' : '", at="values", item=i)
        if self.default and self.default not in choices.values():
            hint = f"it has {', '.join(repr(value) for value in choices.values())}"
            yield self.finding(VARIABLE_DEFAULT, f"{self.default!r} is not one of the values", hint, at="default")


@dataclass(frozen=True)
class TextVariable(Variable):
    """A text that a reader enters.

    Attributes:
        default: the text at first.
    """

    default: str = ""
