"""A catalog as Python source: `obscode metrics` prints it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from obscode.findings.finding import Finding
from obscode.importers.existing.python_source import Call, Code, Item, list_of, statement
from obscode.importers.exposition import ExpositionError
from obscode.model.metrics import DEFAULT_BUCKETS, Histogram, Metric, Summary
from obscode.model.standard_metrics import standard_metrics
from obscode.reader.exposition import EXPOSITION

# Larger bounds are written with an exponent.
_MOST_DIGITS = 10**15


def joined(catalogs: Sequence[Sequence[Metric]]) -> list[Metric]:
    """The metrics of several processes of a service; raises ExpositionError for one with two types.

    A metric of two processes has the labels and the buckets of both.
    """
    result: dict[str, Metric] = {}
    findings: list[Finding] = []
    for metric in (metric for catalog in catalogs for metric in catalog):
        known = result.setdefault(metric.name, metric)
        if type(known) is not type(metric):
            kinds = " and a ".join(type(each).__name__.lower() for each in (metric, known))
            message = f"metric {metric.name} is a {kinds} at {known.span()}"
            findings.append(metric.finding(EXPOSITION, message, "a metric has one type"))
        elif known is not metric:
            result[metric.name] = _union(known, metric)
    if findings:
        raise ExpositionError(findings)
    return list(result.values())


def _union(one: Metric, other: Metric) -> Metric:
    if one.more_labels or other.more_labels:  # without samples
        return one if other.more_labels else other
    changes: dict[str, Any] = {}
    if isinstance(one, Histogram) and isinstance(other, Histogram):
        if one.native != other.native:
            return other if one.native else one
        changes = {"buckets": tuple(sorted({*one.buckets, *other.buckets}))}
    elif isinstance(one, Summary) and isinstance(other, Summary):
        changes = {"quantiles": tuple(sorted({*one.quantiles, *other.quantiles}))}
    labels: Any = tuple(dict.fromkeys([*one.labels, *other.labels]))
    if isinstance(one.labels, Mapping) and isinstance(other.labels, Mapping):
        labels = _joined_values(one.labels, other.labels)
    observed = _joined_values(one.observed, other.observed)
    return one.derive(labels=labels, observed=observed, **changes)


def _joined_values(one: Mapping[str, Sequence[str]], other: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    labels = dict.fromkeys([*one, *other])
    return {label: tuple(dict.fromkeys([*one.get(label, ()), *other.get(label, ())])) for label in labels}


def catalog_source(metrics: Sequence[Metric]) -> str:
    """A module that declares the metrics; without those that every process has, which obscode knows."""
    own = [metric for metric in metrics if metric.name not in standard_metrics()]
    left_out = [metric.name for metric in metrics if metric.name in standard_metrics()]
    comments = []
    if left_out:
        others = f" and {len(left_out) - 1} other" if len(left_out) > 1 else ", a"
        comments = [f"obscode knows {left_out[0]}{others} standard metric{'s' if len(left_out) > 2 else ''}."]
    declared = list_of([Item(_call(metric)) for metric in own], is_open=True)
    return f"from obscode import metrics\n\n{statement('METRICS', declared, comments)}\n"


def _call(metric: Metric) -> Call:
    return Call(f"metrics.{type(metric).__name__}", [Item(metric.name), *_arguments(metric)])


def _arguments(metric: Metric) -> Iterator[Item]:
    for name, value in _values(metric).items():
        yield Item(value, f"{name}=")


def _values(metric: Metric) -> dict[str, Any]:
    """The arguments that have no default value; labels as a dict if all values of one are known."""
    labels = metric.labels if isinstance(metric.labels, Mapping) else [*metric.labels]
    values: dict[str, Any] = {"labels": labels, "help": metric.help, "unit": metric.unit}
    if isinstance(metric, Summary):
        values["quantiles"] = [number_source(quantile) for quantile in metric.quantiles]
    values = {name: value for name, value in values.items() if value}
    if isinstance(metric, Histogram) and metric.native:
        values["native"] = True
    elif isinstance(metric, Histogram) and tuple(metric.buckets) != DEFAULT_BUCKETS:
        values["buckets"] = [number_source(bound) for bound in metric.buckets]
    return {**values, "more_labels": True} if metric.more_labels else values


def number_source(value: float) -> Code:
    """A number as people write it: `1` instead of `1.0`."""
    whole = float(value).is_integer() and abs(value) < _MOST_DIGITS
    return Code(repr(int(value) if whole else value).replace("e+", "e"))
