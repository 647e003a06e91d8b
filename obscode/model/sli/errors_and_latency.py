"""The ratio of failed or slow requests, from a classic histogram."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.metrics import Histogram
from obscode.model.sli.base import Events, LongerWindow
from obscode.model.sli.latency import Latency
from obscode.model.sli.sample_series import CounterIncrements, sample_series
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse_selector
from obscode.promql.selector import Matcher, Selector


@dataclass(frozen=True)
class ErrorsAndLatency(Latency):
    """Requests that fail, and those that succeed but are slower than ``under``, are bad; each counts once.

    Attributes:
        errors: matchers of failed requests on the histogram's own labels, such as `{status=~"5.."}`.
    """

    _: KW_ONLY
    errors: str

    def events(self, window: str, where: Sequence[Matcher] = (), longer: Sequence[LongerWindow] = ()) -> Events:
        count, fast = self._count(window, where, longer), self._fast(window, where, longer)
        failed_fast = self._fast(window, [*where, *self._errors()], longer)
        # All slow requests, and the fast ones that failed; 0 if no request has failed yet.
        bad = f"{count}\n-\n{fast}\n+\n({failed_fast} or 0 * {count})"
        return Events(bad, f"{count}\nand\n{fast}", complete=True)

    def flow(self, good: float, bad: float, where: Sequence[Matcher] = ()) -> CounterIncrements | None:
        """All requests are fast; the bad ones fail."""
        selector = parse_selector(self.histogram).with_matchers(*where)
        count, bucket = (selector.renamed(f"{selector.metric}_{kind}") for kind in ("count", "bucket"))
        fast = bucket.with_matchers(Matcher("le", "=", f"{self.bound():f}"))
        failed = self._errors()
        return sample_series(
            *((s.with_matchers(*failed), bad, None) for s in (count, fast)),
            *((s, good, failed[0]) for s in (count, fast)),
        )

    def _errors(self) -> tuple[Matcher, ...]:
        return parse_selector(f"errors{self.errors}").matchers

    def selectors(self) -> Mapping[str, Sequence[Selector]]:
        metric = parse_selector(self.histogram).metric
        return {**super().selectors(), "errors": [Selector(metric, self._errors())]}

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        if wrong := self._errors_problem():
            hint = "write the matchers that failed requests have, such as '{status=~\"5..\"}'"
            yield self.finding(codes.SELECTOR, f"{self.errors!r} cannot be used here: {wrong}", hint, at="errors")

    def _errors_problem(self) -> str:
        if not self.errors.strip().startswith("{"):
            return "it is not a list of matchers in braces"
        try:
            matchers = self._errors()
        except PromQLError as error:
            return str(error)
        if not matchers:
            return "without a matcher, every request counts as failed"
        return "obscode adds le itself" if any(m.label == "le" for m in matchers) else ""

    def _unfit(self, histogram: Histogram) -> Iterator[Finding]:
        yield from super()._unfit(histogram)
        labels = [matcher.label for matcher in self._errors()]
        if not histogram.more_labels and not set(labels) & set(histogram.labels):
            has = ", ".join(histogram.labels) or "no labels"
            message = f"{histogram.name} has no label {labels[0]!r} that marks failed requests"
            yield self.finding(codes.SLI_METRIC, message, f"it has {has}", at="errors")
