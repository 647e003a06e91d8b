"""The unit tests of an SLO: what its alerts do on courses of events, and what its windows hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from obscode.artifacts.rules import AlertingRule
from obscode.artifacts.unit_tests import ExpectedSamples, UnitTest
from obscode.compiler.slo_rules import SloPlan
from obscode.compiler.unit_tests.alert_simulator import AlertTimings, SloTimings, TrafficPhase, counts, stable_instants
from obscode.compiler.unit_tests.no_data import silence_tests
from obscode.compiler.unit_tests.scenarios import BUSY, LONGEST, Scenario, keep, number, outage, quick, slow, wait
from obscode.compiler.unit_tests.sli import sli_tests
from obscode.model import naming
from obscode.promql import duration
from obscode.promql.selector import Matcher, Selector

# Groups are evaluated one after the other; two steps on either side are more than that can shift.
_MARGIN = 2
# How far a ratio or a count may be off beyond what Prometheus 2 and 3 differ by; a window that is half or
# twice as long is off by far more.
_TOLERANCE = 0.03


def slo_tests(plan: SloPlan) -> list[UnitTest]:
    """The tests of an SLO that run at the pace of its short windows."""
    group = _group(plan)
    tests = [_test(plan, replace(scenario, group=group)) for scenario in quick(plan)]
    tests += [_promises(plan, group), _windows(plan, group, uses_tiles=False)]
    tests += silence_tests(plan, group)
    tests += sli_tests(plan)
    if group:
        tests.append(_groups_apart(plan, group))
    return tests


def long_tests(plan: SloPlan) -> list[UnitTest]:
    """The tests of the long windows, at their slower pace: days, given as counts of whole tiles."""
    group = _group(plan)
    tests = [_test(plan, replace(scenario, group=group)) for scenario in slow(plan)]
    return [*tests, _windows(plan, group, uses_tiles=True)]


def _group(plan: SloPlan) -> dict[str, str]:
    return {label: f"some-{label}" for label in plan.slo.sli.by}


def shape(plan: SloPlan, *, uses_tiles: bool) -> SloTimings:
    """What the forecast has to know; a coarse one counts in tiles and knows the alerts of long windows alone."""
    size = duration.milliseconds
    tiers = [tier for tier in plan.tiers if not uses_tiles or plan.is_long(tier.long)]
    alerts = tuple(
        AlertTimings(
            tier.name,
            size(tier.long),
            size(tier.short),
            size(wait(plan, tier)),
            size(keep(plan, tier)),
            float(tier.factor(plan.slo.period) * plan.slo.budget()),
        )
        for tier in tiers
    )
    step, base = (plan.slow_interval, plan.tile) if uses_tiles else (plan.interval, plan.base)
    return SloTimings(size(step), size(base), size(plan.tile), alerts, *plan.slo.guard())


def _test(plan: SloPlan, scenario: Scenario) -> UnitTest:
    """All alerts of the SLO that fire, at the instants on either side of every change."""
    form = shape(plan, uses_tiles=scenario.uses_tiles)
    selector = str(plan.series("ALERTS").with_matchers(Matcher("alertstate", "=", "firing")))
    expectations = [
        ExpectedSamples(
            selector, duration.format_duration(at), [(_fired(plan, name, scenario.group), 1) for name in sorted(firing)]
        )
        for at, firing in stable_instants(form, scenario.phases, _MARGIN)
    ]
    return UnitTest(
        _named(plan, scenario.name), duration.format_duration(form.step), _seeds(plan, scenario), expectations
    )


def _fired(plan: SloPlan, tier: str, group: Mapping[str, str]) -> str:
    alert = next(a for a in plan.rules if isinstance(a, AlertingRule) and a.labels.get(naming.TIER) == tier)
    return labelled("ALERTS", {"alertname": alert.name, "alertstate": "firing", **alert.labels, **group})


# --- seeds -------------------------------------------------------------------------------------------------------


def _seeds(plan: SloPlan, scenario: Scenario) -> list[tuple[str, str]]:
    """Recorded counts of events, given instead of raw series: the rules take it from there.

    Without raw series, the rules that would record these counts give nothing, and do not interfere.
    """
    labels = [Matcher(label, "=", value) for label, value in scenario.group.items()]
    step = duration.milliseconds(plan.slow_interval if scenario.uses_tiles else plan.interval)
    window = plan.tile if scenario.uses_tiles else plan.base
    seeds: list[tuple[Selector, Callable[[TrafficPhase], str]]] = [
        (plan.total(window), lambda phase: _values(phase, step, phase.total)),
        (
            plan.bad(window),
            lambda phase: _values(phase, step, None if phase.total is None else phase.bad, phase.growth),
        ),
    ]
    if scenario.uses_tiles:
        shorts = [plan.ratio(short) for short in _short_windows(plan)]
        seeds += [(ratio, lambda phase: _values(phase, step, _short_ratio(phase))) for ratio in shorts]
    return [
        (str(series.with_matchers(*labels)), " ".join(values(phase) for phase in scenario.phases))
        for series, values in seeds
    ]


def _short_windows(plan: SloPlan) -> list[str]:
    """The short windows of the tiers with long ones, as far as the other group records them."""
    shorts = {tier.short for tier in plan.tiers if plan.is_long(tier.long) and not plan.is_long(tier.short)}
    return sorted(shorts, key=duration.milliseconds)


def _short_ratio(phase: TrafficPhase) -> float | None:
    if phase.short is not None:
        return phase.short
    return phase.bad / phase.total if phase.total else None


def _values(phase: TrafficPhase, step: int, value: float | None, growth: float = 0) -> str:
    """promtool's notation: `5x9` is ten times 5, `5+2x9` grows by two, `_x10` is ten times nothing."""
    count = phase.length // step
    if value is None:
        return f"_x{count}"
    return f"{number(value)}{f'+{number(growth)}' if growth else ''}x{count - 1}"


