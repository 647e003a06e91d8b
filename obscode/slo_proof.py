"""The unit tests of an SLO: courses of events, and what its alerts do on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from obscode import conventions, duration
from obscode.artifacts import AlertRule, RuleTest, SeriesTest
from obscode.burn import BurnAlert, Tier, plain
from obscode.compile_slo import Plan
from obscode.forecast import AlertShape, Phase, Shape, instants
from obscode.promql import Matcher, Selector

# Enough events a base window for every guard, and for a thousandth of the smallest budget to be one event.
_BUSY = 1_000_000
# Groups are evaluated one after the other; two steps on either side are more than that can shift.
_MARGIN = 2
# promtool takes 10,000 samples a series, and its results are not to be relied on beyond about three days:
# https://github.com/prometheus/prometheus/issues/17237 and issues/10863
_LONGEST = duration.milliseconds("2d20h")


@dataclass(frozen=True)
class Scenario:
    """A course of events by name; ``group`` are the values of the SLO's `by` labels."""

    name: str
    phases: tuple[Phase, ...]
    group: Mapping[str, str] = field(default_factory=dict)
    coarse: bool = False


def slo_tests(plan: Plan) -> list[RuleTest]:
    """The tests of an SLO that run at the pace of its short windows."""
    group = _group(plan)
    tests = [_test(plan, scenario) for scenario in _scenarios(plan, group)]
    tests.append(_promises(plan, group))
    if group:
        tests.append(_groups_apart(plan, group))
    return tests


def long_tests(plan: Plan) -> list[RuleTest]:
    """The tests of the long windows, at their slower pace: days, given as counts of whole tiles."""
    group = _group(plan)
    tiers = [tier for tier in plan.tiers if plan.is_long(tier.long)]
    return [_test(plan, Scenario(_STEP.format(tier.name), _step(plan, tier), group, coarse=True)) for tier in tiers]


_STEP = "{}: fires within its long window, resets with its short one"


def _group(plan: Plan) -> dict[str, str]:
    return {label: f"some-{label}" for label in plan.slo.sli.by}


def _scenarios(plan: Plan, group: Mapping[str, str]) -> Iterator[Scenario]:
    base, budget = duration.milliseconds(plan.base), float(plan.slo.budget())
    outage = (Phase(12 * base, _BUSY), Phase(6 * base, _BUSY, _BUSY), Phase(12 * base, _BUSY))
    yield Scenario("an outage of everything alerts", outage, group)
    yield Scenario("no errors, no alert", (Phase(6 * base, _BUSY),), group)
    yield Scenario("no traffic, no alert", (Phase(6 * base, 0), Phase(3 * base, None)), group)
    events, bad = plan.slo.guard()
    if bad > 1:
        yield Scenario("one bad event in ten, a minute old: no alert", (Phase(2 * base, 10, 1),), group)
        quiet = events / 6
        yield Scenario(
            "an outage of a quiet service alerts", (Phase(12 * base, quiet), Phase(12 * base, quiet, quiet)), group
        )
    for tier in plan.tiers:
        factor = tier.factor(plan.slo.period)
        for times, word in ((0.95, "below"), (1.05, "above")):
            # A burn rate that every window of a young service sees alike, for as long as `for` and tiles ask.
            length = duration.milliseconds(_for(plan, tier)) + 10 * base
            ratio = min(float(factor) * times * budget, 1.0)
            name = f"{tier.name}: a burn rate just {word} {plain(factor)}"
            yield Scenario(name, (Phase(length, _BUSY, _BUSY * ratio),), group)
    for tier in plan.tiers:
        if not plan.is_long(tier.long):
            yield Scenario(_STEP.format(tier.name), _step(plan, tier), group)


