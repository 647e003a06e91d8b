"""How many series a vector has, and how many values each of its labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from math import prod

from obscode.promql.selector import Matcher


@dataclass(frozen=True)
class LabelValues:
    """The values of a label: their number, and the values themselves if they are known."""

    count: float
    known: Sequence[str] = ()

    def matching(self, matchers: Sequence[Matcher]) -> LabelValues:
        """The values that matchers of the label select. Of unknown values, an equality selects one, others all."""
        if self.known:
            left = [value for value in self.known if all(matcher.matches(value) is not False for matcher in matchers)]
            return LabelValues(len(left), left)
        is_one = any(matcher.op == "=" and matcher.value for matcher in matchers)
        return LabelValues(1 if is_one else self.count)


@dataclass(frozen=True)
class SeriesSet:
    """An estimate of a vector: the number of its series, and its labels.

    ``step`` is the time between samples of each series, in seconds.
    """

    count: float = 0
    labels: Mapping[str, LabelValues] = field(default_factory=dict)
    step: float = 0

    @classmethod
    def product(cls, labels: Mapping[str, LabelValues], step: float, most: float = 0) -> SeriesSet:
        """The series with all combinations of values; at most a number of them if it is not 0."""
        count = prod(values.count for values in labels.values())
        return cls(min(count, most) if most else count, labels, step)

    def select(self, matchers: Sequence[Matcher]) -> SeriesSet:
        """The series that matchers select; a label that the series lack is empty."""
        labels = dict(self.labels)
        count = self.count
        for name in dict.fromkeys(matcher.label for matcher in matchers):
            own = [matcher for matcher in matchers if matcher.label == name]
            if name not in labels:
                if any(matcher.matches("") is False for matcher in own):
                    return replace(self, count=0)
                continue
            before, labels[name] = labels[name], labels[name].matching(own)
            count *= labels[name].count / before.count if before.count else 0
        return SeriesSet(count, labels, self.step)

    def keep(self, is_kept: Callable[[str], bool]) -> SeriesSet:
        """The groups of an aggregation that keeps some labels."""
        labels = {name: values for name, values in self.labels.items() if is_kept(name)}
        groups = prod(values.count for values in labels.values())
        return SeriesSet(min(self.count, groups), labels, self.step)

    def with_labels(self, labels: Mapping[str, str]) -> SeriesSet:
        """The series with labels that a rule sets."""
        fixed = {name: LabelValues(1, (value,)) for name, value in labels.items()}
        return replace(self, labels={**self.labels, **fixed})

    def without(self, names: Set[str]) -> SeriesSet:
        """The same series, of which labels are not known any more."""
        return replace(self, labels={name: each for name, each in self.labels.items() if name not in names})


EMPTY = SeriesSet()
