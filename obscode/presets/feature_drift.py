"""The drift of features: PSI and KS that a batch job pushes or a service exposes, with the sizes of the samples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from obscode.model.alert import Alert, AlertTest, RecordingRule
from obscode.model.dashboard import Row
from obscode.model.metrics import Gauge, Metric
from obscode.model.scrape.base import Job
from obscode.model.service import Service
from obscode.model.sli.sample_series import labels_for
from obscode.presets.batch_job import batch_job
from obscode.presets.drift.limits import FEWEST, Drift
from obscode.presets.drift.rows import drift_rows
from obscode.presets.preset import preset
from obscode.presets.selection import further_matchers, job_matcher
from obscode.promql import duration
from obscode.promql.duration import Duration
from obscode.promql.selector import Matcher, Selector

_SHORTEST_WAIT = 1_800_000  # milliseconds


@preset
def feature_drift(
    name: str,
    *,
    every: Duration,
    max_duration: Duration = "",
    scrape: Job | Sequence[Job] = (),
    where: str = "",
    textfile: bool = False,
    psi: str = "model_feature_psi",
    ks: str = "model_feature_ks",
    model: str = "model",
    feature: str = "feature",
    psi_limit: float = 0.2,
    ks_limit: float = 0.15,
    share_limit: float = 0.3,
    owner: str = "",
    description: str = "",
    runbook: str = "",
    severity: str = "ticket",
    results: Sequence[Metric] = (),
    at_least: Mapping[str, float] = MappingProxyType({}),
    alerts: Sequence[Alert] = (),
    dashboard: Sequence[Row] = (),
) -> Service:
    """The drift of features against a reference: alerts with unit tests, and a dashboard.

    `obscode.model_metrics.compare_feature` computes the gauges: for each feature PSI and KS, each with the sizes of the
    sample and of the reference, as `model_feature_psi_sample_size` and `model_feature_psi_reference_size`. An alert
    fires only if the statistic is above its limit by more than chance, from 500 values on, in two runs.

    Args:
        name: the name of the batch job that pushes the gauges, or of the service that exposes them.
        every: how often the gauges are computed, a duration such as "1d".
        max_duration: the longest time of a run of the batch job, a duration; with it, the service has the alerts of
            `presets.batch_job`.
        scrape: the scrape job of a service that exposes the gauges, or several.
        where: further matchers of the gauges, such as `region="eu"`.
        textfile: whether the node exporter's textfile collector reads the gauges of the batch job.
        psi: the gauge of the population stability index of at most 10 bins; empty for none.
        ks: the gauge of the Kolmogorov-Smirnov statistic; empty for none.
        model: the label with the name of the model; empty for none.
        feature: the label with the name of the feature.
        psi_limit: the PSI of a feature that has drifted, beyond what is due to chance.
        ks_limit: the KS statistic of a feature that has drifted.
        share_limit: the share of the features, each drifted by half its limit, that is a drift of the model's input.
        owner: the team that owns the job.
        description: what the job does.
        runbook: the URL of the runbook of its alerts.
        severity: the severity of its alerts; drift alone is nothing that users feel.
        results: further gauges that the batch job pushes.
        at_least: the lowest values of shares in ``results``, as in `presets.batch_job`.
        alerts: further alerts.
        dashboard: further rows of the dashboard.
    """
    if not (psi or ks):
        raise ValueError("drift is known from psi= or ks=: write one of them")
    jobs = (scrape,) if isinstance(scrape, Job) else scrape
    if max_duration and jobs:
        raise ValueError("max_duration= is of a batch job, and scrape= of a service: write one of them")
    own = Matcher("batch_job", "=", name) if textfile else job_matcher(name, jobs)
    drift = Drift((own, *further_matchers(where)), psi, ks, model, feature, psi_limit, ks_limit)
    settings = {"owner": owner, "description": description, "runbook": runbook, "severity": severity}
    base = (
        batch_job(
            name,
            every=every,
            max_duration=max_duration,
            textfile=textfile,
            results=results,
            at_least=at_least,
            **settings,  # type: ignore[arg-type]
        )
        if max_duration
        else Service(name, scrape=scrape, selector={} if jobs else {own.label: name}, metrics=[*results], **settings)  # type: ignore[arg-type]
    )
    share = RecordingRule(
        f"{'_'.join(drift.by) or 'service'}:{drift.any}:drifted_ratio", drift.share(), labels={"service": name}
    )
    recorded = str(Selector(share.name, (Matcher("service", "=", name),)))
    return base.derive(
        description=description or "The drift of features against a reference.",
        metrics=[*base.metrics, *_catalog(drift)],
        recording_rules=[share],
        alerts=[*_alerts(drift, recorded, share_limit, duration.milliseconds(every)), *base.alerts, *alerts],
        dashboard=[*drift_rows(drift, recorded, share_limit), *base.dashboard, *dashboard],  # type: ignore[misc]
    )


def _catalog(drift: Drift) -> Iterator[Metric]:
    for name, text in ((drift.psi, "Population stability index"), (drift.ks, "Kolmogorov-Smirnov statistic")):
        if name:
            labels = [*drift.by, drift.feature]
            yield Gauge(name, labels=labels, help=f"{text} against the reference.", more_labels=True)
            yield Gauge(f"{name}_sample_size", labels=labels, help="Values that were compared.", more_labels=True)
            yield Gauge(f"{name}_reference_size", labels=labels, help="Values of the reference.", more_labels=True)


# --- alerts --------------------------------------------------------------------------------------------------------


def _alerts(drift: Drift, share: str, limit: float, every: int) -> Iterator[Alert]:
    """The gauges keep their values until the next run: what holds for longer than that holds in two runs."""
    wait = max(every + every // 4, _SHORTEST_WAIT)
    whose = f" of {{{{ $labels.{drift.model} }}}}" if drift.model else ""
    yield Alert(
        "ModelFeatureDrift",
        drift.drifted(),
        for_=duration.format_duration(wait),
        summary=f"The feature {{{{ $labels.{drift.feature} }}}}{whose} has drifted",
        description="Its distribution is not that of the reference, in two runs. Look for a change of its source. "
        "If the quality of the model is worse, train it again.",
        tests=_feature_tests(drift, wait, every),
    )
    yield Alert(
        "ModelInputDrift",
        f"{share} >= {limit:g}",
        for_=duration.format_duration(wait),
        summary=f"{{{{ $value | humanizePercentage }}}} of the features{whose} have drifted",
        description="Each by half of its limit or more, in two runs: the input is not that of the reference.",
        tests=_share_tests(drift, wait, every),
    )


def _feature_tests(drift: Drift, wait: int, every: int) -> Sequence[AlertTest]:
    high, low = 3.0, 0.9
    return _tests(
        drift,
        wait,
        every,
        ("a feature drifts", _values(drift, {"a": high}, 1000), True),
        ("a feature drifts below the limit", _values(drift, {"a": low}, 1000), False),
        (f"a feature drifts, of {FEWEST - 1} values", _values(drift, {"a": high}, FEWEST - 1), False),
        (
            f"a feature drifts, of a reference of {FEWEST - 1} values",
            _values(drift, {"a": high}, 1000, FEWEST - 1),
            False,
        ),
    )


def _share_tests(drift: Drift, wait: int, every: int) -> Sequence[AlertTest]:
    shifted = {"a": 0.95, "b": 0.95, "c": 0.95}
    return _tests(
        drift,
        wait,
        every,
        ("three features drift by half the limit", _values(drift, shifted, 5000), True),
        ("features drift by less than half the limit", _values(drift, dict.fromkeys(shifted, 0.45), 5000), False),
        ("the only feature drifts by half the limit", _values(drift, {"a": 0.95}, 5000), False),
    )


def _values(drift: Drift, shares: Mapping[str, float], size: int, reference: int = 20_000) -> dict[str, float]:
    """Gauges of features, as shares of their limits."""
    result: dict[str, float] = {}
    for feature, share in shares.items():
        for name, limit in ((drift.psi, drift.psi_limit), (drift.ks, drift.ks_limit)):
            if name:
                parts = {"": limit * share, "_sample_size": size, "_reference_size": reference}
                result |= {_series(drift, f"{name}{part}", feature): value for part, value in parts.items()}
    return result


def _series(drift: Drift, name: str, feature: str) -> str:
    labels = {**(labels_for(drift.matchers) or {}), **dict.fromkeys(drift.by, "m"), drift.feature: feature}
    return str(Selector(name, tuple(Matcher(label, "=", value) for label, value in labels.items() if value)))


def _tests(drift: Drift, wait: int, every: int, *cases: tuple[str, Mapping[str, float], bool]) -> Sequence[AlertTest]:
    """After two runs the alert fires, after one it does not; none if no labels are known that the matchers accept."""
    if labels_for(drift.matchers) is None:
        return ()
    step = max(every // 12 // 1000 * 1000, 1000)
    steps = wait // step + 2
    first, at, interval = (duration.format_duration(each) for each in (wait - step, steps * step, step))
    return [
        AlertTest(
            name,
            {series: f"{value:g}x{steps}" for series, value in values.items()},
            fires=[at] if is_firing else [],
            quiet=[first] if is_firing else [at],
            interval=interval,
        )
        for name, values, is_firing in cases
    ]
