"""The input series of a generated unit test as OpenMetrics text: dashboards show what an alert's test is about."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from obscode.artifacts.unit_tests import UnitTest
from obscode.promql.duration import format_duration, seconds
from obscode.promql.parser import parse_selector
from obscode.promql.series_values import validate_values
from obscode.simulation.openmetrics import END, plain_text
from obscode.simulation.samples import Samples
from obscode.simulation.timeline import Timeline

_NUMBER = r"[0-9._]+(?:[eE][+-]?[0-9]+)?"
_ITEM = re.compile(rf"(?P<start>[+-]?{_NUMBER})(?P<growth>[+-]{_NUMBER})?x(?P<repeats>[0-9]+)")
_SHORTEST_RANGE = 1800


def test_samples(test: UnitTest, end: int) -> Iterator[Samples]:
    """The series as values; the last samples of the longest one are at ``end``, in seconds.

    Histograms as samples (`{{schema:0 ...}}`) have no text in this format: their series are left out.
    """
    step = round(seconds(test.interval) * 1000)
    series = [(parse_selector(text), list(_values(values))) for text, values in test.series if "{{" not in values]
    start = end * 1000 - step * (max((len(values) for _, values in series), default=1) - 1)
    for selector, values in sorted(series, key=lambda item: str(item[0])):
        labels = {"__name__": selector.metric, **{matcher.label: matcher.value for matcher in selector.matchers}}
        samples = [(start + n * step, value) for n, value in enumerate(values) if value is not None]
        yield Samples(labels, [time for time, _ in samples], [value for _, value in samples])


def test_series(test: UnitTest, end: int) -> Iterator[str]:
    """The series as text, in chunks."""
    yield from plain_text(test_samples(test, end))
    yield END


def test_timeline(test: UnitTest, end: int) -> Timeline:
    """The range of the samples, and at least half an hour."""
    count = max((len(list(_values(values))) for _, values in test.series if "{{" not in values), default=1)
    length = max(_SHORTEST_RANGE, math.ceil(seconds(test.interval) * (count - 1)))
    return Timeline(end, format_duration(length * 1000), max(1, math.floor(seconds(test.interval))), lead=0)


# pytest would collect them where they are imported.
test_samples.__test__ = False  # type: ignore[attr-defined]
test_series.__test__ = False  # type: ignore[attr-defined]
test_timeline.__test__ = False  # type: ignore[attr-defined]


def _values(text: str) -> Iterator[float | None]:
    """The samples of promtool's notation: `1+2x3 _x2 stale`; None for none."""
    if wrong := validate_values(text):
        raise ValueError(wrong[0])
    for item in text.split():
        if item in ("_", "stale"):
            yield None
        elif item.startswith("_x"):
            yield from [None] * int(item[2:])
        elif match := _ITEM.fullmatch(item):
            start, growth = _number(match["start"]), _number(match["growth"] or "0")
            yield from (start + growth * n for n in range(int(match["repeats"]) + 1))
        else:
            yield _number(item)


def _number(text: str) -> float:
    return float(text.replace("_", ""))
