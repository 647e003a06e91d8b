"""The base classes of panels: `Panel`, and `QueryPanel` for panels that show the results of PromQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from decimal import Decimal
from operator import is_
from typing import Any, ClassVar, Literal

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model import constraints
from obscode.model.constraints import ConstrainedDefinition
from obscode.model.dashboard import grafana_values
from obscode.model.dashboard.display import Override, Threshold, ValueMapping, threshold_problems
from obscode.model.dashboard.link import Link, to_url
from obscode.model.dashboard.panel_kind import PanelKind
from obscode.model.dashboard.query import DataQuery, Query
from obscode.model.dashboard.units import validate_unit
from obscode.model.identifiers import Invalid
from obscode.model.layout import Hide, Show

PANEL_QUERY = Code(
    "panel-query",
    "A panel has a query, and its queries have different refs.",
    why="Without a query, the panel is empty. Grafana drops a query with the ref of another.",
    bad='panels.TimeSeries("Requests", "")',
    good='panels.TimeSeries("Requests", "sum(rate(http_requests_total[$__rate_interval]))")',
)
MINIMUM_ABOVE_MAXIMUM = Code(
    "minimum-above-maximum",
    "The minimum of a panel is below its maximum.",
    why="Grafana draws no axis otherwise.",
    bad='panels.Gauge("Memory", "memory_usage_ratio", minimum=1, maximum=0)',
    good='panels.Gauge("Memory", "memory_usage_ratio", minimum=0, maximum=1)',
)

#: Grafana's grid.
COLUMNS = 24
# Each query is derived from it: a new one looks up its position, which takes longer.
_QUERY = Query("")
# All queries of a panel, and those for Prometheus.
_Targets = tuple[tuple[Query | DataQuery, ...], tuple[Query, ...]]


#: The direction in which a panel is repeated.
Direction = Literal["horizontal", "vertical"]
#: How many repeated panels fit in a row of 24 columns.
MaxPerRow = Literal[1, 2, 3, 4, 6, 8, 12, 24]


@dataclass(frozen=True)
class Panel(ConstrainedDefinition):
    """Base of all panels.

    Attributes:
        title: the title; alerts can name the panel by it.
        description: shown in the panel's corner, as Markdown.
        width: in grid columns, 1 to 24; by default, panels fill their line.
        height: in grid rows of 30 pixels, 1 to 100; by default that of the highest panel in its line.
        key: keeps the panel's id, and the links to it, when the title or the row changes.
        repeat: a variable; the panel is repeated for each of its values.
        repeat_direction: "horizontal" or "vertical".
        max_per_row: the greatest number of repeated panels beside each other: 1, 2, 3, 4, 6, 8, 12 or 24.
        links: links in the panel's corner.
        transparent: no background.
        extra: other settings of the panel's JSON, merged into it: `{"options": {"legend": {"width": 200}}}`. None
            removes a setting.
        visible: when the panel is shown, in a row with an automatic grid; always in classic dashboards.
    """

    title: str
    _: KW_ONLY
    description: str = ""
    width: int = 0
    height: int = 0
    key: str = ""
    repeat: str = ""
    repeat_direction: Direction = "horizontal"
    max_per_row: MaxPerRow = 4
    links: Sequence[Link] = ()
    transparent: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)
    visible: Show | Hide | None = None

    code_prefix = "panel"
    example = "panels.TimeSeries(...) or panels.Stat(...)"
    arguments = constraints.constraints(
        title=constraints.non_empty,
        width=constraints.int_between(0, COLUMNS),
        height=constraints.int_between(0, 100),
        repeat=constraints.optional(grafana_values.variable),
        extra=constraints.json_serialisable,
    )
    items = constraints.constraints(links=to_url)

    #: The panel type of Grafana that the definition is written as.
    kind: ClassVar[PanelKind]
    #: Usual width, which the layout may change, and height.
    size: ClassVar[tuple[int, int]] = (12, 8)

    def all_targets(self) -> tuple[Query | DataQuery, ...]:
        """The queries for all datasources, in order."""
        return ()

    def all_queries(self) -> tuple[Query, ...]:
        """The PromQL queries with their legends."""
        return ()

    def all_links(self) -> tuple[Link, ...]:
        """The links of the panel and of its data."""
        return tuple(self.links)


@constraints.constraint("a transformation with an id, as in the JSON of a panel")
def transformation(value: object) -> Invalid:
    """A transformation, as in the JSON of a panel."""
    source: Mapping[str, Any] = value if isinstance(value, Mapping) else {"id": ""}
    if isinstance(source.get("id"), str) and isinstance(source.get("options", {}), Mapping):
        return constraints.json_serialisable(value)
    return f"{value!r} is not a transformation", 'write {"id": "merge", "options": {}}'


@dataclass(frozen=True)
class QueryPanel(Panel):
    """Base of the panels that show the results of PromQL queries.

    Attributes:
        queries: one PromQL query, or several; those of other datasources are `panels.DataQuery`.
        legend: the template of the series' names, such as `{{status}}`, for queries without a legend.
        unit: a unit of Grafana's, such as `s`, `percentunit` or `reqps`; inferred from the expression by default.
        decimals: digits after the decimal point, 0 to 15.
        minimum: the lower end of the axis, in the panel's unit.
        maximum: the upper end of the axis, in the panel's unit.
        no_value: the text shown if the query returns nothing.
        color: a color, or a color scheme such as "palette-classic".
        thresholds: colors by value, in ascending order; inferred from alerts on the same expression by default.
        mappings: values shown as text.
        overrides: settings for some of the series.
        data_links: links on the series.
        transformations: Grafana's transformations of the results, as JSON.
        interval: the least step of the queries, or a variable; by default the service's scrape interval.
        time_range: the panel's own time range, such as `30d` or `now/d`; by default the dashboard's.
        time_shift: how far its time range is shifted into the past, such as `1w`.
        hide_time: do not show the time range and the shift in the panel's header.
        max_points: the greatest number of points of a series, 1 to 100,000; by default the width in pixels.
    """

    queries: str | Query | DataQuery | Sequence[str | Query | DataQuery]
    _: KW_ONLY
    legend: str = ""
    unit: str = ""
    decimals: int | None = None
    minimum: float | Decimal | None = None
    maximum: float | Decimal | None = None
    no_value: str = ""
    color: str = ""
    thresholds: Sequence[Threshold] = ()
    mappings: Sequence[ValueMapping] = ()
    overrides: Sequence[Override] = ()
    data_links: Sequence[Link] = ()
    transformations: Sequence[Mapping[str, Any]] = ()
    interval: str = ""
    time_range: str = ""
    time_shift: str = ""
    hide_time: bool = False
    max_points: int | None = None

    arguments = constraints.constraints(
        Panel.arguments,
        unit=validate_unit,
        decimals=constraints.int_between(0, 15),
        minimum=constraints.finite_number,
        maximum=constraints.finite_number,
        color=constraints.optional(grafana_values.color_or_scheme),
        interval=grafana_values.interval,
        time_range=grafana_values.time_range,
        time_shift=grafana_values.interval,
        max_points=constraints.int_between(1, 100_000),
    )
    items = constraints.constraints(
        Panel.items,
        data_links=to_url,
        transformations=transformation,
    )

    #: The fields of an Override that only some kinds support, and this one does.
    supported_override_fields: ClassVar[frozenset[str]] = frozenset()
    #: Whether overrides have any effect.
    has_overrides: ClassVar[bool] = True
    #: What the threshold of an alert becomes: a line, a color of the whole value, or nothing.
    alert_thresholds: ClassVar[Literal["line", "color", "none"]] = "none"
    #: Whether the values have one unit; without it, `panel-unit` reports nothing.
    has_unit: ClassVar[bool] = True
    #: Whether series are named by a legend.
    has_legend: ClassVar[bool] = True
    #: Whether values are shown between ``minimum`` and ``maximum``, which a ratio has by itself.
    has_range: ClassVar[bool] = False
    #: Whether the panel is empty without a query.
    needs_query: ClassVar[bool] = True
    #: The default of ``no_value``.
    empty_text: ClassVar[str] = "No data"

    def measured_expressions(self, expr: str) -> Mapping[str, str]:
        """For each argument that is a unit, the expression whose unit it is."""
        return {"unit": expr}

    def all_targets(self) -> tuple[Query | DataQuery, ...]:
        # Every pass of a build reads the queries; a copy with other arguments has the attributes of its original.
        return self._known_targets()[0]

    def all_queries(self) -> tuple[Query, ...]:
        return self._known_targets()[1]

    def _known_targets(self) -> _Targets:
        arguments = (self.queries, self.legend, self.origin)
        known: tuple[Sequence[object], _Targets] | None = vars(self).get("_known_queries")
        if known is None or not all(map(is_, known[0], arguments)):
            queries = (self.queries,) if isinstance(self.queries, str | Query | DataQuery) else self.queries
            targets = tuple(self._query(query) if isinstance(query, str) else query for query in queries)
            promql = tuple(target for target in targets if isinstance(target, Query))
            vars(self)["_known_queries"] = known = (arguments, (targets, promql))
        return known[1]

    def _query(self, expr: str) -> Query:
        return _QUERY.derive(expr=expr, legend=self.legend, origin=self.origin)

    def all_links(self) -> tuple[Link, ...]:
        return (*super().all_links(), *self.data_links, *(link for each in self.overrides for link in each.links))

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        yield from self._query_problems()
        yield from threshold_problems(self, self.thresholds)
        low, high = (None if constraints.finite_number(end) else end for end in (self.minimum, self.maximum))
        if low is not None and high is not None and low >= high:
            message = f"minimum {low} is not below maximum {high}"
            yield self.finding(MINIMUM_ABOVE_MAXIMUM, message, "change one of them", at="minimum")

    def _query_problems(self) -> Iterator[Finding]:
        if not self.queries and self.needs_query:
            yield self.finding(PANEL_QUERY, "the panel has no query", "write PromQL", at="queries")
        queries = self.all_targets()
        for i, query in enumerate(queries):
            if isinstance(query, Query) and not query.expr.strip() and self.queries:
                yield self.finding(PANEL_QUERY, "the query is empty", "write PromQL", at="queries", item=i)
            if query.ref and query.ref in [other.ref for other in queries[:i]]:
                message = f"two queries of {self.title!r} have the ref {query.ref!r}"
                yield query.finding(PANEL_QUERY, message, "rename one", at="ref")
