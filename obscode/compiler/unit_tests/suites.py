"""The unit-test suites of a service: of each SLO, and of each alert that defines tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from obscode.artifacts.rules import AlertingRule, RuleFile, RuleGroup
from obscode.artifacts.unit_tests import LazyTests, UnitTest, UnitTestSuite
from obscode.compiler.rules import groups_of_service, groups_of_slo
from obscode.compiler.slo_plan import SloPlan
from obscode.compiler.unit_tests.alerts import alert_unit_test
from obscode.compiler.unit_tests.conditions import condition_groups, condition_tests
from obscode.compiler.unit_tests.shapes import counts_raw_events, shape
from obscode.compiler.unit_tests.sli import sli_tests
from obscode.compiler.unit_tests.slo import long_tests, slo_tests
from obscode.model import naming
from obscode.model.alert import Alert
from obscode.model.service import Service
from obscode.promql.duration import milliseconds

# The committed tests are short and few: each change of an objective is a diff of them, and a user's CI runs them with
# all rules of the service. `obscode test` runs all others, too.
_ESSENTIAL = ("a total outage alerts", "half of the budget remains", "traffic with errors is counted")


def unit_test_suites(service: Service, plans: Sequence[SloPlan], file: RuleFile) -> Iterator[UnitTestSuite]:
    """The suites of a service's rule file: of each SLO, its SLI and its rules, and of alerts with tests.

    The tests are made when they are read: those of SLOs with one shape are read for one SLO.
    """
    for plan in plans:
        yield from _slo_suites(plan, file)
    yield from alert_suites(file)


def alert_suites(file: RuleFile) -> Iterator[UnitTestSuite]:
    """The suites of the alerts with tests in a rule file."""
    groups = groups_of_service(file)
    for rule in (rule for group in groups for rule in group.rules):
        if isinstance(rule, AlertingRule) and isinstance(rule.source, Alert) and rule.source.tests:
            yield _alert_suite(rule, rule.source, file, groups)


def _alert_suite(rule: AlertingRule, alert: Alert, file: RuleFile, groups: Sequence[RuleGroup]) -> UnitTestSuite:
    tests = [alert_unit_test(file.name, rule, test) for test in alert.tests]
    interval = min((test.interval for test in alert.tests), key=milliseconds)
    name = f"{file.name}/{alert.name}"
    added = {
        label: value for label, value in rule.labels.items() if label not in alert.labels and label != naming.SEVERITY
    }
    return UnitTestSuite(
        name, file.name, interval, groups, tests, alert, subject=name, under_test=[alert.name], own_labels=added
    )


def _slo_suites(plan: SloPlan, file: RuleFile) -> Iterator[UnitTestSuite]:
    groups = groups_of_slo(file, plan)
    rules = [rule for group in groups for rule in group.rules]
    same = shape(plan, groups)
    labels = {**plan.identity, **naming.owner_label(plan.service.owner)}
    suite = partial(
        UnitTestSuite, rule_file=file.name, groups=groups, source=plan.slo, subject=plan.name, own_labels=labels
    )
    events = LazyTests(lambda: _marked(sli_tests(plan)))
    counts = [rule.name for rule in rules if counts_raw_events(plan, rule)]
    yield suite(f"{plan.name} (events)", evaluation_interval=plan.interval, tests=events, under_test=counts)
    short, long = LazyTests(lambda: _marked(slo_tests(plan, rules))), LazyTests(lambda: long_tests(plan, rules))
    yield suite(plan.name, evaluation_interval=plan.interval, tests=short, shape=same)
    yield suite(f"{plan.name} (long intervals)", evaluation_interval="", tests=long, shape=same, slow=True)
    yield suite(
        f"{plan.name} (conditions)",
        groups=condition_groups(plan, groups),
        evaluation_interval="",
        tests=LazyTests(lambda: condition_tests(plan)),
        shape=same,
        slow=True,
    )


def _marked(tests: Iterable[UnitTest]) -> list[UnitTest]:
    return [replace(test, essential=test.name.endswith(_ESSENTIAL)) for test in tests]
