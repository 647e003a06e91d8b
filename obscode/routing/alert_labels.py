"""What is known of the labels of an alert before it fires: values, labels that may exist, labels that do.

Matchers on such labels are decided in three values: True (every alert of the rule matches), False (none does), None
(some may).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from obscode.promql.disjoint import are_disjoint
from obscode.promql.selector import Matcher
from obscode.routing.matchers import accepts

_ABSENT = frozenset({""})
_ANY, _SOME = ".*", ".+"


@dataclass(frozen=True)
class AlertLabels:
    """The labels of the alerts of one rule, as Alertmanager receives them.

    Attributes:
        values: by label, every value that it may have; the empty one stands for an alert without the label.
        possible: other labels that may exist, with any value; None if every label may.
        present: labels that exist, with any value.
    """

    values: Mapping[str, frozenset[str]] = field(default_factory=dict)
    possible: frozenset[str] | None = frozenset()
    present: frozenset[str] = frozenset()

    @classmethod
    def exactly(cls, labels: Mapping[str, str]) -> AlertLabels:
        """The labels of one alert."""
        return cls({name: frozenset({value}) for name, value in labels.items()})

    def values_of(self, label: str) -> frozenset[str] | None:
        """Every value that a label may have; None if it may have any."""
        if label in self.values:
            return self.values[label]
        is_possible = label in self.present or self.possible is None or label in self.possible
        return None if is_possible else _ABSENT

    def may_exist(self, label: str) -> bool:
        """Whether some alert of the rule may have a label."""
        return self.values_of(label) != _ABSENT

    def exists(self, label: str) -> bool:
        """Whether every alert of the rule has a label."""
        values = self.values_of(label)
        return label in self.present if values is None else "" not in values

    def matches(self, matchers: Iterable[Matcher]) -> bool | None:
        """Whether the alerts match all of some matchers."""
        by_label: dict[str, list[Matcher]] = {}
        for matcher in matchers:
            by_label.setdefault(matcher.label, []).append(matcher)
        return every(self._match(label, each) for label, each in by_label.items())

    def given(self, matchers: Iterable[Matcher]) -> AlertLabels:
        """The labels of those alerts that match: the values that the matchers leave."""
        values = dict(self.values)
        for matcher in matchers:
            known = self.values_of(matcher.label) if matcher.label not in values else values[matcher.label]
            if known is not None:
                values[matcher.label] = frozenset(v for v in known if accepts(matcher, v) is not False)
            elif matcher.op == "=":
                values[matcher.label] = frozenset({matcher.value})
        return replace(self, values=values)

    def _match(self, label: str, matchers: Sequence[Matcher]) -> bool | None:
        """Whether the alerts match all of some matchers of one label."""
        values = self.values_of(label)
        if values is not None:
            results = {every(accepts(matcher, value) for matcher in matchers) for value in values}
            return results.pop() if len(results) == 1 else None
        if any(are_disjoint(one, other) for i, one in enumerate(matchers) for other in matchers[:i]):
            return False
        return every(self._match_any(matcher, label in self.present) for matcher in matchers)

    @staticmethod
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
