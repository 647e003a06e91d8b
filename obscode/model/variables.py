"""Dashboard variables: the namespace `obscode.variables`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model import constraints
from obscode.model.dashboard.variable import Variable

__all__ = ["Custom", "Datasource", "Query", "Raw", "Text", "Variable"]

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

    By default several values can be selected, and All: queries match it with `=~`. With `multi=False,
    include_all=False` it has one value, for `=`.

    Attributes:
        query: `label_values(selector, label)`, `query_result(...)` or `metrics(...)`; it may use other variables.
        multi: several values can be selected; queries then match it with `=~`.
        include_all: the values include All.
        all_value: the regular expression for All; empty for the list of all values.
        regex: a filter of the values, such as `/api-.*/`.
        sort: the order of the values: "alphabetical", "numerical", "natural" or "none".
        refresh: when the values are queried again: when the "time" range changes, or at the "load" of the dashboard.
        default: the value that is selected at first, or `$__all`.
    """

    query: str
    _: KW_ONLY
    multi: bool = True
    include_all: bool = True
    all_value: str = ".+"
    regex: str = ""
    sort: Literal["alphabetical", "numerical", "natural", "none"] = "alphabetical"
    refresh: Literal["time", "load"] = "time"
    default: str = ""

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


@dataclass(frozen=True)
class Datasource(Variable):
    """A datasource that a reader selects.

    The first one for Prometheus replaces the variable `datasource` of obscode: the queries of the dashboard read it.

    Attributes:
        type: the plugin of the datasource, such as "prometheus" or "loki".
        regex: a filter of the names of datasources, such as `/prod/`.
        default: the name or the uid of the datasource that is selected at first.
    """

    _: KW_ONLY
    type: str = "prometheus"
    regex: str = ""
    default: str = ""

    arguments = constraints.constraints(Variable.arguments, type=constraints.non_empty)
    is_datasource = True


@dataclass(frozen=True)
class Raw(Variable):
    """A variable as JSON, for kinds that have no definition in obscode, such as `adhoc`.

    Attributes:
        json: the variable's JSON, from Settings > JSON Model in Grafana, without its name.
    """

    json: Mapping[str, Any]

    arguments = constraints.constraints(Variable.arguments, json=constraints.json_serialisable)
