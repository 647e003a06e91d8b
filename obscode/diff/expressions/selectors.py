"""Differences of two selectors: metric, matchers, window, offset."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.diff.change import Risk
from obscode.diff.expressions.difference import Difference
from obscode.diff.expressions.node_text import duration_text
from obscode.diff.expressions.places import Place
from obscode.promql.selector import Matcher, Selector
from obscode.promql.syntax_tree import At, VectorSelector


def selector_differences(before: VectorSelector, after: VectorSelector, place: Place) -> Iterator[Difference]:
    old, new = before.selector, after.selector
    if old.metric != new.metric:
        weight = 1 if old.matchers == new.matchers else 2
        yield Difference("metric", old.metric or "(any)", new.metric or "(any)", weight=weight)
    yield from _matchers(old, new, place)
    yield from duration_differences("window", old.window, new.window, str(old))
    yield from offset_differences(before.offset, after.offset, before.at, after.at, str(old))


def _matchers(old: Selector, new: Selector, place: Place) -> Iterator[Difference]:
    removed = [each for each in old.matchers if each not in new.matchers]
    added = [each for each in new.matchers if each not in old.matchers]
    fewer = place.risk(-1, of_value=place.is_summed)
    more = place.risk(1, of_value=place.is_summed)
    for matcher in removed:
        if other := next((each for each in added if each.label == matcher.label), None):
            added.remove(other)
            is_wider = _is_wider(matcher, other)
            risk: Risk = "changed" if is_wider is None else more if is_wider else fewer
            yield Difference("matcher", str(matcher), str(other), str(old), risk)
        else:
            yield Difference("matcher", str(matcher), None, str(old), more)
    for matcher in added:
        yield Difference("matcher", None, str(matcher), str(old), fewer)


def _is_wider(before: Matcher, after: Matcher) -> bool | None:
    """Whether the second accepts all that the first does; False if it is the reverse, None if that is unknown."""
    if before.op == "=" and after.op == "=~" and after.matches(before.value):
        return True
    if before.op == "=~" and after.op == "=" and before.matches(after.value):
        return False
    if before.op == after.op and before.op in ("=~", "!~"):
        old, new = set(before.value.split("|")), set(after.value.split("|"))
        if old < new or new < old:
            return (old < new) == (before.op == "=~")
    return None


def duration_differences(what: str, before: float, after: float, of: str) -> Iterator[Difference]:
    if before != after:
        old, new = (duration_text(each) if each else None for each in (before, after))
        yield Difference(what, old, new, of)


def offset_differences(before: float, after: float, at: At, other: At, of: str) -> Iterator[Difference]:
    yield from duration_differences("offset", before, after, of)
    if at != other:
        old, new = (None if each is None else f"@ {each}" for each in (at, other))
        yield Difference("time", old, new, of)
