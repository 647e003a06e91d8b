"""SLIs of OpenSLO v1: what is measured, and how it counts by a budgeting method.

What the specification leaves open is read so: `counter: true` says that a query without a range yields
counters, of which obscode takes the increase; `counter: false`, that it yields the events of the moment. A
range such as `[5m]` on both sides of a ratio is no part of what is meant: obscode's own window takes its
place. A slice of time of one minute is one look at the query; a longer one is a look a minute.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from obscode.findings.finding import SourceSpan
from obscode.importers.codes import NO_COUNTERPART, QUERY
from obscode.importers.document import ImportReport, origin
from obscode.importers.openslo.objects import Object, Objects, shorthand
from obscode.importers.query import Query, queried
from obscode.importers.sli_from_queries import ImportedSli, Pair, comparable, ratio
from obscode.model.numbers import shortest_number
from obscode.model.sli.base import aggregated
from obscode.model.sli.free_query import FreeQuery
from obscode.model.sli.gauge import RESOLUTION
from obscode.model.sli.promql_argument import parenthesised
from obscode.model.sli.raw_ratio import RawRatio
from obscode.model.sli.time_slice import TimeSlice
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse, parse_selector
from obscode.promql.rewrite import WINDOW_PLACEHOLDER, AggregationText, find_ranges, parse_sum, strip_parentheses
from obscode.reader.yaml_section import MISSING_KEY, Section
from obscode.reader.yaml_source import INVALID_VALUE

METHODS = ("Occurrences", "Timeslices", "RatioTimeslices")
_LOOK = "1m"
_OPERATORS = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


@dataclass(frozen=True)
class Indicator:
    """What an SLI reads: a threshold metric, two sides of a ratio, or a ratio as such."""

    threshold: Query | None = None
    pair: Pair | None = None
    raw: Query | None = None
    success: bool = False

    def ratio(self, window: str) -> tuple[str, bool]:
        """The ratio over a window, without a sample where there are no events; and whether it is of good ones."""
        if self.pair is None:
            assert self.raw is not None
            return self.raw.over(window), self.success
        part, total = (parenthesised(query.over(window)) for query in (self.pair.part, self.pair.total))
        return f"({part} or 0 * {total})\n/\n({total} > 0)", self.pair.good

    def queries(self) -> list[Query]:
        """All queries, the one that stands for the whole first."""
        pair = [self.pair.part, self.pair.total] if self.pair else []
        return [query for query in (self.threshold, self.raw, *pair) if query]


class Indicators:
    """Reads the SLIs of one load."""

    def __init__(self, objects: Objects, report: ImportReport) -> None:
        self.objects, self.report = objects, report
        self.sources: dict[str, SourceSpan] = {}

    def parse(self, sli: Object) -> Indicator | None:
        """What an SLI reads; None where that is refused."""
        key = sli.spec.exactly_one("thresholdMetric", "ratioMetric")
        threshold = sli.spec.section("thresholdMetric", "metricSource")
        of_two = sli.spec.section("ratioMetric", "counter", "good", "bad", "total", "rawType", "raw")
        if key == "ratioMetric" and of_two:
            return self._raw(of_two) if "raw" in of_two else self._pair(of_two)
        query = self._query(threshold) if key and threshold else None
        return Indicator(threshold=query) if query else None

    def _raw(self, section: Section) -> Indicator | None:
        for key in ("good", "bad", "total"):
            if key in section:
                section.error_at(key, INVALID_VALUE, f"{key} has no place beside raw", "keep one of them", whole=True)
        kind = section.choice("rawType", "success", "failure", required=True)
        metric = section.section("raw", "metricSource")
        query = self._query(metric) if metric else None
        query = _windowed(query, self.report) if query else None
        return Indicator(raw=query, success=kind == "success") if kind and query else None

    def _pair(self, section: Section) -> Indicator | None:
        if "rawType" in section:
            section.error_at("rawType", INVALID_VALUE, "rawType has no meaning without raw", "leave it out", whole=True)
        key = section.exactly_one("good", "bad")
        if not key:
            return None
        part, total = (self._counting(section, each) for each in (key, "total"))
        return Indicator(pair=Pair(part, total, good=key == "good")) if part and total else None

    def _query(self, metric: Section) -> Query | None:
        source = metric.section("metricSource", "metricSourceRef", "type", "spec", required=True)
        if source is None or not self._is_prometheus(source):
            return None
        spec = source.section("spec", "query", required=True)
        if spec is None or not spec.text("query", required=True):
            return None
        return queried(metric.name, spec.entries["query"].value, self.report)

    def _is_prometheus(self, source: Section) -> bool:
        hint = "obscode's rules run in Prometheus, and read what is there"
        if "type" not in source and "metricSourceRef" not in source:
            source.missing("type")
            return False
        kind = source.text("type")
        if kind and kind.lower() != "prometheus":
            source.error_at("type", NO_COUNTERPART, f"{kind} is no source that obscode can read", hint)
            return False
        if "metricSourceRef" not in source:
            return bool(kind)
        found = self.objects.named("DataSource", source, "metricSourceRef")
        kind = found.spec.text("type", required=True) if found else ""
        if found and kind and kind.lower() != "prometheus":
            message = f"the DataSource {found.name} is of type {kind}"
            source.error_at("metricSourceRef", NO_COUNTERPART, message, hint)
        elif found and kind:
            return self._is_only_source(found, source)
        return False

    def _is_only_source(self, found: Object, source: Section) -> bool:
        place = source.entries["metricSourceRef"].value.place
        self.sources.setdefault(found.name, place)
        first, *others = self.sources
        if others and found.name != first:
            message = f"{found.name} is a second DataSource, beside {first} at {self.sources[first]}"
            hint = "the rules of a project run in one Prometheus; make a project of each"
            self.report.add(NO_COUNTERPART, message, hint, place)
        return True

    def _counting(self, section: Section, key: str) -> Query | None:
        """The query of one side of a ratio, over obscode's window."""
        metric = section.section(key, "metricSource", required=True)
        query = self._query(metric) if metric else None
        query = _windowed(query, self.report) if query else None
        if query is None or query.functions:
            return query
        counter = section.flag("counter")
        if counter is None:
            if "counter" not in section:
                message = "ratioMetric does not say whether its queries yield counters"
                hint = "write counter: true; false where they yield the events of the moment"
                self.report.add(MISSING_KEY, message, hint, section.place)
            return None
        found = _selecting(query.text)
        return self._increase(query, found) if counter else self._of_the_moment(query, found, section)

    def _increase(self, query: Query, found: AggregationText | None) -> Query | None:
        if found is None:
            message = f"{query.name} computes with counters, so that their increase cannot be taken"
            hint = "write rate(...[{{.window}}]) around each counter"
            self.report.add(QUERY, message, hint, query.value.place)
            return None
        return query.part(aggregated("sum", found.by, f"increase({found.selector}[{WINDOW_PLACEHOLDER}])"))

    def _of_the_moment(self, query: Query, found: AggregationText | None, section: Section) -> Query | None:
        metric = parse_selector(found.selector).metric if found else ""
        if metric.endswith("_total"):
            message = f"counter is false, but {metric} is a counter, going by its name"
            section.error_at("counter", INVALID_VALUE, message, "write counter: true")
            return None
        text = aggregated("sum", found.by, found.selector) if found else strip_parentheses(query.text)
        return query.part(f"sum_over_time(({text})[{WINDOW_PLACEHOLDER}:{RESOLUTION}])")


