"""What is known of the labels of an alert before it fires: values, labels that may exist, labels that do.

Matchers on such labels are decided in three values: True (every alert of the rule matches), False (none does), None
(some may).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from obscode.promql.disjoint import are_disjoint
from obscode.promql.errors import PromQLError
from obscode.promql.label_matchers import accepts
from obscode.promql.parser import parse_tree
from obscode.promql.selector import Matcher
from obscode.promql.types import SeriesTypes, infer, untyped
from obscode.promql.types.labels import ANY, Labels
from obscode.routing.implication import alternatives

_ABSENT = frozenset({""})
_ANY, _SOME = ".*", ".+"


@dataclass(frozen=True)
class SeriesLabels:
    """The labels of the series of an alert's expression: those in ``names``, or what the expression says of them.

    Without either, series may have any labels.
    """

    expr: str = ""
    names: frozenset[str] | None = None
    types: SeriesTypes = untyped

    @cached_property  # most alerts have the labels that routes match by themselves
    def labels(self) -> Labels:
        """The labels that series can have and must have, and matchers of their values."""
        if self.names is not None:
            return Labels(self.names, closed=True)
        try:
            return infer(parse_tree(self.expr), self.types).result.labels
        except PromQLError:  # reported by promql-syntax
            return ANY

    def values_of(self, label: str) -> frozenset[str] | None:
        """Every value that a label may have, the empty one if it may be missing; None if it may have any value."""
        if not self.labels.can_have(label):
            return _ABSENT
        for matcher in self.labels.values_of(label):
            values = alternatives(matcher) if matcher.op in ("=", "=~") else None
            if values is not None:
                return frozenset(values)
        return None


NO_SERIES = SeriesLabels(names=frozenset())


@dataclass(frozen=True)
class AlertLabels:
    """The labels of the alerts of one rule, as Alertmanager receives them.

    Attributes:
        values: by label, every value that it may have; the empty one stands for an alert without the label. The rule
            sets them, whatever labels its series have.
        open: labels that the rule sets to any value.
        series: the labels of its series, which an alert has otherwise.
        external: by label, the values that Prometheus adds to alerts without the label; None for any value.
        final: labels to which Prometheus adds nothing.
        added: labels that Prometheus may add with any value; None for all but ``values`` and ``external``.
    """

    values: Mapping[str, frozenset[str]] = field(default_factory=dict)
    open: frozenset[str] = frozenset()
    series: SeriesLabels = NO_SERIES
    external: Mapping[str, frozenset[str] | None] = field(default_factory=dict)
    final: frozenset[str] = frozenset()
    added: bool = False

    @classmethod
    def exactly(cls, labels: Mapping[str, str]) -> AlertLabels:
        """The labels of one alert."""
        return cls({name: frozenset({value}) for name, value in labels.items()})

    def values_of(self, label: str) -> frozenset[str] | None:
        """Every value that a label may have; None if it may have any."""
        values = self.values.get(label)
        if values is None:
            values = None if label in self.open else self.series.values_of(label)
        if values is None or "" not in values or label in self.final:
            return values
        if self.added and label not in OF_SERIES:
            return None
        added = self.external.get(label, _ABSENT)
        return None if added is None else (values - _ABSENT) | added

    def may_exist(self, label: str) -> bool:
        """Whether some alert of the rule may have a label."""
        return self.values_of(label) != _ABSENT

    def exists(self, label: str) -> bool:
        """Whether every alert of the rule has a label."""
        values = self.values_of(label)
        if values is not None:
            return "" not in values
        return label not in self.values and label not in self.open and label in self.series.labels.certain

    def matches(self, matchers: Iterable[Matcher]) -> bool | None:
        """Whether the alerts match all of some matchers."""
        by_label: dict[str, list[Matcher]] = {}
        for matcher in matchers:
            values = self.values.get(matcher.label, ())
            if len(values) == 1 and "" not in values:  # most labels of routes are set by rules
                (value,) = values
                if (result := accepts(matcher, value)) is not None:
                    if not result:
                        return False
                    continue
            by_label.setdefault(matcher.label, []).append(matcher)
        return every(self._match(label, each) for label, each in by_label.items())

    def that_match(self, matchers: Iterable[Matcher]) -> AlertLabels:
        """The labels of those alerts that match: the values that the matchers leave."""
        values: dict[str, frozenset[str]] = {}
        for matcher in matchers:
            known = values[matcher.label] if matcher.label in values else self.values_of(matcher.label)
            if known is not None:
                values[matcher.label] = frozenset(v for v in known if accepts(matcher, v) is not False)
            elif matcher.op == "=":
                values[matcher.label] = frozenset({matcher.value})
        return self.with_values(values)

    def with_values(self, values: Mapping[str, frozenset[str]]) -> AlertLabels:
        """The labels with these values, which are final."""
        return replace(self, values={**self.values, **values}, final=self.final.union(values))

    def _match(self, label: str, matchers: Sequence[Matcher]) -> bool | None:
        """Whether the alerts match all of some matchers of one label."""
        values = self.values_of(label)
        if values is not None:
            results = {every(accepts(matcher, value) for matcher in matchers) for value in values}
            return results.pop() if len(results) == 1 else None
        known = [] if label in self.open else [*self.series.labels.values_of(label)]
        if any(are_disjoint(one, other) for i, one in enumerate(matchers) for other in [*matchers[:i], *known]):
            return False
        is_present = self.exists(label)
        return every(_match_any(matcher, is_present) for matcher in matchers)


def _match_any(matcher: Matcher, is_present: bool) -> bool | None:
    """Whether a matcher accepts a label with any value."""
    if matcher.value == "" or (matcher.value == _SOME and matcher.op in ("=~", "!~")):
        wants_value = (matcher.op in ("!=", "!~")) == (matcher.value == "")
        return wants_value if is_present else None
    if matcher.value == _ANY and matcher.op in ("=~", "!~"):
        return matcher.op == "=~"
    return None


def every(results: Iterable[bool | None]) -> bool | None:
    """False if one is False, else None if one is None, else True."""
    is_certain = True
    for result in results:
        if result is False:
            return False
        is_certain = is_certain and result is True
    return True if is_certain else None


#: Labels that are usual as external labels.
USUAL_EXTERNAL = frozenset(
    {
        "cluster",
        "datacenter",
        "dc",
        "env",
        "environment",
        "monitor",
        "prometheus",
        "prometheus_replica",
        "replica",
        "site",
        "stage",
        "tenant",
    }
)
#: Labels of targets and metrics, which no Prometheus adds to all alerts as an external label.
OF_SERIES = frozenset(
    {
        "alertname",
        "code",
        "container",
        "device",
        "host",
        "instance",
        "job",
        "method",
        "mountpoint",
        "namespace",
        "node",
        "path",
        "pod",
        "queue",
        "service",
        "severity",
        "slo",
        "status",
        "topic",
    }
)