# --- windows and promises ----------------------------------------------------------------------------------------


def _windows(plan: SloPlan, group: Mapping[str, str], *, uses_tiles: bool) -> UnitTest:
    """Errors that grow steadily: a window that is longer or shorter than it says gives another ratio."""
    form = shape(plan, uses_tiles=uses_tiles)
    longest = max((_instant(plan, window) for window in _counted(plan, uses_tiles)), default=form.base)
    steps = min(longest, LONGEST) // form.step + 2
    phase = TrafficPhase(steps * form.step, BUSY, 0, growth=BUSY * 0.5 / steps)
    phases = (phase,)
    expectations = []
    for window in _counted(plan, uses_tiles):
        at = min(_instant(plan, window), LONGEST) // form.step * form.step
        said = counts(form, phases, at, duration.milliseconds(window))
        labels = {**plan.identity, **group}
        expectations.append(_near(plan.ratio(window), [bad / total for total, bad in said], at, labels))
        if window in plan.long_windows:
            expectations.append(_near(plan.total(window), [total for total, _ in said], at, labels))
    scenario = Scenario("every window is as long as it says", phases, group, uses_tiles)
    return UnitTest(
        _named(plan, scenario.name), duration.format_duration(form.step), _seeds(plan, scenario), expectations
    )


def _counted(plan: SloPlan, uses_tiles: bool) -> list[str]:
    """The windows of a pace; the period is longer than a unit test can be, and is held to what there is."""
    windows = [*plan.windows, plan.slo.period] if plan.slo.period not in plan.windows else plan.windows
    return [window for window in windows if plan.is_long(window) == uses_tiles]


def _instant(plan: SloPlan, window: str) -> int:
    """A little after two windows, when a window of twice the length is full, too."""
    return duration.milliseconds(window) * 11 // 5 + 3 * duration.milliseconds(plan.slow_interval)


def _near(series: Selector, values: Sequence[float], at: int, labels: Mapping[str, str]) -> ExpectedSamples:
    """Near the middle of what the generations of Prometheus say: the fewer samples, the further they are apart."""
    low, high = min(values), max(values)
    tolerance = _TOLERANCE + (high - low) / (high + low)
    expr = f"abs({series} / {number((low + high) / 2)} - 1) < bool {tolerance:.2f}"
    return ExpectedSamples(expr, duration.format_duration(at), [(labelled("", labels), 1)])


def _promises(plan: SloPlan, group: Mapping[str, str]) -> UnitTest:
    """Half of what the budget allows has been bad from the start: half of the budget is left."""
    slo, interval = plan.slo, duration.milliseconds(plan.interval)
    length = 16 * interval
    at = length - interval
    scenario = Scenario(
        "half of the budget is spent", (TrafficPhase(length, BUSY, float(slo.budget()) * BUSY / 2),), group
    )

    def close(name: str, value: float, labels: Mapping[str, str] = group) -> ExpectedSamples:
        # Within a millionth: the last digits of such sums differ from version to version.
        expr = f"abs({plan.series(name)} / {number(value)} - 1) < bool 0.000001"
        return ExpectedSamples(expr, duration.format_duration(at), [(labelled("", {**plan.identity, **labels}), 1)])

    info = next(rule for rule in plan.rules if rule.name == naming.INFO)
    seconds = duration.seconds(slo.period)
    expectations = [
        close(naming.OBJECTIVE, float(slo.target()), {}),
        close(naming.ERROR_BUDGET, float(slo.budget()), {}),
        close(naming.PERIOD, seconds, {}),
        close(naming.BURN_RATE, 0.5),
        close(naming.BUDGET_REMAINING, 0.5),
        close(naming.EXHAUSTION, seconds),
        *(close(plan.ratio(window).metric, float(slo.budget()) / 2) for window in plan.windows),
        ExpectedSamples(
            str(plan.series(naming.INFO)), duration.format_duration(at), [(labelled(naming.INFO, info.labels), 1)]
        ),
    ]
    return UnitTest(_named(plan, scenario.name), plan.interval, _seeds(plan, scenario), expectations)


def _groups_apart(plan: SloPlan, group: Mapping[str, str]) -> UnitTest:
    """Two groups in one test: what fires for the one is all that fires."""
    failing = _test(plan, replace(outage(plan), group=group))
    others = {label: f"other-{label}" for label in group}
    healthy = Scenario("", tuple(TrafficPhase(p.length, p.total) for p in outage(plan).phases), others)
    name = _named(plan, "the outage of one group is not another's")
    return UnitTest(name, failing.interval, [*failing.series, *_seeds(plan, healthy)], failing.expectations)


def labelled(name: str, labels: Mapping[str, str]) -> str:
    """A series with its labels, as promtool takes it."""
    return str(Selector(name, tuple(Matcher(label, "=", labels[label]) for label in sorted(labels))))


def _named(plan: SloPlan, name: str) -> str:
    return f"{plan.service.name}/{plan.slo.name}: {name}"
