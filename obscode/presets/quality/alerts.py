"""Alerts about the quality of predictions: only when the labels of the window are evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from obscode.model.alert import Alert, AlertTest
from obscode.model.sli.base import aggregated
from obscode.presets.quality import records
from obscode.presets.quality.confusion import CLASS
from obscode.presets.quality.names import Queries, Record
from obscode.presets.quality.samples import Samples
from obscode.presets.wilson import wilson_upper
from obscode.promql import duration
from obscode.promql.selector import Matcher

# With fewer expected events of the rarer kind, the interval is too narrow: the distribution is skewed.
_RARE_EVENTS = 30
_FEWEST = 100
#: The share of the labels that arrive within the delay.
IN_TIME = 0.95


@dataclass(frozen=True)
class Evidence:
    """When a share is below its target for certain.

    Attributes:
        confidence: the probability with which the true share is below the bound, for one window.
        min_labels: the fewest labels; 0 for the fewest at which the confidence holds.
        label_delay: the time until most labels have arrived, a duration.
        labels_every: the longest usual time without labels, a duration.
        severity: the severity of the alerts.
    """

    confidence: float
    min_labels: int
    label_delay: str
    labels_every: str
    severity: str

    def fewest(self, target: float) -> int:
        """The fewest labels for a target: 300 for 0.9, 3,000 for 0.99."""
        return self.min_labels or max(_FEWEST, ceil(round(_RARE_EVENTS / min(target, 1 - target), 6)))

    def below(self, share: str, size: str, target: float) -> str:
        """PromQL that holds while a recorded share is below its target."""
        return f"{wilson_upper(share, size, self.confidence)} < {target:g}\nand\n{size} >= {self.fewest(target)}"


def quality_alerts(
    queries: Queries,
    evidence: Evidence,
    *,
    accuracy: float,
    recall: float | Mapping[str, float],
    precision: float | Mapping[str, float],
) -> Iterator[Alert]:
    """Accuracy, and recall and precision of classes, below their targets."""
    if accuracy:
        yield _accuracy(queries, evidence, accuracy)
    if recall:
        text = "It is the share of the cases of this class that the model finds."
        yield _of_class(queries, evidence, "Recall", (records.RECALL, records.SUPPORT), recall, text)
    if precision:
        text = "It is the share of the predictions of this class that are right."
        yield _of_class(queries, evidence, "Precision", (records.PRECISION, records.PREDICTED), precision, text)


def _accuracy(queries: Queries, evidence: Evidence, target: float) -> Alert:
    samples = Samples(queries, evidence.label_delay)
    return _low(
        queries,
        evidence,
        "ModelAccuracyLow",
        evidence.below(queries.recorded(records.ACCURACY), queries.recorded(records.EVALUATED), target),
        summary=f"The accuracy of {queries.whose} is below {_percent(target)}",
        tests=samples.accuracy_tests(target, evidence.fewest(target)),
    )


def _of_class(
    queries: Queries,
    evidence: Evidence,
    name: str,
    series: tuple[Record, Record],
    targets: float | Mapping[str, float],
    text: str,
) -> Alert:
    """``series`` are the ratio and the number of labels that it is about."""
    by_class = targets if isinstance(targets, Mapping) else {"": targets}
    exprs = []
    for each, target in by_class.items():
        own = [Matcher(CLASS, "=", each)] if each else []
        ratio, size = (queries.recorded(record, *own) for record in series)
        exprs.append(evidence.below(ratio, size, target))
    return _low(
        queries,
        evidence,
        f"Model{name}Low",
        exprs[0] if len(exprs) == 1 else "\nor\n".join(f"({expr})" for expr in exprs),
        summary=f"The {name.lower()} of {queries.whose} for {{{{ $labels.{CLASS} }}}} is too low",
        text=text,
        tests=Samples(queries, evidence.label_delay).class_tests(name, by_class, evidence.fewest),
    )


def _low(
    queries: Queries,
    evidence: Evidence,
    name: str,
    expr: str,
    *,
    summary: str,
    tests: Sequence[AlertTest],
    text: str = "",
) -> Alert:
    """A version that is new has only the labels that arrive early: they are not like the others."""
    old_enough = f"{queries.recorded(records.EVALUATED)} offset {evidence.label_delay}"
    on = f"on ({', '.join(queries.names.by)}) " if queries.names.by else "on () "
    sentences = [
        text,
        f"At most {{{{ $value | humanizePercentage }}}} of the labels of {queries.window} agree: the upper bound.",
        "It is not by chance. Compare with the version before, and with the drift of scores and features.",
    ]
    return Alert(
        name,
        f"({expr})\nand {on}{old_enough}",
        group=records.group(queries),
        severity=evidence.severity,
        keep_firing_for=duration.format_duration(duration.milliseconds(queries.window) // 4),
        summary=summary,
        description=" ".join(filter(None, sentences)),
        tests=tests,
    )


def label_alerts(queries: Queries, evidence: Evidence, bound: float | None) -> Iterator[Alert]:
    """Labels that do not arrive, or too late."""
    yield _missing(queries, evidence)
    if bound is not None:
        yield _late(queries, evidence, bound)


def _missing(queries: Queries, evidence: Evidence) -> Alert:
    """Without labels nothing is measured, and no other alert fires."""
    names = queries.names
    silence = duration.format_duration(2 * duration.milliseconds(evidence.labels_every))
    by = tuple(filter(None, [names.model]))
    on = f"on ({', '.join(by)})"
    labels = queries.select(names.evaluated or names.confusion)
    since = duration.format_duration(duration.milliseconds(silence) + duration.milliseconds(evidence.label_delay))
    conditions = [
        f"{aggregated('sum', by, f'increase({labels}[{silence}])')} == 0",
        f"{aggregated('sum', by, f'{labels} offset {since}')}",
    ]
    if names.predictions:
        served = f"increase({queries.select(names.predictions)}[{since}])"
        conditions.append(f"{aggregated('sum', by, served)} > 0")
    whose = f"{{{{ $labels.{names.model} }}}}" if names.model else queries.service
    return Alert(
        "ModelLabelsMissing",
        f"\nand {on}\n".join(conditions),
        group=records.group(queries),
        for_="1h",
        severity=evidence.severity,
        summary=f"No labels arrive for predictions of {whose}",
        description=f"There are none since {silence}, so nobody knows how good the predictions are.",
        tests=Samples(queries, evidence.label_delay).missing_tests(silence, since),
    )


def _late(queries: Queries, evidence: Evidence, bound: float) -> Alert:
    size = queries.recorded(records.DELAYED)
    return Alert(
        "ModelLabelsLate",
        evidence.below(queries.recorded(records.IN_TIME), size, IN_TIME),
        group=records.group(queries),
        severity=evidence.severity,
        keep_firing_for=duration.format_duration(duration.milliseconds(queries.window) // 4),
        summary=f"Labels of {queries.whose} arrive later than expected",
        description=(
            f"Fewer than {_percent(IN_TIME)} arrive within {duration.format_duration(round(bound * 1000))}: what is "
            "measured of a new version is about the labels that arrive early. Raise label_delay=."
        ),
        tests=Samples(queries, evidence.label_delay).late_tests(bound, evidence.fewest(IN_TIME)),
    )


def _percent(share: float) -> str:
    return f"{share * 100:g} %"
