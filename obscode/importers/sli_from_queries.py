"""The SLI for the queries of another tool's document: with selectors if possible, else with free queries."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from obscode.importers.codes import QUERY
from obscode.importers.document import ImportReport, origin
from obscode.importers.query import EVENTS, Query, adds_up, fits_base, functions
from obscode.model.sli.base import SLI
from obscode.model.sli.buckets import SECOND, unit_of
from obscode.model.sli.free_query import FreeQuery
from obscode.model.sli.latency import Latency
from obscode.model.sli.promql_argument import listed, parenthesised
from obscode.model.sli.ratio import Ratio
from obscode.model.sli.raw_ratio import RawRatio
from obscode.promql import duration
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse, parse_selector
from obscode.promql.rewrite import AggregationText, parse_range_aggregation, split_binary, strip_or_zero
from obscode.promql.selector import Selector


@dataclass(frozen=True)
class ImportedSli:
    """An SLI; ``guarded`` if it counts events, so that alerts need a minimum number of them."""

    sli: SLI
    guarded: bool = True


# Replaces an invalid SLI, so that the rest of the SLO is checked.
PLACEHOLDER_SLI = ImportedSli(Ratio(errors='refused{status="500"}', total="refused"))


def comparable(pair: Pair, report: ImportReport) -> bool:
    """True if the ratio of two queries is a ratio of events; else the reason is reported."""
    part, total = pair.part, pair.total
    if not all([adds_up(part, report), adds_up(total, report)]):
        return False
    for query in (part, total):
        if quotient(query):
            message = f"{query.name} is a ratio, not a number of events"
            report.add(QUERY, message, "write a ratio under raw", query.value.place)
            return False
    if part.grows != total.grows:
        message = (
            f"{part.name} uses {functions(part)}, {total.name} uses {functions(total)}: "
            "one grows with the window, the other does not"
        )
        report.add(QUERY, message, "use the same function on both sides", part.value.place)
    elif part.range != total.range:
        message = f"{part.name} has the window {part.range or '0s'}, {total.name} has {total.range or '0s'}"
        report.add(QUERY, message, "use the same window on both sides", part.value.place)
    else:
        return True
    return False


@dataclass(frozen=True)
class Pair:
    """Bad or good events, and all events."""

    part: Query
    total: Query
    good: bool = False

    def sli(self, base: str, report: ImportReport, *, keeps_labels: bool) -> ImportedSli | None:
        """The SLI; None if the queries have no equivalent, which is reported.

        ``keeps_labels``: the SLI has the labels of the result, so they must be known.
        """
        if not comparable(self, report) or not all(fits_base(q, base, report) for q in (self.part, self.total)):
            return None
        pair = self._by_good_events()
        return pair._with_selectors() or pair._with_free_queries(base, report, keeps_labels=keeps_labels)

    def _by_good_events(self) -> Pair:
        """The pair with good events, if the bad ones are written as the total minus the good ones."""
        text = strip_or_zero(self.part.text)
        sides = split_binary(text)
        if sides and sides[1] == "-" and not self.good and _same(_counted(sides[0]), _counted(self.total.text)):
            return Pair(self.part.part(sides[2]), self.total, good=True)
        return replace(self, part=self.part.part(text))

    def _with_selectors(self) -> ImportedSli | None:
        """An SLI with selectors, if the queries are sums of the increases of counters."""
        part, total = _counted(self.part.text), _counted(self.total.text)
        if part is None or total is None or part.function != total.function or set(part.by) != set(total.by):
            return None
        at = self.part.value
        if self.good and (latency := _latency(part, total)):
            where = origin(at.place, histogram=at, under=at, by=self.total.value)
            return ImportedSli(Latency(*latency, by=total.by).with_origin(where))
        if self.good:
            where = origin(at.place, good=at, total=self.total.value, by=self.total.value)
            return ImportedSli(Ratio(good=part.selector, total=total.selector, by=total.by).with_origin(where))
        where = origin(at.place, errors=at, total=self.total.value, by=self.total.value)
        return ImportedSli(Ratio(errors=part.selector, total=total.selector, by=total.by).with_origin(where))

    def _with_free_queries(self, base: str, report: ImportReport, *, keeps_labels: bool) -> ImportedSli | None:
        part, total = self.part.over(base), self.total.over(base)
        by = _by(self.part, self.total, report, keeps_labels=keeps_labels)
        if by is None:
            return None
        bad = part
        if self.good:
            whole = parenthesised(total)
            bad = f"{whole}\n-\n({parenthesised(part)} or 0 * {whole})"
        if "rate" in (*self.part.functions, *self.total.functions):
            seconds = f"{duration.seconds(base):g}"
            bad, total = (f"{parenthesised(text)} * {seconds}" for text in (bad, total))
        where = origin(self.part.value.place, bad=self.part.value, total=self.total.value, by=self.total.value)
        guarded = all(function in EVENTS for function in (*self.part.functions, *self.total.functions))
        return ImportedSli(FreeQuery(bad=bad, total=total, by=by).with_origin(where), guarded)


def ratio(
    query: Query, base: str, report: ImportReport, *, keeps_labels: bool, success: bool = False
) -> ImportedSli | None:
    """The SLI of a query that yields the ratio of bad (or of good) events itself.

    A quotient has counts of events. An average gives each sample the same weight, over any window. Other queries have
    no counts to add up, and are reported.
    """
    if not adds_up(query, report) or not fits_base(query, base, report):
        return None
    gauge = None if success else _gauge(query)
    if gauge:
        where = origin(query.value.place, gauge=query.value, by=query.value)
        return ImportedSli(RawRatio(gauge.selector, by=gauge.by).with_origin(where), guarded=False)
    if pair := quotient(query, success=success):
        return pair.sli(base, report, keeps_labels=keeps_labels)
    if set(query.functions) <= {"avg_over_time"}:
        return _average(query, base, report, keeps_labels=keeps_labels, success=success)
    message = f"{query.name} is not a quotient, so the number of events is unknown"
    hint = "write bad events / all events, or 1 - good events / all events"
    report.add(QUERY, message, hint, query.value.place)
    return None


def quotient(query: Query, *, success: bool = False) -> Pair | None:
    """The two sides of `bad / total`, or of `1 - good / total`."""
    sides = split_binary(query.text)
    good = success
    if sides and sides[0] == "1" and sides[1] == "-":
        sides, good = split_binary(sides[2]), not success
    if not sides or sides[1] != "/":
        return None
    try:
        for side in (sides[0], sides[2]):
            parse(query.part(side).over("5m"))
    except PromQLError:
        return None
    part, total = query.part(sides[0]), query.part(sides[2])
    return Pair(part, total, good) if part.functions and total.functions else None


def _average(query: Query, base: str, report: ImportReport, *, keeps_labels: bool, success: bool) -> ImportedSli | None:
    by = _by(query, query, report, keeps_labels=keeps_labels)
    if by is None:
        return None
    text = parenthesised(query.over(base))
    where = origin(query.value.place, bad=query.value, total=query.value, by=query.value)
    bad = f"1 - {text}" if success else query.over(base)
    return ImportedSli(FreeQuery(bad=bad, total=f"{text} >= bool -Inf", by=by).with_origin(where), guarded=False)


# --- shapes ------------------------------------------------------------------------------------------------------


def _counted(text: str) -> AggregationText | None:
    """`sum(rate(selector[window]))`."""
    return _selecting(parse_range_aggregation(text, "sum", "rate|increase"))


def _gauge(query: Query) -> AggregationText | None:
    """A gauge that holds the ratio: its average, or its sum over its count."""
    if average := _selecting(parse_range_aggregation(query.text, "avg", "avg_over_time")):
        return average
    sides = split_binary(query.text)
    if not sides or sides[1] != "/":
        return None
    added = _selecting(parse_range_aggregation(sides[0], "sum", "sum_over_time"))
    counted = _selecting(parse_range_aggregation(sides[2], "sum", "count_over_time"))
    return added if added and counted and _same(added, replace(counted, function=added.function)) else None


def _selecting(result: AggregationText | None) -> AggregationText | None:
    try:
        return result if result and parse_selector(result.selector) else None
    except PromQLError:
        return None


def _same(one: AggregationText | None, other: AggregationText | None) -> bool:
    if one is None or other is None:
        return False
    return _meaning(one) == _meaning(other)


def _meaning(result: AggregationText) -> tuple[object, ...]:
    selector = parse_selector(result.selector)
    return result.function, selector.metric, set(selector.matchers), set(result.by)


def _latency(fast: AggregationText, total: AggregationText) -> tuple[str, str] | None:
    """The histogram and the threshold, if the good events are those of one of its buckets."""
    bucket, count = parse_selector(fast.selector), parse_selector(total.selector)
    name = bucket.metric.removesuffix("_bucket")
    bounds = [m for m in bucket.matchers if m.label == "le"]
    others = tuple(m for m in bucket.matchers if m.label != "le")
    if name == bucket.metric or count.metric != f"{name}_count" or set(others) != set(count.matchers):
        return None
    if len(bounds) != 1 or bounds[0].op != "=" or (unit_of(name) == SECOND and not name.endswith("_seconds")):
        return None
    try:
        under = Decimal(bounds[0].value) * unit_of(name)
    except InvalidOperation:
        return None
    if not under.is_finite() or under <= 0 or under != int(under):
        return None
    return str(Selector(name, others)), duration.format_duration(int(under))


def _by(part: Query, total: Query, report: ImportReport, *, keeps_labels: bool) -> tuple[str, ...] | None:
    """The labels of the results; None if they are unknown or differ, which is reported."""
    result = [(query, parse(query.over("5m")).labels) for query in (part, total)]
    for query, labels in result:
        if labels is None:
            if not keeps_labels:
                return ()
            message = f"the labels of the result of {query.name} are unknown"
            report.add(QUERY, message, "aggregate it with sum(...) or sum by (...) (...)", query.value.place)
            return None
    (_, here), (_, there) = result
    assert here is not None
    assert there is not None
    if here != there:
        message = f"{part.name} yields {listed(here)}, {total.name} yields {listed(there)}: no series match"
        report.add(QUERY, message, "give both the same labels", part.value.place)
        return None
    return tuple(sorted(there))
