"""How values are shown: thresholds, value mappings, and overrides for some of the series."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, fields
from decimal import Decimal
from typing import Any, Literal

from obscode.findings.finding import Finding
from obscode.model import constraints
from obscode.model.constraints import ConstrainedDefinition
from obscode.model.dashboard import grafana_values
from obscode.model.dashboard.link import Link, to_url
from obscode.model.dashboard.units import validate_unit

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
    """From ``value`` upwards, ``color``.

    None is the base, below all others; where it is not given it is green, or clear in a graph that fills areas.
    """

    value: float | Decimal | None
    color: str = "red"

    code_prefix = "threshold"
    arguments = constraints.constraints(value=constraints.finite_number, color=grafana_values.color)


@dataclass(frozen=True)
class ValueMap(ConstrainedDefinition):
    """One value shown as a word: `panels.ValueMap(0, "Down", "red")`."""

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
    """Values from ``low`` to ``high`` shown as a word; None leaves that end open."""

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
    """Texts that match a regular expression shown as a word, in which `$1` is its first group."""

    pattern: str
    text: str
    color: str = ""

    code_prefix = "regex-map"
    arguments = constraints.constraints(pattern=constraints.non_empty, color=constraints.optional(grafana_values.color))


@dataclass(frozen=True)
class SpecialMap(ConstrainedDefinition):
    """No value, or none that is a number, shown as a word."""

    match: Literal["null", "nan", "null+nan", "true", "false", "empty"]
    text: str
    color: str = ""

    code_prefix = "special-map"
    arguments = constraints.constraints(
        color=constraints.optional(grafana_values.color),
    )


ValueMapping = ValueMap | RangeMap | RegexMap | SpecialMap


#: Settings of an override that only some kinds of panels have.
OWN_SETTINGS = ("draw", "fill", "line_width", "dashed", "axis", "cell", "width", "hide")


@dataclass(frozen=True)
class Override(ConstrainedDefinition):
    """Other settings for some series or columns: by ``name``, by ``regex``, or all of a ``query`` (its ref).

    ``properties`` holds any of Grafana's field settings that has no argument here, by its id, such as
    `{"custom.lineInterpolation": "smooth"}`.
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
        """Those of its settings that only some kinds of panels have."""
        unset = {spec.name: spec.default for spec in fields(self)}
        return [name for name in OWN_SETTINGS if getattr(self, name) != unset[name]]

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        if sum(map(bool, (self.name, self.regex, self.query))) != 1:
            hint = 'write panels.Override("p99", ...), or regex="/5../", or query="A"'
            yield self.finding("override", "an override is for one of name, regex and query", hint)
        yield from threshold_problems(self, self.thresholds)


def threshold_problems(definition: ConstrainedDefinition, thresholds: Sequence[Threshold]) -> Iterator[Finding]:
    """Thresholds that do not ascend: Grafana stops at the first that is not reached."""
    check = f"{definition.code_prefix}-thresholds"
    before: float | Decimal | None = None
    for i, threshold in enumerate(thresholds):
        if not isinstance(threshold, Threshold) or constraints.finite_number(threshold.value):
            continue
        if threshold.value is None and i:
            hint = "move panels.Threshold(None, ...) to the front"
            yield definition.finding(check, "the base is not the first threshold", hint, at="thresholds", item=i)
        elif threshold.value is not None and before is not None and threshold.value <= before:
            message = f"threshold {threshold.value} comes after {before}"
            yield definition.finding(check, message, "list them upwards", at="thresholds", item=i)
        before = threshold.value if threshold.value is not None else before
