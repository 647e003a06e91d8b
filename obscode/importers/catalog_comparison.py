"""How the metrics that a service exposes differ from those that its definition declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from obscode.model.metrics import Counter, Histogram, Metric, Summary
from obscode.model.standard_metrics import standard_metrics


class Difference(NamedTuple):
    """A difference of one metric.

    Attributes:
        kind: `missing` (declared, not exposed), `extra` (exposed, not declared), or what differs: `type`, `labels`,
            `values` (of labels), `buckets`, `quantiles`.
        name: the name of the metric.
        detail: what differs.
        source: where the metric is declared, or shown.
    """

    kind: str
    name: str
    detail: str
    source: str


def differences(declared: Sequence[Metric], exposed: Sequence[Metric]) -> list[Difference]:
    """The differences in the order of the declared metrics; then the metrics that are not declared.

    Metrics that every process exposes, such as `process_cpu_seconds_total`, need not be declared.
    """
    by_name = {name: metric for metric in reversed(exposed) for name in _names(metric)}
    known = {name for metric in declared for name in _names(metric)}
    result: list[Difference] = []
    for metric in declared:
        match = next((by_name[name] for name in _names(metric) if name in by_name), None)
        if match is None:
            result.append(Difference("missing", metric.name, f"{_article(metric)} that is not exposed", _place(metric)))
        else:
            result += (
                Difference(kind, metric.name, detail, _place(metric)) for kind, detail in _compared(metric, match)
            )
    for metric in exposed:
        if known.isdisjoint(_names(metric)) and metric.name not in standard_metrics():
            result.append(Difference("extra", metric.name, f"{_article(metric)} that is not declared", _place(metric)))
    return result


def _names(metric: Metric) -> tuple[str, ...]:
    """The name, and that with the suffix that client libraries append to counters."""
    has_suffix = not isinstance(metric, Counter) or metric.name.endswith("_total")
    return (metric.name,) if has_suffix else (metric.name, f"{metric.name}_total")


def _compared(declared: Metric, exposed: Metric) -> Iterator[tuple[str, str]]:
    """What differs between two metrics of one name."""
    if declared.has_other_type(type(exposed)) and exposed.has_other_type(type(declared)):
        yield "type", f"declared as {_kind(declared)}, exposed as {_kind(exposed)}"
        return
    if exposed.more_labels:  # no sample is shown
        return
    absent = [label for label in declared.labels if label not in exposed.labels]
    added = [] if declared.more_labels else [label for label in exposed.labels if label not in declared.labels]
    if absent or added:
        yield "labels", _both(absent, added)
    for label, values in declared.label_values().items():
        if unknown := [value for value in exposed.observed.get(label, ()) if value not in values]:
            yield "values", f"{label}: not declared: {', '.join(unknown)}"
    yield from _compared_numbers(declared, exposed)


def _compared_numbers(declared: Metric, exposed: Metric) -> Iterator[tuple[str, str]]:
    if isinstance(declared, Histogram) and isinstance(exposed, Histogram):
        if declared.native != exposed.native:
            yield "type", f"declared as {_kind(declared)}, exposed as {_kind(exposed)}"
        elif not declared.native:
            yield from _compared_sets("buckets", declared.bounds(), exposed.bounds())
    elif isinstance(declared, Summary) and isinstance(exposed, Summary):
        yield from _compared_sets("quantiles", declared.quantiles, exposed.quantiles)


def _compared_sets(kind: str, declared: Iterable[float], exposed: Iterable[float]) -> Iterator[tuple[str, str]]:
    ours, theirs = ({float(number) for number in each} for each in (declared, exposed))
    if ours != theirs:
        yield (
            kind,
            _both([f"{number:g}" for number in sorted(ours - theirs)], [f"{n:g}" for n in sorted(theirs - ours)]),
        )


def _both(absent: Sequence[str], added: Sequence[str]) -> str:
    parts = {"not exposed": absent, "not declared": added}
    return "; ".join(f"{text}: {', '.join(names)}" for text, names in parts.items() if names)


def _kind(metric: Metric) -> str:
    kind = "metric of unknown type" if type(metric) is Metric else type(metric).__name__.lower()
    return f"native {kind}" if isinstance(metric, Histogram) and metric.native else kind


def _article(metric: Metric) -> str:
    return f"a {_kind(metric)}"


def _place(metric: Metric) -> str:
    return str(metric.span() or "")
