"""Metric families: a name with a type, and the labels of its series."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from obscode.model.metrics import DEFAULT_BUCKETS, Counter, Gauge, Histogram, Metric, Summary
from obscode.simulation.conditions import Condition
from obscode.simulation.uses import Use

Kind = Literal["counter", "gauge", "histogram", "summary"]
#: The labels of a series, without its name, sorted by name.
Labels = tuple[tuple[str, str], ...]

#: The quantiles of a summary of which only the name is known.
QUANTILES = (0.5, 0.9, 0.99)
_BYTES = (256.0, 1024.0, 4096.0, 16384.0, 65536.0, 262144.0, 1048576.0, 4194304.0)
_MANY = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)
_SUFFIX = re.compile(r"(?P<base>.+)_(?P<part>bucket|sum|count)")


@dataclass(frozen=True)
class Member:
    """The series of a family with the same labels: one, or the buckets of a histogram.

    Attributes:
        entity: the number of the instance, pod or device that it belongs to, from 0.
    """

    labels: Labels
    entity: int = 0

    def value(self, label: str) -> str:
        """The value of a label; empty without it."""
        return dict(self.labels).get(label, "")


@dataclass(frozen=True)
class Family:
    """A metric with its series.

    Attributes:
        name: of a histogram or a summary without its suffixes.
        bounds: the finite upper bounds of a histogram's buckets.
        quantiles: the quantiles of a summary; with none it has only `_sum` and `_count`.
        hints: how expressions read it.
        conditions: comparisons that its values pass or fail in expressions.
        reach: seconds before an evaluation at which its oldest sample is read.
        window: the shortest window of a range of it, in seconds; 0 if there is none.
        unit: the unit that a catalog declares.
        is_recorded: whether it stands for a recording rule, so that it is no part of a target.
    """

    name: str
    kind: Kind
    members: tuple[Member, ...] = ()
    bounds: tuple[float, ...] = ()
    quantiles: tuple[float, ...] = ()
    hints: frozenset[str] = frozenset()
    conditions: tuple[Condition, ...] = ()
    reach: float = 0
    window: float = 0
    unit: str = ""
    is_recorded: bool = False


@dataclass
class Read:
    """What the uses of a family say, and its metric; ``is_declared`` if that has no other labels.

    ``metrics`` are the declarations of several services, whose labels and buckets may differ.
    """

    name: str
    kind: Kind
    uses: list[Use] = field(default_factory=list)
    bounds: set[float] = field(default_factory=set)
    quantiles: set[float] = field(default_factory=set)
    metric: Metric | None = None
    is_declared: bool = False
    metrics: Sequence[Metric] = ()


def grouped(uses: Sequence[Use], known: Mapping[str, Metric]) -> dict[str, Read]:
    """The families of uses, by name; the parts of a histogram or a summary are one family.

    ``known`` are metrics whose type is known, by the names of their series.
    """
    histograms = {use.metric.removesuffix("_bucket") for use in uses if _is_bucket(use)}
    parts: dict[str, set[str]] = {}
    for use in uses:
        if match := _SUFFIX.fullmatch(use.metric):
            parts.setdefault(match["base"], set()).add(match["part"])
    summaries = {base for base, has in parts.items() if {"sum", "count"} <= has} - histograms
    names = {use.metric for use in uses}
    with_quantiles = {use.metric for use in uses if "quantile" in _labels_of(use)}
    summaries |= {base for base in parts if base in names and (base in with_quantiles or parts[base] != {"count"})}
    summaries -= histograms
    families: dict[str, Read] = {}
    for use in uses:
        metric = known.get(use.metric)
        name, kind = _family(use, metric, histograms, summaries)
        read = families.setdefault(name, Read(name, kind, metric=metric))
        read.uses.append(use)
        _note_numbers(read, use)
    for read in families.values():
        if read.metric is None and read.kind == "gauge":
            read.kind = _kind_by_use(read)
    return families


def _labels_of(use: Use) -> frozenset[str]:
    return use.labels | {matcher.label for matcher in use.matchers}


def _is_bucket(use: Use) -> bool:
    has_le = use.hint == "buckets" or "le" in use.labels or any(m.label == "le" for m in use.matchers)
    return use.metric.endswith("_bucket") and has_le


def _family(use: Use, metric: Metric | None, histograms: set[str], summaries: set[str]) -> tuple[str, Kind]:
    if metric is not None:
        return metric.name, kind_of(metric)
    match = _SUFFIX.fullmatch(use.metric)
    if match and match["base"] in histograms:
        return match["base"], "histogram"
    if match and match["base"] in summaries and match["part"] != "bucket":
        return match["base"], "summary"
    if use.metric in histograms:
        return use.metric, "histogram"
    return use.metric, "summary" if use.metric in summaries else "gauge"


def kind_of(metric: Metric) -> Kind:
    """The kind of a declared metric; one of no known type is a counter by its name, else a gauge."""
    match metric:
        case Counter():
            return "counter"
        case Histogram():
            return "histogram"
        case Summary():
            return "summary"
        case Gauge():
            return "gauge"
    return "counter" if metric.name.endswith("_total") else "gauge"


def _kind_by_use(read: Read) -> Kind:
    hints = {use.hint for use in read.uses}
    if any("quantile" in _labels_of(use) for use in read.uses):
        return "summary"
    if "counter" in hints or (read.name.endswith("_total") and "gauge" not in hints):
        return "counter"
    if read.name.endswith(("_count", "_sum")) and not hints & {"gauge"} and ":" not in read.name:
        return "counter"
    return "gauge"


def _note_numbers(read: Read, use: Use) -> None:
    for matcher in use.matchers:
        if matcher.label not in ("le", "quantile"):
            continue
        numbers = read.bounds if matcher.label == "le" else read.quantiles
        for text in matcher.value.strip("^$()").replace("\\", "").split("|"):
            with suppress(ValueError):
                numbers.add(float(text))


def bounds_of(read: Read) -> tuple[float, ...]:
    """The bounds of a histogram: those that are declared, or the usual ones and those that expressions name."""
    declared = [each for each in (read.metric, *read.metrics) if isinstance(each, Histogram)]
    if bounds := {float(bound) for each in declared for bound in each.bounds()}:
        return tuple(sorted(bounds))
    name = read.name
    usual: Sequence[float] = DEFAULT_BUCKETS
    if name.endswith(("_milliseconds", "_ms", "_millis")):
        usual = [bound * 1000 for bound in DEFAULT_BUCKETS]
    elif name.endswith("_bytes"):
        usual = _BYTES
    elif not name.endswith(("_seconds", "_latency", "_duration", "_time")) and "second" not in name:
        usual = _MANY if name.endswith(("_size", "_count", "_length", "_entries")) else DEFAULT_BUCKETS
    return tuple(sorted({*usual, *(bound for bound in read.bounds if bound != float("inf"))}))


def quantiles_of(read: Read) -> tuple[float, ...]:
    """The quantiles of a summary; none if nothing reads them."""
    if isinstance(read.metric, Summary):
        return tuple(map(float, read.metric.quantiles))
    reads_itself = any(use.metric == read.name for use in read.uses)
    return tuple(sorted({*QUANTILES, *(q for q in read.quantiles if 0 <= q <= 1)})) if reads_itself else ()
