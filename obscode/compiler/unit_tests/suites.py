"""The unit-test suites of a service: one per SLO and window length, one per alert with tests."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.unit_tests import ExpectedSamples, UnitTest, UnitTestSuite
from obscode.compiler.rules import own_groups
from obscode.compiler.slo_rules import SloPlan
from obscode.compiler.unit_tests.slo import long_tests, slo_tests
from obscode.model.alert import Alert, AlertTest
from obscode.model.project import Project
from obscode.model.service import Service
from obscode.promql.duration import milliseconds
from obscode.promql.selector import Matcher, Selector


def unit_test_suites(service: Service, project: Project) -> Iterator[UnitTestSuite]:
    """The suites of a service: of each SLO, for its short and for its long windows, and of its own alerts."""
    for slo in service.slos:
        plan = SloPlan(slo, service, project)
        name = f"{service.name}/{slo.name}"
        yield UnitTestSuite(name, service.name, plan.interval, plan.groups, slo_tests(plan), slo)
        if tests := long_tests(plan):
            yield UnitTestSuite(
                f"{name} (long windows)", service.name, plan.slow_interval, plan.groups, tests, slo, slow=True
            )
    for alert in service.alerts:
        if alert.tests:
            tests = [_alert_test(service, alert, test) for test in alert.tests]
            evaluation_interval = min((test.interval for test in alert.tests), key=milliseconds)
            yield UnitTestSuite(
                f"{service.name}/{alert.name}", service.name, evaluation_interval, own_groups(service), tests, alert
            )


def _alert_test(service: Service, alert: Alert, test: AlertTest) -> UnitTest:
    firing = Selector("ALERTS", (Matcher("alertname", "=", alert.name), Matcher("alertstate", "=", "firing")))
    expectations = [ExpectedSamples(f"count({firing}) > bool 0", at, [("{}", 1)]) for at in test.fires]
    expectations += [ExpectedSamples(str(firing), at, []) for at in test.quiet]
    series = [(name, values) for name, values in test.series.items()]
    return UnitTest(f"{service.name}/{alert.name}: {test.name}", test.interval, series, expectations)
