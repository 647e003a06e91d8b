"""What can be proven of a service: each proof has the rules that it is about, and their unit tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from obscode.artifacts import RuleGroup, RuleTest, SeriesTest
from obscode.compiler.rules import own_groups
from obscode.compiler.slo_rules import SloPlan
from obscode.compiler.unit_tests.slo import long_tests, slo_tests
from obscode.model.alert import Alert, AlertTest
from obscode.model.definition import Definition
from obscode.model.project import Project
from obscode.model.service import Service
from obscode.promql.duration import milliseconds
from obscode.promql.nodes import Matcher, Selector


@dataclass(frozen=True)
class RuleTestSuite:
    """Rule groups and the tests that they must pass, all at one pace; ``name`` is what a summary calls it."""

    name: str
    evaluation_interval: str
    groups: Sequence[RuleGroup]
    tests: Sequence[RuleTest]
    source: Definition
    slow: bool = False


def proofs(service: Service, project: Project) -> Iterator[RuleTestSuite]:
    """The proofs of a service: of each SLO, for its short and for its long windows, and of its own alerts."""
    for slo in service.slos:
        plan = SloPlan(slo, service, project)
        name = f"{service.name}/{slo.name}"
        yield RuleTestSuite(name, plan.interval, plan.groups, slo_tests(plan), slo)
        if tests := long_tests(plan):
            yield RuleTestSuite(f"{name} (long windows)", plan.slow_interval, plan.groups, tests, slo, slow=True)
    for alert in service.alerts:
        if alert.tests:
            tests = [_alert_test(service, alert, test) for test in alert.tests]
            evaluation_interval = min((test.interval for test in alert.tests), key=milliseconds)
            yield RuleTestSuite(f"{service.name}/{alert.name}", evaluation_interval, own_groups(service), tests, alert)


def _alert_test(service: Service, alert: Alert, test: AlertTest) -> RuleTest:
    firing = Selector("ALERTS", (Matcher("alertname", "=", alert.name), Matcher("alertstate", "=", "firing")))
    expectations = [SeriesTest(f"count({firing}) > bool 0", at, [("{}", 1)]) for at in test.fires]
    expectations += [SeriesTest(str(firing), at, []) for at in test.quiet]
    series = [(name, values) for name, values in test.series.items()]
    return RuleTest(f"{service.name}/{alert.name}: {test.name}", test.interval, series, expectations)
