"""The ratio of bad (or good) events to all events, both counters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.metrics import Counter, Metric
from obscode.model.sli.base import SLI, Events, LongerWindow, aggregated, counted
from obscode.model.sli.sample_series import CounterIncrements, sample_series
from obscode.promql.parser import parse_selector
from obscode.promql.selector import Matcher, Selector


@dataclass(frozen=True)
class Ratio(SLI):
    """The ratio of two counters of events: ``total``, and either ``errors`` or ``good``.

    Arguments are selectors, without `rate()` and window. The part has all matchers of the total and at least one more.

    Attributes:
        errors: the bad events, such as `http_requests_total{status=~"5.."}`.
        good: the good events, instead of the bad ones.
        total: all events, such as `http_requests_total`.
    """

    _: KW_ONLY
    errors: str = ""
    good: str = ""
    total: str

    reads_counters: ClassVar[bool] = True

    def events(self, window: str, where: Sequence[Matcher] = (), longer: Sequence[LongerWindow] = ()) -> Events:
        def increase(text: str) -> str:
            return aggregated("sum", self.by, counted(parse_selector(text).with_matchers(*where), window, longer))

        total = increase(self.total)
        # A group without errors has 0 where its total exists; a misspelt metric still gives no sample.
        zero = f"0 * {aggregated('sum', self.by, str(parse_selector(self.total).with_matchers(*where)))}"
        if self.errors:
            return Events(f"{increase(self.errors)}\nor\n{zero}", total, complete=True)
        # Events that were not good; in a group without good events, all of them.
        return Events(f"{total}\n-\n({increase(self.good)} or {zero})", total, complete=True)

    def flow(self, good: float, bad: float, where: Sequence[Matcher] = ()) -> CounterIncrements | None:
        part, whole = (parse_selector(text).with_matchers(*where) for text in (self.errors or self.good, self.total))
        inside, external = (bad, good) if self.errors else (good, bad)
        if part.metric != whole.metric:
            return sample_series((part, inside, None), (whole, good + bad, None))
        more = next(m for m in part.matchers if m not in whole.matchers)
        return sample_series((part, inside, None), (whole, external, more))

    def reads(self) -> Sequence[str]:
        return [parse_selector(text).metric for text in (self.errors or self.good, self.total)]

    def selectors(self) -> Mapping[str, Sequence[Selector]]:
        return {at: [parse_selector(getattr(self, at))] for at in (self._part(), "total")}

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        if bool(self.errors) == bool(self.good):
            message = "a ratio has both errors= and good=" if self.good else "a ratio has neither errors= nor good="
            yield self.finding(codes.RATIO_ARGUMENTS, message, "write one of them", at="good" if self.good else "")
            return
        part = self._part()
        wrong = [*self._selector_problems(part), *self._selector_problems("total")]
        yield from wrong or self._part_problems(part)

    def _part(self) -> str:
        return "errors" if self.errors else "good"

    def _part_problems(self, part: str) -> Iterator[Finding]:
        piece, whole = parse_selector(getattr(self, part)), parse_selector(self.total)
        if missing := [m for m in whole.matchers if m not in piece.matchers]:
            message = f"{part} lacks the total's {_listed(missing)}, so it may count events that the total does not"
            narrower = piece.with_matchers(*missing)
            hint = f"write {str(narrower)!r}"
            if pair := narrower.conflicting_matchers():
                wider = Selector(whole.metric, tuple(m for m in whole.matchers if m.label != pair[0].label))
                hint = f"write a total that includes the {part}, such as {str(wider)!r}"
            yield self.finding(codes.RATIO_PART, message, hint, at=part)
        elif piece.metric == whole.metric and set(piece.matchers) == set(whole.matchers):
            hint = f"add a matcher for {_WHICH[part]} events, such as {_example(whole, part)!r}"
            yield self.finding(codes.RATIO_PART, f"{part} and total select the same events", hint, at=part)

    def catalog_findings(self, catalog: Sequence[Metric]) -> Iterator[Finding]:
        for at in (self._part(), "total"):
            name = parse_selector(getattr(self, at)).metric
            for metric in catalog:
                if metric.name == name and metric.has_other_type(Counter):
                    yield self._type_mismatch(metric, "name a counter", at=at)


_WHICH = {"errors": "bad", "good": "good"}


def _example(whole: Selector, part: str) -> str:
    return str(whole.with_matchers(Matcher("status", "=~" if part == "errors" else "!~", "5..")))


def _listed(matchers: Sequence[Matcher]) -> str:
    return ", ".join(str(matcher) for matcher in matchers)
