"""The quality of a model in service: accuracy, precision, recall and F1 from counters of labels that arrive later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from obscode.model import sli
from obscode.model.alert import Alert
from obscode.model.burn_rate import Tier
from obscode.model.dashboard import Dashboard, Row
from obscode.model.no_data import NoData
from obscode.model.scrape.base import Job
from obscode.model.service import Service
from obscode.model.slo import SLO
from obscode.presets.bucket_limits import nearest_bound
from obscode.presets.exporter import Exporter
from obscode.presets.preset import ArgumentError, preset
from obscode.presets.quality.alerts import Evidence, label_alerts, quality_alerts
from obscode.presets.quality.names import DELAY_BUCKETS, SCORE_BUCKETS, Names, Queries
from obscode.presets.quality.records import group, records
from obscode.presets.quality.rows import rows
from obscode.presets.quality.score_alert import score_alert
from obscode.presets.quality.score_psi import HistogramPsi
from obscode.presets.selection import further_matchers, job_matcher
from obscode.promql import duration
from obscode.promql.duration import Duration
from obscode.promql.selector import Matcher

#: The probability that a share at its target is not reported; docs/quality.md has the rates of 1,000 days.
CONFIDENCE = 0.999999
# Labels of days tell nothing about minutes: the alerts are those on the bound of the interval.
_TIERS = (Tier("ticket", severity="ticket", budget=10, long="6h", short="1h"),)


@preset
def model_quality(
    name: str,
    *,
    scrape: Job | Sequence[Job] = (),
    where: str = "",
    accuracy: float = 0,
    recall: float | Mapping[str, float] = 0,
    precision: float | Mapping[str, float] = 0,
    labels_every: Duration = "1d",
    label_delay: Duration = "1d",
    window: Duration = "",
    confidence: float = CONFIDENCE,
    min_labels: int = 0,
    score_reference: Mapping[float, float] = MappingProxyType({}),
    score_psi_limit: float = 0.2,
    period: Duration = "30d",
    evaluated: str = "model_predictions_evaluated_total",
    correct: str = "model_predictions_correct_total",
    confusion: str = "model_confusion_total",
    predictions: str = "model_predictions_total",
    score: str = "model_prediction_score",
    delay: str = "model_label_delay_seconds",
    model: str = "model",
    version: str = "version",
    actual: str = "actual",
    predicted: str = "predicted",
    outcome: str = "outcome",
    score_buckets: Sequence[float] = SCORE_BUCKETS,
    delay_buckets: Sequence[float] = DELAY_BUCKETS,
    severity: str = "ticket",
    owner: str = "",
    description: str = "",
    runbook: str = "",
    alerts: Sequence[Alert] = (),
    dashboard: Sequence[Row] = (),
) -> Service:
    """The quality of models whose labels arrive later: recorded ratios, alerts with unit tests, and a dashboard.

    The counters are those of `obscode.model_metrics.PredictionMetrics`; other names are arguments, also selectors such
    as `judge_results_total{result="pass"}`. An alert fires only if the labels of the window are evidence: if the upper
    bound of Wilson's interval is below the target, and there are enough labels for it.

    Args:
        name: the name of the service, and of the job if ``scrape`` names no other.
        scrape: the scrape job, or several; without one, the series are those of the job with the service's name.
        where: further matchers of its series, such as `model="payments"`.
        accuracy: the share of correct predictions below which the alert fires, such as 0.9; 0 for no alert and no SLO.
        recall: the lowest share of a class that the model finds, for each class or for all: `{"fraud": 0.8}`.
        precision: the lowest share of the predictions of a class that are right, for each class or for all.
        labels_every: the longest usual time without labels, a duration.
        label_delay: the time within which 95 % of the labels arrive, a duration.
        window: the time in which labels are counted, a duration; by default the longest of a day, ``labels_every`` and
            ``label_delay``.
        confidence: of the bounds, for one window.
        min_labels: the fewest labels for an alert; by default as many as the bound needs: 300 for a target of 0.9.
        score_reference: the scores of a reference, such as the test data, in each bucket of the histogram, by its upper
            bound: `obscode.model_metrics.bucket_counts` counts them. With it, an alert is about the drift of scores.
        score_psi_limit: the population stability index of scores that have drifted, beyond what is due to chance.
        period: the period of the SLO, a duration.
        evaluated: the counter of predictions whose label arrived; empty to add up the confusion counter.
        correct: the counter of those that are correct; empty to read the confusion counter.
        confusion: the counter of them by actual and predicted class; empty for none.
        predictions: the counter of all predictions; empty for none.
        score: the histogram of scores; empty for none.
        delay: the histogram of the time until a label arrives, in seconds; empty for none.
        model: the label with the name of the model; empty for none.
        version: the label with its version; empty to add up all versions.
        actual: the label of the confusion counter with the actual class.
        predicted: the label of the confusion counter with the predicted class.
        outcome: the label of the counter of predictions with the predicted class; empty for none.
        score_buckets: the bounds of the histogram of scores.
        delay_buckets: the bounds of the histogram of the delay, in seconds.
        severity: the severity of its alerts.
        owner: the team that owns the model.
        description: what the model does.
        runbook: the URL of the runbook of its alerts.
        alerts: further alerts.
        dashboard: further rows of the dashboard.
    """
    names = Names(evaluated, correct, confusion, predictions, score, delay, model, version, actual, predicted, outcome)
    _check(names, {"accuracy": accuracy, "recall": recall, "precision": precision})
    jobs = (scrape,) if isinstance(scrape, Job) else scrape
    longest = max(("1d", labels_every, label_delay), key=duration.milliseconds)
    queries = Queries(names, (job_matcher(name, jobs), *further_matchers(where)), name, window or longest)
    evidence = Evidence(confidence, min_labels, label_delay, labels_every, severity)
    psi = _score_psi(queries, score_reference)
    bound = nearest_bound(delay_buckets, duration.seconds(label_delay)) if delay else None
    targets = {"accuracy": accuracy, "recall": recall, "precision": precision}
    return Service(
        name,
        owner=owner,
        description=description or "The quality of predictions, by the labels that arrive later.",
        runbook=runbook,
        scrape=scrape,
        selector={} if jobs else {"job": name},
        where=where,
        metrics=[*names.catalog(tuple(score_buckets), tuple(delay_buckets))],
        recording_rules=[*records(queries, bound), *(psi.rules() if psi else ())],
        slos=_slos(queries, accuracy, period),
        alerts=[
            *quality_alerts(queries, evidence, **targets),  # type: ignore[arg-type]
            *label_alerts(queries, evidence, bound),
            *([score_alert(queries, psi, score_psi_limit, severity)] if psi else []),
            *alerts,
        ],
        dashboard=Dashboard(
            name, [*rows(queries, accuracy, psi), *dashboard], time_range="7d", refresh="5m", generated="signals"
        ),
    )


def _check(names: Names, targets: Mapping[str, float | Mapping[str, float]]) -> None:
    if not names.confusion and not (names.evaluated and names.correct):
        raise ArgumentError(
            "confusion", "without confusion=, quality is counted by evaluated= and correct=", "write both"
        )
    for argument, target in targets.items():
        for value in target.values() if isinstance(target, Mapping) else [target]:
            if not 0 <= value < 1 or (isinstance(target, Mapping) and not value):
                raise ArgumentError(argument, f"{value:g} is not a share between 0 and 1", "write a number such as 0.9")
        if target and argument != "accuracy" and not names.confusion:
            raise ArgumentError(argument, f"{argument}= needs the confusion counter", "write confusion=")


def _score_psi(queries: Queries, reference: Mapping[float, float]) -> HistogramPsi | None:
    if not reference:
        return None
    if not queries.names.score:
        raise ValueError("score_reference= is about the histogram of scores: write score=")
    service = Matcher("service", "=", queries.service)
    psi = HistogramPsi(
        queries.select(queries.names.score), reference, queries.names.by, queries.window, group(queries), [service]
    )
    if problem := psi.problem():
        raise ValueError(f"score_reference= is {problem}")
    return psi


def _slos(queries: Queries, accuracy: float, period: str) -> Sequence[SLO]:
    """The share of correct predictions over weeks; the alert on the bound finds what is worth a ticket."""
    names = queries.names
    if not (accuracy and names.evaluated and names.correct):
        return []
    return [
        SLO(
            "accuracy",
            round(accuracy * 100, 9),
            sli.Ratio(good=names.correct, total=names.evaluated, by=list(filter(None, [names.model]))),
            period=period,
            description="Predictions that are correct, of those whose label arrived. Labels of days have no burn rate: "
            "the alert is ModelAccuracyLow.",
            policy=_TIERS,
            alerts={"ticket": None},
            no_data=NoData(traffic_stopped="", no_traffic=""),
        )
    ]


def exporter() -> Exporter:
    """How a service with the metrics of `obscode.model_metrics` is recognised; it may lack those that are optional."""
    optional = {
        "confusion": "model_confusion_total",
        "predictions": "model_predictions_total",
        "score": "model_prediction_score",
        "delay": "model_label_delay_seconds",
    }
    return Exporter(
        "obscode.model_metrics",
        "1",
        preset="model_quality",
        catalog=model_quality("payments").metrics,
        marks=["model_predictions_evaluated_total", "model_predictions_correct_total"],
        detect=lambda exposed: {argument: "" for argument, name in optional.items() if name not in exposed},
    )
