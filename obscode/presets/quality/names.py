"""The metrics that count predictions and the labels that arrive for them, and selectors of their series."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass

from obscode.model.metrics import Counter, Histogram, Metric
from obscode.model.sli.base import aggregated, counted
from obscode.promql.parser import parse_selector
from obscode.promql.selector import Matcher, Selector

#: Bounds of `model_prediction_score`: twenty buckets of the same width.
SCORE_BUCKETS = tuple(round(step / 20, 2) for step in range(1, 21))
_HOUR, _DAY = 3600, 86_400
#: Bounds of `model_label_delay_seconds`: from a minute to 90 days.
DELAY_BUCKETS = (60, 600, _HOUR, 6 * _HOUR, 12 * _HOUR, *(days * _DAY for days in (1, 2, 3, 7, 14, 30, 60, 90)))


@dataclass(frozen=True)
class Names:
    """Metrics and labels; an empty text for one that the service does not have.

    Attributes:
        evaluated: the counter of predictions whose label arrived, a selector.
        correct: those of them that are correct, a selector.
        confusion: the counter of them by actual and predicted class, a selector.
        predictions: the counter of all predictions, a selector.
        score: the histogram of scores, a selector.
        delay: the histogram of the time until the label arrives, a selector.
        model: the label with the name of the model.
        version: the label with its version.
        actual: the label of the confusion counter with the actual class.
        predicted: the label of the confusion counter with the predicted class.
        outcome: the label of the counter of predictions.
    """

    evaluated: str
    correct: str
    confusion: str
    predictions: str
    score: str
    delay: str
    model: str
    version: str
    actual: str
    predicted: str
    outcome: str

    @property
    def by(self) -> tuple[str, ...]:
        """The labels that tell models and versions apart."""
        return tuple(filter(None, (self.model, self.version)))

    def catalog(self, score_buckets: tuple[float, ...], delay_buckets: tuple[float, ...]) -> Iterator[Metric]:
        """The metrics; there may be further labels, such as a slice of the users."""
        own = list(self.by)
        counters = {
            self.evaluated: (own, "Predictions whose label arrived."),
            self.correct: (own, "Predictions whose label arrived and that are correct."),
            self.confusion: ([*own, self.actual, self.predicted], "Predictions whose label arrived, by class."),
            self.predictions: ([*own, *filter(None, [self.outcome])], "Predictions."),
        }
        by_name: dict[str, Metric] = {}
        for selector, (labels, text) in counters.items():
            if selector:
                name = parse_selector(selector).metric
                by_name.setdefault(name, Counter(name, labels=labels, help=text, more_labels=True))
        for selector, buckets, text in (
            (self.score, score_buckets, "Scores of the predictions."),
            (self.delay, delay_buckets, "The time from a prediction to its label."),
        ):
            if selector:
                name = parse_selector(selector).metric
                by_name.setdefault(name, Histogram(name, labels=own, buckets=buckets, help=text, more_labels=True))
        yield from by_name.values()


@dataclass(frozen=True)
class Record:
    """A series that the rules record for each model and version.

    Attributes:
        of: the field of `Names` with the metric; the confusion counter if there is no such metric.
        operation: the operation in the name, before the window.
        labels: further labels of the series; `actual` and `predicted` are fields of `Names`.
        part: the part of a histogram, such as `_bucket`.
        suffix: the rest of the name.
    """

    of: str
    operation: str
    labels: tuple[str, ...] = ()
    _: KW_ONLY
    part: str = ""
    suffix: str = ""


@dataclass(frozen=True)
class Queries:
    """Selectors of the service's series, and their sums for each model and version."""

    names: Names
    matchers: tuple[Matcher, ...]
    service: str
    window: str

    def select(self, text: str, *more: Matcher) -> Selector:
        """The series of a metric, or of a selector."""
        return parse_selector(text).with_matchers(*self.matchers, *more)

    def part(self, histogram: str, part: str, *more: Matcher) -> Selector:
        """The series of a part of a histogram, such as `count`."""
        base = self.select(histogram, *more)
        return base.renamed(f"{base.metric}_{part}")

    def counted(self, selector: Selector, *more: str) -> str:
        """The events of the window, for each model and version."""
        return self.sum(events(selector, self.window), *more)

    def in_range(self, selector: Selector, *more: str) -> str:
        """The events of a dashboard's time range, for each model and version."""
        return self.sum(f"{_first_events(selector, '$__range')} or increase({selector}[$__range])", *more)

    def sum(self, expr: str, *more: str) -> str:
        return aggregated("sum", (*self.names.by, *more), expr)

    def recorded(self, record: Record, *more: Matcher) -> str:
        """The selector of a series that the rules of the service record."""
        return str(Selector(self.record_name(record), (Matcher("service", "=", self.service), *more)))

    def record_name(self, record: Record) -> str:
        """By convention `level:metric:operations`, such as `model_version:model_confusion:recall1d_macro`."""
        level = "_".join((*self.names.by, *self._further_labels(record))) or "service"
        return f"{level}:{self._metric(record)}:{record.operation}{self.window}{record.suffix}"

    def _further_labels(self, record: Record) -> tuple[str, ...]:
        known = {"actual": self.names.actual, "predicted": self.names.predicted}
        return tuple(known.get(label, label) for label in record.labels)

    def _metric(self, record: Record) -> str:
        text = getattr(self.names, record.of) or self.names.confusion
        return parse_selector(text).metric.removesuffix("_total") + record.part

    @property
    def whose(self) -> str:
        """The model in a summary of an alert."""
        return " ".join(f"{{{{ $labels.{label} }}}}" for label in self.names.by) or self.service

    @property
    def legend(self) -> str:
        """The model in a legend."""
        return " ".join(f"{{{{{label}}}}}" for label in self.names.by) or "model"


def events(selector: Selector, window: str) -> str:
    """The increase of counters, with what a series has at its first sample.

    `increase()` does not count that: a class that is rare may occur once in the life of an instance.
    """
    difference, _, increase = counted(selector, window).rpartition(" or ")
    return f"{difference} or ({_first_events(selector, window)} unless resets({selector}[{window}]) > 0) or {increase}"


def _first_events(selector: Selector, window: str) -> str:
    """The events of counters that were not there when the window began."""
    return f"max_over_time({selector}[{window}]) unless last_over_time({selector}[1h] offset {window})"
