"""The queries of panels in JSON as definitions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from obscode.compiler.grafana.json_parts import Json, refs, without
from obscode.importers.existing.dashboards.arguments import Arguments
from obscode.model.dashboard import DataQuery, Query
from obscode.model.dashboard.record_panel import RecordPanel
from obscode.model.panels.raw import is_for_prometheus

Target = str | Query | DataQuery


def one_or_all(queries: Sequence[Target]) -> Target | tuple[Target, ...]:
    """The value of `queries`."""
    return queries[0] if len(queries) == 1 else tuple(queries)


def queries_of(targets: Sequence[Json], uid: str) -> tuple[Any, str] | None:
    """The queries of a panel, and the legend of a single one; None if one has no definition.

    ``uid`` is what most queries for Prometheus of the dashboard read.
    """
    made = definitions(targets, uid)
    if made is None:
        return None
    if len(made) == 1 and isinstance(query := made[0], Query):
        only = query.derive(legend="")
        if only == Query(only.expr):
            return only.expr, query.legend
    return one_or_all([_shortest(query) for query in made] if len(made) > 1 else made), ""


def _shortest(query: Query | DataQuery) -> str | Query | DataQuery:
    return query.expr if isinstance(query, Query) and query == Query(query.expr) else query


def record_queries(targets: Sequence[Json], panel: RecordPanel, uid: str) -> Any:
    """The queries of a panel of records: as texts, if the panel stands for the rest; None if one has no definition."""
    made = definitions(targets, uid)
    if made is None:
        return None
    texts = [_text(query, panel) for query in made]
    if all(text is not None for text in texts):
        return texts[0] if len(texts) == 1 else tuple(texts)
    return one_or_all(made)


_TEXTS = ("expr", "query", "labelSelector", "serviceMapQuery")


def _text(query: Query | DataQuery, panel: RecordPanel) -> str | None:
    """The text that the panel completes to the query."""
    if isinstance(query, Query) or query.ref:
        return None
    texts = (query.query.get(key) for key in _TEXTS)
    return next((text for text in texts if isinstance(text, str) and text and panel.query_of(text) == query), None)


def definitions(targets: Sequence[Json], uid: str) -> list[Query | DataQuery] | None:
    """The queries; None if one is for an unknown datasource."""
    in_order = all(target.get("refId") == ref for target, ref in zip(targets, refs(), strict=False))
    made = [
        _query(target, uid, with_ref=not in_order)
        if is_for_prometheus(target, {})
        else _data_query(target, with_ref=not in_order)
        for target in targets
    ]
    known = [each for each in made if each]
    return known if len(known) == len(made) else None


def _query(target: Json, uid: str, *, with_ref: bool) -> Query | None:
    if not isinstance(target.get("expr"), str) or not target["expr"].strip():
        return None
    own = (target.get("datasource") or {}).get("uid", "")
    arguments = Arguments(Query)
    arguments.add(legend=target.get("legendFormat"), hidden=target.get("hide"), exemplars=target.get("exemplar"))
    arguments.add(
        interval=target.get("interval"),
        instant="both" if target.get("instant") and target.get("range") else target.get("instant"),
        format=target.get("format"),
        datasource=own if own != uid else "",
        ref=target.get("refId") if with_ref else None,
    )
    return Query(target["expr"], **arguments.values)


def _data_query(target: Json, *, with_ref: bool) -> DataQuery | None:
    source = target.get("datasource") or {}
    if not isinstance(source.get("type"), str) or not isinstance(source.get("uid"), str):
        return None
    hidden = target.get("hide") is True
    settings = without(target, "refId", "datasource", *(["hide"] if hidden else []))
    arguments = Arguments(DataQuery)
    arguments.add(hidden=hidden, ref=target.get("refId") if with_ref else None)
    made = DataQuery(source["type"], settings, **arguments.values)
    return made if made.source == source else made.derive(datasource=source["uid"])
