"""Layouts of Grafana's dashboards of version 2, and when their parts are shown: the namespace `obscode.layout`.

Classic dashboards have none of it: tabs become rows, an automatic grid is computed, and everything is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Literal

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model import constraints
from obscode.model.constraints import ConstrainedDefinition
from obscode.model.dashboard import grafana_values

__all__ = ["AutoGrid", "HasData", "Hide", "Show", "Tab", "TimeRangeBelow", "VariableIs"]

NO_CONDITION = Code(
    "layout-condition",
    "`layout.Show` and `layout.Hide` have a condition.",
    why="Without one, Grafana shows or hides the part always.",
    bad='Row("Europe", panels.Stat("Up", "up"), visible=layout.Show([]))',
    good='Row("Europe", panels.Stat("Up", "up"), visible=layout.Show(layout.VariableIs("region", "eu")))',
)


@dataclass(frozen=True)
class VariableIs(ConstrainedDefinition):
    """The variable has a value: `layout.VariableIs("region", "eu")`.

    Attributes:
        variable: the name of the variable.
        value: the value, or a regular expression.
        operator: "equals", "not_equals", "matches" or "not_matches".
    """

    variable: str
    value: str
    _: KW_ONLY
    operator: Literal["equals", "not_equals", "matches", "not_matches"] = "equals"

    code_prefix = "condition"
    arguments = constraints.constraints(variable=grafana_values.variable)


@dataclass(frozen=True)
class HasData(ConstrainedDefinition):
    """The queries of the panel return data; only for panels of an automatic grid.

    Attributes:
        value: False for no data.
    """

    value: bool = True


@dataclass(frozen=True)
class TimeRangeBelow(ConstrainedDefinition):
    """The time range of the dashboard is at most as long as a duration.

    Attributes:
        duration: the duration, such as `7d`.
    """

    duration: str

    code_prefix = "condition"
    arguments = constraints.constraints(duration=constraints.positive_duration)


Condition = VariableIs | HasData | TimeRangeBelow


@dataclass(frozen=True)
class _Visibility(ConstrainedDefinition):
    conditions: Condition | Sequence[Condition]
    _: KW_ONLY
    match: Literal["all", "any"] = "all"

    def all_conditions(self) -> tuple[Condition, ...]:
        """The conditions."""
        is_one = isinstance(self.conditions, VariableIs | HasData | TimeRangeBelow)
        return (self.conditions,) if is_one else tuple(self.conditions)  # type: ignore[arg-type, return-value]

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        if not self.conditions:
            hint = 'write layout.VariableIs("region", "eu")'
            yield self.finding(NO_CONDITION, "there is no condition", hint, at="conditions")


@dataclass(frozen=True)
class Show(_Visibility):
    """Shown if conditions are met: `layout.Show(layout.VariableIs("region", "eu"))`.

    Attributes:
        conditions: one condition, or several.
        match: "all" or "any" of them.
    """


@dataclass(frozen=True)
class Hide(_Visibility):
    """Hidden if conditions are met: `layout.Hide(layout.TimeRangeBelow("6h"))`.

    Attributes:
        conditions: one condition, or several.
        match: "all" or "any" of them.
    """


@dataclass(frozen=True)
class Tab(ConstrainedDefinition):
    """A tab of a dashboard: `Row("Errors", ..., tab=layout.Tab("Europe", visible=...))`.

    Attributes:
        title: the title.
        repeat: a variable; the tab is repeated for each of its values.
        visible: when the tab is shown.
    """

    title: str
    _: KW_ONLY
    repeat: str = ""
    visible: Show | Hide | None = None

    code_prefix = "tab"
    arguments = constraints.constraints(
        title=constraints.non_empty, repeat=constraints.optional(grafana_values.variable)
    )


@dataclass(frozen=True)
class AutoGrid(ConstrainedDefinition):
    """An automatic grid: all panels of the row have the same size, and as many are in a line as fit.

    Attributes:
        columns: the greatest number of panels in a line, 1 to 10.
        column_width: the least width of a panel: "narrow", "standard" or "wide".
        row_height: the height of the panels: "short", "standard" or "tall".
    """

    columns: int = 3
    _: KW_ONLY
    column_width: Literal["narrow", "standard", "wide"] = "standard"
    row_height: Literal["short", "standard", "tall"] = "standard"

    code_prefix = "auto-grid"
    arguments = constraints.constraints(columns=constraints.int_between(1, 10))

    @property
    def height(self) -> int:
        """The height of a panel in a classic dashboard, in grid rows."""
        return {"short": 5, "standard": 9, "tall": 14}[self.row_height]
