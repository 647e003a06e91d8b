"""The labels that the series of an expression can have, must have and cannot have.

`sum by (job) (up{env="prod"})` has no label but `job`; `up{env="prod"}` has `env`, and may have any other. A label with
an empty value is a label that the series does not have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from obscode.promql.selector import Matcher

NAME = "__name__"


class Labels(NamedTuple):
    """What is known of the labels of every series of a vector.

    Attributes:
        names: where ``closed``, the labels that a series may have; else the labels that no series has.
        closed: True if series have no other labels than ``names``.
        certain: labels that every series has.
        expected: labels that the author of the expression expects: those of `by` and of matchers.
        matchers: matchers that the labels of every series match.
    """

    names: frozenset[str] = frozenset()
    closed: bool = False
    certain: frozenset[str] = frozenset()
    expected: frozenset[str] = frozenset()
    matchers: frozenset[Matcher] = frozenset()

    def can_have(self, label: str) -> bool:
        """False if no series has the label."""
        return (label in self.names) == self.closed

    @property
    def possible(self) -> frozenset[str] | None:
        """All labels that a series may have, without its name; None if there may be others."""
        return self.names - {NAME} if self.closed else None

    def value_of(self, label: str) -> str | None:
        """The only value that the label has; None if it may have several or is missing."""
        return next((m.value for m in self.matchers if m.label == label and m.op == "=" and m.value), None)

    def values_of(self, label: str) -> Iterator[Matcher]:
        """The matchers of a label."""
        return (matcher for matcher in self.matchers if matcher.label == label)

    # --- operations ----------------------------------------------------------------------------------------------

    def drop(self, labels: Iterable[str]) -> Labels:
        """Without some labels."""
        return self._without_labels(frozenset(labels))

    @lru_cache(maxsize=4096)  # noqa: B019  # values, not objects
    def _without_labels(self, dropped: frozenset[str]) -> Labels:
        if not dropped:
            return self
        names = self.names - dropped if self.closed else self.names | dropped
        return Labels(names, self.closed, *self._without(dropped))

    def keep(self, labels: Iterable[str]) -> Labels:
        """With some labels only, as `by` does; the author expects them."""
        remaining = frozenset(filter(self.can_have, labels))
        matchers = frozenset(matcher for matcher in self.matchers if matcher.label in remaining)
        return Labels(remaining, True, self.certain & remaining, remaining - {NAME}, matchers)

    def add(self, label: str, *, certain: bool = False, matchers: Iterable[Matcher] = ()) -> Labels:
        """With a label whose former value is replaced."""
        names = self.names | {label} if self.closed else self.names - {label}
        sure, expected, known = self._without(frozenset({label}))
        return Labels(
            names, self.closed, sure | {label} if certain else sure, expected | {label}, known | frozenset(matchers)
        )

    def opened(self) -> Labels:
        """With any further labels."""
        return self._replace(names=frozenset(), closed=False)

    def select(self, matchers: Iterable[Matcher]) -> Labels:
        """Those of the series that match all matchers."""
        result = self
        for matcher in matchers:
            requires, excludes = _effect(matcher)
            if excludes:
                result = result.drop({matcher.label})
            known, label = result.matchers | {matcher}, frozenset({matcher.label})
            if requires:
                result = result._replace(
                    certain=result.certain | label, expected=result.expected | label, matchers=known
                )
            else:
                result = result._replace(matchers=known)
        return result

    def matched_with(self, other: Labels, labels: Iterable[str] | None = None) -> Labels:
        """After matching series whose values of ``labels`` are those of another vector; None for all labels."""
        if labels is None:
            return self._equal_to(other)
        shared = frozenset(labels)
        gone = frozenset(label for label in shared if not other.can_have(label))
        result = self.drop(gone)
        matchers = frozenset(matcher for matcher in other.matchers if matcher.label in shared)
        return result._replace(certain=result.certain | other.certain & shared, matchers=result.matchers | matchers)

    def union(self, other: Labels) -> Labels:
        """Of series that are in one of two vectors."""
        if self.closed and other.closed:
            names, closed = self.names | other.names, True
        elif self.closed or other.closed:
            listed, excluded = (self.names, other.names) if self.closed else (other.names, self.names)
            names, closed = excluded - listed, False
        else:
            names, closed = self.names & other.names, False
        expected = self.expected | other.expected
        return Labels(names, closed, self.certain & other.certain, expected, self.matchers & other.matchers)

    def _equal_to(self, other: Labels) -> Labels:
        if self.closed and other.closed:
            names, closed = self.names & other.names, True
        elif self.closed or other.closed:
            listed, excluded = (self.names, other.names) if self.closed else (other.names, self.names)
            names, closed = listed - excluded, True
        else:
            names, closed = self.names | other.names, False
        certain, expected = self.certain | other.certain, self.expected | other.expected
        return Labels(names, closed, certain, expected, self.matchers | other.matchers)

    def _without(self, labels: frozenset[str]) -> tuple[frozenset[str], frozenset[str], frozenset[Matcher]]:
        matchers = self.matchers
        if any(matcher.label in labels for matcher in matchers):
            matchers = frozenset(matcher for matcher in matchers if matcher.label not in labels)
        return self.certain - labels, self.expected - labels, matchers


ANY = Labels()
NONE = Labels(closed=True)


@lru_cache(maxsize=4096)
def _effect(matcher: Matcher) -> tuple[bool, bool]:
    """Whether a matcher requires its label, and whether it excludes it."""
    accepts_empty = matcher.matches("")
    excludes = (matcher.op == "=" and not matcher.value) or (matcher.op == "!~" and matcher.value in (".+", "..*"))
    return accepts_empty is False, excludes or (matcher.op == "=~" and not matcher.value)
