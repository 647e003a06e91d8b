"""The unit tests of an SLO: when its alerts fire in traffic scenarios, and the values of its windows and budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from obscode.artifacts.rules import Rule
from obscode.artifacts.unit_tests import ExpectedSamples, UnitTest
from obscode.compiler.slo_period import info_rule
from obscode.compiler.slo_plan import SloPlan
from obscode.compiler.unit_tests.alert_scenarios import alert_tests, group_test
from obscode.compiler.unit_tests.alert_simulator import TrafficPhase, event_counts
from obscode.compiler.unit_tests.gaps import gap_tests
from obscode.compiler.unit_tests.input_series import input_series, series_text
from obscode.compiler.unit_tests.no_data import no_data_tests
from obscode.compiler.unit_tests.scenarios import (
    BUSY,
    LONGEST,
    Scenario,
    long_scenarios,
    long_step,
    short_scenarios,
    short_step,
)
from obscode.compiler.unit_tests.timings import slo_timings
from obscode.model import naming
from obscode.model.numbers import format_sample
from obscode.promql.duration import format_duration, milliseconds, seconds
from obscode.promql.selector import Selector

# Relative tolerance for ratios and counts. A part of a window that is counted at another time is off by more.
_TOLERANCE = 0.001


def slo_tests(plan: SloPlan, rules: Sequence[Rule]) -> list[UnitTest]:
    """The tests at the evaluation interval of the short windows; ``rules`` are those of the SLO."""
    group = _group(plan)
    tests = [*alert_tests(plan, rules, _short_scenarios(plan, are_exact=True)), _budget_test(plan, group)]
    return [*tests, group_test(plan, rules, group)] if group else tests


def long_tests(plan: SloPlan, rules: Sequence[Rule]) -> list[UnitTest]:
    """The tests with longer evaluation intervals: hours and days of traffic, and constant values."""
    group = _group(plan)
    tests = [*alert_tests(plan, rules, _short_scenarios(plan, are_exact=False))]
    tests += [_window_test(plan, group, is_long=False), *gap_tests(plan), *no_data_tests(plan, rules, group)]
    if any(plan.is_long(window) for window in plan.windows):
        days = [replace(scenario, group=group) for scenario in long_scenarios(plan)]
        tests += [*alert_tests(plan, rules, days), _window_test(plan, group, is_long=True)]
    return tests


def _short_scenarios(plan: SloPlan, *, are_exact: bool) -> list[Scenario]:
    """The scenarios of minutes and hours in the steps of the short windows, or in longer ones."""
    exact, group = milliseconds(plan.interval), _group(plan)
    scenarios = (replace(scenario, group=group) for scenario in short_scenarios(plan))
    return [scenario for scenario in scenarios if (scenario.step == exact) == are_exact]


def _group(plan: SloPlan) -> dict[str, str]:
    return {label: f"some-{label}" for label in plan.slo.sli.by}


# --- windows and budget ------------------------------------------------------------------------------------------


def _window_test(plan: SloPlan, group: Mapping[str, str], *, is_long: bool) -> UnitTest:
    """Traffic and errors grow steadily, so that a window of another length or time has other counts."""
    windows = [window for window in plan.windows if plan.is_long(window) == is_long]
    longest = min(max((_full_at(plan, window) for window in windows), default=milliseconds(plan.base)), LONGEST)
    step = long_step(plan) if is_long else short_step(plan, longest)
    steps = longest // step + 2
    timings = slo_timings(plan, step, is_long=is_long)
    phases = (TrafficPhase(steps * step, BUSY, 0, growth=BUSY / steps, total_growth=2 * BUSY / steps),)
    labels = {**plan.identity, **group}
    expectations = []
    for window in windows:
        at = min(_full_at(plan, window), LONGEST) // step * step
        total, bad = event_counts(timings, phases, at, milliseconds(window))
        expectations += [
            _close(plan.ratio(window), bad / total, at, labels),
            _close(plan.total(window), total, at, labels),
        ]
    scenario = Scenario(
        f"every window {'of days ' if is_long else ''}has its length", phases, step, group=group, is_long=is_long
    )
    return _test(plan, scenario, expectations)


def _full_at(plan: SloPlan, window: str) -> int:
    """A little after a window, when a window of twice the length counts a quarter more."""
    return milliseconds(window) * 5 // 4 + 3 * milliseconds(plan.slow_interval)


def _close(series: Selector, value: float, at: int, labels: Mapping[str, str]) -> ExpectedSamples:
    """A value within a tolerance."""
    expr = f"abs({series} / {format_sample(value)} - 1) < bool {_TOLERANCE}"
    return ExpectedSamples(expr, format_duration(at), [(series_text("", labels), 1)])


def _budget_test(plan: SloPlan, group: Mapping[str, str]) -> UnitTest:
    """Half of the allowed events are bad from the start, so half of the budget remains."""
    slo, interval = plan.slo, milliseconds(plan.interval)
    length = 16 * interval
    at = length - interval
    phases = (TrafficPhase(length, BUSY, float(slo.budget()) * BUSY / 2),)

    def equals(name: str, value: float, labels: Mapping[str, str] = group) -> ExpectedSamples:
        # Within a millionth: the last digits of such sums differ between versions.
        expr = f"abs({plan.series(name)} / {format_sample(value)} - 1) < bool 0.000001"
        return ExpectedSamples(expr, format_duration(at), [(series_text("", {**plan.identity, **labels}), 1)])

    info = series_text(naming.INFO, info_rule(plan).labels)
    expectations = [
        equals(naming.OBJECTIVE, float(slo.target()), {}),
        equals(naming.ERROR_BUDGET, float(slo.budget()), {}),
        equals(naming.PERIOD, seconds(slo.period), {}),
        equals(naming.BURN_RATE, 0.5),
        equals(naming.BUDGET_REMAINING, 0.5),
        equals(naming.EXHAUSTION, seconds(slo.period)),
        *(equals(plan.ratio(window).metric, float(slo.budget()) / 2) for window in plan.windows),
        ExpectedSamples(str(plan.series(naming.INFO)), format_duration(at), [(info, 1)]),
    ]
    return _test(plan, Scenario("half of the budget remains", phases, interval, group=group), expectations)


def _test(plan: SloPlan, scenario: Scenario, expectations: Sequence[ExpectedSamples]) -> UnitTest:
    series = input_series(plan, scenario)
    return UnitTest(f"{plan.name}: {scenario.name}", format_duration(scenario.step), series, expectations)
