"""The unit tests of gaps: the sum of a window reads parts for which there was no evaluation from the samples before.

Each test evaluates a sum once, with parts that the test supplies.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.artifacts.unit_tests import ExpectedSamples, UnitTest
from obscode.compiler.slo_plan import SloPlan
from obscode.compiler.slo_rules import LONGEST_GAP
from obscode.compiler.slo_windows import Part
from obscode.compiler.unit_tests.input_series import free_label, series_text
from obscode.compiler.unit_tests.scenarios import LONGEST
from obscode.promql.duration import format_duration, milliseconds
from obscode.promql.selector import Matcher

_STEP = milliseconds("5m")
_EVENTS = 100


def gap_tests(plan: SloPlan) -> Iterator[UnitTest]:
    """A test of each window that is a sum of equal windows, with a gap before each and a longer one."""
    for window, parts in plan.sums.items():
        lengths = {part.window for part in parts}
        end = max((part.offset for part in parts), default=0) + 2 * milliseconds(LONGEST_GAP)
        if len(lengths) == 1 and min(lengths) >= milliseconds(LONGEST_GAP) and end <= LONGEST:
            yield _test(plan, window, parts, -(-end // _STEP) * _STEP)


def _test(plan: SloPlan, window: str, parts: Sequence[Part], end: int) -> UnitTest:
    longest = milliseconds(LONGEST_GAP)
    part, label = format_duration(parts[0].window), free_label("gap", plan.labels)
    series, expectations = [], []
    for length in (longest * 2 // 3, longest * 4 // 3):
        group = {**{by: f"some-{by}" for by in plan.slo.sli.by}, label: format_duration(length)}
        matchers = [Matcher(name, "=", value) for name, value in group.items()]
        values = _values(parts, end, length)
        expected = sum(float(each.share) for each in parts if not each.offset or length < longest) * _EVENTS
        for counts in (plan.total, plan.bad):
            series.append((str(counts(part).with_matchers(*matchers)), values))
            expr = str(counts(window).with_matchers(matchers[-1]))
            samples = [(series_text(counts(window).metric, {**plan.identity, **group}), expected)]
            meaning = f"{counts(window).metric} after a gap of {group[label]}"
            expectations.append(ExpectedSamples(expr, format_duration(end), samples, meaning))
    name = f"{plan.name}: {window} counts the events before a gap of less than {LONGEST_GAP}"
    return UnitTest(name, format_duration(_STEP), series, expectations, evaluation_interval=format_duration(end))


def _values(parts: Sequence[Part], end: int, length: int) -> str:
    """Constant values, without those of some length up to the end of each earlier part."""
    ends = [end - part.offset for part in parts if part.offset]

    def is_missing(at: int) -> bool:
        return any(before - length < at <= before for before in ends)

    return " ".join("_" if is_missing(at) else str(_EVENTS) for at in range(0, end + 1, _STEP))
