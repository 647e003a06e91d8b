"""Dashboard variables: the namespace `obscode.variables`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Literal

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model import constraints
from obscode.model.dashboard.variable import Variable

__all__ = ["Custom", "Query", "Text", "Variable"]

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


@dataclass(frozen=True)
class Query(Variable):
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
class Custom(Variable):
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
class Text(Variable):
    """A text that a reader enters.

    Attributes:
        default: the text at first.
    """

    default: str = ""