def _step(plan: Plan, tier: Tier) -> tuple[Phase, ...]:
    """Healthy for most of the long window, then burning at twice the factor, then healthy until the reset.

    A step outage of error ratio e crosses the threshold f x b of a window L after f x b / e x L, here within
    half of it, and falls below it S x (1 - f x b / e) after its end, S being the short window.
    """
    long, short = duration.milliseconds(tier.long), duration.milliseconds(tier.short)
    ratio = min(1.0, 2 * float(tier.factor(plan.slo.period) * plan.slo.budget()))
    keep = duration.milliseconds(_custom(plan, tier).keep_firing_for or tier.keep_firing_for)
    rest = short + 2 * keep + duration.milliseconds(plan.tile)
    burning = long * 11 // 20 + 2 * duration.milliseconds(_for(plan, tier))
    before = min(long * 3 // 4, _LONGEST - rest - burning)
    if before < 0:
        before, burning = (_LONGEST - rest) // 2, (_LONGEST - rest) // 2
    step = duration.milliseconds(plan.slow_interval)  # whole steps of either pace
    healthy, trouble, healthy_again = (max(1, part // step) * step for part in (before, burning, rest))
    return (Phase(healthy, _BUSY), Phase(trouble, _BUSY, _BUSY * ratio), Phase(healthy_again, _BUSY))


def _custom(plan: Plan, tier: Tier) -> BurnAlert:
    return plan.slo.alerts.get(tier.name) or BurnAlert()


def _for(plan: Plan, tier: Tier) -> str:
    return _custom(plan, tier).for_ or tier.for_


# --- from courses to promtool ------------------------------------------------------------------------------------


def shape(plan: Plan, *, coarse: bool) -> Shape:
    """What the forecast has to know; a coarse one counts in tiles and knows the alerts of long windows alone."""
    size = duration.milliseconds
    tiers = [tier for tier in plan.tiers if not coarse or plan.is_long(tier.long)]
    alerts = tuple(
        AlertShape(
            tier.name,
            size(tier.long),
            size(tier.short),
            size(_for(plan, tier)),
            size(_custom(plan, tier).keep_firing_for or tier.keep_firing_for),
            float(tier.factor(plan.slo.period) * plan.slo.budget()),
        )
        for tier in tiers
    )
    step, base = (plan.slow_interval, plan.tile) if coarse else (plan.interval, plan.base)
    return Shape(size(step), size(base), size(plan.tile), alerts, *plan.slo.guard())


def _test(plan: Plan, scenario: Scenario) -> RuleTest:
    form = shape(plan, coarse=scenario.coarse)
    selector = plan.series("ALERTS").narrowed(Matcher("alertstate", "=", "firing"), Matcher("tier", "!=", ""))
    expectations = [
        SeriesTest(
            str(selector), duration.written(at), [(_fired(plan, name, scenario.group), 1) for name in sorted(firing)]
        )
        for at, firing in instants(form, scenario.phases, _MARGIN)
    ]
    seeds = _seeds(plan, scenario)
    return RuleTest(f"{_id(plan)}: {scenario.name}", duration.written(form.step), seeds, expectations)


def _seeds(plan: Plan, scenario: Scenario) -> list[tuple[str, str]]:
    """Recorded counts of events, given instead of raw series: the rules take it from there.

    Without raw series, the rules that would record these counts give nothing, and do not interfere.
    """
    labels = [Matcher(label, "=", value) for label, value in scenario.group.items()]
    step = duration.milliseconds(plan.slow_interval if scenario.coarse else plan.interval)
    window = plan.tile if scenario.coarse else plan.base
    seeds: list[tuple[Selector, Callable[[Phase], float | None]]] = [
        (plan.total(window), lambda phase: phase.total),
        (plan.bad(window), lambda phase: None if phase.total is None else phase.bad),
    ]
    if scenario.coarse:
        shorts = sorted({t.short for t in plan.tiers if plan.is_long(t.long)}, key=duration.milliseconds)
        for short in shorts:
            if not plan.is_long(short):
                seeds.append((plan.ratio(short), lambda phase: phase.bad / phase.total if phase.total else None))
    return [
        (str(series.narrowed(*labels)), " ".join(_values(phase, step, value(phase)) for phase in scenario.phases))
        for series, value in seeds
    ]


def _values(phase: Phase, step: int, value: float | None) -> str:
    """promtool's notation: `5x9` is ten times 5, `_x10` ten times nothing."""
    count = phase.length // step
    return f"_x{count}" if value is None else f"{_number(value)}x{count - 1}"


def _number(value: float) -> str:
    return f"{value:.9f}".rstrip("0").rstrip(".")


def _fired(plan: Plan, tier: str, group: Mapping[str, str]) -> str:
    alert = next(a for a in plan.rules if isinstance(a, AlertRule) and a.labels.get(conventions.TIER) == tier)
    return _labelled("ALERTS", {"alertname": alert.name, "alertstate": "firing", **alert.labels, **group})


def _labelled(name: str, labels: Mapping[str, str]) -> str:
    return str(Selector(name, tuple(Matcher(label, "=", labels[label]) for label in sorted(labels))))


def _promises(plan: Plan, group: Mapping[str, str]) -> RuleTest:
    """Half of what the budget allows has been bad from the start: half of the budget is left."""
    slo, interval = plan.slo, duration.milliseconds(plan.interval)
    length = 16 * interval
    scenario = Scenario("half of the budget is spent", (Phase(length, _BUSY, float(slo.budget()) * _BUSY / 2),), group)
    at = duration.written(length - interval)
    seconds = duration.seconds(slo.period)

    def close(name: str, value: float, labels: Mapping[str, str] = group) -> SeriesTest:
        # Within a millionth: the last digits of such sums differ from version to version.
        expr = f"abs({plan.series(name)} / {_number(value)} - 1) < bool 0.000001"
        return SeriesTest(expr, at, [(_labelled("", {**plan.identity, **labels}), 1)])

    info = next(rule for rule in plan.rules if rule.name == conventions.INFO)
    expectations = [
        close(conventions.OBJECTIVE, float(slo.target()), {}),
        close(conventions.ERROR_BUDGET, float(slo.budget()), {}),
        close(conventions.PERIOD, seconds, {}),
        close(conventions.BURN_RATE, 0.5),
        close(conventions.BUDGET_REMAINING, 0.5),
        close(conventions.EXHAUSTION, seconds),
        SeriesTest(str(plan.series(conventions.INFO)), at, [(_labelled(conventions.INFO, info.labels), 1)]),
    ]
    return RuleTest(f"{_id(plan)}: {scenario.name}", plan.interval, _seeds(plan, scenario), expectations)


def _groups_apart(plan: Plan, group: Mapping[str, str]) -> RuleTest:
    """Two groups in one test: what fires for the one is all that fires."""
    outage = next(s for s in _scenarios(plan, group) if s.name == "an outage of everything alerts")
    failing = _test(plan, outage)
    others = {label: f"other-{label}" for label in group}
    healthy = Scenario("", tuple(Phase(p.length, p.total) for p in outage.phases), others)
    name = f"{_id(plan)}: the outage of one group is not another's"
    return RuleTest(name, failing.interval, [*failing.series, *_seeds(plan, healthy)], failing.expectations)


def _id(plan: Plan) -> str:
    return f"{plan.service.name}/{plan.slo.name}"
