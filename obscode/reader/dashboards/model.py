"""A Grafana dashboard as the rules see it, whichever form its JSON has: read only, and never more than is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from obscode.artifacts.dashboards import Form
from obscode.model.panels.kinds import KINDS
from obscode.reader.dashboards.json_cursor import Node, Path

Language = Literal["promql", "logql", ""]

#: Names that are no datasource of the user's.
BUILT_IN = ("-- Mixed --", "-- Grafana --", "-- Dashboard --", "-- Public --", "grafana", "__expr__")

#: Panel types that show numbers, or the text that numbers are mapped to.
NUMBERS = frozenset(kind.type for kind in KINDS.values() if kind.shows == "numbers")
#: Panel types that show the results of queries.
QUERIED = frozenset(kind.type for kind in KINDS.values() if kind.is_queried)
#: Grafana's own panel types; the strings of other types may be code.
CORE = frozenset(KINDS)


@dataclass(frozen=True)
class Datasource:
    """What a panel or a query reads: the plugin, where it can be told, and the uid or name as written."""

    type: str = ""
    name: str = ""
    path: Path = ()

    @property
    def variable(self) -> str:
        """The name of the variable (or of the input of an export) that chooses it; empty for a fixed one."""
        name = self.name
        for opening, closing in (("${", "}"), ("[[", "]]"), ("$", "")):
            if name.startswith(opening) and name.endswith(closing):
                return name[len(opening) : len(name) - len(closing)].partition(":")[0]
        return ""

    @property
    def built_in(self) -> bool:
        """Whether it is one that every Grafana has."""
        return self.name in BUILT_IN or (self.type in BUILT_IN and not self.variable)


@dataclass(frozen=True)
class Variable:
    """What a reader chooses at the top of a dashboard."""

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
        """Whether more than one value can be chosen, so that Grafana writes (a|b)."""
        return self.multi or self.include_all


@dataclass(frozen=True)
class Grid:
    """Where a panel stands; the dashboard is 24 columns wide."""

    x: float
    y: float
    width: float
    height: float
    path: Path = ()
    group: Path = ()  # of what is laid out together: the dashboard, a folded row, a tab

    def overlaps(self, other: Grid) -> bool:
        """Whether both take a cell, where both are laid out together."""
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
    query: Node = field(repr=False)  # what holds `expr`: of a v2 resource, it lies deeper

    @property
    def name(self) -> str:
        """How people call it."""
        return f"query {self.ref}" if self.ref else f"query {self.index + 1}"


@dataclass(frozen=True)
class Thresholds:
    """The steps of a panel, or of an override of some of its series."""

    node: Node = field(repr=False)
    unit: str
    override: bool

    @property
    def percentages(self) -> bool:
        """Whether the values are percentages of the range from min to max."""
        return bool(self.node.get("mode").value == "percentage")

    def steps(self) -> list[Node]:
        """From the base up."""
        return self.node.objects("steps")


@dataclass(frozen=True)
class Panel:
    """A panel, wherever it stands."""

    id: int | None
    title: str
    description: str
    type: str
    datasource: Datasource
    targets: tuple[Target, ...]
    grid: Grid | None
    repeats: frozenset[str]  # the variables that it, or its row, is repeated for
    interval: str
    reference: bool  # to a library panel whose content is elsewhere
    node: Node = field(repr=False)
    options: Node = field(repr=False)
    config: Node = field(repr=False)  # fieldConfig

    @property
    def name(self) -> str:
        """How people call it."""
        if self.title:
            return f"panel {self.title!r}"
        return f"panel {self.id}" if self.id is not None else "a panel without a title"

    @property
    def defaults(self) -> Node:
        """What holds for all fields."""
        return self.config.object("defaults")

    def properties(self) -> Iterator[Node]:
        """The properties of all overrides."""
        for override in self.config.objects("overrides"):
            yield from override.objects("properties")

    def thresholds(self) -> Iterator[Thresholds]:
        """Those of all fields, then those of overrides."""
        unit = self.defaults.text("unit")
        if self.defaults.has("thresholds"):
            yield Thresholds(self.defaults.object("thresholds"), unit, False)
        own: dict[str, str] = {}  # units of some fields, by what says which fields: it may be said twice
        overrides = [(o, repr(o.get("matcher").value)) for o in self.config.objects("overrides")]
        for override, fields in overrides:
            for source in override.objects("properties"):
                if source.get("id").value in ("unit", "custom.unit"):
                    own[fields] = source.text("value")
        for override, fields in overrides:
            for source in override.objects("properties"):
                if source.get("id").value == "thresholds" and source.has("value"):
                    yield Thresholds(source.object("value"), own.get(fields, unit), True)


@dataclass(frozen=True)
class Row:
    """A row; panels of an open one stand beside it in the file."""

    title: str
    collapsed: bool
    repeat: str
    inside: int
    id: int | None
    grid: Grid | None
    node: Node = field(repr=False)

    @property
    def name(self) -> str:
        """How people call it."""
        return f"row {self.title!r}"


@dataclass(frozen=True)
class Dashboard:
    """All of a dashboard."""

    form: Form
    title: str
    editable: bool
    panels: tuple[Panel, ...]
    rows: tuple[Row, ...]
    variables: tuple[Variable, ...]
    inputs: Mapping[str, str]  # what an export asks for when it is imported: name and plugin
    annotations: tuple[Target, ...]
    node: Node = field(repr=False)
    references: tuple[tuple[str, Path], ...] = ()  # of a v2 resource: the elements that its layout names

    def variable(self, name: str) -> Variable | None:
        """The variable of that name."""
        return next((variable for variable in self.variables if variable.name == name), None)

    def datasource_variables(self) -> list[Variable]:
        """Those that choose a datasource."""
        return [variable for variable in self.variables if variable.type == "datasource"]

    def targets(self, language: Language | None = None) -> Iterator[tuple[Panel, Target]]:
        """All queries of panels whose content is here, or those of one language."""
        for panel in self.panels:
            for target in panel.targets:
                if not panel.reference and (language is None or target.language == language):
                    yield panel, target
