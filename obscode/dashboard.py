"""Dashboards as the user thinks of them: rows of panels over PromQL. No Grafana JSON here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from obscode.definition import Definition, Origin
from obscode.errors import Finding
from obscode.names import slug


@dataclass(frozen=True)
class Query(Definition):
    """One query of a panel; ``legend`` is a template such as `{{status}}`."""

    expr: str
    _: KW_ONLY
    legend: str = ""


@dataclass(frozen=True)
class Panel(Definition):
    """Base of the panels: a title and one query, or several.

    ``unit`` is a Grafana unit such as `s`, `percentunit` or `reqps`; ``width`` counts of 24 columns.
    """

    title: str
    queries: str | Query | Sequence[str | Query]
    _: KW_ONLY
    legend: str = ""
    unit: str = ""
    description: str = ""
    decimals: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    width: int = 0
    height: int = 0

    def all_queries(self) -> tuple[Query, ...]:
        """The queries, each with its legend."""
        given = (self.queries,) if isinstance(self.queries, str | Query) else self.queries
        return tuple(q if isinstance(q, Query) else Query(q, legend=self.legend, origin=self.origin) for q in given)

    def problems(self) -> Iterator[Finding]:
        if not isinstance(self.title, str) or not slug(self.title):
            yield self.finding("panel-title", f"{self.title!r} is no title", "write what the panel shows", at="title")
        if not self.queries:
            yield self.finding("panel-query", "the panel has no query", "write PromQL", at="queries")
        if not 0 <= self.width <= 24:
            yield self.finding("panel-width", f"width {self.width} is not within 1 to 24", "a row has 24 columns", at="width")


@dataclass(frozen=True)
class TimeSeries(Panel):
    """Lines over time."""


@dataclass(frozen=True)
class Stat(Panel):
    """One number, now."""


@dataclass(frozen=True, init=False)
class Row(Definition):
    """A titled row of panels; ``collapsed`` rows are folded, and query nothing until opened."""

    title: str
    panels: tuple[Panel, ...]
    collapsed: bool = field(default=False, kw_only=True)

    def __init__(self, title: str, *panels: Panel, collapsed: bool = False, **base: Any) -> None:
        object.__setattr__(self, "title", title)
        object.__setattr__(self, "panels", panels)
        object.__setattr__(self, "collapsed", collapsed)
        object.__setattr__(self, "ignore", base.get("ignore", {}))
        object.__setattr__(self, "origin", base.get("origin") or Origin.of_caller())

    def problems(self) -> Iterator[Finding]:
        if not isinstance(self.title, str) or not slug(self.title):
            yield self.finding("row-title", f"{self.title!r} is no title", "write what the row is about", at="title")
        for panel in self.panels:
            if not isinstance(panel, Panel):
                yield self.finding("row-panel", f"{panel!r} is not a panel", 'write TimeSeries("Title", "promql")')


@dataclass(frozen=True)
class Dashboard(Definition):
    """A dashboard of its own, or a service's with more settings than rows.

    ``uid`` is what links name; it comes from the title where it is not given.
    """

    title: str
    rows: Sequence[Row] = ()
    _: KW_ONLY
    uid: str = ""
    folder: str = ""
    description: str = ""
    tags: Sequence[str] = ()

    def problems(self) -> Iterator[Finding]:
        if not isinstance(self.title, str) or not slug(self.title):
            yield self.finding("dashboard-title", f"{self.title!r} is no title", "write a title", at="title")
        for i, row in enumerate(self.rows):
            if not isinstance(row, Row):
                yield self.finding("dashboard-row", f"{row!r} is not a Row", 'write Row("Title", ...)', at="rows", item=i)
