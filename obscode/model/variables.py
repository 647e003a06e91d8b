"""Dashboard variables: the namespace `obscode.variables`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model import constraints
from obscode.model.dashboard.variable import Variable
from obscode.model.identifiers import Invalid
from obscode.promql import duration

__all__ = [
    "AdHoc",
    "Constant",
    "Custom",
    "Datasource",
    "GroupBy",
    "Interval",
    "Query",
    "Raw",
    "Switch",
    "Text",
    "Variable",
]

#: The order of the values of a variable.
Sort = Literal[
    "alphabetical",
    "alphabetical-desc",
    "numerical",
    "numerical-desc",
    "case-insensitive",
    "case-insensitive-desc",
    "natural",
    "natural-desc",
    "none",
]

VARIABLE_VALUES = Code(
    "variable-values",
    "A variable has values; those of an interval are durations, and no name of a custom value contains ` : `.",
    why="Grafana separates the name of a value from the value by ` : `.",
    bad='variables.Custom("quantile", [])',
    good='variables.Custom("quantile", ["0.5", "0.99"])',
)
VARIABLE_DEFAULT = Code(
    "variable-default",
    "The default of a custom variable or an interval is one of its values.",
    why="Grafana would query with a value that a reader cannot select again.",
    bad='variables.Custom("quantile", ["0.5", "0.99"], default="0.9")',
    good='variables.Custom("quantile", ["0.5", "0.99"], default="0.99")',
)


@constraints.constraint("not empty")
def _variable_query(value: object) -> Invalid:
    """A query as a text, or as JSON."""
    return constraints.non_empty(value) or (
        constraints.json_serialisable(value) if isinstance(value, Mapping) else None
    )


@dataclass(frozen=True)
class Query(Variable):
    """The values of a label: `variables.Query("instance", 'label_values(up{job=~"$job"}, instance)')`.

    By default several values can be selected, and All: queries match it with `=~`. With `multi=False,
    include_all=False` it has one value, for `=`.

    Attributes:
        query: `label_values(selector, label)`, `query_result(...)` or `metrics(...)`; it may use other variables. For
            datasources of other kinds, their query as JSON.
        multi: several values can be selected; queries then match it with `=~`.
        include_all: the values include All.
        all_value: the regular expression for All; empty for the list of all values.
        regex: a filter of the values, such as `/api-.*/`.
        sort: the order of the values: "alphabetical", "numerical", "case-insensitive" or "natural", each also with
            "-desc" for descending, or "none".
        refresh: when the values are queried again: when the "time" range changes, or at the "load" of the dashboard.
        default: the value that is selected at first, or `$__all`.
        datasource: the uid of another datasource, or a variable such as `${eu}`; by default that of the dashboard.
        plugin: the plugin of the datasource.
    """

    query: str | Mapping[str, Any]
    _: KW_ONLY
    multi: bool = True
    include_all: bool = True
    all_value: str = ".+"
    regex: str = ""
    sort: Sort = "alphabetical"
    refresh: Literal["time", "load"] = "time"
    default: str = ""
    datasource: str = ""
    plugin: str = "prometheus"

    arguments = constraints.constraints(
        Variable.arguments,
        query=_variable_query,
        plugin=constraints.non_empty,
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
class Interval(Variable):
    """Durations for the windows and steps of queries: `rate(requests_total[$window])`.

    Attributes:
        values: the durations.
        auto: the values include auto: the time range in ``auto_steps`` parts, but at least ``auto_least``.
        auto_steps: the number of parts, 1 to 1000.
        auto_least: the least duration of auto.
        default: the duration that is selected at first; by default auto, or the first one.
    """

    values: Sequence[str] = ("1m", "5m", "10m", "30m", "1h", "6h", "12h", "1d", "7d", "14d", "30d")
    _: KW_ONLY
    auto: bool = False
    auto_steps: int = 30
    auto_least: str = "10s"
    default: str = ""

    arguments = constraints.constraints(
        Variable.arguments,
        auto_steps=constraints.int_between(1, 1000),
        auto_least=constraints.positive_duration,
    )

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        if not self.values:
            yield self.finding(VARIABLE_VALUES, "the variable has no values", 'write ["1m", "1h"]', at="values")
        for i, value in enumerate(self.values):
            if wrong := duration.validate_duration(value):
                yield self.finding(VARIABLE_VALUES, *wrong, at="values", item=i)
        if self.default and self.default not in self.values:
            hint = f"it has {', '.join(repr(value) for value in self.values)}"
            yield self.finding(VARIABLE_DEFAULT, f"{self.default!r} is not one of the values", hint, at="default")


@dataclass(frozen=True)
class Constant(Variable):
    """A value that readers do not change: a part of queries that differs between dashboards.

    Attributes:
        value: the value.
        hidden: not shown at the top.
    """

    value: str
    _: KW_ONLY
    hidden: bool = True


@constraints.constraint('a matcher such as `job="api"`')
def _matcher(value: object) -> Invalid:
    """A filter of labels, with an operator of ad hoc filters."""
    if isinstance(value, str) and parse_matcher(value):
        return None
    return f"{value!r} is not a matcher", "write 'job=\"api\"', with one of = != =~ !~ < >"


_MATCHER = re.compile(r'\s*([a-zA-Z_][\w.:]*)\s*(=~|!~|!=|=|<|>)\s*"([^"\\]*)"\s*')


def parse_matcher(text: str) -> tuple[str, str, str] | None:
    """Label, operator and value of a matcher without escapes; None for other texts."""
    match = _MATCHER.fullmatch(text)
    return (match[1], match[2], match[3]) if match else None


@dataclass(frozen=True)
class AdHoc(Variable):
    """Filters by label that readers add: Grafana adds them to all queries of the datasource.

    `variables.AdHoc("filters", ['namespace="shop"'])`

    Attributes:
        filters: the filters at first: label, operator and value, such as `pod=~"api-.*"`.
        fixed: filters that readers do not see, in the same form.
        group_by: readers can group by labels, too; needs Grafana 13.
        datasource: the uid of the datasource, or a variable; by default that of the dashboard.
        plugin: the plugin of the datasource.
    """

    filters: Sequence[str] = ()
    _: KW_ONLY
    fixed: Sequence[str] = ()
    group_by: bool = False
    datasource: str = ""
    plugin: str = "prometheus"

    arguments = constraints.constraints(Variable.arguments, plugin=constraints.non_empty)
    items = constraints.constraints(filters=_matcher, fixed=_matcher)


@dataclass(frozen=True)
class GroupBy(Variable):
    """Labels that readers group by: Grafana adds them to all aggregations of the datasource's queries.

    It needs the feature `groupByVariable` of Grafana 11 and 12. Grafana 13 has `variables.AdHoc(group_by=True)`, too.

    Attributes:
        default: the labels at first.
        datasource: the uid of the datasource, or a variable; by default that of the dashboard.
        plugin: the plugin of the datasource.
    """

    default: Sequence[str] = ()
    _: KW_ONLY
    datasource: str = ""
    plugin: str = "prometheus"

    arguments = constraints.constraints(Variable.arguments, plugin=constraints.non_empty)


@dataclass(frozen=True)
class Switch(Variable):
    """A switch with two values; needs Grafana 12.3.

    Attributes:
        on: the value when it is on.
        off: the value when it is off.
        default: whether it is on at first.
    """

    on: str = "true"
    off: str = "false"
    _: KW_ONLY
    default: bool = False


@dataclass(frozen=True)
class Raw(Variable):
    """A variable as JSON, for settings that have no argument in obscode.

    Attributes:
        json: the variable's JSON, from Settings > JSON Model in Grafana, without its name.
    """

    json: Mapping[str, Any]

    arguments = constraints.constraints(Variable.arguments, json=constraints.json_serialisable)
