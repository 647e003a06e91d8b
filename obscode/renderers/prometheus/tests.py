"""promtool unit tests: one file per service with the tests that are committed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts
from obscode.artifacts.unit_tests import ExpectedSamples, UnitTest, UnitTestSuite, one_per_shape
from obscode.model import naming
from obscode.promql.duration import milliseconds
from obscode.renderers.yaml_text import document


def render(artifacts: Artifacts) -> Iterator[File]:
    """A file per rule file with the essential tests: of one SLO per shape, of each SLI, and of alerts."""
    by_file: dict[str, list[UnitTestSuite]] = {}
    for suite in one_per_shape(artifacts.test_suites):
        by_file.setdefault(suite.rule_file, []).append(suite)
    for file in artifacts.rule_files:
        suites = [suite for suite in by_file.get(file.name, []) if not suite.slow and _is_of_file(suite)]
        if tests := [test for suite in suites for test in suite.tests if test.essential]:
            interval = min((suite.evaluation_interval for suite in suites), key=milliseconds)
            text = rule_test_text(tests, [naming.tested_rule_file(file.name)], interval, artifacts.sources(file.source))
            yield File(naming.rule_test_file(file.name), text)


def _is_of_file(suite: UnitTestSuite) -> bool:
    """Whether the rule file of Prometheus has what is tested; `obscode test` runs the other tests, too."""
    return all(
        not group.is_global for group in suite.groups if {rule.name for rule in group.rules} & {*suite.under_test}
    )


def rule_test_text(
    tests: Sequence[UnitTest],
    rule_files: Sequence[str],
    interval: str,
    sources: Sequence[str] = (),
    *,
    probe: bool = False,
) -> str:
    """The text of a file for `promtool test rules`; ``sources`` are the files that its first line names.

    With ``probe``, alerts of which a test expects annotations are expected not to fire, so that promtool prints them.
    """
    content = {
        "rule_files": list(rule_files),
        "evaluation_interval": interval,
        "tests": [_test(test) | (_probes(test) if probe else {}) for test in tests],
    }
    return document(content, sources)


def _probes(test: UnitTest) -> dict[str, Any]:
    expected = dict.fromkeys((alert.alert, alert.at) for alert in test.alerts)
    probes = [{"alertname": alert, "eval_time": at, "exp_alerts": []} for alert, at in expected]
    return {"alert_rule_test": probes} if probes else {}


def _test(test: UnitTest) -> dict[str, Any]:
    return {
        "name": test.name,
        "interval": test.interval,
        "input_series": [{"series": series, "values": values} for series, values in test.series],
        "promql_expr_test": [_expectation(expectation) for expectation in test.expectations],
    }


def _expectation(expectation: ExpectedSamples) -> dict[str, Any]:
    return {
        "expr": expectation.expr,
        "eval_time": expectation.at,
        "exp_samples": [{"labels": labels, "value": value} for labels, value in expectation.samples],
    }
