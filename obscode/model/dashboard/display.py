"""How values are displayed: thresholds, value mappings, and overrides for some series."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, fields
from decimal import Decimal
from typing import Any, Literal

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model import constraints
from obscode.model.constraints import ConstrainedDefinition
from obscode.model.dashboard import grafana_values
from obscode.model.dashboard.link import Link, to_url
from obscode.model.dashboard.units import validate_unit

OVERRIDE_TARGET = Code(
    "override-target",
    "An override has exactly one of `name`, `regex` and `query`.",
    why="They select the series that the override applies to.",
    bad='panels.Override(unit="s")',
    good='panels.Override("p99", unit="s")',
)
ASCENDING_THRESHOLDS = Code(
    "ascending-thresholds",
    "Thresholds are in ascending order, the base first.",
    why="Grafana compares a value with one threshold after the other and stops at the first that is higher.",
    bad="thresholds=[panels.Threshold(0.9), panels.Threshold(0.5, 'orange')]",
    good="thresholds=[panels.Threshold(0.5, 'orange'), panels.Threshold(0.9)]",
)

#: How a table shows a cell.
Cell = Literal[
    "auto",
    "color-text",
    "color-background",
    "gauge",
    "sparkline",
    "json-view",
    "image",
    "data-links",
    "pill",
    "markdown",
]


@dataclass(frozen=True)
class Threshold(ConstrainedDefinition):
    """A color from a value upwards.

    Attributes:
        value: in the panel's unit; None for the base, below all others. Without a base, values below the first
            threshold are green, or transparent in a graph with filled areas.
        color: a color of Grafana's, or `#rrggbb`.
    """

    value: float | Decimal | None
    color: str = "red"

    code_prefix = "threshold"
    arguments = constraints.constraints(value=constraints.finite_number, color=grafana_values.color)


@dataclass(frozen=True)
class ValueMap(ConstrainedDefinition):
    """A text for one value: `panels.ValueMap(0, "Down", "red")`.

    Attributes:
        value: the value.
        text: shown instead of the value.
        color: a color of Grafana's, or `#rrggbb`; by default the color of the series.
    """

    value: str | float | Decimal
    text: str
    color: str = ""

    code_prefix = "value-map"
    arguments = constraints.constraints(
        value=constraints.finite_number,
        color=constraints.optional(grafana_values.color),
    )


@dataclass(frozen=True)
class RangeMap(ConstrainedDefinition):
    """A text for a range of values.

    Attributes:
        low: the lower end, inclusive; None for no lower end.
        high: the upper end, inclusive; None for no upper end.
        text: shown instead of the value.
        color: a color of Grafana's, or `#rrggbb`; by default the color of the series.
    """

    low: float | Decimal | None
    high: float | Decimal | None
    text: str
    color: str = ""

    code_prefix = "range-map"
    arguments = constraints.constraints(
        low=constraints.finite_number,
        high=constraints.finite_number,
        color=constraints.optional(grafana_values.color),
    )


@dataclass(frozen=True)
class RegexMap(ConstrainedDefinition):
    """A text for values that match a regular expression.

    Attributes:
        pattern: the regular expression.
        text: shown instead of the value; `$1` is the first group.
        color: a color of Grafana's, or `#rrggbb`; by default the color of the series.
    """

    pattern: str
    text: str
    color: str = ""

    code_prefix = "regex-map"
    arguments = constraints.constraints(pattern=constraints.non_empty, color=constraints.optional(grafana_values.color))


@dataclass(frozen=True)
class SpecialMap(ConstrainedDefinition):
    """A text for special values, such as no value.

    Attributes:
        match: "null", "nan", "null+nan", "true", "false" or "empty".
        text: shown instead of the value.
        color: a color of Grafana's, or `#rrggbb`; by default the color of the series.
    """

    match: Literal["null", "nan", "null+nan", "true", "false", "empty"]
    text: str
    color: str = ""

    code_prefix = "special-map"
    arguments = constraints.constraints(
        color=constraints.optional(grafana_values.color),
    )


ValueMapping = ValueMap | RangeMap | RegexMap | SpecialMap


#: Fields of an override that only some kinds of panels support.
OWN_SETTINGS = ("draw", "fill", "line_width", "dashed", "axis", "cell", "width", "hide")


@dataclass(frozen=True)
class Override(ConstrainedDefinition):
    """Settings for some series or columns: exactly one of ``name``, ``regex`` and ``query`` selects them.

    Attributes:
        name: the name of a series or the title of a column.
        regex: a regular expression on the name, such as `/5../`.
        query: the ref of a query, for all of its series.
        title: another name.
        unit: a unit of Grafana's, such as `s` or `percentunit`.
        color: a color, or a color scheme.
        decimals: digits after the decimal point, 0 to 15.
        minimum: the lower end of the axis, in the unit.
        maximum: the upper end of the axis, in the unit.
        hide: hide the series or the column.
        axis: the side of the axis: "left", "right" or "hidden".
        draw: "line", "bars" or "points".
        fill: opacity of the area below a line, 0 to 100.
        line_width: in pixels, 0 to 10.
        dashed: draw a dashed line.
        cell: the cell type of a column, such as "color-background" or "gauge".
        width: the width of a column in pixels, 1 to 10,000.
        mappings: values shown as text.
        thresholds: colors by value, in ascending order.
        links: links on the series or the cells.
        properties: other field settings of Grafana's, by id, such as `{"custom.lineInterpolation": "smooth"}`.
    """

    name: str = ""
    _: KW_ONLY
    regex: str = ""
    query: str = ""
    title: str = ""
    unit: str = ""
    color: str = ""
    decimals: int | None = None
    minimum: float | Decimal | None = None
    maximum: float | Decimal | None = None
    hide: bool = False
    axis: Literal["", "left", "right", "hidden"] = ""
    draw: Literal["", "line", "bars", "points"] = ""
    fill: int | None = None
    line_width: int | None = None
    dashed: bool = False
    cell: Literal[""] | Cell = ""
    width: int | None = None
    mappings: Sequence[ValueMapping] = ()
    thresholds: Sequence[Threshold] = ()
    links: Sequence[Link] = ()
    properties: Mapping[str, Any] = field(default_factory=dict)

    code_prefix = "override"
    arguments = constraints.constraints(
        unit=validate_unit,
        color=constraints.optional(grafana_values.color_or_scheme),
        decimals=constraints.int_between(0, 15),
        minimum=constraints.finite_number,
        maximum=constraints.finite_number,
        fill=constraints.int_between(0, 100),
        line_width=constraints.int_between(0, 10),
        properties=constraints.json_serialisable,
        width=constraints.int_between(1, 10_000),
    )
    items = constraints.constraints(links=to_url)

    def supported_override_fields(self) -> list[str]:
        """The fields that are set and that only some kinds of panels support."""
        unset = {spec.name: spec.default for spec in fields(self)}
        return [name for name in OWN_SETTINGS if getattr(self, name) != unset[name]]

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        if sum(map(bool, (self.name, self.regex, self.query))) != 1:
            hint = 'write panels.Override("p99", ...), or regex="/5../", or query="A"'
            yield self.finding(OVERRIDE_TARGET, "the override needs exactly one of name, regex and query", hint)
        yield from threshold_problems(self, self.thresholds)


def threshold_problems(definition: ConstrainedDefinition, thresholds: Sequence[Threshold]) -> Iterator[Finding]:
    """Thresholds that are not in ascending order."""
    before: float | Decimal | None = None
    for i, threshold in enumerate(thresholds):
        if constraints.finite_number(threshold.value):
            continue
        if threshold.value is None and i:
            hint = "move panels.Threshold(None, ...) to the front"
            yield definition.finding(
                ASCENDING_THRESHOLDS, "the base is not the first threshold", hint, at="thresholds", item=i
            )
        elif threshold.value is not None and before is not None and threshold.value <= before:
            message = f"threshold {threshold.value} comes after {before}"
            yield definition.finding(
                ASCENDING_THRESHOLDS, message, "write them in ascending order", at="thresholds", item=i
            )
        before = threshold.value if threshold.value is not None else before
