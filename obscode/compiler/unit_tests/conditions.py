"""The unit tests of the conditions of burn-rate alerts: each tier at its thresholds, and after a more urgent alert.

The rules under test read ratios and counts that the test supplies, so that a test needs a few evaluations whatever the
length of a window. Traffic over days does not decide a tier alone: one with a lower factor fires first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from obscode.artifacts.rules import AlertingRule, Rule, RuleGroup
from obscode.artifacts.unit_tests import ExpectedSamples, UnitTest
from obscode.compiler.slo_plan import PlannedAlert, SloPlan
from obscode.compiler.unit_tests.input_series import free_label, series_text
from obscode.compiler.unit_tests.scenarios import BUSY, LONGEST
from obscode.model.burn_rate import Tier
from obscode.model.numbers import format_decimal, format_sample
from obscode.promql.duration import format_duration, milliseconds
from obscode.promql.selector import Matcher, Selector

# A burn rate or a count above a threshold, and one below: mutants change thresholds by 10 %.
_ABOVE, _BELOW = 1.05, 0.95


class _Counts(NamedTuple):
    """The events in the long window of a tier."""

    total: float = BUSY
    bad: float = BUSY


@dataclass(frozen=True)
class _State:
    """The error ratios of windows, 0 for others, and the events in long windows; for some evaluations."""

    ratios: Mapping[str, float]
    counts: Mapping[str, _Counts] = field(default_factory=dict)
    steps: int = 1


@dataclass(frozen=True)
class _Case:
    name: str
    state: _State


def condition_groups(plan: SloPlan, groups: Sequence[RuleGroup]) -> list[RuleGroup]:
    """The groups with the conditions of the alerts and the alerts, without the rules that record what these read."""
    records = {plan.burning(alert).metric for alert in plan.alerts}
    expressions = {plan.alert_expr(alert) for alert in plan.alerts}

    def is_tested(rule: Rule) -> bool:
        return rule.expr in expressions if isinstance(rule, AlertingRule) else rule.name in records

    tested = [replace(group, rules=[rule for rule in group.rules if is_tested(rule)]) for group in groups]
    return [group for group in tested if group.rules]


def condition_tests(plan: SloPlan) -> list[UnitTest]:
    """The tests of all alerts."""
    return [test for alert in plan.alerts for test in (_threshold_test(plan, alert), *_suppression_tests(plan, alert))]


# --- thresholds --------------------------------------------------------------------------------------------------


def _threshold_test(plan: SloPlan, alert: PlannedAlert) -> UnitTest:
    """Each tier with its ratios and counts just above and just below the thresholds, side by side."""
    step, steps = _interval(plan, alert), 3
    cases = [case for tier in alert.tiers for case in _cases(plan, tier)]
    # The condition reads whether a more urgent alert burns in any case.
    cases = [case for case in cases if not any(_burns(plan, other, case.state) for other in plan.more_urgent(alert))]
    series, expectations = [], []
    for number, case in enumerate(cases, 1):
        label = {free_label("condition", plan.labels): str(number)}
        series += _series(plan, label, [replace(case.state, steps=steps)])
        expr = f"{plan.burning(alert).with_matchers(*_equal(label))} > bool 0"
        samples = [(series_text("", {**plan.identity, **_group(plan), **label}), 1.0)]
        burns = _burns(plan, alert, case.state)
        expectations.append(ExpectedSamples(expr, _at(step, steps - 1), samples if burns else [], case.name))
    return UnitTest(f"{plan.name}: thresholds of {alert.key}", format_duration(step), series, expectations)


def _cases(plan: SloPlan, tier: Tier) -> Iterator[_Case]:
    events, bad = plan.slo.guard()
    for long, short, text in (
        (_ABOVE, _ABOVE, "both windows just above"),
        (_BELOW, _ABOVE, f"{tier.long} just below"),
        (_ABOVE, _BELOW, f"{tier.short} just below"),
    ):
        ratios = {tier.long: _threshold(plan, tier) * long, tier.short: _threshold(plan, tier) * short}
        yield _Case(f"{tier.name}: {text} {_factor(plan, tier)}", _State(ratios))
    for times, text in ((_ABOVE, "just above"), (_BELOW, "just below")):
        if events:
            few = {tier.long: _Counts(total=events * times)}
            yield _Case(f"{tier.name}: events in {tier.long} {text} {events}", _State(_burning(plan, tier), few))
        if bad:
            few = {tier.long: _Counts(bad=bad * times)}
            yield _Case(f"{tier.name}: bad events in {tier.long} {text} {bad}", _State(_burning(plan, tier), few))


# --- more urgent alerts ------------------------------------------------------------------------------------------


def _suppression_tests(plan: SloPlan, alert: PlannedAlert) -> Iterator[UnitTest]:
    """What a more urgent alert changes, for each tier of an alert."""
    for other in plan.more_urgent(alert):
        urgent = _State(_burning(plan, other.tiers[0]), steps=3)
        for tier in alert.tiers:
            own = _State(_burning(plan, tier))
            both = _State({**urgent.ratios, **own.ratios}, steps=3)
            is_apart = not _burns(plan, other, own) and not _burns(plan, alert, urgent)
            if is_apart and _burns(plan, other, both) and _burns(plan, alert, both):
                yield from _reported(plan, alert, tier, other, [urgent, own])
                yield _continued(plan, alert, tier, other, [own, both, replace(own, steps=2)])


def _reported(
    plan: SloPlan, alert: PlannedAlert, tier: Tier, other: PlannedAlert, states: Sequence[_State]
) -> Iterator[UnitTest]:
    """After the more urgent alert, a tier does not burn for the length of its short window."""
    urgent, own = states
    step = _interval(plan, alert)
    short = milliseconds(tier.short) // step
    if short * step > LONGEST:
        return
    series = _series(plan, {}, [urgent, replace(own, steps=short + 4)])
    expectations = [
        _burning_at(plan, alert, step, urgent.steps + short - 3, burns=False),
        _burning_at(plan, alert, step, urgent.steps + short + 2, burns=True),
    ]
    name = f"{plan.name}: {tier.name}: errors that {other.key} reported are not reported again within {tier.short}"
    yield UnitTest(name, format_duration(step), series, expectations)


def _continued(
    plan: SloPlan, alert: PlannedAlert, tier: Tier, other: PlannedAlert, states: Sequence[_State]
) -> UnitTest:
    """A tier that burns before the more urgent alert burns on."""
    step = _interval(plan, alert)
    steps = sum(state.steps for state in states)
    expectations = [_burning_at(plan, alert, step, at, burns=True) for at in range(steps)]
    name = f"{plan.name}: {tier.name}: burns on when {other.key} fires"
    return UnitTest(name, format_duration(step), _series(plan, {}, states), expectations)


def _burning_at(plan: SloPlan, alert: PlannedAlert, step: int, number: int, *, burns: bool) -> ExpectedSamples:
    samples = [(series_text("", {**plan.identity, **_group(plan)}), 1.0)]
    return ExpectedSamples(f"{plan.burning(alert)} > bool 0", _at(step, number), samples if burns else [])


# --- states ------------------------------------------------------------------------------------------------------


def _burns(plan: SloPlan, alert: PlannedAlert, state: _State) -> bool:
    """Whether the condition of a tier holds."""
    events, bad = plan.slo.guard()
    return any(
        all(state.ratios.get(window, 0) > _threshold(plan, tier) for window in (tier.long, tier.short))
        and state.counts.get(tier.long, _Counts()).total >= events
        and state.counts.get(tier.long, _Counts()).bad >= bad
        for tier in alert.tiers
    )


def _burning(plan: SloPlan, tier: Tier) -> dict[str, float]:
    return {window: _threshold(plan, tier) * _ABOVE for window in (tier.long, tier.short)}


def _series(plan: SloPlan, label: Mapping[str, str], states: Sequence[_State]) -> list[tuple[str, str]]:
    """The ratios and counts of all windows of the tiers."""
    matchers = _equal({**_group(plan), **label})
    tiers = [tier for alert in plan.alerts for tier in alert.tiers]
    longs = list(dict.fromkeys(tier.long for tier in tiers))
    windows = list(dict.fromkeys([*longs, *(tier.short for tier in tiers)]))
    values: list[tuple[Selector, list[float]]] = [
        (plan.ratio(window), [state.ratios.get(window, 0) for state in states]) for window in windows
    ]
    for window in longs:
        counts = [state.counts.get(window, _Counts()) for state in states]
        values.append((plan.total(window), [count.total for count in counts]))
        values.append((plan.bad(window), [count.bad for count in counts]))
    return [(str(series.with_matchers(*matchers)), _values(of, states)) for series, of in values]


def _values(values: Sequence[float], states: Sequence[_State]) -> str:
    """promtool's notation: `5x9` is ten times 5."""
    return " ".join(f"{format_sample(v)}x{state.steps - 1}" for v, state in zip(values, states, strict=True))


def _threshold(plan: SloPlan, tier: Tier) -> float:
    return float(tier.factor(plan.slo.period) * plan.slo.budget())


def _factor(plan: SloPlan, tier: Tier) -> str:
    return format_decimal(tier.factor(plan.slo.period))


def _interval(plan: SloPlan, alert: PlannedAlert) -> int:
    return milliseconds(plan.slow_interval if plan.is_long(alert.tiers[0].long) else plan.interval)


def _at(step: int, number: int) -> str:
    return format_duration(step * number)


def _group(plan: SloPlan) -> dict[str, str]:
    return {label: f"some-{label}" for label in plan.slo.sli.by}


def _equal(labels: Mapping[str, str]) -> tuple[Matcher, ...]:
    return tuple(Matcher(label, "=", value) for label, value in labels.items())
