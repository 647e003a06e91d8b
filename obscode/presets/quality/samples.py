"""Unit tests of the alerts about quality: series of predictions and labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import gcd, inf

from obscode.model import sli
from obscode.model.alert import AlertTest
from obscode.model.sli.buckets import le_matcher
from obscode.model.sli.sample_series import labels_for
from obscode.presets.quality.names import Queries
from obscode.promql import duration
from obscode.promql.parser import parse_selector
from obscode.promql.selector import Matcher, Selector

_HOUR = 3_600_000  # milliseconds
_MANY = 100  # times the fewest labels
_FEW = 50


@dataclass(frozen=True)
class Samples:
    """Tests of a service with one model, whose labels arrive at a constant rate.

    Attributes:
        queries: the service's series.
        delay: the time until labels have arrived, a duration.
    """

    queries: Queries
    delay: str

    def accuracy_tests(self, target: float, fewest: int) -> Sequence[AlertTest]:
        """Too few correct predictions, with many labels and with 50; and as many as the target."""
        many = fewest * _MANY
        return self._tests(
            ("too few are correct", self._predictions(many, target * 0.8), True),
            *self._few(fewest, "too few are correct", self._predictions(_FEW, target * 0.8)),
            ("as many are correct as the target", self._predictions(many, target), False),
        )

    def class_tests(
        self, name: str, targets: Mapping[str, float], fewest: Callable[[float], int]
    ) -> Sequence[AlertTest]:
        """Recall or precision of one class too low, with many labels and with 50; and as high as its target."""
        of_class, target = next(iter(targets.items()))
        many = fewest(target) * _MANY

        def series(labels: int, share: float) -> Mapping[str, float]:
            cells = self._cells(name, of_class or "a", labels, share)
            return {**cells, **self._predictions(labels, 1, cells=False)}

        return self._tests(
            (f"the {name.lower()} is too low", series(many, target * 0.8), True),
            *self._few(fewest(target), f"the {name.lower()} is too low", series(_FEW, target * 0.8)),
            (f"the {name.lower()} is that of the target", series(many, target), False),
        )

    def missing_tests(self, silence: str, since: str) -> Sequence[AlertTest]:
        """No label arrives while predictions are made."""
        names = self.queries.names
        labels = self._series(names.evaluated or names.confusion)
        served = {self._series(names.predictions): 1.0} if names.predictions else {}
        until = duration.milliseconds(silence) + 2 * duration.milliseconds(since)
        return self._tests(
            ("no label arrives", {labels: 0.0, **served}, True),
            ("labels arrive", {labels: 1.0, **served}, False),
            until=until,
        )

    def late_tests(self, bound: float, fewest: int) -> Sequence[AlertTest]:
        """Too many labels arrive late."""
        histogram = parse_selector(self.queries.names.delay)
        bucket = self._series(
            str(histogram.renamed(f"{histogram.metric}_bucket").with_matchers(le_matcher(Decimal(repr(bound)))))
        )
        count = self._series(str(histogram.renamed(f"{histogram.metric}_count")))
        many = fewest * _MANY
        return self._tests(
            ("half of the labels are late", {bucket: many / 2, count: many}, True),
            ("all labels are in time", {bucket: many, count: many}, False),
        )

    def _few(
        self, fewest: int, name: str, series: Mapping[str, float]
    ) -> Iterator[tuple[str, Mapping[str, float], bool]]:
        if fewest > _FEW:
            yield f"{name}, of {_FEW} labels", series, False

    def score_tests(self, shares: Mapping[float, float], fewest: int) -> Sequence[AlertTest]:
        """All scores in the bucket with the fewest of the reference, and scores as in the reference."""
        rarest = min(shares, key=lambda bound: shares[bound])
        return self._tests(
            ("all scores are in one bucket", self._scores({rarest: 1.0}, shares, 10 * fewest), True),
            ("all scores are in one bucket, but few", self._scores({rarest: 1.0}, shares, fewest // 2), False),
            ("scores as in the reference", self._scores(shares, shares, 10 * fewest), False),
        )

    def _scores(self, parts: Mapping[float, float], bounds: Iterable[float], total: int) -> Mapping[str, float]:
        """Events of a window in the buckets of the histogram, which add up."""
        histogram = parse_selector(self.queries.names.score)
        bucket = histogram.renamed(f"{histogram.metric}_bucket")
        result, below = {}, 0.0
        for bound in bounds:
            below += parts.get(bound, 0)
            le = Matcher("le", "=", "+Inf") if bound == inf else le_matcher(Decimal(repr(float(bound))))
            result[self._series(str(bucket.with_matchers(le)))] = round(total * below / sum(parts.values()), 6)
        return result

    # --- series ----------------------------------------------------------------------------------------------------

    def _series(self, text: str, **more: str) -> str:
        selector = parse_selector(text).with_matchers(*self.queries.matchers)
        return str(self._labelled(Selector(selector.metric, _equal(labels_for(selector.matchers) or {})), more))

    def _labelled(self, series: Selector, more: Mapping[str, str]) -> Selector:
        own = dict(zip(self.queries.names.by, ("m", "1"), strict=False))
        known = {matcher.label for matcher in series.matchers}
        return series.with_matchers(*_equal({k: v for k, v in {**own, **more}.items() if k not in known}))

    def _predictions(self, labels: int, share: float, *, cells: bool = True) -> Mapping[str, float]:
        """Events of a window, by series: those whose label arrived, and the correct ones."""
        names = self.queries.names
        if not (names.evaluated and names.correct):
            counted = {self._series(names.evaluated): float(labels)} if names.evaluated else {}
            return {**counted, **(self._cells("Recall", "a", labels, share) if cells else {})}
        ratio = sli.Ratio(good=names.correct, total=names.evaluated)
        flow = ratio.flow(labels * share, labels * (1 - share), self.queries.matchers) or []
        return {str(self._labelled(selector, {})): growth for selector, growth in flow}

    def _cells(self, name: str, of_class: str, labels: int, share: float) -> Mapping[str, float]:
        names = self.queries.names
        fixed, other = (names.actual, names.predicted) if name == "Recall" else (names.predicted, names.actual)
        return {
            self._series(names.confusion, **{fixed: of_class, other: of_class}): labels * share,
            self._series(names.confusion, **{fixed: of_class, other: "other"}): labels * (1 - share),
        }

    # --- tests -----------------------------------------------------------------------------------------------------

    def _tests(self, *cases: tuple[str, Mapping[str, float], bool], until: int = 0) -> Sequence[AlertTest]:
        """Tests of series with their events in a window; none if no labels are known that the matchers accept."""
        if labels_for(self.queries.matchers) is None:
            return ()
        window, delay = (duration.milliseconds(each) for each in (self.queries.window, self.delay))
        interval = gcd(gcd(window, delay), _HOUR)
        steps = (until or 2 * window + delay) // interval
        at = [duration.format_duration(steps * interval)]
        return [
            AlertTest(
                name,
                {series: f"0+{events * interval / window:g}x{steps}" for series, events in growth.items()},
                fires=at if is_firing else [],
                quiet=[] if is_firing else at,
                interval=duration.format_duration(interval),
            )
            for name, growth, is_firing in cases
        ]


def _equal(labels: Mapping[str, str]) -> tuple[Matcher, ...]:
    return tuple(Matcher(label, "=", value) for label, value in labels.items() if value)
