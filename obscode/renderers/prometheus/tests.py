"""promtool unit tests, one file a service."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts
from obscode.artifacts.unit_tests import ExpectedSamples, UnitTest
from obscode.compiler.unit_tests.suites import unit_test_suites
from obscode.model import naming
from obscode.promql.duration import milliseconds
from obscode.renderers.yaml_text import document


def render(artifacts: Artifacts) -> Iterator[File]:
    """Two files a service that has something to prove: promtool evaluates all groups of a file at one pace."""
    for service in artifacts.services:
        known = list(unit_test_suites(service, artifacts.project))
        for slow in (False, True):
            chosen = [suite for suite in known if suite.slow == slow]
            if tests := [test for suite in chosen for test in suite.tests]:
                evaluation_interval = min((suite.evaluation_interval for suite in chosen), key=milliseconds)
                text = rule_test_text(
                    tests, [f"../rules/{service.name}.yml"], evaluation_interval, artifacts.sources(service)
                )
                yield File(naming.rule_test_file(service.name, slow=slow), text)


def rule_test_text(
    tests: Sequence[UnitTest], rule_files: Sequence[str], interval: str, sources: Sequence[str] = ()
) -> str:
    """The text of a file for `promtool test rules`."""
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
