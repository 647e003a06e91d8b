"""Panels that are read: text, logs, lists of alerts and of dashboards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field

from obscode.findings.finding import Finding
from obscode.model import constraints
from obscode.model.dashboard.panel import Panel
from obscode.model.dashboard.query import Query
from obscode.model.identifiers import label_problem


@dataclass(frozen=True)
class Text(Panel):
    """Markdown, or HTML; the title may be empty."""

    content: str
    _: KW_ONLY
    mode: str = "markdown"

    arguments = constraints.each(
        Panel.arguments,
        title=constraints.free,
        content=constraints.words,
        mode=constraints.one_of("markdown", "html"),
    )
    size = (24, 3)


@dataclass(frozen=True)
class Logs(Panel):
    """Log lines that a LogQL query of Loki finds; it adds a choice of the Loki datasource to the dashboard."""

    queries: str | Sequence[str]
    _: KW_ONLY
    newest_first: bool = True
    show_time: bool = True
    show_labels: bool = False
    wrap: bool = True
    prettify: bool = False
    deduplicate: str = "none"

    arguments = constraints.each(
        Panel.arguments, deduplicate=constraints.one_of("none", "exact", "numbers", "signature")
    )
    size = (24, 10)

    def log_queries(self) -> tuple[str, ...]:
        """The LogQL queries; ``all_queries`` are PromQL, and there are none."""
        return (self.queries,) if isinstance(self.queries, str) else tuple(self.queries)

    def all_queries(self) -> tuple[Query, ...]:
        return ()

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        if not self.queries or not all(query.strip() for query in self.log_queries()):
            yield self.finding("panel-query", "the panel has no query", "write LogQL", at="queries")


@dataclass(frozen=True)
class AlertList(Panel):
    """The alerts that fire or are pending, of those whose ``labels`` are these."""

    labels: Mapping[str, str] = field(default_factory=dict)
    _: KW_ONLY
    states: Sequence[str] = ("firing", "pending")
    alert: str = ""
    limit: int = 20

    arguments = constraints.each(Panel.arguments, limit=constraints.whole(1, 1000))
    items = constraints.each(
        Panel.items, states=constraints.one_of("firing", "pending", "recovering", "noData", "normal", "error")
    )

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        for i, label in enumerate(self.labels):
            if wrong := label_problem(label):
                yield self.finding("label-name", *wrong, at="labels", item=i)


@dataclass(frozen=True)
class DashboardList(Panel):
    """Links to the dashboards that have all of the ``tags``."""

    tags: Sequence[str] = ()
    _: KW_ONLY
    query: str = ""
    limit: int = 10
    starred: bool = False
    keep_time: bool = True
    keep_variables: bool = True

    arguments = constraints.each(Panel.arguments, limit=constraints.whole(1, 1000))
    items = constraints.each(Panel.items, tags=constraints.words)
