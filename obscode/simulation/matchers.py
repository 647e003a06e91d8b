"""Matchers of selectors: those of other labels, those that exclude each other, and the name that they select."""

from __future__ import annotations

import re
from collections.abc import Sequence

from obscode.promql.selector import Matcher
from obscode.simulation.label_values import choose, is_fixed
from obscode.simulation.regex_samples import samples

_NAME = re.compile(r"[a-zA-Z_:][\w:.]*", re.ASCII)


def without_labels(matchers: Sequence[Matcher], labels: frozenset[str]) -> tuple[Matcher, ...]:
    """The matchers of other labels."""
    return tuple(matcher for matcher in matchers if matcher.label not in labels)


def contradicts(matcher: Matcher, own: Sequence[Matcher]) -> bool:
    """Whether a matcher of the other side of a join excludes what a selector requires."""
    mine = tuple(m for m in own if m.label == matcher.label)
    return bool(mine) and (matcher in mine or choose(matcher.label, (*mine, matcher), 0) is None)


def split_name(matchers: Sequence[Matcher]) -> tuple[list[str], tuple[Matcher, ...]]:
    """A name of a metric that matchers of `__name__` select, and the other matchers.

    One of several: functions drop the name, and two series must not have the same labels then.
    """
    names: list[str] = []
    for matcher in matchers:
        if matcher.label == "__name__" and matcher.op in ("=", "=~") and is_fixed(matcher):
            texts = [matcher.value] if matcher.op == "=" else samples(matcher.value)
            names += [text for text in texts[:1] if _NAME.fullmatch(text)]
    return names, tuple(m for m in matchers if m.label != "__name__")
