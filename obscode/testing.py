"""Tests of a service's rules from plain pytest, on the real promtool.

    from obscode.testing import rules_of

    def test_crashes_page() -> None:
        crashes = rules_of(ml_service).given({
            'http_requests_total{job="ml-service",status="500"}': "0+6x30",
            'http_requests_total{job="ml-service",status="200"}': "0+54x30",
        })
        crashes.quiet("HighErrorRate", at="4m")
        crashes.fires("HighErrorRate", at="12m")

A series or an alert that no rule knows is an error: promtool passes such a test, whatever it expects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from obscode.artifacts.rules import AlertingRule, RecordingRule, RuleGroup
from obscode.artifacts.unit_tests import ExpectedSamples, UnitTest, UnitTestSuite
from obscode.compiler import Definitions, compile
from obscode.findings.errors import ObscodeError
from obscode.findings.suggestions import did_you_mean
from obscode.model.project import Environment, Project
from obscode.model.service import Service
from obscode.promql import duration
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse, parse_selector
from obscode.promql.selector import Matcher, Selector
from obscode.toolchain import Tool, find_all, require
from obscode.verify.unit_tests import run_one


@dataclass(frozen=True)
class Rules:
    """The compiled rules of a service, and the series that they are to see."""

    service: Service
    groups: Sequence[RuleGroup]
    series: Mapping[str, str] = field(default_factory=dict)
    interval: str = "1m"

    def given(self, series: Mapping[str, str], *, interval: str = "1m") -> Rules:
        """The same rules with input series, in promtool's notation, one value an interval."""
        known = self._known_series()
        for text in series:
            name = _name(text)
            if name not in known:
                raise ObscodeError(
                    f"no rule reads the series {name!r}", did_you_mean(name, known) or "look at its rules"
                )
        return replace(self, series={**self.series, **series}, interval=interval)

    def fires(self, alert: str, *, at: str, labels: Mapping[str, str] | None = None) -> None:
        """Assert that an alert is firing at an instant, with these labels among its own."""
        self._demand(ExpectedSamples(f"count({self._firing(alert, labels or {})}) > bool 0", at, [("{}", 1)]))

    def quiet(self, alert: str, *, at: str, labels: Mapping[str, str] | None = None) -> None:
        """Assert that an alert is not firing at an instant."""
        self._demand(ExpectedSamples(str(self._firing(alert, labels or {})), at, []))

    def gives(self, expr: str, value: float, *, at: str, labels: Mapping[str, str] | None = None) -> None:
        """Assert that a query gives one sample, of this value and labels."""
        parse(expr)
        labelled = Selector("", tuple(Matcher(name, "=", text) for name, text in (labels or {}).items()))
        self._demand(ExpectedSamples(expr, at, [(str(labelled), value)]))

    def firing(self, *, at: str) -> list[str]:
        """The names of the alerts that fire at an instant, sorted."""
        names = sorted(self._alerts())
        # One run for all alerts: promtool prints each expression whose result differs.
        outcome = run_one(self._proof([self._expect_firing(name, at) for name in names]), _promtools()[-1])
        silent = [name for name in names if f'alertname=\\"{name}\\"' in outcome.said]
        assert silent or outcome.passed, outcome.said
        return [name for name in names if name not in silent]

    def _expect_firing(self, alert: str, at: str) -> ExpectedSamples:
        return ExpectedSamples(f"count({self._firing(alert, {})}) > bool 0", at, [("{}", 1)])

    def _alerts(self) -> set[str]:
        return {rule.name for group in self.groups for rule in group.rules if isinstance(rule, AlertingRule)}

    def _known_series(self) -> set[str]:
        rules = [rule for group in self.groups for rule in group.rules]
        names = {rule.name for rule in rules if isinstance(rule, RecordingRule)}
        for rule in rules:
            names |= {selector.metric for selector in parse(rule.expr).selectors}
        return names | {series for metric in self.service.metrics for series in metric.series()}

    def _firing(self, alert: str, labels: Mapping[str, str]) -> Selector:
        if alert not in self._alerts():
            raise ObscodeError(f"no rule defines the alert {alert!r}", did_you_mean(alert, self._alerts()))
        wanted = {"alertname": alert, "alertstate": "firing", **labels}
        return Selector("ALERTS", tuple(Matcher(name, "=", value) for name, value in wanted.items()))

    def _demand(self, expectation: ExpectedSamples) -> None:
        for tool in _promtools():
            outcome = run_one(self._proof([expectation]), tool)
            assert outcome.passed, f"on promtool {tool.version}:\n{outcome.said}"

    def _proof(self, expectations: Sequence[ExpectedSamples]) -> UnitTestSuite:
        for expectation in expectations:
            if wrong := duration.validate_duration(expectation.at, zero=True):
                raise ObscodeError(*wrong)
        test = UnitTest(self.service.name, self.interval, list(self.series.items()), expectations)
        return UnitTestSuite(self.service.name, self.service.name, self.interval, self.groups, [test], self.service)


def rules_of(service: Service, project: Project | None = None) -> Rules:
    """Compile one service; raises DefinitionError when something is wrong with it."""
    artifacts = compile(Definitions(project or _project(service), [service]))
    return Rules(service, [group for file in artifacts.rule_files for group in file.groups])


def _project(service: Service) -> Project:
    """A project with the environments that the service knows."""
    names = dict.fromkeys(name for job in service.scrape_jobs() for name in job.targets_in)
    return Project("test", environments=[Environment(name) for name in names])


def _promtools() -> list[Tool]:
    return find_all("promtool") or [require("promtool")]


def _name(series: str) -> str:
    try:
        return parse_selector(series).metric
    except PromQLError as error:
        raise ObscodeError(f"{series!r} is no series: {error}", 'write name{label="value"}') from None
