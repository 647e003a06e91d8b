"""The tests of burn-rate alerts in traffic scenarios, several scenarios side by side in one test.

promtool takes as long to evaluate a rule for ten series as for one, so most scenarios are series of one test, with a
label that tells them apart. The rules of an alert keep this label, except where they ask whether a more urgent alert
has reported the errors: a scenario in which one does has a test of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from obscode.artifacts.rules import AlertingRule, Rule
from obscode.artifacts.unit_tests import ExpectedSamples, UnitTest
from obscode.compiler.slo_plan import SloPlan
from obscode.compiler.unit_tests.alert_simulator import SloTimings, TrafficPhase, burning_alerts, stable_instants
from obscode.compiler.unit_tests.input_series import free_label, input_series, series_text
from obscode.compiler.unit_tests.scenarios import Scenario, outage
from obscode.compiler.unit_tests.timings import slo_timings
from obscode.promql.duration import format_duration
from obscode.promql.selector import Matcher

# Groups are evaluated one after the other, which shifts results by up to two steps.
_MARGIN = 2


def alert_tests(plan: SloPlan, rules: Sequence[Rule], scenarios: Sequence[Scenario]) -> Iterator[UnitTest]:
    """The tests of the scenarios, one for those that can be evaluated side by side."""
    together: dict[tuple[int, tuple[str, ...]], list[Scenario]] = {}
    for scenario in scenarios:
        if checked := _checked(plan, scenario):
            together.setdefault((scenario.step, checked), []).append(scenario)
        else:
            yield alert_test(plan, rules, scenario)
    for (_, checked), group in together.items():
        yield _side_by_side(plan, rules, group, checked) if len(group) > 1 else alert_test(plan, rules, group[0])


def alert_test(plan: SloPlan, rules: Sequence[Rule], scenario: Scenario) -> UnitTest:
    """All firing alerts of the SLO, before and after every change."""
    keys = tuple(alert.key for alert in plan.alerts)
    name = f"{plan.name}: {scenario.name}"
    return _test(name, scenario, input_series(plan, scenario), _expectations(plan, rules, scenario, keys))


def group_test(plan: SloPlan, rules: Sequence[Rule], group: Mapping[str, str]) -> UnitTest:
    """An outage of one group, while another is healthy: only the alerts of the first fire."""
    failing = alert_test(plan, rules, replace(outage(plan), group=group))
    others = {label: f"other-{label}" for label in group}
    phases = tuple(TrafficPhase(phase.length, phase.total) for phase in outage(plan).phases)
    series = [*failing.series, *input_series(plan, replace(outage(plan), phases=phases, group=others))]
    return replace(failing, name=f"{plan.name}: an outage of one group fires for that group only", series=series)


def _side_by_side(
    plan: SloPlan, rules: Sequence[Rule], scenarios: Sequence[Scenario], checked: tuple[str, ...]
) -> UnitTest:
    label = free_label("scenario", {*plan.labels, *(label for rule in rules for label in rule.labels)})
    numbered = [
        replace(scenario, group={**scenario.group, label: str(number)}) for number, scenario in enumerate(scenarios, 1)
    ]
    alerts = f"{', '.join(checked)}: {len(scenarios)} scenarios of {'days' if numbered[0].is_long else 'traffic'}"
    series = [one for scenario in numbered for one in input_series(plan, scenario)]
    expectations = [
        replace(expected, meaning=scenario.name)
        for scenario in numbered
        for expected in _expectations(plan, rules, scenario, checked, {label: scenario.group[label]})
    ]
    every = format_duration(numbered[0].step)
    return _test(f"{plan.name}: {alerts}, every {every}", numbered[0], series, expectations)


def _checked(plan: SloPlan, scenario: Scenario) -> tuple[str, ...]:
    """The keys of the alerts of which other scenarios do not change the results; none for a test of its own.

    Alerts ask whether a more urgent one burns. So all alerts are checked where none burns that is more urgent than
    another, or only the one that the scenario is about, if none that is more urgent burns.
    """
    burning = burning_alerts(slo_timings(plan, scenario.step, is_long=scenario.is_long), scenario.phases)
    for keys in (tuple(alert.key for alert in plan.alerts), (scenario.alert,)):
        alerts = [alert for alert in plan.alerts if alert.key in keys]
        more_urgent = {other.key for alert in alerts for other in plan.more_urgent(alert)}
        if alerts and not burning & more_urgent:
            return keys
    return ()


def _expectations(
    plan: SloPlan,
    rules: Sequence[Rule],
    scenario: Scenario,
    checked: tuple[str, ...],
    only: Mapping[str, str] = MappingProxyType({}),
) -> list[ExpectedSamples]:
    """The firing alerts among those that are checked, before and after every change; ``only`` selects a scenario."""
    of_key = {key: rule for key, rule in _alerts(plan, rules).items() if key in checked}
    names = "|".join(sorted({rule.name for rule in of_key.values()}))
    labels = [Matcher("alertname", "=~", names), Matcher("alertstate", "=", "firing")]
    labels += [Matcher(label, "=", value) for label, value in only.items()]
    firing = str(plan.series("ALERTS").with_matchers(*labels))
    timings = _only(slo_timings(plan, scenario.step, is_long=scenario.is_long), checked)
    return [
        ExpectedSamples(firing, format_duration(at), [(_firing(of_key[key], scenario), 1) for key in sorted(keys)])
        for at, keys in stable_instants(timings, scenario.phases, _MARGIN)
    ]


def _only(timings: SloTimings, keys: tuple[str, ...]) -> SloTimings:
    """Some alerts, as if there were no others."""
    alerts = [alert for alert in timings.alerts if alert.key in keys]
    alerts = [replace(alert, more_urgent=tuple(key for key in alert.more_urgent if key in keys)) for alert in alerts]
    return replace(timings, alerts=tuple(alerts))


def _alerts(plan: SloPlan, rules: Sequence[Rule]) -> dict[str, Rule]:
    """The alerting rules by the keys of the plan."""
    by_expr = {rule.expr: rule for rule in rules if isinstance(rule, AlertingRule)}
    return {alert.key: by_expr[plan.alert_expr(alert)] for alert in plan.alerts}


def _firing(alert: Rule, scenario: Scenario) -> str:
    labels = {"alertname": alert.name, "alertstate": "firing", **alert.labels, **scenario.group}
    return series_text("ALERTS", labels)


def _test(
    name: str, scenario: Scenario, series: Sequence[tuple[str, str]], expectations: Sequence[ExpectedSamples]
) -> UnitTest:
    return UnitTest(name, format_duration(scenario.step), series, expectations)
