"""How many series the metrics and the recording rules of a project have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from obscode.artifacts.rules import RecordingRule, Rule
from obscode.cost.series_set import EMPTY, LabelValues, SeriesSet
from obscode.model.cost import Cost
from obscode.model.metrics import Histogram, Metric, Summary
from obscode.model.naming import SERVICE
from obscode.model.service import Service
from obscode.model.sli.sample_series import labels_for
from obscode.promql.selector import Selector

# One series per target.
_OF_TARGETS = {"up", "scrape_duration_seconds", "scrape_samples_scraped", "scrape_samples_post_metric_relabeling"}
_OF_TARGETS |= {"scrape_series_added"}
# Prometheus writes them itself, for alerts that fire.
_ALERTS = {"ALERTS", "ALERTS_FOR_STATE"}


@dataclass
class ProjectSeries:
    """The series of a project; rules are recorded one after the other.

    ``assumed`` are the labels whose number of values is not known, and ``unknown`` the names of no metric.
    """

    services: Sequence[Service]
    assumptions: Cost
    scrape_interval: float
    intervals: Mapping[str, float] = field(default_factory=dict)
    assumed: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._exposed: dict[str, list[SeriesSet]] = {}
        # By name and service, since thousands of SLOs record series of one name; then by rule.
        self._recorded: dict[str, dict[str, dict[int, SeriesSet]]] = {}
        for service in self.services:
            for targets in self._targets(service):
                for name in _OF_TARGETS:
                    self._exposed.setdefault(name, []).append(targets)
                for metric in service.metrics:
                    for name, series in self._series(metric, targets):
                        self._exposed.setdefault(name, []).append(series)

    def of(self, selector: Selector) -> SeriesSet:
        """The series of a selector, of all metrics and rules with its name."""
        if selector.metric not in self._exposed and selector.metric not in self._recorded:
            if selector.metric not in _ALERTS:
                self.unknown.add(selector.metric or str(selector))
            return EMPTY
        sets = [*self._exposed.get(selector.metric, ()), *self._recorded_sets(selector)]
        selected = [series for each in sets if (series := each.select(selector.matchers)).count]
        if len(selected) < 2:
            return selected[0] if selected else EMPTY
        labels = {name for each in selected for name in each.labels}
        steps = [each.step for each in selected if each.step]
        return SeriesSet(
            sum(each.count for each in selected),
            {name: _joined([each.labels[name] for each in selected if name in each.labels]) for name in labels},
            min(steps, default=0),
        )

    def record(self, rule: Rule, result: SeriesSet, interval: float) -> SeriesSet:
        """The series that a rule records; later rules read them."""
        series = SeriesSet(result.count, result.labels, interval).with_labels(rule.labels)
        if isinstance(rule, RecordingRule):
            by_service = self._recorded.setdefault(rule.name, {})
            by_service.setdefault(rule.labels.get(SERVICE, ""), {})[id(rule)] = series
        return series

    def _recorded_sets(self, selector: Selector) -> Iterator[SeriesSet]:
        by_service = self._recorded.get(selector.metric, {})
        service = next((m.value for m in selector.matchers if m.label == SERVICE and m.op == "="), "")
        for name in ["", service] if service else [*by_service]:
            yield from by_service.get(name, {}).values()

    # --- metrics ---------------------------------------------------------------------------------------------------

    def _targets(self, service: Service) -> Iterator[SeriesSet]:
        """The targets of each job; those of a service that others scrape have its selector's labels."""
        known = labels_for(service.target_matchers()) or {}
        where = {label: LabelValues(1, (value,)) for label, value in known.items()}
        for name, job in service.named_jobs():
            addresses = tuple(job.static_targets())
            instances = LabelValues(len(addresses), addresses) if addresses else LabelValues(self.assumptions.targets)
            labels = {"job": LabelValues(1, (name,)), "instance": instances}
            labels |= {label: LabelValues(1, (value,)) for label, value in job.labels.items()}
            yield SeriesSet.product(where | labels, self.intervals.get(name, self.scrape_interval))
        if not service.scrape_jobs():
            labels = {label: LabelValues(1, (value,)) for label, value in service.selector.items()}
            instances = LabelValues(self.assumptions.targets)
            yield SeriesSet.product({"instance": instances, **where, **labels}, self.scrape_interval)

    def _series(self, metric: Metric, targets: SeriesSet) -> Iterator[tuple[str, SeriesSet]]:
        own = {label: self._values(metric, label) for label in metric.labels}
        for name in metric.series():
            labels = {**targets.labels, **own}
            if isinstance(metric, Histogram) and name.endswith("_bucket"):
                labels["le"] = LabelValues(len(metric.bounds()) + 1, (*map(_bound, metric.bounds()), "+Inf"))
            elif isinstance(metric, Summary) and name == metric.name:
                labels["quantile"] = LabelValues(len(metric.quantiles), tuple(map(_bound, metric.quantiles)))
            yield name, SeriesSet.product(labels, targets.step)

    def _values(self, metric: Metric, label: str) -> LabelValues:
        declared = metric.labels[label] if isinstance(metric.labels, Mapping) else ()
        if known := tuple(declared or metric.observed.get(label, ())):
            return LabelValues(len(known), known)
        if label not in self.assumptions.label_values:
            self.assumed.add(label)
        return LabelValues(self.assumptions.label_values.get(label, self.assumptions.default_values))


def _bound(value: float) -> str:
    """The bound as Prometheus 3 stores it: `1.0`."""
    return repr(float(value))


def _joined(values: Sequence[LabelValues]) -> LabelValues:
    if all(each.known for each in values):
        known = tuple(dict.fromkeys(value for each in values for value in each.known))
        return LabelValues(len(known), known)
    return LabelValues(max(each.count for each in values))
