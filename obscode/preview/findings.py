"""Findings of the preview: queries that the real Prometheus rejects, and queries that can return nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from obscode.artifacts.dashboards import Dashboard, Path
from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.preview.empty_queries import Diagnosis
from obscode.preview.json_values import as_text
from obscode.preview.queries import Query
from obscode.preview.view import View, ViewedPanel

REJECTED_QUERY = Code(
    "rejected-query",
    "Prometheus evaluates every query of a dashboard.",
    why="the panel shows an error. `obscode preview` evaluates queries with the values of variables, on a real"
    " Prometheus with generated data.",
    bad="a join that has several series on both sides for the generated labels",
    good="a join with on(...) that leaves one series on one side",
)
EMPTY_QUERY = Code(
    "empty-query",
    "A query of a dashboard returns series where its metrics have some.",
    why="the panel is empty on every day: `obscode preview` finds no result in any scenario, and the reason is in the"
    " query, such as operands without equal labels. Queries that are empty on a good day are not reported.",
    bad="sum by (job) (rate(requests_total[5m])) / sum by (path) (rate(requests_total[5m]))",
    good="sum by (job) (rate(errors_total[5m])) / sum by (job) (rate(requests_total[5m]))",
)


def findings(
    dashboard: Dashboard, views: Sequence[View], diagnosis: Diagnosis | None, *, is_typed: bool
) -> list[Finding]:
    """The findings of a dashboard in all views; errors of execution depend on labels, so they need real ones."""
    reported = [*_of_variables(dashboard, views), *_rejected(dashboard, views, is_typed=is_typed)]
    if diagnosis:
        reported += _empty(dashboard, views, diagnosis)
    return list({(each.message, each.span): each for each in reported}.values())


def _of_variables(dashboard: Dashboard, views: Iterable[View]) -> Iterator[Finding]:
    for view in views:
        for place, variable in enumerate(view.variables):
            if variable.problem:
                path = ("templating", "list", place, "query")
                message = f"variable {variable.name}: Prometheus rejects its query: {_line(variable.problem)}"
                yield _finding(dashboard, REJECTED_QUERY, message, "correct the query", path)


def _rejected(dashboard: Dashboard, views: Iterable[View], *, is_typed: bool) -> Iterator[Finding]:
    for panel in (panel for view in views for panel in view.panels):
        for error in panel.data.errors:
            if error.kind == "bad_data" or is_typed:
                message = f"{_owner(panel, error.query)}: Prometheus rejects it: {_line(error.message)}"
                yield _finding(dashboard, REJECTED_QUERY, message, "correct the query", error.query.path)


def _empty(dashboard: Dashboard, views: Sequence[View], diagnosis: Diagnosis) -> Iterator[Finding]:
    """Queries that are empty in all views; of repeated panels, in all copies."""
    known: dict[Path, list[tuple[bool, ViewedPanel, Query]]] = {}
    for panel in (panel for view in views for panel in view.panels):
        for query in panel.planned.queries:
            known.setdefault(query.path, []).append((query in panel.data.empty, panel, query))
    for path, uses in known.items():
        if not all(is_empty for is_empty, _, _ in uses):
            continue
        _, panel, query = uses[0]
        if reason := diagnosis.reason(query.expr):
            where = "" if reason.part == query.expr or reason.part in reason.message else f" {reason.part}:"
            message = f"{_owner(panel, query)} is always empty:{where} {reason.message}"
            yield _finding(dashboard, EMPTY_QUERY, _line(message), reason.hint, path)


def _owner(panel: ViewedPanel, query: Query) -> str:
    title = as_text(panel.placed.body.get("title"))
    return f'panel "{title}", query {query.ref}' if title else f"panel {panel.placed.key}, query {query.ref}"


def _finding(dashboard: Dashboard, code: Code, message: str, hint: str, path: Path) -> Finding:
    # The paths are those of classic JSON.
    source, part = (dashboard.source, "") if dashboard.form == "v2" else dashboard.source.locate(path)
    return source.finding(code, message, hint, at=part)


def _line(text: str) -> str:
    return " ".join(text.split())
