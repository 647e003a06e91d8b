"""The base class of panels that show records, such as log lines and traces, of another datasource than Prometheus."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from obscode.findings.finding import Finding
from obscode.model import constraints
from obscode.model.dashboard import grafana_values
from obscode.model.dashboard.panel import PANEL_QUERY, Panel, transformation
from obscode.model.dashboard.query import DataQuery, Query


@dataclass(frozen=True)
class RecordPanel(Panel):
    """Base of the panels that show records of other datasources than Prometheus.

    Attributes:
        queries: one query, or several; `panels.DataQuery` for a datasource of another kind.
        datasource: the uid of the datasource, or a variable; by default the dashboard gets a variable for it.
        transformations: Grafana's transformations of the results, as JSON.
        time_range: the panel's own time range, such as `30d` or `now/d`; by default the dashboard's.
        time_shift: how far its time range is shifted into the past, such as `1w`.
    """

    queries: str | Query | DataQuery | Sequence[str | Query | DataQuery]
    _: KW_ONLY
    datasource: str = ""
    transformations: Sequence[Mapping[str, Any]] = ()
    time_range: str = ""
    time_shift: str = ""

    arguments = constraints.constraints(
        Panel.arguments, time_range=grafana_values.time_range, time_shift=grafana_values.interval
    )
    items = constraints.constraints(Panel.items, transformations=transformation)

    @abstractmethod
    def query_of(self, text: str) -> DataQuery:
        """The query that a text stands for."""

    def all_targets(self) -> tuple[Query | DataQuery, ...]:
        queries = (self.queries,) if isinstance(self.queries, str | Query | DataQuery) else self.queries
        return tuple(self.query_of(query) if isinstance(query, str) else query for query in queries)

    def all_queries(self) -> tuple[Query, ...]:
        return tuple(target for target in self.all_targets() if isinstance(target, Query))

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        texts = [self.queries] if isinstance(self.queries, str | Query | DataQuery) else list(self.queries)
        if not texts or any(isinstance(text, str) and not text.strip() for text in texts):
            yield self.finding(PANEL_QUERY, "the panel has no query", f"write {self.language}", at="queries")

    #: The language of a query that is a text, for hints.
    language = "a query"
