"""Texts of /metrics with the metrics of a catalog."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.model.metrics import Counter, Gauge, Histogram, Metric

#: Values of labels that queries compare.
_VALUES = {"status": "200", "status_code": "200", "http_status_code": "200", "is_streaming": "true"}


def exposition_text(catalog: Sequence[Metric], observations: float = 0, slowest: float = 0) -> str:
    """A text with a series of each metric; all observations of histograms are below the bound ``slowest``."""
    return "".join(f"{line}\n" for metric in catalog for line in _lines(metric, observations, slowest))


def _lines(metric: Metric, observations: float, slowest: float) -> Iterator[str]:
    labels = [f'{label}="{_VALUES.get(label, "x")}"' for label in metric.labels]
    kind = type(metric).__name__.lower() if isinstance(metric, Counter | Gauge | Histogram) else "untyped"
    yield f"# TYPE {metric.name} {kind}"
    if not isinstance(metric, Histogram):
        yield f"{metric.name}{{{','.join(labels)}}} 1"
        return
    own = ",".join(labels)
    for bound in (*(metric.bounds() or (1,)), float("inf")):
        count = observations if bound >= slowest else 0
        text = "+Inf" if bound == float("inf") else repr(float(bound))
        le = f'le="{text}"'
        yield f"{metric.name}_bucket{{{','.join([*labels, le])}}} {count:g}"
    yield f"{metric.name}_sum{{{own}}} {observations:g}"
    yield f"{metric.name}_count{{{own}}} {observations:g}"
