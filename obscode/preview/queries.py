"""The queries of a panel: what Grafana sends to Prometheus, or why the preview cannot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

from obscode.preview import intervals
from obscode.preview.interpolation import Value, in_markdown, in_query, interpolate, single
from obscode.preview.json_values import as_list, as_mapping, as_number, as_text
from obscode.preview.panel_layout import COLUMNS, PlacedPanel
from obscode.preview.time_ranges import TimeRange
from obscode.preview.variables import other_datasource, range_values
from obscode.promql.errors import PromQLError
from obscode.promql.scope import with_matchers
from obscode.promql.selector import Matcher

#: Panels without queries.
WITHOUT_DATA = ("row", "text", "dashlist", "news", "welcome", "gettingstarted", "annolist", "alertlist", "alertGroups")
_LEAST = 15_000  # ms
#: The width of a dashboard; the number of points of a panel follows from its part.
PIXELS = 900
_RATE_VARIABLES = ("$__rate_interval", "${__rate_interval}")
_INTERVAL_VARIABLES = ("$__interval", "${__interval}")
_OPERATORS: Mapping[str, Literal["=", "!=", "=~", "!~"]] = {"=": "=", "!=": "!=", "=~": "=~", "!~": "!~"}


@dataclass(frozen=True)
class Query:
    """A query of a panel.

    Attributes:
        ref: its id in the panel.
        written: the expression in the JSON.
        expr: the expression with values for its variables.
        legend: the format of names.
        form: `time_series`, `table` or `heatmap`.
        step: of a range query, in ms.
        path: where its expression is in the dashboard's JSON.
    """

    ref: str
    written: str
    expr: str
    legend: str
    form: str
    is_instant: bool
    is_range: bool
    step: int
    path: tuple[str | int, ...]


@dataclass(frozen=True)
class PanelQueries:
    """The queries of a panel, or the reason why it cannot be drawn; ``skipped`` are queries that are left out."""

    time: TimeRange
    interval: int
    queries: Sequence[Query] = ()
    undrawable: str = ""
    skipped: Sequence[tuple[str, str, str]] = ()
    source_panel: str = ""


class _Settings(NamedTuple):
    """Of the queries of a panel: the interval is in ms, the scrape interval a duration."""

    time: TimeRange
    points: int
    interval: int
    scrape: str


class QueryPlanner:
    """Plans the queries of the panels of one view."""

    def __init__(
        self,
        values: Mapping[str, Value],
        time: TimeRange,
        scrape: str = intervals.DEFAULT_SCRAPE,
        filters: Sequence[Mapping[str, Any]] = (),
        width: int = PIXELS,
    ) -> None:
        """
        Args:
            values: of the variables.
            time: the range of the dashboard.
            scrape: the scrape interval of the data source, a duration.
            filters: of ad hoc variables.
            width: of the dashboard in pixels.
        """
        self._values, self._time, self._scrape, self._width = values, time, scrape, width
        self._matchers = list(_matchers(filters))

    def plan(self, panel: PlacedPanel, time: TimeRange) -> PanelQueries:
        """The queries of a panel; ``time`` is its own range."""
        values = {**self._values, **scoped_values(panel), **range_values(time)}
        scrape = interpolate(as_text(panel.body.get("interval")), values, in_query) or self._scrape
        least = intervals.milliseconds(scrape) or intervals.milliseconds(self._scrape) or _LEAST
        points = int(as_number(panel.body.get("maxDataPoints"), 0)) or panel.place("w") * self._width // COLUMNS
        settings = _Settings(time, points, intervals.calculated(time.length, points, least), scrape)
        planned = PanelQueries(time, settings.interval)
        if name := _missing_library_panel(panel):
            return replace(planned, undrawable=f"library panel {name!r}: Grafana has its definition")
        if panel.kind in WITHOUT_DATA:
            return planned
        targets = list(_visible_targets(panel))
        if source := _source_panel(targets, panel.body.get("datasource")):
            return replace(planned, source_panel=source)
        return self._planned(panel, targets, values, settings)

    def _planned(
        self,
        panel: PlacedPanel,
        targets: Sequence[tuple[int, Mapping[str, Any]]],
        values: Mapping[str, Value],
        settings: _Settings,
    ) -> PanelQueries:
        queries: list[Query] = []
        skipped: list[tuple[str, str, str]] = []
        for place, target in targets:
            ref = as_text(target.get("refId")) or _letter(place)
            if reason := _reason(target, panel.body.get("datasource"), values):
                skipped.append((ref, as_text(target.get("expr")), reason))
            elif as_text(target.get("expr")).strip():
                path = (*panel.path, "targets", place, "expr")
                queries.append(self._query(target, ref, path, values, settings))
        undrawable = skipped[0][2] if skipped and not queries else ""
        return PanelQueries(settings.time, settings.interval, queries, undrawable, skipped)

    def _query(
        self,
        target: Mapping[str, Any],
        ref: str,
        path: tuple[str | int, ...],
        values: Mapping[str, Value],
        settings: _Settings,
    ) -> Query:
        written = as_text(target.get("expr"))
        step, rate = _step(target, values, settings)
        own = {
            "__interval": single(intervals.formatted(step)),
            "__interval_ms": single(str(step)),
            "__rate_interval": single(intervals.formatted(rate)),
            "__rate_interval_ms": single(str(rate)),
        }
        expr = interpolate(written, {**values, **own}, in_query)
        with suppress(PromQLError):  # Prometheus reports it
            expr = with_matchers(expr, self._matchers)
        is_instant = bool(target.get("instant"))
        return Query(
            ref=ref,
            written=written,
            expr=expr,
            legend=interpolate(as_text(target.get("legendFormat")), values, in_markdown),
            form=as_text(target.get("format")) or "time_series",
            is_instant=is_instant,
            is_range=bool(target.get("range")) or not is_instant,
            step=step,
            path=path,
        )


def scoped_values(panel: PlacedPanel) -> dict[str, Value]:
    """The values of the variables that repetitions of a panel set."""
    return {
        name: Value(
            (scoped.option.value,), (scoped.option.text,), name, is_multi_or_all=scoped.variable.value().is_multi_or_all
        )
        for name, scoped in panel.scoped.items()
    }


def _missing_library_panel(panel: PlacedPanel) -> str:
    """The name of the library panel that a panel is, if the dashboard does not contain it."""
    library = as_mapping(panel.body.get("libraryPanel"))
    if not library or as_list(panel.body.get("targets")) or as_mapping(panel.body.get("options")):
        return ""
    return as_text(library.get("name")) or as_text(library.get("uid"))


def _visible_targets(panel: PlacedPanel) -> Iterator[tuple[int, Mapping[str, Any]]]:
    targets = ((place, as_mapping(each)) for place, each in enumerate(as_list(panel.body.get("targets"))))
    return ((place, target) for place, target in targets if not target.get("hide"))


def _step(target: Mapping[str, Any], values: Mapping[str, Value], settings: _Settings) -> tuple[int, int]:
    """The step of a query and its `$__rate_interval`, in ms."""
    time, points, interval, scrape = settings
    text = as_text(target.get("interval"))
    scrape_ms = intervals.milliseconds(scrape) or _LEAST
    factor = int(as_number(target.get("intervalFactor"), 1)) or 1
    if text in _RATE_VARIABLES:
        rate = intervals.rate_interval(intervals.step(time.length, points, interval), scrape_ms)
        return rate, rate
    if text in _INTERVAL_VARIABLES:
        step = intervals.step(time.length, points, interval, factor)
        return step, intervals.rate_interval(step, step)
    written = intervals.milliseconds(interpolate(text, values, in_query)) if text else None
    step = intervals.step(time.length, points, written or interval, factor)
    return step, intervals.rate_interval(step, written or scrape_ms)


def _reason(target: Mapping[str, Any], of_panel: Any, values: Mapping[str, Value]) -> str:
    """Why a query cannot be evaluated by Prometheus; empty if it can."""
    own = target.get("datasource")
    own = of_panel if own in (None, "", {}) else own
    name = as_text(as_mapping(own).get("uid") if isinstance(own, Mapping) else own)
    if name == "__expr__" or as_mapping(own).get("type") == "__expr__":
        return "an expression that Grafana computes"
    if name == "-- Mixed --":
        return "" if as_text(target.get("expr")) else "a query of another data source"
    if other := other_datasource(own, values):
        return f"a query of the data source {other}"
    if "expr" not in target and any(key in target for key in ("rawSql", "query", "target", "rawQuery", "metrics")):
        return "a query of another data source than Prometheus"
    return ""


def _source_panel(targets: Sequence[tuple[int, Mapping[str, Any]]], of_panel: Any) -> str:
    """The id of the panel whose results a panel shows."""
    name = as_text(as_mapping(of_panel).get("uid") if isinstance(of_panel, Mapping) else of_panel)
    if name == "-- Dashboard --" and targets:
        return as_text(targets[0][1].get("panelId"))
    return ""


def _matchers(filters: Sequence[Mapping[str, Any]]) -> Iterator[Matcher]:
    for each in filters:
        operator = _OPERATORS.get(as_text(each.get("operator")))
        if operator and as_text(each.get("key")):
            yield Matcher(as_text(each.get("key")), operator, as_text(each.get("value")))


def _letter(place: int) -> str:
    return chr(ord("A") + place) if place < 26 else f"A{place}"
