"""The dashboard of a model's quality: ratios over the time range of the dashboard, and recorded ones over time."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.model.dashboard import Row
from obscode.model.dashboard.display import Override, Threshold
from obscode.model.dashboard.panel import Panel
from obscode.model.panels import Heatmap, Query, Stat, Table, TimeSeries
from obscode.model.sli.base import aggregated
from obscode.presets.quality import records
from obscode.presets.quality.confusion import CLASS, Confusion, f1, precision, recall
from obscode.presets.quality.names import Queries
from obscode.presets.quality.score_psi import HistogramPsi
from obscode.presets.wilson import wilson_lower, wilson_upper

_RATE = "$__rate_interval"


def rows(queries: Queries, target: float, psi: HistogramPsi | None) -> Iterator[Row]:
    """The rows; those of metrics that the service does not have are left out."""
    yield Row("Quality", *_accuracy_panels(queries, target))
    if queries.names.confusion:
        yield Row("Classes", *_class_panels(queries))
    yield Row("Labels", *_label_panels(queries))
    if queries.names.predictions or queries.names.score:
        yield Row("Predictions", *_prediction_panels(queries, psi))


def _accuracy_panels(queries: Queries, target: float) -> Iterator[Panel]:
    accuracy, size = queries.recorded(records.ACCURACY), queries.recorded(records.EVALUATED)
    yield Stat(
        "Accuracy in the time range",
        _ratio_in_range(queries),
        legend=queries.legend,
        unit="percentunit",
        description="The share of correct predictions, of those whose label arrived in the time range.",
    )
    yield TimeSeries(
        "Accuracy",
        [
            Query(accuracy, legend=queries.legend),
            Query(wilson_upper(accuracy, size), legend=f"{queries.legend} at most"),
            Query(wilson_lower(accuracy, size), legend=f"{queries.legend} at least"),
        ],
        unit="percentunit",
        thresholds=[Threshold(target, "red")] if target else (),
        description=f"The accuracy of {queries.window}, and the bounds within which it is with a probability of 90 %.",
    )


def _ratio_in_range(queries: Queries) -> str:
    names = queries.names
    if not (names.evaluated and names.correct):
        confusion = _confusion_in_range(queries)
        total = aggregated("sum", names.by, confusion.cells)
        return f"{aggregated('sum', names.by, confusion.true_positives())}\n/\n({total} > 0)"
    total = queries.in_range(queries.select(names.evaluated))
    return f"({queries.in_range(queries.select(names.correct))} or 0 * {total})\n/\n({total} > 0)"


def _confusion_in_range(queries: Queries) -> Confusion:
    names = queries.names
    cells = queries.in_range(queries.select(names.confusion), names.actual, names.predicted)
    return Confusion(cells, names.by, names.actual, names.predicted)


def _class_panels(queries: Queries) -> Iterator[Panel]:
    names, confusion = queries.names, _confusion_in_range(queries)
    hits, support, predicted = confusion.true_positives(), confusion.support(), confusion.predictions()
    labels = {label: label.capitalize() for label in names.by}
    ratios = ("Recall", "Precision", "F1")
    yield Table(
        "Classes in the time range",
        [Query(recall(hits, support)), Query(precision(hits, predicted)), Query(f1(hits, support, predicted)), support],
        columns={
            **labels,
            CLASS: "Class",
            "Value #A": "Recall",
            "Value #B": "Precision",
            "Value #C": "F1",
            "Value #D": "Labels",
        },
        sort_by="Labels",
        descending=True,
        overrides=[*(Override(each, unit="percentunit") for each in ratios), Override("Labels", unit="short")],
        description="A class that is never predicted has a recall of 0 and no precision.",
    )
    yield Table(
        "Confusion in the time range",
        confusion.cells,
        columns={**labels, names.actual: "Actual", names.predicted: "Predicted", "Value": "Labels"},
        sort_by="Labels",
        descending=True,
        overrides=[Override("Labels", unit="short")],
        description="Predictions whose label arrived, by actual and predicted class.",
    )
    for title, name in (("Recall", records.RECALL), ("Precision", records.PRECISION)):
        yield TimeSeries(
            title,
            [
                Query(queries.recorded(name), legend=f"{queries.legend} {{{{{CLASS}}}}}"),
                Query(queries.recorded(records.MACRO[name]), legend=f"{queries.legend} mean of the classes"),
            ],
            unit="percentunit",
            description=f"By class, of the labels of {queries.window}.",
        )


def _label_panels(queries: Queries) -> Iterator[Panel]:
    names = queries.names
    yield TimeSeries(
        f"Labels of {queries.window}",
        queries.recorded(records.EVALUATED),
        legend=queries.legend,
        unit="short",
        minimum=0,
        description="Predictions whose label arrived. With few of them, ratios say little.",
    )
    if names.delay:
        buckets = queries.in_range(queries.part(names.delay, "bucket"), "le")
        yield Stat(
            "Delay of labels in the time range",
            [
                Query(f"histogram_quantile({q:g}, {buckets})", legend=f"{queries.legend} P{q * 100:g}")
                for q in (0.5, 0.95)
            ],
            unit="s",
            description="The time from a prediction to its label. The window of alerts is longer than its P95.",
        )


def _prediction_panels(queries: Queries, psi: HistogramPsi | None) -> Iterator[Panel]:
    names = queries.names
    if names.predictions:
        by = (*names.by, *filter(None, [names.outcome]))
        yield TimeSeries(
            "Predictions",
            aggregated("sum", by, f"rate({queries.select(names.predictions)}[{_RATE}])"),
            legend=" ".join(f"{{{{{label}}}}}" for label in by) or "predictions",
            unit="reqps",
            minimum=0,
            description="Predictions each second, by outcome. A share that changes is a first sign of drift.",
        )
    if names.score:
        total, count = (queries.sum(f"rate({queries.part(names.score, part)}[{_RATE}])") for part in ("sum", "count"))
        yield TimeSeries(
            "Mean score",
            f"{total}\n/\n({count} > 0)",
            legend=queries.legend,
            unit="short",
            description="The mean of the scores.",
        )
        yield Heatmap(
            "Scores",
            f"sum by (le) (increase({queries.part(names.score, 'bucket')}[{_RATE}]))",
            unit="short",
            description="Predictions by score.",
        )
    if psi:
        yield TimeSeries(
            f"Drift of scores in {queries.window}",
            psi.psi,
            legend=queries.legend,
            unit="short",
            minimum=0,
            description="The population stability index against the reference: 0 for equal distributions.",
        )
