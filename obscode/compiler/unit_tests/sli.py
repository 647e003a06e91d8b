"""The unit tests of an SLI: its counts of events, on raw series that match its selectors."""

from __future__ import annotations

from obscode.artifacts.unit_tests import ExpectedSamples, UnitTest
from obscode.compiler.slo_plan import SloPlan, service_matchers
from obscode.promql.duration import format_duration, milliseconds
from obscode.promql.selector import Matcher, Selector

# Events per step, of which five are in a base window.
_GOOD, _BAD = 90.0, 10.0
_STEPS_PER_BASE_WINDOW = 5


def sli_tests(plan: SloPlan) -> list[UnitTest]:
    """Tests of traffic with bad events, without bad events, and of no traffic; empty for free PromQL."""
    cases = (
        ("traffic with errors is counted", _GOOD, _BAD),
        ("no errors count as 0", _GOOD, 0.0),
        ("no traffic counts as 0, not NaN", 0.0, 0.0),
    )
    return [test for name, good, bad in cases if (test := _test(plan, name, good, bad))]


def _test(plan: SloPlan, name: str, good: float, bad: float) -> UnitTest | None:
    sli, matchers = plan.slo.sli, service_matchers(plan.service)
    flow, with_good = sli.flow(good, bad, matchers), sli.flow(_GOOD, bad, matchers)
    if flow is None or with_good is None:
        return None
    # A service that has just started has no series of bad events.
    flow = [series for series, (_, growth) in zip(flow, with_good, strict=True) if growth]
    base = milliseconds(plan.base)
    step, at = base // _STEPS_PER_BASE_WINDOW, 4 * base
    count = at // step + _STEPS_PER_BASE_WINDOW
    series = [(str(_grouped(plan, selector)), f"0+{growth:g}x{count}") for selector, growth in flow]
    expectations = [
        _expected_count(plan, plan.total(plan.base), (good + bad) * _STEPS_PER_BASE_WINDOW, at),
        _expected_count(plan, plan.bad(plan.base), bad * _STEPS_PER_BASE_WINDOW, at),
    ]
    return UnitTest(f"{plan.name}: {name}", format_duration(step), series, expectations)


def _grouped(plan: SloPlan, selector: Selector) -> Selector:
    """The selector with a value for each `by` label that it does not match."""
    matched = {matcher.label for matcher in selector.matchers}
    return selector.with_matchers(*(_group(label) for label in plan.slo.sli.by if label not in matched))


def _group(label: str) -> Matcher:
    return Matcher(label, "=", f"some-{label}")


def _expected_count(plan: SloPlan, series: Selector, events: float, at: int) -> ExpectedSamples:
    labels = [Matcher(label, "=", value) for label, value in plan.identity.items()]
    labels += [_group(label) for label in plan.slo.sli.by]
    result = Selector("", tuple(sorted(labels, key=lambda matcher: matcher.label)))
    expr = f"abs({series} - {events:g}) < bool {max(events * 0.01, 0.01):g}"
    return ExpectedSamples(expr, format_duration(at), [(str(result), 1)])
