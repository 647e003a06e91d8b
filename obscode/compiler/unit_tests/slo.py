"""The unit tests of an SLO: when its alerts fire in traffic scenarios, and the values of its windows and budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from obscode.artifacts.rules import AlertingRule, Rule
from obscode.artifacts.unit_tests import ExpectedSamples, UnitTest
from obscode.compiler.slo_period import info_rule
from obscode.compiler.slo_plan import PlannedAlert, SloPlan
from obscode.compiler.unit_tests.alert_simulator import (
    AlertTimings,
    SloTimings,
    TierTimings,
    TrafficPhase,
    event_counts,
    stable_instants,
)
from obscode.compiler.unit_tests.no_data import no_data_tests
from obscode.compiler.unit_tests.scenarios import (
    BUSY,
    LONGEST,
    Scenario,
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
# Relative tolerance for ratios and counts. A window of half or twice the length is off by far more.
_TOLERANCE = 0.03


def slo_tests(plan: SloPlan, rules: Sequence[Rule]) -> list[UnitTest]:
    """The tests at the evaluation interval of the short windows; ``rules`` are those of the SLO."""
    group = _group(plan)
    tests = [_alert_test(plan, rules, replace(scenario, group=group)) for scenario in short_scenarios(plan)]
    tests += [_budget_test(plan, group), _window_test(plan, group, is_long=False)]
    tests += no_data_tests(plan, rules, group)
    tests += sli_tests(plan)
    if group:
        tests.append(_group_test(plan, rules, group))
    return tests


def long_tests(plan: SloPlan, rules: Sequence[Rule]) -> list[UnitTest]:
    """The tests at the evaluation interval of the long windows: days of traffic."""
    if not any(plan.is_long(window) for window in plan.windows):
        return []
    group = _group(plan)
    tests = [_alert_test(plan, rules, replace(scenario, group=group)) for scenario in long_scenarios(plan)]
    return [*tests, _window_test(plan, group, is_long=True)]


def slo_timings(plan: SloPlan, *, is_long: bool) -> SloTimings:
    """The input of the simulation; at the interval of the long windows, it has their tiers only."""
    return SloTimings(
        milliseconds(plan.slow_interval if is_long else plan.interval),
        milliseconds(_input_window(plan, is_long)),
        tuple((milliseconds(window), tuple(parts)) for window, parts in plan.sums.items() if parts),
        tuple(alert for each in plan.alerts if (alert := _alert_timings(plan, each, is_long)).tiers),
        *plan.slo.guard(),
    )


def _alert_timings(plan: SloPlan, alert: PlannedAlert, is_long: bool) -> AlertTimings:
    tiers = tuple(
        TierTimings(
            milliseconds(tier.long),
            milliseconds(tier.short),
            float(tier.factor(plan.slo.period) * plan.slo.budget()),
        )
        for tier in alert.tiers
        if not is_long or plan.is_long(tier.long)
    )
    interval = plan.slow_interval if plan.is_long(alert.tiers[0].long) else plan.interval
    others = [other.key for other in plan.more_urgent(alert)]
    if is_long:
        others = [other.key for other in plan.more_urgent(alert) if any(plan.is_long(t.long) for t in other.tiers)]
    return AlertTimings(
        alert.key,
        tiers,
        milliseconds(alert.for_),
        milliseconds(alert.keep_firing_for),
        milliseconds(interval),
        tuple(others),
    )


def _input_window(plan: SloPlan, is_long: bool) -> str:
    """The window of the input: the base, or the longest one of which the windows of all long tiers are sums."""
    if not is_long:
        return plan.base
    lengths = {milliseconds(window): window for window in plan.sums}
    tiers = [tier for tier in plan.slo.tiers() if plan.is_long(tier.long)]
    leaves = {milliseconds(window) for tier in tiers for window in (tier.long, tier.short)}
    while len(leaves) > 1:
        longest = max(leaves)
        leaves = leaves - {longest} | {part.window for part in plan.sums[lengths[longest]]}
    return lengths[min(leaves)]


def _group(plan: SloPlan) -> dict[str, str]:
    return {label: f"some-{label}" for label in plan.slo.sli.by}


# --- alerts ------------------------------------------------------------------------------------------------------


def _alert_test(plan: SloPlan, rules: Sequence[Rule], scenario: Scenario) -> UnitTest:
    """All firing alerts of the SLO, before and after every change."""
    timings = slo_timings(plan, is_long=scenario.is_long)
    alerts = {rule.expr: rule for rule in rules if isinstance(rule, AlertingRule)}
    of_key = {alert.key: alerts[plan.alert_expr(alert)] for alert in plan.alerts}
    names = "|".join(sorted({rule.name for rule in of_key.values()}))
    firing = str(
        plan.series("ALERTS").with_matchers(Matcher("alertname", "=~", names), Matcher("alertstate", "=", "firing"))
    )
    expectations = [
        ExpectedSamples(firing, format_duration(at), [(_firing(of_key[key], scenario), 1) for key in sorted(keys)])
        for at, keys in stable_instants(timings, scenario.phases, _MARGIN)
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


def _window_test(plan: SloPlan, group: Mapping[str, str], *, is_long: bool) -> UnitTest:
    """Errors grow steadily, so that a window of another length has another ratio."""
    timings = slo_timings(plan, is_long=is_long)
    windows = [window for window in plan.windows if plan.is_long(window) == is_long]
    longest = max((_full_at(plan, window) for window in windows), default=timings.window)
    steps = min(longest, LONGEST) // timings.step + 2
    phases = (TrafficPhase(steps * timings.step, BUSY, 0, growth=BUSY * 0.5 / steps),)
    labels = {**plan.identity, **group}
    expectations = []
    for window in windows:
        at = min(_full_at(plan, window), LONGEST) // timings.step * timings.step
        total, bad = event_counts(timings, phases, at, milliseconds(window))
        expectations += [
            _close(plan.ratio(window), bad / total, at, labels),
            _close(plan.total(window), total, at, labels),
        ]
    scenario = Scenario("every window has its length", phases, group, is_long)
    return _test(plan, scenario, format_duration(timings.step), expectations)


def _full_at(plan: SloPlan, window: str) -> int:
    """A little after a window, when a window of twice the length counts a quarter more."""
    return milliseconds(window) * 5 // 4 + 3 * milliseconds(plan.slow_interval)


def _close(series: Selector, value: float, at: int, labels: Mapping[str, str]) -> ExpectedSamples:
    """A value within a tolerance: groups are evaluated one after the other."""
    expr = f"abs({series} / {format_sample(value)} - 1) < bool {_TOLERANCE}"
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
    step = milliseconds(plan.slow_interval if scenario.is_long else plan.interval)
    window = _input_window(plan, scenario.is_long)
    counts = _phase_values(plan.total(window), plan.bad(window), scenario, step)
    if not scenario.is_long and plan.slo.sli.reads_counters:
        total, bad = (plan.series(name + plan.tile) for name in (naming.TILE_TOTAL, naming.TILE_BAD))
        counts += _phase_values(total, bad, scenario, step)
    return counts


def _phase_values(total: Selector, bad: Selector, scenario: Scenario, step: int) -> list[tuple[str, str]]:
    labels = [Matcher(label, "=", value) for label, value in scenario.group.items()]
    totals = " ".join(_values(phase, step, phase.total) for phase in scenario.phases)
    bads = " ".join(_values(phase, step, _bad(phase), phase.growth) for phase in scenario.phases)
    return [(str(total.with_matchers(*labels)), totals), (str(bad.with_matchers(*labels)), bads)]


def _bad(phase: TrafficPhase) -> float | None:
    return None if phase.total is None else phase.bad


def _values(phase: TrafficPhase, step: int, value: float | None, growth: float = 0) -> str:
    """promtool's notation: `5x9` is ten times 5, `5+2x9` grows by two, `_x10` is ten missing samples."""
    count = phase.length // step
    if value is None:
        return f"_x{count}"
    return f"{format_sample(value)}{f'+{format_sample(growth)}' if growth else ''}x{count - 1}"


def _series(name: str, labels: Mapping[str, str]) -> str:
    """A series in promtool's notation, labels sorted."""
    return str(Selector(name, tuple(Matcher(label, "=", labels[label]) for label in sorted(labels))))
