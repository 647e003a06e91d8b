"""The data of a panel: its queries, evaluated by Prometheus, as Grafana's data frames."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from obscode.clients.errors import ServerError
from obscode.clients.prometheus import PrometheusClient, Series
from obscode.preview import frames
from obscode.preview.frames import Frame
from obscode.preview.queries import PanelQueries, Query
from obscode.preview.time_ranges import TimeRange

_SORTED = re.compile(r"^\s*(?:sort|sort_desc|sort_by_label|sort_by_label_desc|topk|bottomk)\b", re.ASCII)


@dataclass(frozen=True)
class QueryError:
    """A query that Prometheus rejects; ``kind`` is Prometheus' `errorType`."""

    query: Query
    message: str
    kind: str


@dataclass(frozen=True)
class PanelData:
    """What the queries of a panel return."""

    frames: Sequence[Frame]
    errors: Sequence[QueryError] = ()
    empty: Sequence[Query] = field(default=())


class Evaluator:
    """Evaluates queries; equal ones of several panels once."""

    def __init__(self, client: PrometheusClient) -> None:
        self._client = client
        self._results: dict[tuple[object, ...], Sequence[Series] | ServerError] = {}

    def panel(self, planned: PanelQueries) -> PanelData:
        """The data of a panel."""
        result: list[Frame] = []
        errors: list[QueryError] = []
        empty: list[Query] = []
        tables = len({query.ref for query in planned.queries if query.form == "table"})
        for query in planned.queries:
            try:
                own = self._frames(query, planned.time)
            except ServerError as error:
                errors.append(QueryError(query, error.detail or str(error), error.kind))
                continue
            if not own:
                empty.append(query)
            if query.form == "table":
                own = frames.as_table(own, query.ref, f"Value #{query.ref}" if tables > 1 else "Value")
            elif query.form == "heatmap":
                own = frames.as_heatmap(own, query.ref)
            result += own
        return PanelData(result, errors, empty)

    def _frames(self, query: Query, time: TimeRange) -> list[Frame]:
        result: list[Frame] = []
        if query.is_range:
            results = self._range(query, time)
            result += [frames.of_range(each, query.ref, query.legend, query.expr, query.step) for each in results]
        if query.is_instant:
            results = self._instant(query, time)
            result += [frames.of_instant(each, query.ref, query.legend, query.expr) for each in results]
        return result

    def _range(self, query: Query, time: TimeRange) -> Sequence[Series]:
        start, end = (at // query.step * query.step / 1000 for at in time)
        key = (query.expr, start, end, query.step)
        return self._once(key, lambda: self._client.query_range(query.expr, start, end, query.step / 1000))

    def _instant(self, query: Query, time: TimeRange) -> Sequence[Series]:
        def evaluate() -> Sequence[Series]:
            results = self._client.query(query.expr, time.end / 1000)
            return (
                results
                if _SORTED.match(query.expr)
                else sorted(results, key=lambda series: sorted(series.labels.items()))
            )

        return self._once((query.expr, time.end), evaluate)

    def _once(self, key: tuple[object, ...], evaluate: Callable[[], Sequence[Series]]) -> Sequence[Series]:
        if key not in self._results:
            try:
                self._results[key] = [series for series in evaluate() if series.samples]
            except ServerError as error:
                self._results[key] = error
        result = self._results[key]
        if isinstance(result, ServerError):
            raise result
        return result
