"""A text of /metrics that a program writes under load, made of the metrics in its catalog."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from obscode.model.metrics import Counter, Gauge, Histogram, Metric
from obscode.simulation.failures import is_status_label
from obscode.simulation.openmetrics import series_text

_REQUESTS = 12_000
_USUAL = {
    **dict.fromkeys(["path", "handler", "route", "http_route", "http_target"], "/items"),
    "endpoint": "/v1/completions",
    "method": "GET",
    "is_streaming": "true",
    "finished_reason": "stop",
}
_DEFAULT_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)


def catalog_capture(
    catalog: Sequence[Metric],
    values: Mapping[str, float] | None = None,
    labels: Mapping[str, str] | None = None,
) -> str:
    """The text: one series of each metric.

    Args:
        catalog: the metrics.
        values: of gauges, by name; of histograms, their median; of counters, their value.
        labels: values of labels, by name; of others there are usual ones.
    """
    lines: list[str] = []
    for metric in catalog:
        value = (values or {}).get(metric.name)
        own = {label: (labels or {}).get(label) or _usual(label) for label in metric.labels}
        lines += _lines(metric, own, value)
    return "\n".join(lines) + "\n"


def _usual(label: str) -> str:
    return "200" if is_status_label(label) else _USUAL.get(label, "a")


def _lines(metric: Metric, labels: Mapping[str, str], value: float | None) -> Iterator[str]:
    own = [*labels.items()]
    match metric:
        case Histogram():
            yield f"# TYPE {metric.name} histogram"
            yield from _histogram(metric, own, 0.02 if value is None else value)
        case Counter():
            yield f"# TYPE {metric.name} counter"
            yield f"{series_text(metric.name, own)} {_REQUESTS if value is None else value}"
        case Gauge():
            yield f"# TYPE {metric.name} gauge"
            yield f"{series_text(metric.name, own)} {1 if value is None else value}"


def _histogram(metric: Histogram, labels: Sequence[tuple[str, str]], median: float) -> Iterator[str]:
    """Half of the observations are up to the median, and all up to four times of it."""
    for bound in [*(metric.bounds() or _DEFAULT_BUCKETS), float("inf")]:
        share = min(1.0, 0.5 * bound / median if bound < median else 0.5 + 0.5 * (bound / median - 1) / 3)
        le = "+Inf" if bound == float("inf") else repr(float(bound))
        yield f"{series_text(f'{metric.name}_bucket', [*labels, ('le', le)])} {int(_REQUESTS * share)}"
    yield f"{series_text(f'{metric.name}_count', labels)} {_REQUESTS}"
    yield f"{series_text(f'{metric.name}_sum', labels)} {_REQUESTS * median * 1.25:g}"
