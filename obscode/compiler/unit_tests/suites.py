"""The unit-test suites of a service: of each SLO, and of each alert that defines tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.artifacts.rules import RuleFile
from obscode.artifacts.unit_tests import ExpectedSamples, UnitTest, UnitTestSuite
from obscode.compiler.rules import groups_of_service, groups_of_slo
from obscode.compiler.slo_plan import SloPlan
from obscode.compiler.unit_tests.slo import long_tests, slo_tests
from obscode.model.alert import Alert, AlertTest
from obscode.model.service import Service
from obscode.promql.duration import milliseconds
from obscode.promql.selector import Matcher, Selector


def unit_test_suites(service: Service, plans: Sequence[SloPlan], file: RuleFile) -> Iterator[UnitTestSuite]:
    """The suites of a service's rule file: of each SLO, for short and for long windows, and of alerts with tests."""
    for plan in plans:
        yield from _slo_suites(plan, file)
    for alert in service.alerts:
        if alert.tests:
            tests = [_alert_test(service, alert, test) for test in alert.tests]
            interval = min((test.interval for test in alert.tests), key=milliseconds)
            name = f"{service.name}/{alert.name}"
            yield UnitTestSuite(name, file.name, interval, groups_of_service(file), tests, alert)


def _slo_suites(plan: SloPlan, file: RuleFile) -> Iterator[UnitTestSuite]:
    groups = groups_of_slo(file, plan)
    rules = [rule for group in groups for rule in group.rules]
    yield UnitTestSuite(plan.name, file.name, plan.interval, groups, slo_tests(plan, rules), plan.slo)
    if tests := long_tests(plan, rules):
        name = f"{plan.name} (long windows)"
        yield UnitTestSuite(name, file.name, plan.slow_interval, groups, tests, plan.slo, slow=True)


def _alert_test(service: Service, alert: Alert, test: AlertTest) -> UnitTest:
    firing = Selector("ALERTS", (Matcher("alertname", "=", alert.name), Matcher("alertstate", "=", "firing")))
    expectations = [ExpectedSamples(f"count({firing}) > bool 0", at, [("{}", 1)]) for at in test.fires]
    expectations += [ExpectedSamples(str(firing), at, []) for at in test.quiet]
    series = [(name, values) for name, values in test.series.items()]
    return UnitTest(f"{service.name}/{alert.name}: {test.name}", test.interval, series, expectations)
