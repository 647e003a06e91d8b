"""The unit tests of an SLO: when its alerts fire in traffic scenarios, and the values of its windows and budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from obscode.artifacts.rules import AlertingRule, Rule
from obscode.artifacts.unit_tests import ExpectedSamples, UnitTest
from obscode.compiler.slo_plan import SloPlan
from obscode.compiler.slo_rules import info_rule
from obscode.compiler.unit_tests.alert_simulator import (
    AlertTimings,
    SloTimings,
    TrafficPhase,
    event_counts,
    stable_instants,
)
from obscode.compiler.unit_tests.no_data import no_data_tests
from obscode.compiler.unit_tests.scenarios import (
    BUSY,
    LONGEST,
    Scenario,
    for_of,
    keep_firing_for_of,
    long_scenarios,
    outage,
    short_scenarios,
)
from obscode.compiler.unit_tests.sli import sli_tests
from obscode.model import naming
from obscode.model.numbers import format_sample
from obscode.promql.duration import format_duration, milliseconds, seconds
from obscode.promql.selector import Matcher, Selector

# Groups are evaluated one after the other, which shifts results by up to two steps.
_MARGIN = 2
# Relative tolerance for ratios and counts, beyond the difference between Prometheus 2 and 3. A window of half or twice
# the length is off by far more.
_TOLERANCE = 0.03


def slo_tests(plan: SloPlan, rules: Sequence[Rule]) -> list[UnitTest]:
    """The tests at the evaluation interval of the short windows; ``rules`` are those of the SLO."""
    group = _group(plan)
    tests = [_alert_test(plan, rules, replace(scenario, group=group)) for scenario in short_scenarios(plan)]
    tests += [_budget_test(plan, group), _window_test(plan, group, uses_tiles=False)]
    tests += no_data_tests(plan, rules, group)
    tests += sli_tests(plan)
    if group:
        tests.append(_group_test(plan, rules, group))
    return tests


def long_tests(plan: SloPlan, rules: Sequence[Rule]) -> list[UnitTest]:
    """The tests at the evaluation interval of the long windows: days of traffic, as counts in whole tiles."""
    group = _group(plan)
    tests = [_alert_test(plan, rules, replace(scenario, group=group)) for scenario in long_scenarios(plan)]
    return [*tests, _window_test(plan, group, uses_tiles=True)]


def slo_timings(plan: SloPlan, *, uses_tiles: bool) -> SloTimings:
    """The input of the simulation; with tiles, it has the alerts of long windows only."""
    tiers = [tier for tier in plan.tiers if not uses_tiles or plan.is_long(tier.long)]
    alerts = tuple(
        AlertTimings(
            tier.name,
            milliseconds(tier.long),
            milliseconds(tier.short),
            milliseconds(for_of(plan, tier)),
            milliseconds(keep_firing_for_of(plan, tier)),
            float(tier.factor(plan.slo.period) * plan.slo.budget()),
        )
        for tier in tiers
    )
    step, base = (plan.slow_interval, plan.tile) if uses_tiles else (plan.interval, plan.base)
    return SloTimings(milliseconds(step), milliseconds(base), milliseconds(plan.tile), alerts, *plan.slo.guard())


def _group(plan: SloPlan) -> dict[str, str]:
    return {label: f"some-{label}" for label in plan.slo.sli.by}


# --- alerts ------------------------------------------------------------------------------------------------------


def _alert_test(plan: SloPlan, rules: Sequence[Rule], scenario: Scenario) -> UnitTest:
    """All firing alerts of the SLO, before and after every change."""
    timings = slo_timings(plan, uses_tiles=scenario.uses_tiles)
    alerts = {rule.labels.get(naming.TIER): rule for rule in rules if isinstance(rule, AlertingRule)}
    firing = str(plan.series("ALERTS").with_matchers(Matcher("alertstate", "=", "firing")))
    expectations = [
        ExpectedSamples(firing, format_duration(at), [(_firing(alerts[tier], scenario), 1) for tier in sorted(tiers)])
        for at, tiers in stable_instants(timings, scenario.phases, _MARGIN)
    ]
    return _test(plan, scenario, format_duration(timings.step), expectations)


def _firing(alert: Rule, scenario: Scenario) -> str:
    labels = {"alertname": alert.name, "alertstate": "firing", **alert.labels, **scenario.group}
    return _series("ALERTS", labels)


def _group_test(plan: SloPlan, rules: Sequence[Rule], group: Mapping[str, str]) -> UnitTest:
    """An outage of one group, while another is healthy: only the alerts of the first fire."""
    failing = _alert_test(plan, rules, replace(outage(plan), group=group))
    others = {label: f"other-{label}" for label in group}
    healthy = Scenario("", tuple(TrafficPhase(p.length, p.total) for p in outage(plan).phases), others)
    series = [*failing.series, *_input_series(plan, healthy)]
    return replace(failing, name=f"{plan.name}: an outage of one group fires for that group only", series=series)


# --- windows and budget ------------------------------------------------------------------------------------------


def _window_test(plan: SloPlan, group: Mapping[str, str], *, uses_tiles: bool) -> UnitTest:
    """Errors grow steadily, so that a window of another length has another ratio."""
    timings = slo_timings(plan, uses_tiles=uses_tiles)
    windows = _windows(plan, uses_tiles)
    longest = max((_full_at(plan, window) for window in windows), default=timings.base)
    steps = min(longest, LONGEST) // timings.step + 2
    phases = (TrafficPhase(steps * timings.step, BUSY, 0, growth=BUSY * 0.5 / steps),)
    labels = {**plan.identity, **group}
    expectations = []
    for window in windows:
        at = min(_full_at(plan, window), LONGEST) // timings.step * timings.step
        counts = event_counts(timings, phases, at, milliseconds(window))
        expectations.append(_close(plan.ratio(window), [bad / total for total, bad in counts], at, labels))
        if window in plan.long_windows:
            expectations.append(_close(plan.total(window), [total for total, _ in counts], at, labels))
    scenario = Scenario("every window has its length", phases, group, uses_tiles)
    return _test(plan, scenario, format_duration(timings.step), expectations)


def _windows(plan: SloPlan, uses_tiles: bool) -> list[str]:
    """The short or the long windows; the period, too, though a test is shorter."""
    windows = [*plan.windows, plan.slo.period] if plan.slo.period not in plan.windows else plan.windows
    return [window for window in windows if plan.is_long(window) == uses_tiles]


def _full_at(plan: SloPlan, window: str) -> int:
    """A little after two windows, when a window of twice the length is full as well."""
    return milliseconds(window) * 11 // 5 + 3 * milliseconds(plan.slow_interval)


def _close(series: Selector, values: Sequence[float], at: int, labels: Mapping[str, str]) -> ExpectedSamples:
    """A value close to those of Prometheus 2 and 3, which differ more the fewer samples a window has."""
    low, high = min(values), max(values)
    tolerance = _TOLERANCE + (high - low) / (high + low)
    expr = f"abs({series} / {format_sample((low + high) / 2)} - 1) < bool {tolerance:.2f}"
    return ExpectedSamples(expr, format_duration(at), [(_series("", labels), 1)])


def _budget_test(plan: SloPlan, group: Mapping[str, str]) -> UnitTest:
    """Half of the allowed events are bad from the start, so half of the budget remains."""
    slo, interval = plan.slo, milliseconds(plan.interval)
    length = 16 * interval
    at = length - interval
    phases = (TrafficPhase(length, BUSY, float(slo.budget()) * BUSY / 2),)

    def equals(name: str, value: float, labels: Mapping[str, str] = group) -> ExpectedSamples:
        # Within a millionth: the last digits of such sums differ between versions.
        expr = f"abs({plan.series(name)} / {format_sample(value)} - 1) < bool 0.000001"
        return ExpectedSamples(expr, format_duration(at), [(_series("", {**plan.identity, **labels}), 1)])

    info = _series(naming.INFO, info_rule(plan).labels)
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
    return _test(plan, Scenario("half of the budget remains", phases, group), plan.interval, expectations)


# --- input -------------------------------------------------------------------------------------------------------


def _test(plan: SloPlan, scenario: Scenario, interval: str, expectations: Sequence[ExpectedSamples]) -> UnitTest:
    return UnitTest(f"{plan.name}: {scenario.name}", interval, _input_series(plan, scenario), expectations)


def _input_series(plan: SloPlan, scenario: Scenario) -> list[tuple[str, str]]:
    """Recorded counts of events instead of raw series.

    Without raw series, the rules that record these counts return nothing and do not interfere.
    """
    labels = [Matcher(label, "=", value) for label, value in scenario.group.items()]
    step = milliseconds(plan.slow_interval if scenario.uses_tiles else plan.interval)
    window = plan.tile if scenario.uses_tiles else plan.base
    values: dict[Selector, Callable[[TrafficPhase], str]] = {
        plan.total(window): lambda phase: _values(phase, step, phase.total),
        plan.bad(window): lambda phase: _values(phase, step, _bad(phase), phase.growth),
    }
    if scenario.uses_tiles:
        for short in _short_windows(plan):
            values[plan.ratio(short)] = lambda phase: _values(phase, step, _short_ratio(phase))
    return [
        (str(series.with_matchers(*labels)), " ".join(of_phase(phase) for phase in scenario.phases))
        for series, of_phase in values.items()
    ]


def _short_windows(plan: SloPlan) -> list[str]:
    """The short windows of tiers with a long window, where the fast group records them."""
    shorts = {tier.short for tier in plan.tiers if plan.is_long(tier.long) and not plan.is_long(tier.short)}
    return sorted(shorts, key=milliseconds)


def _bad(phase: TrafficPhase) -> float | None:
    return None if phase.total is None else phase.bad


def _short_ratio(phase: TrafficPhase) -> float | None:
    if phase.short is not None:
        return phase.short
    return phase.bad / phase.total if phase.total else None


def _values(phase: TrafficPhase, step: int, value: float | None, growth: float = 0) -> str:
    """promtool's notation: `5x9` is ten times 5, `5+2x9` grows by two, `_x10` is ten missing samples."""
    count = phase.length // step
    if value is None:
        return f"_x{count}"
    return f"{format_sample(value)}{f'+{format_sample(growth)}' if growth else ''}x{count - 1}"


def _series(name: str, labels: Mapping[str, str]) -> str:
    """A series in promtool's notation, labels sorted."""
    return str(Selector(name, tuple(Matcher(label, "=", labels[label]) for label in sorted(labels))))
