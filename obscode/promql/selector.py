"""Label matchers and vector selectors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from obscode.promql import go_regex
from obscode.promql.tokens import is_plain_metric, label_text, quote

MatchOperator = Literal["=", "!=", "=~", "!~"]
#: Stands for each character of a Grafana variable in the value of a matcher.
VARIABLE_MARK = "\ue000"


@dataclass(frozen=True)
class Matcher:
    """A label matcher: `status=~"5.."`."""

    label: str
    op: MatchOperator
    value: str

    def __str__(self) -> str:
        return f"{label_text(self.label)}{self.op}{quote(self.value)}"

    def matches(self, value: str) -> bool | None:
        """Whether the matcher accepts a value of its label.

        None where the regular expression cannot be evaluated, and for a Grafana variable.
        """
        if VARIABLE_MARK in self.value:
            return None
        if self.op in ("=", "!="):
            return (value == self.value) == (self.op == "=")
        matched = go_regex.full_match(self.value, value)
        return None if matched is None else matched == (self.op == "=~")


@dataclass(frozen=True)
class Selector:
    """A vector selector; ``window`` is its range in seconds, 0 for an instant vector."""

    metric: str
    matchers: tuple[Matcher, ...] = ()
    window: float = 0

    def __str__(self) -> str:
        return self._text

    @cached_property  # expressions of an SLO contain a selector many times
    def _text(self) -> str:
        if not self.metric or is_plain_metric(self.metric):
            inside = ",".join(str(m) for m in self.matchers)
            return f"{self.metric}{{{inside}}}" if inside or not self.metric else self.metric
        return f"{{{','.join([quote(self.metric), *map(str, self.matchers)])}}}"

    def with_matchers(self, *more: Matcher) -> Selector:
        """The selector with more matchers; a matcher that it already has is not repeated."""
        new = tuple(m for m in more if m not in self.matchers)
        return Selector(self.metric, self.matchers + new, self.window)

    def conflicting_matchers(self) -> tuple[Matcher, Matcher] | None:
        """Two matchers of one label that exclude each other, or None."""
        for equal in (m for m in self.matchers if m.op == "="):
            for other in self.matchers:
                if other.label == equal.label and other.matches(equal.value) is False:
                    return equal, other
        return None

    def renamed(self, metric: str) -> Selector:
        """The selector of another metric, with the same matchers and window."""
        return Selector(metric, self.matchers, self.window)
