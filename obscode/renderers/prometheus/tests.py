"""promtool unit tests: one file per service, and one for tests of long windows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts
from obscode.artifacts.unit_tests import ExpectedSamples, UnitTest, UnitTestSuite
from obscode.model import naming
from obscode.promql.duration import milliseconds
from obscode.renderers.yaml_text import document


def render(artifacts: Artifacts) -> Iterator[File]:
    """Up to two files per rule file: promtool evaluates all groups of a test file at one interval."""
    by_file: dict[tuple[str, bool], list[UnitTestSuite]] = {}
    for suite in artifacts.test_suites:
        by_file.setdefault((suite.rule_file, suite.slow), []).append(suite)
    for file in artifacts.rule_files:
        for slow in (False, True):
            suites = by_file.get((file.name, slow), [])
            if tests := [test for suite in suites for test in suite.tests]:
                interval = min((suite.evaluation_interval for suite in suites), key=milliseconds)
                sources = artifacts.sources(file.source)
                text = rule_test_text(tests, [naming.tested_rule_file(file.name)], interval, sources)
                yield File(naming.rule_test_file(file.name, slow=slow), text)


def rule_test_text(
    tests: Sequence[UnitTest], rule_files: Sequence[str], interval: str, sources: Sequence[str] = ()
) -> str:
    """The text of a file for `promtool test rules`; ``sources`` are the files that its first line names."""
    content = {
        "rule_files": list(rule_files),
        "evaluation_interval": interval,
        "tests": [_test(test) for test in tests],
    }
    return document(content, sources)


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