# --- budgeting methods -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Budget:
    """An objective of an SLO, by which an indicator is measured."""

    slo: Section
    objective: Section
    base: str
    report: ImportReport

    def measured(self, indicator: Indicator, method: str) -> ImportedSli | None:
        """The SLI; None where it is refused."""
        methods: dict[str, Callable[[Indicator], ImportedSli | None]] = {
            "Occurrences": self._occurrences,
            "Timeslices": self._slices,
            "RatioTimeslices": self._average,
        }
        if indicator.threshold is None:
            self._unmeant("a ratioMetric", "op", "value")
        return methods[method](indicator)

    def _occurrences(self, indicator: Indicator) -> ImportedSli | None:
        self._unmeant("Occurrences", "timeSliceTarget", "timeSliceWindow")
        if indicator.threshold:
            message = "Occurrences counts events, and a thresholdMetric has none"
            hint = "write budgetingMethod: Timeslices, and timeSliceWindow: and timeSliceTarget: into each objective"
            self.slo.error_at("budgetingMethod", NO_COUNTERPART, message, hint)
            return None
        if indicator.pair:
            return indicator.pair.measured(self.base, self.report, keeps_labels=False)
        assert indicator.raw is not None
        if indicator.raw.functions:
            return ratio(indicator.raw, self.base, self.report, keeps_labels=False, success=indicator.success)
        found = _selecting(indicator.raw.text)
        if found and not found.by and not indicator.success and strip_parentheses(indicator.raw.text) == found.selector:
            where = origin(indicator.raw.value.place, gauge=indicator.raw.value)
            return ImportedSli(RawRatio(found.selector).with_origin(where), guarded=False)
        return self._moments(indicator, self.base)

    def _average(self, indicator: Indicator) -> ImportedSli | None:
        self._unmeant("RatioTimeslices", "timeSliceTarget")
        window = shorthand(self.objective, "timeSliceWindow", required=True)
        if indicator.threshold:
            message = "RatioTimeslices averages ratios, and a thresholdMetric is none"
            self.slo.error_at("budgetingMethod", NO_COUNTERPART, message, "write budgetingMethod: Timeslices")
            return None
        if window and window != self.base and any(list(find_ranges(query.text)) for query in indicator.queries()):
            message = f"slices of {window} cannot be averaged: obscode counts in windows of {self.base}"
            hint = f"write timeSliceWindow: {self.base}"
            self.objective.error_at("timeSliceWindow", NO_COUNTERPART, message, hint)
            return None
        return self._moments(indicator, window) if window else None

    def _moments(self, indicator: Indicator, window: str) -> ImportedSli | None:
        """Every moment weighs the same."""
        if indicator.pair and not comparable(indicator.pair, self.report):
            return None
        text, success = indicator.ratio(window)
        total = f"{parenthesised(text)} >= bool -Inf"
        bad = f"1 - {parenthesised(text)}" if success else text
        first = indicator.queries()[0].value
        where = origin(first.place, bad=first, total=first, by=first)
        return ImportedSli(FreeQuery(bad=bad, total=total, by=_labels(text)).with_origin(where), guarded=False)

    def _slices(self, indicator: Indicator) -> ImportedSli | None:
        window = shorthand(self.objective, "timeSliceWindow", required=True)
        target = self.objective.number("timeSliceTarget", required=True)
        if target is not None and not 0 < target <= 1:
            message = f"timeSliceTarget {target} is not a ratio above 0, up to 1"
            self.objective.error_at("timeSliceTarget", INVALID_VALUE, message, "write it such as 0.95")
            return None
        if indicator.threshold:
            return self._threshold(indicator.threshold, window, target)
        if not window or target is None or (indicator.pair and not comparable(indicator.pair, self.report)):
            return None
        text, success = indicator.ratio(window)
        if indicator.raw:  # NaN is neither good nor bad
            text = f"{parenthesised(text)} >= -Inf"
        reached = f">= bool {target.normalize():f}" if success else f"<= bool {(1 - target).normalize():f}"
        query = indicator.queries()[0]
        return self._time_slice(query, f"{parenthesised(text)} {reached}", above=0)

    def _threshold(self, query: Query, window: str, target: Decimal | None) -> ImportedSli | None:
        operator = self.objective.choice("op", *_OPERATORS, required=True)
        value = self.objective.number("value", required=True)
        if not operator or value is None or not window or target is None:
            return None
        text = query.over(window)
        if window == _LOOK and operator == "lt":
            return self._time_slice(query, text, below=shortest_number(value))
        if window == _LOOK and operator == "gt":
            return self._time_slice(query, text, above=shortest_number(value))
        # A sample that is no number is neither good nor bad.
        good = f"({parenthesised(text)} >= -Inf) {_OPERATORS[operator]} bool {value.normalize():f}"
        if window != _LOOK:
            good = f"avg_over_time(({good})[{window}:{_LOOK}]) >= bool {target.normalize():f}"
        return self._time_slice(query, good, above=0)

    def _time_slice(
        self, query: Query, text: str, *, below: float | None = None, above: float | None = None
    ) -> ImportedSli:
        value = self.objective.value("value") or self.objective.value("timeSliceTarget")
        where = origin(query.value.place, expr=query.value, by=query.value, above=value, below=value)
        return ImportedSli(TimeSlice(text, below=below, above=above, by=_labels(text)).with_origin(where))

    def _unmeant(self, what: str, *keys: str) -> None:
        for key in keys:
            if key in self.objective:
                message = f"{key} has no meaning with {what}"
                self.objective.error_at(key, NO_COUNTERPART, message, "leave it out", whole=True)


# --- what a query is ---------------------------------------------------------------------------------------------


def _windowed(query: Query, report: ImportReport) -> Query | None:
    """The query with the mark for the window in place of a range that is the same throughout."""
    found = list(find_ranges(query.text))
    windows = dict.fromkeys(r.window for r in found)
    if len(windows) < 2 and WINDOW_PLACEHOLDER not in windows:
        text = query.text
        for each in reversed(found):
            text = text[: each.start] + WINDOW_PLACEHOLDER + text[each.start + len(each.window) :]
        return replace(query, text=text, range=next(iter(windows), ""))
    if WINDOW_PLACEHOLDER not in windows:
        message = f"{query.name} looks at several windows: {', '.join(windows)}"
        report.add(QUERY, message, "use one throughout, or [{{.window}}]", query.value.place)
        return None
    return query


def _selecting(text: str) -> AggregationText | None:
    """A selector, or the sum of one."""
    found = parse_sum(text) or AggregationText("", strip_parentheses(text), ())
    try:
        parse_selector(found.selector)
    except PromQLError:
        return None
    return found


def _labels(text: str) -> tuple[str, ...]:
    try:
        return tuple(sorted(parse(text).labels or ()))
    except PromQLError:  # too long to review; the SLI tells so itself
        return ()
