"""Test a service's rules in pytest, on every installed promtool that is not older than the project's Prometheus.

    from obscode.testing import rules_of

    def test_crashes_page() -> None:
        crashes = rules_of(ml_service).with_series({
            'http_requests_total{job="ml-service",status="500"}': "0+6x30",
            'http_requests_total{job="ml-service",status="200"}': "0+54x30",
        })
        crashes.assert_not_firing("HighErrorRate", at="4m")
        crashes.assert_firing("HighErrorRate", at="12m")

An unknown series or alert is an error. promtool itself would evaluate it to nothing and pass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from obscode.artifacts.rules import AlertingRule, RecordingRule, RuleGroup
from obscode.artifacts.unit_tests import ExpectedSamples, UnitTest, UnitTestSuite
from obscode.compiler import Definitions, compile
from obscode.findings.errors import ObscodeError
from obscode.findings.suggestions import did_you_mean
from obscode.model.project import Project
from obscode.model.service import Service
from obscode.promql import duration
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse, parse_selector
from obscode.promql.selector import Matcher, Selector
from obscode.toolchain import Tool, find_supported
from obscode.verify.unit_tests import run_suite


@dataclass(frozen=True)
class Rules:
    """The compiled rules of a service with input series; instants and intervals in Prometheus' notation.

    Every method raises ObscodeError for an unknown series or alert and for invalid PromQL.
    """

    service: Service
    groups: Sequence[RuleGroup]
    series: Mapping[str, str] = field(default_factory=dict)
    interval: str = "1m"
    oldest_prometheus: str = "0.0"

    def with_series(self, series: Mapping[str, str], *, interval: str = "1m") -> Rules:
        """The same rules with more input series, in promtool's notation, with one value per interval."""
        known = self._known_series()
        for text in series:
            name = _name(text)
            if name not in known:
                hint = did_you_mean(name, known) or f"the rules read {', '.join(sorted(known))}"
                raise ObscodeError(f"no rule reads the series {name!r}", hint)
        return replace(self, series={**self.series, **series}, interval=interval)

    def assert_firing(self, alert: str, *, at: str, labels: Mapping[str, str] | None = None) -> None:
        """Assert that an alert with these labels is firing at an instant."""
        query = f"count({self._firing(alert, labels or {})}) > bool 0"
        self._assert(ExpectedSamples(query, at, [("{}", 1)], f"{alert} is not firing"))

    def assert_not_firing(self, alert: str, *, at: str, labels: Mapping[str, str] | None = None) -> None:
        """Assert that no alert of this name with these labels is firing at an instant."""
        self._assert(ExpectedSamples(str(self._firing(alert, labels or {})), at, [], f"{alert} is firing"))

    def assert_value(self, expr: str, value: float, *, at: str, labels: Mapping[str, str] | None = None) -> None:
        """Assert that a query returns one sample with this value and these labels."""
        parse(expr)
        series = Selector("", tuple(Matcher(name, "=", text) for name, text in (labels or {}).items()))
        self._assert(ExpectedSamples(expr, at, [(str(series), value)]))

    def firing_alerts(self, *, at: str) -> list[str]:
        """The names of the alerts that fire at an instant, sorted, on the newest promtool."""
        names = sorted(self._alerts())
        # One run for all alerts: promtool prints each expression whose result differs.
        result = run_suite(self._suite([self._expect_firing(name, at) for name in names]), self._promtools()[-1])
        quiet = {failure.message for outcome in result.outcomes for failure in outcome.failures}
        assert quiet <= set(names), result.output
        return [name for name in names if name not in quiet]

    def _expect_firing(self, alert: str, at: str) -> ExpectedSamples:
        """Its message is the name of the alert."""
        return ExpectedSamples(f"count({self._firing(alert, {})}) > bool 0", at, [("{}", 1)], alert)

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
        matched = {"alertname": alert, "alertstate": "firing", **labels}
        return Selector("ALERTS", tuple(Matcher(name, "=", value) for name, value in matched.items()))

    def _assert(self, expectation: ExpectedSamples) -> None:
        for tool in self._promtools():
            result = run_suite(self._suite([expectation]), tool)
            assert result.passed, f"on promtool {tool.version}:\n{result.output}"

    def _promtools(self) -> list[Tool]:
        return find_supported("promtool", self.oldest_prometheus)

    def _suite(self, expectations: Sequence[ExpectedSamples]) -> UnitTestSuite:
        for expectation in expectations:
            if problem := duration.validate_duration(expectation.at, zero=True):
                raise ObscodeError(*problem)
        test = UnitTest(self.service.name, self.interval, list(self.series.items()), expectations)
        return UnitTestSuite(self.service.name, self.service.name, self.interval, self.groups, [test], self.service)


def rules_of(service: Service, project: Project | None = None) -> Rules:
    """Compile one service; raises DefinitionError if it is invalid.

    Without a ``project``, settings such as severities and intervals are the defaults.
    """
    artifacts = compile(Definitions(project or Project("test"), [service]))
    groups = [group for file in artifacts.rule_files for group in file.groups]
    return Rules(service, groups, oldest_prometheus=artifacts.project.oldest_prometheus)


def _name(series: str) -> str:
    try:
        return parse_selector(series).metric
    except PromQLError as error:
        raise ObscodeError(f"{series!r} is not a series: {error}", 'write name{label="value"}') from None
