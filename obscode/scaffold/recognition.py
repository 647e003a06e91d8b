"""Which program's metrics a text shows, and what the preset for it can read there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from inspect import signature
from typing import Any

from obscode import presets
from obscode.model.metrics import Histogram, Metric
from obscode.model.service import Service
from obscode.presets.exporter import Exporter
from obscode.presets.exporters import EXPORTERS
from obscode.presets.without_metrics import parts, selectors, without_metrics
from obscode.promql.selector import Matcher, Selector

# A prefix of names of other programs, and of requests that a service sends.
_OF_OTHERS = re.compile("client|promhttp|scrape|probe")
# Labels of targets.
_OF_TARGETS = frozenset({"job", "instance"})


@dataclass(frozen=True)
class Recognition:
    """A program, as a text of metrics shows it.

    Attributes:
        exporter: the program.
        arguments: those of the preset that choose the program, its names and its buckets.
        service: what the preset makes of it, without a name and a scrape job of its own.
        dead: names of metrics in the catalog that the preset reads and that the text does not show as it reads them.
    """

    exporter: Exporter
    arguments: Mapping[str, Any]
    service: Service
    dead: Sequence[str]

    @property
    def is_useful(self) -> bool:
        """True if the preset without the dead metrics still has SLOs, or alerts if it has no SLOs."""
        rest = without_metrics(self.service, self.dead)
        return bool(rest.slos) if self.service.slos else bool(rest.alerts)


def recognise(exposed: Sequence[Metric], exporters: Iterable[Exporter] = EXPORTERS) -> Recognition | None:
    """The first program whose marks are among the metrics; a useful one before one whose preset reads too little."""
    recognised = [each for exporter in exporters if (each := recognition(exporter, exposed))]
    return max(recognised, key=lambda each: each.is_useful, default=None)


def recognition(exporter: Exporter, exposed: Sequence[Metric]) -> Recognition | None:
    """The program, if its marks are among the metrics with their types and labels."""
    by_name = {metric.name: metric for metric in reversed(exposed)}
    for prefix in _prefixes(exporter, by_name):
        renamed: dict[str, Any] = {"prefix": prefix} if prefix != exporter.prefix else {}
        renamed |= exporter.detect(by_name)
        service = preset_service(exporter, renamed)
        if service is None or not _agrees(exporter, prefix, service, by_name):
            continue
        renamed |= dict(_options(exporter, prefix, service, by_name))
        service = preset_service(exporter, renamed) or service
        arguments = {**renamed, **_bucket_argument(exporter, prefix, dict(_own_buckets(service, by_name)))}
        service = preset_service(exporter, arguments) or service
        return Recognition(exporter, {**exporter.arguments, **arguments}, service, tuple(_dead(service, by_name)))
    return None


def _options(
    exporter: Exporter, prefix: str, service: Service, exposed: Mapping[str, Metric]
) -> Iterator[tuple[str, bool]]:
    """The arguments for what a server is configured to show, or not to show."""
    read = {metric.name for metric in service.metrics}
    for name, arguments in exporter.when_missing.items():
        if name in read and name not in exposed:
            yield from arguments.items()
    for name, arguments in exporter.when_exposed.items():
        if prefix + name.removeprefix(exporter.prefix) in exposed:
            yield from arguments.items()


def preset_service(exporter: Exporter, arguments: Mapping[str, Any]) -> Service | None:
    """The service that the preset returns; None if it returns none, or needs arguments that are not known here."""
    preset = getattr(presets, exporter.preset)
    if not accepts(exporter, *arguments):
        return None
    try:
        service = preset("service", **{**exporter.arguments, **arguments})
    except TypeError:
        return None
    return service if isinstance(service, Service) else None


def accepts(exporter: Exporter, *names: str) -> bool:
    """True if the preset has parameters with these names."""
    return set(names) <= signature(getattr(presets, exporter.preset)).parameters.keys()


def _bucket_argument(exporter: Exporter, prefix: str, own: Mapping[str, Sequence[float]]) -> Mapping[str, Any]:
    """The argument `buckets=` of the preset: the bounds of one histogram, or those of several by name."""
    if not own or not accepts(exporter, "buckets"):
        return {}
    if not exporter.histogram:
        return {"buckets": own}
    bounds = own.get(prefix + exporter.histogram.removeprefix(exporter.prefix))
    return {"buckets": bounds} if bounds else {}


def _prefixes(exporter: Exporter, names: Iterable[str]) -> Iterator[str]:
    """The usual prefix, then others with which a name ends like a mark."""
    yield exporter.prefix
    if not accepts(exporter, "prefix"):
        return
    end = exporter.marks[0].removeprefix(exporter.prefix)
    for name in names:
        prefix = name.removesuffix(end)
        if name != prefix != exporter.prefix and prefix.endswith(("_", ":")) and not _OF_OTHERS.search(prefix):
            yield prefix


def _agrees(exporter: Exporter, prefix: str, service: Service, exposed: Mapping[str, Metric]) -> bool:
    """Whether the marks are exposed with their types and labels.

    Names that begin with the program's own prefix are enough, since versions differ in their labels.
    """
    marks = {prefix + mark.removeprefix(exporter.prefix) for mark in exporter.marks}
    catalog = [metric for metric in service.metrics if not marks.isdisjoint({metric.name, *metric.series()})]
    own = exporter.prefix.strip("_:")
    is_own = bool(own) and own in prefix  # also `ray_vllm:` of `vllm:`
    for metric in catalog:
        observed = exposed.get(metric.name)
        if observed is None or (metric.has_other_type(type(observed)) and observed.has_other_type(type(metric))):
            return False
        is_open = is_own or metric.more_labels or observed.more_labels
        if not is_open and not set(metric.labels) <= set(observed.labels):
            return False
    return len(catalog) > 0


def _own_buckets(service: Service, exposed: Mapping[str, Metric]) -> Iterator[tuple[str, Sequence[float]]]:
    for metric in service.metrics:
        observed = exposed.get(metric.name)
        if isinstance(metric, Histogram) and isinstance(observed, Histogram) and metric.bounds():
            bounds = observed.bounds()
            if (
                bounds
                and not observed.native
                and not observed.more_labels
                and bounds != tuple(map(float, metric.bounds()))
            ):
                yield metric.name, bounds


# --- what the preset cannot read -----------------------------------------------------------------------------------


def _dead(service: Service, exposed: Mapping[str, Metric]) -> Iterator[str]:
    """The metrics of the catalog of which an expression selects series that cannot be there."""
    by_series = {series: metric for metric in service.metrics for series in metric.series()}
    dead = {
        metric.name: None
        for part in parts(service)
        for selector in selectors(part)
        if (metric := by_series.get(selector.metric)) and _is_dead(selector, metric, exposed.get(metric.name))
    }
    yield from (metric.name for metric in service.metrics if metric.name in dead)


def _is_dead(selector: Selector, metric: Metric, observed: Metric | None) -> bool:
    if observed is None or (observed.has_other_type(type(metric)) and metric.has_other_type(type(observed))):
        return True
    if observed.more_labels:  # no sample says which labels and buckets there are
        return False
    if type(observed) is type(metric) and selector.metric not in {observed.name, *observed.series(), metric.name}:
        return True
    return any(_is_unmatched(matcher, metric, observed) for matcher in selector.matchers)


def _is_unmatched(matcher: Matcher, metric: Metric, observed: Metric) -> bool:
    if matcher.label in _OF_TARGETS or (metric.more_labels and matcher.label not in metric.labels):
        return False  # a label that only some series have
    if matcher.label == "le" and isinstance(observed, Histogram):
        bounds = ["+Inf", *(text for bound in observed.bounds() for text in (f"{bound:g}", repr(bound)))]
        return not any(matcher.matches(text) for text in bounds)
    return matcher.label not in observed.labels and matcher.matches("") is False
