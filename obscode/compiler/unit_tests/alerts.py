"""The unit tests that alerts define: PromQL on `ALERTS` whose result, if a test fails, is what fires instead.

promtool compares all labels of an alert. These expressions compare those that a test names, so that a label of an
exporter or of the project does not break it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from obscode.artifacts.rules import AlertingRule
from obscode.artifacts.unit_tests import ExpectedAnnotations, ExpectedSamples, UnitTest
from obscode.model.alert import AlertTest, ExpectedAlert
from obscode.model.numbers import format_sample
from obscode.promql.selector import Matcher, Selector
from obscode.promql.tokens import quote

_TOLERANCE = 1e-3  # relative: of the digits that a person writes
_SMALLEST = 1e-9


def alert_unit_test(service: str, rule: AlertingRule, test: AlertTest) -> UnitTest:
    """The unit test of an alerting rule."""
    firing = _firing(rule.name, {})
    expectations = [
        ExpectedSamples(f"count({firing}) > bool 0", at, [("{}", 1)], f"{rule.name} is not firing") for at in test.fires
    ]
    for at in test.fires if test.alerts else ():
        for expected in test.alerts:
            expectations += _alert(rule, expected, at)
        others = " unless ".join(str(_firing(rule.name, labels)) for labels in [{}, *(a.labels for a in test.alerts)])
        expectations.append(ExpectedSamples(others, at, [], f"{rule.name} fires with other labels"))
    expectations += [ExpectedSamples(str(firing), at, [], f"{rule.name} is firing") for at in test.quiet]
    annotations = [
        ExpectedAnnotations(rule.name, at, expected.labels, expected.annotations)
        for at in test.fires
        for expected in test.alerts
        if expected.annotations
    ]
    name = f"{service}/{rule.name}: {test.name}"
    return UnitTest(name, test.interval, list(test.series.items()), expectations, annotations, essential=True)


def _alert(rule: AlertingRule, expected: ExpectedAlert, at: str) -> Iterator[ExpectedSamples]:
    """An alert with the labels fires, and its expression has the value; each query returns what is there instead."""
    labels = f"{{{','.join(f'{name}={quote(value)}' for name, value in expected.labels.items())}}}"
    if expected.labels:
        missing = f"{_firing(rule.name, {})} unless on () count({_firing(rule.name, expected.labels)})"
        yield ExpectedSamples(missing, at, [], f"no {rule.name} with {labels} is firing")
    if expected.value is not None:
        values = _values(rule, expected)
        tolerance = max(abs(expected.value) * _TOLERANCE, _SMALLEST)
        close = f"abs({values} - {_number(expected.value)}) <= {_number(tolerance)}"
        of = labels if expected.labels else ""
        message = f"the value of {rule.name}{of} is not {format_sample(expected.value)}"
        yield ExpectedSamples(f"{values} unless on () count({close})", at, [], message)


def _values(rule: AlertingRule, expected: ExpectedAlert) -> str:
    """The alert's expression, for the expected labels that the rule does not add."""
    expr = f"(\n{rule.expr}\n)"
    labels = {name: value for name, value in expected.labels.items() if name not in rule.labels}
    if not labels:
        return expr
    one = "vector(1)"
    for name, value in labels.items():
        one = f'label_replace({one}, {quote(name)}, {quote(value.replace("$", "$$"))}, "", "")'
    return f"({expr} and on ({', '.join(labels)}) {one})"


def _firing(name: str, labels: Mapping[str, str]) -> Selector:
    matchers = {"alertname": name, "alertstate": "firing", **labels}
    return Selector("ALERTS", tuple(Matcher(label, "=", value) for label, value in matchers.items()))


def _number(value: float) -> str:
    return f"({value!r})" if value < 0 else repr(value)
