"""The unit tests of an SLI: its counts of events, from raw series that are made up to satisfy its selectors."""

from __future__ import annotations

from collections.abc import Sequence

from obscode.artifacts.unit_tests import ExpectedSamples, UnitTest
from obscode.compiler.slo_rules import SloPlan, service_matchers
from obscode.promql import duration
from obscode.promql.selector import Matcher, Selector

_GOOD, _BAD = 90.0, 10.0


def sli_tests(plan: SloPlan) -> list[UnitTest]:
    """What is counted of a steady flow, of one without bad events, and of none; nothing for free PromQL."""
    cases = (("a flow with errors is counted", _GOOD, _BAD), ("no errors yet count as none", _GOOD, 0.0))
    tests = [test for name, good, bad in cases if (test := _test(plan, name, good, bad))]
    idle = _test(plan, "an idle service counts nothing, not NaN", 0.0, 0.0)
    return [*tests, idle] if idle else tests


def _test(plan: SloPlan, name: str, good: float, bad: float) -> UnitTest | None:
    sli, matchers = plan.slo.sli, service_matchers(plan.service)
    # Without bad events there are no series of bad events, as in a service that has just started.
    flow, there = sli.flow(good, bad, matchers), sli.flow(_GOOD, bad, matchers)
    if flow is None or there is None:
        return None
    flow = [series for series, (_, growth) in zip(flow, there, strict=True) if growth]
    base = duration.milliseconds(plan.base)
    spacing, at = base // 5, 4 * base
    series = [(str(_grouped(plan, selector)), f"0+{growth:g}x{at // spacing + 5}") for selector, growth in flow]
    expectations = [
        _count(plan, plan.total(plan.base), (good + bad) * 5, at),
        _count(plan, plan.bad(plan.base), bad * 5, at),
    ]
    return UnitTest(
        f"{plan.service.name}/{plan.slo.name}: {name}", duration.format_duration(spacing), series, expectations
    )


def _grouped(plan: SloPlan, selector: Selector) -> Selector:
    """The series with a value for each label that the SLO is kept apart by."""
    has = {matcher.label for matcher in selector.matchers}
    return selector.with_matchers(
        *(Matcher(label, "=", f"some-{label}") for label in plan.slo.sli.by if label not in has)
    )


def _count(plan: SloPlan, series: Selector, events: float, at: int) -> ExpectedSamples:
    labels: Sequence[Matcher] = [Matcher(k, "=", v) for k, v in plan.identity.items()]
    labels = [*labels, *(Matcher(label, "=", f"some-{label}") for label in plan.slo.sli.by)]
    ordered = tuple(sorted(labels, key=lambda matcher: matcher.label))
    expr = f"abs({series} - {events:g}) < bool {max(events * 0.01, 0.01):g}"
    return ExpectedSamples(expr, duration.format_duration(at), [(str(Selector("", ordered)), 1)])
