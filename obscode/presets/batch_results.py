"""What batch jobs find out: panels of the pushed gauges, and alerts on shares that are too low to be chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from obscode.model.alert import Alert, AlertTest
from obscode.model.dashboard import Row
from obscode.model.dashboard.display import Threshold
from obscode.model.metrics import Gauge, Metric
from obscode.model.panels import TimeSeries
from obscode.presets.fault_alerts import constant
from obscode.presets.wilson import wilson_upper

SIZE = "batch_job_sample_size"
#: Of 1,000 runs with a share that is the target, fewer than one fires by chance.
CONFIDENCE = 0.99999
_ROW = "Results"
_MANY, _FEW = 100_000, 20


def size_of(share: str, results: Sequence[Metric]) -> str:
    """The gauge with the number of samples behind a share: its own if it is pushed, else that of the run."""
    own = f"{share.removesuffix('_ratio')}_sample_size"
    return own if any(metric.name == own for metric in results) else SIZE


def result_alerts(job: str, results: Sequence[Metric], at_least: Mapping[str, float]) -> Iterator[Alert]:
    """An alert for each share in ``at_least`` while even its upper bound is lower; ``job`` is a matcher."""
    for share, target in at_least.items():
        gauge, size = f"{share}{{{job}}}", f"{size_of(share, results)}{{{job}}}"
        labels = next((metric.labels for metric in results if metric.name == share), ())
        whose = " of " + " ".join(f"{{{{ $labels.{label} }}}}" for label in labels) if labels else ""
        yield Alert(
            f"{''.join(part.capitalize() for part in share.removesuffix('_ratio').split('_'))}Low",
            f"{wilson_upper(gauge, size, CONFIDENCE)} < {target:g}",
            summary=f"{_title(share)}{whose} is below {target:.4g}: at most {{{{ $value | humanizePercentage }}}}",
            description="The upper bound of its confidence interval is below the target: it is not by chance.",
            panel=f"{_ROW}/{_title(share)}",
            tests=_tests(gauge, size, target),
        )


def _tests(gauge: str, size: str, target: float) -> Sequence[AlertTest]:
    low = target * 0.9
    many, few, met = (
        {gauge: f"{share:.6g}x60", size: constant(samples)}
        for share, samples in ((low, _MANY), (low, _FEW), (target, _MANY))
    )
    return (
        AlertTest(f"{low:.4g} of many samples", many, fires=["30m"]),
        AlertTest(f"{low:.4g} of few samples", few, quiet=["30m"]),
        AlertTest("the target is met", met, quiet=["30m"]),
    )


def result_rows(job: str, results: Sequence[Metric], at_least: Mapping[str, float]) -> Iterator[Row]:
    """A row with a panel for each pushed gauge; the line of a share is its target."""
    sizes = {size_of(metric.name, results) for metric in results}
    gauges = [metric for metric in results if isinstance(metric, Gauge) and metric.name not in sizes]
    if gauges:
        yield Row(_ROW, *(_panel(metric, job, at_least.get(metric.name)) for metric in gauges))


def _panel(metric: Metric, job: str, target: float | None) -> TimeSeries:
    is_share = metric.name.endswith("_ratio")
    return TimeSeries(
        _title(metric.name),
        f"{metric.name}{{{job}}}",
        legend=" ".join(f"{{{{{label}}}}}" for label in metric.labels) or _title(metric.name).lower(),
        unit="percentunit" if is_share else ("s" if metric.name.endswith("_seconds") else "short"),
        maximum=1 if is_share else None,
        thresholds=[Threshold(target, "green")] if target is not None else [],
        description=metric.help or "What the last successful run found out.",
    )


def _title(name: str) -> str:
    return name.removesuffix("_ratio").removesuffix("_seconds").replace("_", " ").capitalize()
