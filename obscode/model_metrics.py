"""Metrics of models: predictions and the labels that arrive for them, and the drift of features.

This file is self-contained: it needs the standard library and `prometheus_client`, and imports nothing else of obscode.
Use it with `pip install obscode`, or copy it into the service or the batch job.

In a service, which exposes counters that `presets.model_quality` reads:

    from obscode.model_metrics import PredictionMetrics

    payments = PredictionMetrics("payments", "42", classes=["ok", "fraud"])
    payments.predict("fraud", score=0.93)                # each prediction
    payments.evaluate("fraud", actual="ok", delay=7200)  # each label that arrives, with its age in seconds

In a batch job, which pushes gauges that `presets.feature_drift` reads:

    from obscode.batch import BatchRun
    from obscode.model_metrics import compare_feature

    with BatchRun("feature-drift", gateway="http://pushgateway:9091") as run:
        for feature in features:
            compare_feature(training[feature], yesterday[feature]).push(run, feature=feature, model="payments")

| metric | type | labels |
|---|---|---|
| `model_predictions_total` | counter | `model`, `version`, `outcome`: the predicted class |
| `model_prediction_score` | histogram | `model`, `version` |
| `model_predictions_evaluated_total`, `model_predictions_correct_total` | counter | `model`, `version` |
| `model_confusion_total` | counter | `model`, `version`, `actual`, `predicted` |
| `model_label_delay_seconds` | histogram | `model`, `version` |
| `model_feature_psi`, `model_feature_ks` | gauge | `feature` and others |
| `..._sample_size`, `..._reference_size` of both | gauge | the same |

All series of a model begin at zero, also those of each pair of classes: `rate()` and `increase()` ignore the first
value of a series, and a class that is rare may have no other. A class that is not in `classes` is `__other__`, so that
no input creates series.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter as Tally
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, log
from numbers import Real
from typing import Any, Protocol, TypeVar

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram

__all__ = ["OTHER", "FeatureDrift", "PredictionMetrics", "bucket_counts", "compare_feature", "ks", "psi"]

#: The class of predictions and labels that are in none of the classes.
OTHER = "__other__"
#: The outcome of predictions of a model without classes.
PREDICTED = "predicted"
#: The bounds of scores: twenty buckets of the same width.
SCORE_BUCKETS = tuple(round(step / 20, 2) for step in range(1, 21))
_HOUR, _DAY = 3600, 86_400
#: The bounds of the delay in seconds: from a minute to 90 days.
DELAY_BUCKETS = (60, 600, _HOUR, 6 * _HOUR, 12 * _HOUR, *(days * _DAY for days in (1, 2, 3, 7, 14, 30, 60, 90)))
_MOST_CLASSES = 10
_OF_MODEL = ("model", "version")

# --- predictions and labels ----------------------------------------------------------------------------------------


class PredictionMetrics:
    """The predictions of one version of a model, and their labels. Versions can share a registry."""

    def __init__(
        self,
        model: str,
        version: str,
        *,
        classes: Sequence[str] = (),
        registry: CollectorRegistry = REGISTRY,
        score_buckets: Sequence[float] = SCORE_BUCKETS,
        delay_buckets: Sequence[float] = DELAY_BUCKETS,
    ) -> None:
        """
        Args:
            model: the name of the model.
            version: its version: a number or a name that few models have at the same time.
            classes: the classes, at most 10; without them, there is no confusion counter.
            registry: where the metrics are registered.
            score_buckets: the bounds of the scores.
            delay_buckets: the bounds of the delay of labels, in seconds.
        """
        if len(classes) > _MOST_CLASSES:
            raise ValueError(f"{len(classes)} classes: a confusion counter has at most {_MOST_CLASSES}; group them")
        self._of_model = (model, version)
        self._classes = tuple(classes)
        self._predictions = _registered(
            registry, Counter, "model_predictions_total", "Predictions.", (*_OF_MODEL, "outcome")
        )
        self._score = _registered(
            registry, Histogram, "model_prediction_score", "Scores.", _OF_MODEL, buckets=score_buckets
        )
        self._evaluated = _registered(
            registry, Counter, "model_predictions_evaluated_total", "Predictions whose label arrived.", _OF_MODEL
        )
        self._correct = _registered(
            registry, Counter, "model_predictions_correct_total", "Predictions that are correct.", _OF_MODEL
        )
        self._delay = _registered(
            registry, Histogram, "model_label_delay_seconds", "Age of labels.", _OF_MODEL, buckets=delay_buckets
        )
        self._confusion = (
            _registered(
                registry,
                Counter,
                "model_confusion_total",
                "Predictions whose label arrived, by class.",
                (*_OF_MODEL, "actual", "predicted"),
            )
            if classes
            else None
        )
        self._start()

    def _start(self) -> None:
        """Create the series with the value zero: a call of `labels()` is enough."""
        for metric in (self._score, self._evaluated, self._correct, self._delay):
            metric.labels(*self._of_model)
        for outcome in self._classes or (PREDICTED,):
            self._predictions.labels(*self._of_model, outcome)
        for actual in self._classes:
            for predicted in self._classes:
                if self._confusion:
                    self._confusion.labels(*self._of_model, actual, predicted)

    def predict(self, predicted: object = PREDICTED, *, score: float | None = None) -> None:
        """Count a prediction.

        Args:
            predicted: the predicted class.
            score: the score, such as the probability of the class that matters.
        """
        outcome = self._class(predicted) if self._classes else PREDICTED
        self._predictions.labels(*self._of_model, outcome).inc()
        if score is not None:
            self._score.labels(*self._of_model).observe(score)

    def evaluate(self, predicted: object, *, actual: object, delay: float | None = None) -> None:
        """Count a label that arrived for a prediction of this version.

        Args:
            predicted: what the model predicted.
            actual: what the label says.
            delay: the time from the prediction to the label, in seconds.
        """
        if self._confusion:
            self._confusion.labels(*self._of_model, self._class(actual), self._class(predicted)).inc()
        if predicted == actual:
            self._correct.labels(*self._of_model).inc()
        self._evaluated.labels(*self._of_model).inc()
        if delay is not None:
            self._delay.labels(*self._of_model).observe(max(delay, 0))

    def _class(self, value: object) -> str:
        return str(value) if str(value) in self._classes else OTHER


_Metric = TypeVar("_Metric", Counter, Histogram)


def _registered(
    registry: CollectorRegistry, kind: type[_Metric], name: str, text: str, labels: tuple[str, ...], **arguments: Any
) -> _Metric:
    """The metric that another version of a model registered, or a new one.

    A metric of another type, or with other labels, is not ours: registering ours then fails as a duplicate.
    """
    known = registry._names_to_collectors.get(name)
    if isinstance(known, kind) and known._labelnames == labels:
        return known
    return kind(name, text, labels, registry=registry, **arguments)


# --- drift ---------------------------------------------------------------------------------------------------------

#: The least share of a bin: without it, the logarithm of an empty one is infinite.
EPSILON = 1e-4
_MISSING = "__missing__"
_BINS = 10


class _Run(Protocol):
    """`obscode.batch.BatchRun`."""

    def gauge(self, name: str, value: float, help: str, **labels: str) -> None: ...


@dataclass(frozen=True)
class FeatureDrift:
    """How far the values of a feature are from those of a reference.

    Attributes:
        psi: the population stability index; 0 for equal distributions.
        sample_size: the number of values.
        reference_size: the number of values of the reference.
        ks: the Kolmogorov-Smirnov statistic, 0 to 1; None for categories.
        ks_sample_size: the number of values that are numbers.
        ks_reference_size: the number of values of the reference that are numbers.
    """

    psi: float
    sample_size: int
    reference_size: int
    ks: float | None = None
    ks_sample_size: int = 0
    ks_reference_size: int = 0

    def push(self, run: _Run, **labels: str) -> None:
        """Set the gauges of a run of a batch job, with labels such as `feature` and `model`."""
        run.gauge("model_feature_psi", self.psi, "Population stability index against the reference.", **labels)
        run.gauge("model_feature_psi_sample_size", self.sample_size, "Values that were compared.", **labels)
        run.gauge("model_feature_psi_reference_size", self.reference_size, "Values of the reference.", **labels)
        if self.ks is not None:
            run.gauge("model_feature_ks", self.ks, "Kolmogorov-Smirnov statistic against the reference.", **labels)
            run.gauge("model_feature_ks_sample_size", self.ks_sample_size, "Numbers that were compared.", **labels)
            run.gauge("model_feature_ks_reference_size", self.ks_reference_size, "Numbers of the reference.", **labels)


def compare_feature(reference: Iterable[object], values: Iterable[object]) -> FeatureDrift:
    """Compare the values of a feature with those of a reference, such as the training data.

    Numbers are compared in the deciles of the reference, other values as categories: the nine that are the most
    frequent in the reference, and the rest. None and NaN are a bin of their own. KS is of numbers only.

    Args:
        reference: the values of the reference; the more the better, at least 500.
        values: the values to compare.
    """
    known, current = list(reference), list(values)
    if not known or not current:
        raise ValueError(f"{len(known)} values of the reference and {len(current)} others: there is nothing to compare")
    present = [value for value in known if not _is_missing(value)]
    if not all(isinstance(value, Real) and not isinstance(value, bool) for value in present):
        frequent = {value for value, _ in Tally(map(str, present)).most_common(_BINS - 1)}
        return FeatureDrift(_binned_psi(known, current, _Categories(frequent)), len(current), len(known))
    numbers = sorted(float(value) for value in present)  # type: ignore[arg-type]
    others = sorted(float(value) for value in current if not _is_missing(value))  # type: ignore[arg-type]
    index = _binned_psi(known, current, _Deciles(_cuts(numbers)))
    distance = ks(numbers, others) if numbers and others else None
    return FeatureDrift(index, len(current), len(known), distance, len(others), len(numbers))


def psi(reference: Mapping[Any, float], counts: Mapping[Any, float], *, epsilon: float = EPSILON) -> float:
    """The population stability index of two distributions, from the numbers of values in their bins.

    Args:
        reference: the values of the reference in each bin.
        counts: the values to compare in each bin.
        epsilon: the share of an empty bin.
    """
    total, other = sum(reference.values()), sum(counts.values())
    index = 0.0
    for each in {**reference, **counts}:
        q = max(reference.get(each, 0) / total, epsilon)
        p = max(counts.get(each, 0) / other, epsilon)
        index += (p - q) * log(p / q)
    return index


def ks(reference: Sequence[float], values: Sequence[float]) -> float:
    """The Kolmogorov-Smirnov statistic: the greatest difference of two cumulative distributions, 0 to 1."""
    known, current = sorted(reference), sorted(values)
    greatest, i, j = 0.0, 0, 0
    while i < len(known) and j < len(current):
        value = min(known[i], current[j])
        while i < len(known) and known[i] == value:
            i += 1
        while j < len(current) and current[j] == value:
            j += 1
        greatest = max(greatest, abs(i / len(known) - j / len(current)))
    return greatest


def bucket_counts(values: Iterable[float], bounds: Sequence[float] = SCORE_BUCKETS) -> dict[float, int]:
    """The numbers of values in the buckets of a histogram, by upper bound: a reference of scores."""
    counts = dict.fromkeys([*bounds, inf], 0)
    ascending = list(counts)
    for value in values:
        counts[ascending[bisect_left(ascending, value)]] += 1
    return counts


class _Bins(Protocol):
    def bin_of(self, value: Any) -> object: ...


@dataclass(frozen=True)
class _Deciles:
    cuts: Sequence[float]

    def bin_of(self, value: Any) -> object:
        return bisect_left(self.cuts, float(value))


@dataclass(frozen=True)
class _Categories:
    frequent: set[str]

    def bin_of(self, value: Any) -> object:
        return str(value) if str(value) in self.frequent else OTHER


def _cuts(numbers: Sequence[float]) -> Sequence[float]:
    """The deciles of sorted numbers, each once: of a value that is frequent, there is one bin."""
    if not numbers:
        return []
    deciles = (numbers[min(len(numbers) * step // _BINS, len(numbers) - 1)] for step in range(1, _BINS))
    return [cut for cut in dict.fromkeys(deciles) if cut < numbers[-1]]


def _binned_psi(reference: Sequence[object], values: Sequence[object], bins: _Bins) -> float:
    known, current = (
        Tally(_MISSING if _is_missing(value) else bins.bin_of(value) for value in each) for each in (reference, values)
    )
    return psi(known, current)


def _is_missing(value: object) -> bool:
    """True for None, NaN, and what pandas has instead of them."""
    return (
        value is None or type(value).__name__ in {"NAType", "NaTType"} or (isinstance(value, Real) and value != value)
    )
