"""A text of /metrics that a program writes under load, made of the metrics in its catalog."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

from obscode.model.metrics import Counter, Histogram, Metric
from obscode.simulation.failures import is_failure_name, is_status_label
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
    catalog: Iterable[Metric],
    values: Mapping[str, float] | None = None,
    labels: Mapping[str, str | Sequence[str]] | None = None,
) -> str:
    """The text: a series of each metric, or one for each value of a label; counters of failures are 0.

    Args:
        catalog: the metrics.
        values: of gauges, by name or series; of histograms, their median; of counters, their value.
        labels: values of labels, by name; of others there are usual ones.
    """
    lines: list[str] = []
    for metric in catalog:
        kind = type(metric).__name__.lower()
        lines.append(f"# TYPE {metric.name} {kind if kind in ('counter', 'gauge', 'histogram') else 'untyped'}")
        for own in _combinations(metric.labels, labels or {}):
            known = values or {}
            lines += _lines(metric, own, known.get(series_text(metric.name, own), known.get(metric.name)))
    return "\n".join(lines) + "\n"


def _combinations(
    names: Iterable[str], labels: Mapping[str, str | Sequence[str]]
) -> Iterator[Sequence[tuple[str, str]]]:
    chosen = [labels.get(name, _usual(name)) for name in names]
    for values in product(*([value] if isinstance(value, str) else value for value in chosen)):
        yield list(zip(names, values, strict=True))


def _usual(label: str) -> str:
    return "200" if is_status_label(label) else _USUAL.get(label, "a")


def _lines(metric: Metric, labels: Sequence[tuple[str, str]], value: float | None) -> Iterator[str]:
    if isinstance(metric, Histogram):
        yield from _histogram(metric, labels, 0.02 if value is None else value)
    elif value is not None:
        yield f"{series_text(metric.name, labels)} {value}"
    elif isinstance(metric, Counter):
        yield f"{series_text(metric.name, labels)} {0 if is_failure_name(metric.name) else _REQUESTS}"
    else:
        yield f"{series_text(metric.name, labels)} 1"


def _histogram(metric: Histogram, labels: Sequence[tuple[str, str]], median: float) -> Iterator[str]:
    """Half of the observations are up to the median, and all up to four times of it."""
    for bound in [*(metric.bounds() or _DEFAULT_BUCKETS), float("inf")]:
        share = min(1.0, 0.5 * bound / median if bound < median else 0.5 + 0.5 * (bound / median - 1) / 3)
        le = "+Inf" if bound == float("inf") else repr(float(bound))
        yield f"{series_text(f'{metric.name}_bucket', [*labels, ('le', le)])} {int(_REQUESTS * share)}"
    yield f"{series_text(f'{metric.name}_count', labels)} {_REQUESTS}"
    yield f"{series_text(f'{metric.name}_sum', labels)} {_REQUESTS * median * 1.25:g}"
