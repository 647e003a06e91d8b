"""SLIs of OpenSLO v1: their queries, and how a budgeting method counts them.

The specification leaves some points open. Here, `counter: true` means that a query without a range yields counters,
of which obscode takes the increase; with `counter: false`, it yields the number of events at that time. obscode's
window replaces a range such as `[5m]` that both sides of a ratio have. A time slice of one minute is one evaluation of
the query; a longer one is an evaluation each minute.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from obscode.findings.finding import SourceSpan
from obscode.importers.codes import NO_COUNTERPART, QUERY
from obscode.importers.document import ImportReport, origin
from obscode.importers.openslo.objects import Object, Objects, shorthand
from obscode.importers.query import Query, parse_query
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
from obscode.reader.yaml_nodes import INVALID_VALUE
from obscode.reader.yaml_section import MISSING_KEY, Section

METHODS = ("Occurrences", "Timeslices", "RatioTimeslices")
_LOOK = "1m"
_OPERATORS = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


@dataclass(frozen=True)
class Indicator:
    """The queries of an SLI: a threshold metric, the two sides of a ratio, or a ratio."""

    threshold: Query | None = None
    pair: Pair | None = None
    raw: Query | None = None
    success: bool = False

    def ratio(self, window: str) -> tuple[str, bool]:
        """The ratio over a window, empty if there are no events; and whether it is the ratio of good events."""
        if self.pair is None:
            assert self.raw is not None
            return self.raw.over(window), self.success
        part, total = (parenthesised(query.over(window)) for query in (self.pair.part, self.pair.total))
        return f"({part} or 0 * {total})\n/\n({total} > 0)", self.pair.good

    def queries(self) -> list[Query]:
        """All queries, the most important one first."""
        pair = [self.pair.part, self.pair.total] if self.pair else []
        return [query for query in (self.threshold, self.raw, *pair) if query]


class Indicators:
    """Reads the SLIs of one import."""

    def __init__(self, objects: Objects, report: ImportReport) -> None:
        self.objects, self.report = objects, report
        self.sources: dict[str, SourceSpan] = {}

    def parse(self, sli: Object) -> Indicator | None:
        """The queries of an SLI; None if they are invalid, which is reported."""
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
                section.error_at(
                    key, INVALID_VALUE, f"raw and {key} exclude each other", "keep one of them", whole=True
                )
        kind = section.choice("rawType", "success", "failure", required=True)
        metric = section.section("raw", "metricSource")
        query = self._query(metric) if metric else None
        query = _windowed(query, self.report) if query else None
        return Indicator(raw=query, success=kind == "success") if kind and query else None

    def _pair(self, section: Section) -> Indicator | None:
        if "rawType" in section:
            section.error_at("rawType", INVALID_VALUE, "rawType has no effect without raw", "remove it", whole=True)
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
        return parse_query(metric.name, spec.entries["query"].value, self.report)

    def _is_prometheus(self, source: Section) -> bool:
        hint = "use a Prometheus data source"
        if "type" not in source and "metricSourceRef" not in source:
            source.missing("type")
            return False
        kind = source.text("type")
        if kind and kind.lower() != "prometheus":
            source.error_at("type", NO_COUNTERPART, f"obscode cannot read from {kind}", hint)
            return False
        if "metricSourceRef" not in source:
            return bool(kind)
        result = self.objects.named("DataSource", source, "metricSourceRef")
        kind = result.spec.text("type", required=True) if result else ""
        if result and kind and kind.lower() != "prometheus":
            message = f"the DataSource {result.name} is of type {kind}"
            source.error_at("metricSourceRef", NO_COUNTERPART, message, hint)
        elif result and kind:
            return self._is_only_source(result, source)
        return False

    def _is_only_source(self, result: Object, source: Section) -> bool:
        place = source.entries["metricSourceRef"].value.place
        self.sources.setdefault(result.name, place)
        first, *others = self.sources
        if others and result.name != first:
            message = f"{result.name} is a second DataSource; the first is {first} at {self.sources[first]}"
            hint = "make a project for each Prometheus"
            self.report.add(NO_COUNTERPART, message, hint, place)
        return True

    def _counting(self, section: Section, key: str) -> Query | None:
        """The query of one side of a ratio, over obscode's window."""
        metric = section.section(key, "metricSource", required=True)
        query = self._query(metric) if metric else None
        return counting(query, section, "counter", self.report) if query else None


def counting(query: Query, section: Section, flag: str, report: ImportReport) -> Query | None:
    """A query over obscode's window; ``flag`` is the key that says whether it yields counters."""
    windowed = _windowed(query, report)
    if windowed is None or windowed.functions:
        return windowed
    is_counter = section.flag(flag)
    if is_counter is None:
        if flag not in section:
            message = f"{section.name} has no {flag}"
            hint = f"write {flag}: true if its queries yield counters, else {flag}: false"
            report.add(MISSING_KEY, message, hint, section.place)
        return None
    result = _selecting(windowed.text)
    return _increase(windowed, result, report) if is_counter else _of_the_moment(windowed, result, section, flag)


def _increase(query: Query, result: AggregationText | None, report: ImportReport) -> Query | None:
    if result is None:
        message = f"{query.name} is not a counter or a sum of counters, so obscode cannot take its increase"
        hint = "write rate(...[{{.window}}]) around each counter"
        report.add(QUERY, message, hint, query.value.place)
        return None
    return query.part(aggregated("sum", result.by, f"increase({result.selector}[{WINDOW_PLACEHOLDER}])"))


