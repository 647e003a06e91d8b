"""Label matchers and vector selectors."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Matcher:
    """One label matcher: `status=~"5.."`."""

    label: str
    op: str
    value: str

    def __str__(self) -> str:
        return f"{self.label}{self.op}{quote(self.value)}"

    def matches(self, value: str) -> bool | None:
        """Whether a series with this value of the label fits; None where Python cannot read the pattern."""
        if self.op in ("=", "!="):
            return (value == self.value) == (self.op == "=")
        if "[:" in self.value:  # a class of Go's
            return None
        try:
            return bool(re.fullmatch(self.value, value)) == (self.op == "=~")
        except re.error:
            return None


@dataclass(frozen=True)
class Selector:
    """A vector selector; ``window`` is its range in seconds, 0 for an instant one."""

    metric: str
    matchers: tuple[Matcher, ...] = ()
    window: float = 0

    def __str__(self) -> str:
        inside = ",".join(str(m) for m in self.matchers)
        return f"{self.metric}{{{inside}}}" if inside or not self.metric else self.metric

    def with_matchers(self, *more: Matcher) -> Selector:
        """The selector with further matchers; ones that it has already are not repeated."""
        new = tuple(m for m in more if m not in self.matchers)
        return Selector(self.metric, self.matchers + new, self.window)

    def conflicting_matchers(self) -> tuple[Matcher, Matcher] | None:
        """Two matchers that no series satisfies both; None where there are none, as far as one can tell."""
        for wanted in (m for m in self.matchers if m.op == "="):
            for other in self.matchers:
                if other.label == wanted.label and other.matches(wanted.value) is False:
                    return wanted, other
        return None

    def renamed(self, metric: str) -> Selector:
        """The same matchers on another metric."""
        return Selector(metric, self.matchers, self.window)


def quote(value: str) -> str:
    """A PromQL string literal."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'
