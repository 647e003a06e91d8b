"""What all panels share, and what those share that show values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal
from typing import Any, ClassVar

from obscode.findings.finding import Finding
from obscode.model import constraints
from obscode.model.constraints import ConstrainedDefinition
from obscode.model.dashboard import grafana_values
from obscode.model.dashboard.display import Override, Threshold, ValueMapping, threshold_problems
from obscode.model.dashboard.link import Link, to_url
from obscode.model.dashboard.query import Query
from obscode.model.dashboard.units import unit_problem
from obscode.model.identifiers import Problem

#: Grafana's grid.
COLUMNS = 24


@dataclass(frozen=True)
class Panel(ConstrainedDefinition):
    """Base of the panels: a title and a place in its row.

    ``width`` counts of 24 columns; 0 leaves width and height to the kind of panel. ``key`` keeps the panel's
    id, and so the links to it, when its title or its row changes. ``repeat`` names the variable for each of
    whose values the panel is shown, ``max_per_row`` at the most beside each other.
    """

    title: str
    _: KW_ONLY
    description: str = ""
    width: int = 0
    height: int = 0
    key: str = ""
    repeat: str = ""
    repeat_direction: str = "horizontal"
    max_per_row: int = 4
    links: Sequence[Link] = ()
    transparent: bool = False

    code_prefix = "panel"
    example = "TimeSeries(...) or Stat(...)"
    arguments = constraints.each(
        title=constraints.words,
        width=constraints.whole(0, COLUMNS),
        height=constraints.whole(0, 100),
        repeat=constraints.optional(grafana_values.variable),
        repeat_direction=constraints.one_of("horizontal", "vertical"),
        max_per_row=constraints.one_of(1, 2, 3, 4, 6, 8, 12, 24),
    )
    items = constraints.each(links=to_url)

    #: Width and height where the definition gives none.
    size: ClassVar[tuple[int, int]] = (12, 8)

    def all_queries(self) -> tuple[Query, ...]:
        """The PromQL queries, each with its legend."""
        return ()

    def all_links(self) -> tuple[Link, ...]:
        """The links, on the panel and on its data."""
        return tuple(self.links)


def transformation(value: object) -> Problem:
    """A transformation of Grafana's, as it stands in the JSON of a panel."""
    given: Mapping[str, Any] = value if isinstance(value, Mapping) else {"id": ""}
    if isinstance(given.get("id"), str) and isinstance(given.get("options", {}), Mapping):
        return constraints.json_serialisable(value)
    return f"{value!r} is not a transformation", 'write {"id": "merge", "options": {}}'


@dataclass(frozen=True)
class QueryPanel(Panel):
    """Base of the panels that show what PromQL yields: one query, or several.

    ``unit`` is a Grafana unit such as `s`, `percentunit` or `reqps`; ``no_value`` is shown where the query
    yields nothing. ``interval`` is the least step of the queries, where it is not the interval of the scrapes;
    ``time_range`` such as `30d` is the panel's own, whatever the dashboard shows.
    """

    queries: str | Query | Sequence[str | Query]
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

    arguments = constraints.each(
        Panel.arguments,
        unit=unit_problem,
        decimals=constraints.whole(0, 15),
        minimum=constraints.number,
        maximum=constraints.number,
        color=constraints.optional(grafana_values.color_or_scheme),
        interval=constraints.length,
        time_range=constraints.length,
    )
    items = constraints.each(
        Panel.items,
        data_links=to_url,
        transformations=transformation,
    )

    #: The settings of an override that this kind has beside those that all have.
    supported_override_fields: ClassVar[frozenset[str]] = frozenset()
    #: Whether a query asks for now alone.
    instant: ClassVar[bool] = False
    #: What a query is to yield where that is not series.
    format: ClassVar[str] = ""

    def all_queries(self) -> tuple[Query, ...]:
        given = (self.queries,) if isinstance(self.queries, str | Query) else self.queries
        return tuple(q if isinstance(q, Query) else Query(q, legend=self.legend, origin=self.origin) for q in given)

    def all_links(self) -> tuple[Link, ...]:
        return (*super().all_links(), *self.data_links, *(link for each in self.overrides for link in each.links))

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        yield from self._query_problems()
        yield from threshold_problems(self, self.thresholds)
        low, high = (None if constraints.number(end) else end for end in (self.minimum, self.maximum))
        if low is not None and high is not None and low >= high:
            message = f"minimum {low} is not below maximum {high}"
            yield self.finding("panel-minimum", message, "change one of them", at="minimum")

    def _query_problems(self) -> Iterator[Finding]:
        if not self.queries:
            yield self.finding("panel-query", "the panel has no query", "write PromQL", at="queries")
        queries = self.all_queries()
        for i, query in enumerate(queries):
            if not query.expr.strip() and self.queries:
                yield self.finding("panel-query", "the query is empty", "write PromQL", at="queries", item=i)
            if query.ref and query.ref in [other.ref for other in queries[:i]]:
                message = f"two queries of {self.title!r} have the ref {query.ref!r}"
                yield query.finding("panel-query", message, "give one another name", at="ref")