def _of_the_moment(query: Query, result: AggregationText | None, section: Section, flag: str) -> Query | None:
    metric = parse_selector(result.selector).metric if result else ""
    if metric.endswith("_total"):
        message = f"{flag} is false, but {metric} is a counter by its name"
        section.error_at(flag, INVALID_VALUE, message, f"write {flag}: true")
        return None
    text = aggregated("sum", result.by, result.selector) if result else strip_parentheses(query.text)
    return query.part(f"sum_over_time(({text})[{WINDOW_PLACEHOLDER}:{RESOLUTION}])")


# --- budgeting methods -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Budget:
    """An objective of an SLO, and the SLI that it makes of an indicator."""

    slo: Section
    objective: Section
    base: str
    report: ImportReport

    def sli(self, indicator: Indicator, method: str) -> ImportedSli | None:
        """The SLI; None if it is invalid, which is reported."""
        methods: dict[str, Callable[[Indicator], ImportedSli | None]] = {
            "Occurrences": self._occurrences,
            "Timeslices": self._slices,
            "RatioTimeslices": self._average,
        }
        if indicator.threshold is None:
            self._report_unused("a ratioMetric", "op", "value")
        return methods[method](indicator)

    def _occurrences(self, indicator: Indicator) -> ImportedSli | None:
        self._report_unused("Occurrences", "timeSliceTarget", "timeSliceWindow")
        if indicator.threshold:
            message = "Occurrences counts events, but a thresholdMetric has no events"
            hint = "write budgetingMethod: Timeslices, and add timeSliceWindow: and timeSliceTarget: to each objective"
            self.slo.error_at("budgetingMethod", NO_COUNTERPART, message, hint)
            return None
        if indicator.pair:
            return indicator.pair.sli(self.base, self.report, keeps_labels=False)
        assert indicator.raw is not None
        if indicator.raw.functions:
            return ratio(indicator.raw, self.base, self.report, keeps_labels=False, success=indicator.success)
        result = _selecting(indicator.raw.text)
        if (
            result
            and not result.by
            and not indicator.success
            and strip_parentheses(indicator.raw.text) == result.selector
        ):
            where = origin(indicator.raw.value.place, gauge=indicator.raw.value)
            return ImportedSli(RawRatio(result.selector).with_origin(where), guarded=False)
        return self._average_of_samples(indicator, self.base)

    def _average(self, indicator: Indicator) -> ImportedSli | None:
        self._report_unused("RatioTimeslices", "timeSliceTarget")
        window = shorthand(self.objective, "timeSliceWindow", required=True)
        if indicator.threshold:
            message = "RatioTimeslices averages ratios, but a thresholdMetric is not a ratio"
            self.slo.error_at("budgetingMethod", NO_COUNTERPART, message, "write budgetingMethod: Timeslices")
            return None
        if window and window != self.base and any(list(find_ranges(query.text)) for query in indicator.queries()):
            message = f"obscode cannot average slices of {window}: it counts events in windows of {self.base}"
            hint = f"write timeSliceWindow: {self.base}"
            self.objective.error_at("timeSliceWindow", NO_COUNTERPART, message, hint)
            return None
        return self._average_of_samples(indicator, window) if window else None

    def _average_of_samples(self, indicator: Indicator, window: str) -> ImportedSli | None:
        """An average, in which each sample has the same weight."""
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
            message = f"timeSliceTarget {target} is not above 0 and at most 1"
            self.objective.error_at("timeSliceTarget", INVALID_VALUE, message, "write a ratio, such as 0.95")
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
        # A sample that is NaN is neither good nor bad.
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

    def _report_unused(self, what: str, *keys: str) -> None:
        for key in keys:
            if key in self.objective:
                message = f"{key} has no effect with {what}"
                self.objective.error_at(key, NO_COUNTERPART, message, "remove it", whole=True)


# --- queries ---------------------------------------------------------------------------------------------


def _windowed(query: Query, report: ImportReport) -> Query | None:
    """The query with a placeholder for the window, if all its ranges are equal."""
    result = list(find_ranges(query.text))
    windows = dict.fromkeys(r.window for r in result)
    if len(windows) < 2 and WINDOW_PLACEHOLDER not in windows:
        text = query.text
        for each in reversed(result):
            text = text[: each.start] + WINDOW_PLACEHOLDER + text[each.start + len(each.window) :]
        return replace(query, text=text, range=next(iter(windows), ""))
    if WINDOW_PLACEHOLDER not in windows:
        message = f"{query.name} has several windows: {', '.join(windows)}"
        report.add(QUERY, message, "use one window, or [{{.window}}]", query.value.place)
        return None
    return query


def _selecting(text: str) -> AggregationText | None:
    """A selector, or the sum of one."""
    result = parse_sum(text) or AggregationText("", strip_parentheses(text), ())
    try:
        parse_selector(result.selector)
    except PromQLError:
        return None
    return result


def _labels(text: str) -> tuple[str, ...]:
    try:
        return tuple(sorted(parse(text).labels or ()))
    except PromQLError:  # too long to review, which the SLI reports
        return ()
