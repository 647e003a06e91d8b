"""A Grafana dashboard that was read from JSON, with the same model for every form of JSON; read only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from obscode.artifacts.dashboards import Form
from obscode.model.panels.kinds import KINDS
from obscode.reader.dashboards.json_cursor import Node, Path

Language = Literal["promql", "logql", ""]

#: Names of Grafana's built-in datasources.
BUILT_IN = ("-- Mixed --", "-- Grafana --", "-- Dashboard --", "-- Public --", "grafana", "__expr__")

#: Panel types that show numbers or mapped values.
NUMBERS = frozenset(kind.type for kind in KINDS.values() if kind.shows == "numbers")
#: Panel types that show the results of queries.
QUERIED = frozenset(kind.type for kind in KINDS.values() if kind.is_queried)
#: Grafana's built-in panel types; strings in panels of other types may be code.
CORE = frozenset(KINDS)


def variable_name(reference: str) -> str:
    """The name of the variable that a text consists of: `${name}`, `[[name]]` or `$name`; empty for other texts."""
    for opening, closing in (("${", "}"), ("[[", "]]"), ("$", "")):
        if reference.startswith(opening) and reference.endswith(closing):
            return reference[len(opening) : len(reference) - len(closing)].partition(":")[0]
    return ""


@dataclass(frozen=True)
class Datasource:
    """The datasource of a panel or a query: the plugin if it is known, and the uid or the name."""

    type: str = ""
    name: str = ""
    path: Path = ()

    @property
    def variable(self) -> str:
        """The name of the variable, or of the input of an export, that selects it; empty for a fixed datasource."""
        return variable_name(self.name)

    @property
    def built_in(self) -> bool:
        """True for a built-in datasource of Grafana."""
        return self.name in BUILT_IN or (self.type in BUILT_IN and not self.variable)


@dataclass(frozen=True)
class Variable:
    """A variable of a dashboard."""

    name: str
    type: str
    label: str
    query: str
    query_path: Path
    datasource: Datasource
    multi: bool
    include_all: bool
    all_value: str
    refresh: str  # "never", "load" or "time"
    hidden: bool
    values: tuple[str, ...]
    node: Node = field(repr=False)

    @property
    def several(self) -> bool:
        """True if several values can be selected, which Grafana writes as (a|b)."""
        return self.multi or self.include_all


@dataclass(frozen=True)
class Grid:
    """The position of a panel; the dashboard is 24 columns wide."""

    x: float
    y: float
    width: float
    height: float
    path: Path = ()
    group: Path = ()  # the layout that contains it: the dashboard, a folded row, a tab

    def overlaps(self, other: Grid) -> bool:
        """True if both are in the same layout and share a cell."""
        apart_x = self.x >= other.x + other.width or other.x >= self.x + self.width
        apart_y = self.y >= other.y + other.height or other.y >= self.y + self.height
        return not apart_x and not apart_y


@dataclass(frozen=True)
class Target:
    """A query of a panel."""

    index: int
    ref: str
    expr: str
    language: Language
    datasource: Datasource
    legend: str
    hidden: bool
    instant: bool
    format: str
    interval: str
    node: Node = field(repr=False)
    query: Node = field(repr=False)  # of the object with `expr`, which is nested in a v2 resource

    @property
    def name(self) -> str:
        """The name in findings."""
        return f"query {self.ref}" if self.ref else f"query {self.index + 1}"


@dataclass(frozen=True)
class Thresholds:
    """The thresholds of a panel, or of an override."""

    node: Node = field(repr=False)
    unit: str
    override: bool

    @property
    def percentages(self) -> bool:
        """True if the values are percentages of the range from min to max."""
        return bool(self.node.plain("mode") == "percentage")

    @cached_property
    def steps(self) -> list[Node]:
        """In the order of the file; the base is the first."""
        return self.node.objects("steps")


@dataclass(frozen=True)
class Panel:
    """A panel of a dashboard, a row or a layout."""

    id: int | None
    title: str
    description: str
    type: str
    datasource: Datasource
    targets: tuple[Target, ...]
    grid: Grid | None
    repeats: frozenset[str]  # the variables by which it, or its row, is repeated
    interval: str
    reference: bool  # a reference to a library panel
    node: Node = field(repr=False)
    options: Node = field(repr=False)
    config: Node = field(repr=False)  # fieldConfig

    @property
    def name(self) -> str:
        """The name in findings."""
        if self.title:
            return f"panel {self.title!r}"
        return f"panel {self.id}" if self.id is not None else "a panel without a title"

    @property
    def defaults(self) -> Node:
        """The defaults of all fields."""
        return self.config.object("defaults")

    def properties(self) -> Iterator[Node]:
        """The properties of the overrides."""
        for override in self.config.objects("overrides"):
            yield from override.objects("properties")

    @cached_property
    def thresholds(self) -> tuple[Thresholds, ...]:
        """The defaults of all fields, then the properties of overrides."""
        return tuple(self._thresholds())

    def _thresholds(self) -> Iterator[Thresholds]:
        unit = self.defaults.text("unit")
        if self.defaults.has("thresholds"):
            yield Thresholds(self.defaults.object("thresholds"), unit, False)
        own: dict[str, str] = {}  # the units of overrides, by matcher: several overrides may have the same matcher
        overrides = [(o, repr(o.plain("matcher"))) for o in self.config.objects("overrides")]
        for override, fields in overrides:
            for source in override.objects("properties"):
                if source.plain("id") in ("unit", "custom.unit"):
                    own[fields] = source.text("value")
        for override, fields in overrides:
            for source in override.objects("properties"):
                if source.plain("id") == "thresholds" and source.has("value"):
                    yield Thresholds(source.object("value"), own.get(fields, unit), True)


@dataclass(frozen=True)
class Row:
    """A row; the panels of an expanded row follow it in the file."""

    title: str
    collapsed: bool
    repeat: str
    inside: int
    id: int | None
    grid: Grid | None
    node: Node = field(repr=False)

    @property
    def name(self) -> str:
        """The name in findings."""
        return f"row {self.title!r}"


@dataclass(frozen=True)
class Dashboard:
    """A dashboard."""

    form: Form
    title: str
    editable: bool
    panels: tuple[Panel, ...]
    rows: tuple[Row, ...]
    variables: tuple[Variable, ...]
    inputs: Mapping[str, str]  # the inputs of an export: name and plugin
    annotations: tuple[Target, ...]
    node: Node = field(repr=False)
    references: tuple[tuple[str, Path], ...] = ()  # of a v2 resource: the elements in its layout

    def variable(self, name: str) -> Variable | None:
        """The variable with a name, or None."""
        return next((variable for variable in self.variables if variable.name == name), None)

    def datasource_variables(self) -> list[Variable]:
        """The variables that select a datasource."""
        return [variable for variable in self.variables if variable.type == "datasource"]

    def targets(self, language: Language | None = None) -> Iterator[tuple[Panel, Target]]:
        """The queries of all panels except library panels, or those of one language."""
        for panel in self.panels:
            for target in panel.targets:
                if not panel.reference and (language is None or target.language == language):
                    yield panel, target
