"""Sample label values that match a selector, or do not match it: input series for generated tests."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from obscode.promql.selector import Matcher, Selector

CounterIncrements = list[tuple[Selector, float]]

_CANDIDATES = ("other", "200", "500", "a", "1", "x-y", "")


def sample_series(*expected: tuple[Selector, float, Matcher | None]) -> CounterIncrements | None:
    """A series and its increase for each selector; it must not match the third value, a matcher."""
    flow: CounterIncrements = []
    for selector, growth, but in expected:
        labels = labels_for(selector.matchers, but=but)
        if labels is None:
            return None
        flow.append((Selector(selector.metric, tuple(Matcher(n, "=", v) for n, v in labels.items())), growth))
    return flow


def labels_for(matchers: Sequence[Matcher], *, but: Matcher | None = None) -> dict[str, str] | None:
    """Labels that match all matchers and not ``but``; None if no sample value does."""
    labels: dict[str, str] = {}
    for name in dict.fromkeys(m.label for m in [*matchers, *([but] if but else [])]):
        expected = [m for m in matchers if m.label == name]
        refused = [but] if but and but.label == name else []
        fitting = (v for v in _values([*expected, *refused]) if all(map(_taking(v), expected)))
        value = next((v for v in fitting if not any(map(_taking(v), refused))), None)
        if value is None:
            return None
        if value:
            labels[name] = value
    return labels


def _values(matchers: Sequence[Matcher]) -> Iterator[str]:
    for matcher in matchers:
        yield matcher.value if matcher.op in ("=", "!=") else _sample(matcher.value)
    yield from _CANDIDATES


def _taking(value: str) -> Callable[[Matcher], bool]:
    return lambda matcher: bool(matcher.matches(value))


# An escaped character, a class, any character or a literal, with its quantifier.
_PIECE = re.compile(
    r"(?:\\(?P<escaped>.)|\[(?P<first>[^\]^])[^\]]*\]|(?P<any>\.)|(?P<literal>[^\\\[.]))"
    r"(?P<times>[*+?]|\{\d+(?:,\d*)?\})?"
)
_ESCAPED = {"d": "0", "w": "a", "s": " "}


def _sample(pattern: str) -> str:
    """A text that matches a simple pattern; for other patterns a text that may not match, which the caller tests."""
    alternative = pattern.removeprefix("(").removeprefix("?:").partition("|")[0].rstrip(")")
    pieces = []
    for piece in _PIECE.finditer(alternative):
        escaped = piece["escaped"]
        text = _ESCAPED.get(escaped, escaped) if escaped else piece["first"] or piece["literal"] or "0"
        times = (piece["times"] or "1").strip("{}").partition(",")[0]
        pieces.append(text * (int(times) if times.isdecimal() else times == "+"))
    return "".join(pieces)
