"""Shares of values or comparisons that are bad: more than a week ago, or more than a limit, and not by chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from obscode.model.alert import Alert, AlertTest, RecordingRule
from obscode.model.naming import SERVICE
from obscode.model.panels import TimeSeries
from obscode.presets.born_counters import counted
from obscode.presets.scope import Scope
from obscode.presets.wilson import wilson_lower, wilson_upper
from obscode.promql.selector import Matcher, Selector

WINDOW = "1h"
#: The fewest events of a window: fewer tell nothing about a share of some percent.
MIN_EVENTS = 500
#: How much higher the share is than a week ago before an alert fires.
MARGIN = 0.05
_CONFIDENCE = 0.999
_STEP = 20  # minutes
_WEEK, _DAY = 7 * 24 * 60 // _STEP, 24 * 60 // _STEP


@dataclass(frozen=True)
class Share:
    """The share of bad events, within an hour.

    Attributes:
        service: the name of the service, a label of recorded series.
        scope: the series of the service.
        total: the counter of all events.
        bad: the counter of bad ones.
        which: the matchers of bad events, if they are of the same counter.
        by: the labels by which shares are compared.
        what: what bad events are, in a name: `missing`.
    """

    service: str
    scope: Scope
    total: str
    bad: str
    which: Sequence[Matcher]
    by: Sequence[str]
    what: str

    def _record(self, part: str = "") -> str:
        metric = self.total.removesuffix("_total")
        return f"{'_'.join(self.by)}:{metric}:{part}increase{WINDOW}"

    def _recorded(self, part: str = "") -> str:
        return str(Selector(self._record(part), (Matcher(SERVICE, "=", self.service),)))

    def rules(self) -> Iterator[RecordingRule]:
        """The events and the bad ones of an hour, 0 without any."""
        job, labels = Selector("up", self.scope.matchers[:1]), {SERVICE: self.service}
        by = f"sum by ({', '.join(self.by)})"
        total = Selector(self.total, self.scope.matchers)
        bad = Selector(self.bad, (*self.scope.matchers, *self.which))
        yield RecordingRule(self._record(), f"{by} (\n{counted(total, WINDOW, job)}\n)", labels=labels)
        yield RecordingRule(
            self._record(f"{self.what}_"),
            f"{by} (\n{counted(bad, WINDOW, job)}\n)\nor\n0 * {by} ({total})",
            labels=labels,
        )

    def _parts(self, offset: str = "") -> tuple[str, str]:
        """The share of enough events, and their number."""
        bad, total = (f"{self._recorded(part)}{offset}" for part in (f"{self.what}_", ""))
        return f"clamp({bad} / ({total} >= {MIN_EVENTS}), 0, 1)", total

    def jump(self) -> str:
        """PromQL: the lower bound of the share where it is above the upper one of a week ago."""
        then = wilson_upper(*self._parts(" offset 1w"), _CONFIDENCE)
        return f"{wilson_lower(*self._parts(), _CONFIDENCE)}\n> {MARGIN:g} + {then}"

    def above(self, limit: float) -> str:
        """PromQL: the lower bound of the share where it is above a limit."""
        return f"{wilson_lower(*self._parts(), _CONFIDENCE)} > {limit:g}"

    def panel(self, title: str, description: str) -> TimeSeries:
        """The share of each group."""
        bad, total = self._recorded(f"{self.what}_"), self._recorded()
        return TimeSeries(
            title,
            f"{bad}\n/\n({total} > 0)",
            legend=" ".join(f"{{{{{label}}}}}" for label in self.by),
            unit="percentunit",
            minimum=0,
            description=description,
        )

    def alert(self, name: str, *, limit: float, compare: bool, summary: str, description: str) -> Alert:
        """An alert for shares above a limit, if it is not 0, or also for those much higher than a week ago."""
        conditions = [*([self.above(limit)] if limit else []), *([self.jump()] if compare else [])]
        return Alert(
            name,
            "\nor\n".join(conditions),
            for_="10m",
            summary=summary,
            description=description,
            tests=list(self._tests(limit, compare=compare)),
        )

    def _tests(self, limit: float, *, compare: bool) -> Iterator[AlertTest]:
        high = limit + (1 - limit) / 2
        usual = limit / 2 if limit else 0.01
        yield self._test("much more of many", usual, high, 1000, fires=True)
        yield self._test("much more of few", usual, high, MIN_EVENTS // 4, fires=False)
        yield self._test("as many as a week ago", usual, usual, 1000, fires=False)
        if compare and not limit:
            yield self._test("many, as a week ago", 0.4, 0.4, 1000, fires=False)

    def _test(self, name: str, before: float, after: float, events: int, *, fires: bool) -> AlertTest:
        """Shares of a week and of the day after it, of so many events each hour."""
        at = ["180h"]  # half a day after the change
        values = self._values(before, after, events * _STEP // 60)
        return AlertTest(name, values, fires=at if fires else [], quiet=[] if fires else at, interval=f"{_STEP}m")

    def _values(self, before: float, after: float, each: int) -> Mapping[str, str]:
        group = dict.fromkeys(self.by, "x") | {"instance": "a"}

        def grown(first: float, second: float) -> str:
            return f"0+{first:g}x{_WEEK} {first * _WEEK:g}+{second:g}x{_DAY}"

        marks = {matcher.label: matcher.value for matcher in self.which if matcher.op == "="}
        bad = self.scope.series(self.bad, {**group, **marks} or None)
        rest = {matcher.label: "present" for matcher in self.which}
        total = self.scope.series(self.total, {**group, **rest})
        if self.bad != self.total:
            return {bad: grown(each * before, each * after), total: grown(each, each)}
        bad = self.scope.series(self.bad, {**group, **{label: marks.get(label, "null") for label in rest}})
        return {bad: grown(each * before, each * after), total: grown(each * (1 - before), each * (1 - after))}
