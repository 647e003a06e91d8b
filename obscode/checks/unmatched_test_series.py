"""A test of an alert has an input series that the alert reads.

Why: A series without a label that the alert selects by is another series. No expression returns a sample then, the
alert is never firing, and a test that expects no alert cannot fail.

Bad:
    Alert(
        "HighErrorRate",
        'sum(rate(http_requests_total{job="shop",status=~"5.."}[5m])) > 1',
        severity="page",
        summary="too many errors",
        tests=[AlertTest("few errors", {'http_requests_total{status="500"}': "0+1x20"}, quiet=["15m"])],
    )

Good:
    Alert(
        "HighErrorRate",
        'sum(rate(http_requests_total{job="shop",status=~"5.."}[5m])) > 1',
        severity="page",
        summary="too many errors",
        tests=[AlertTest("few errors", {'http_requests_total{job="shop",status="500"}': "0+1x20"}, quiet=["15m"])],
    )
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import RecordingRule, Rule
from obscode.checks.check import Context, check
from obscode.findings.finding import Finding
from obscode.model.alert import Alert, AlertTest
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse, parse_selector
from obscode.promql.selector import Matcher, Selector

_WITHOUT_SERIES = re.compile(r"\b(?:absent|absent_over_time|vector|time)\s*\(")


@check(Artifacts, scope="compiled")
def unmatched_test_series(artifacts: Artifacts, context: Context) -> Iterator[Finding]:
    """Tests of alerts with no series that the alert reads, directly or through recording rules."""
    rules = {id(rule.source): rule for rule in artifacts.rules()}
    recorded: dict[str, list[Rule]] = {}
    for rule in artifacts.rules():
        if isinstance(rule, RecordingRule):
            recorded.setdefault(rule.name, []).append(rule)
    for alert in (alert for service in artifacts.services for alert in service.alerts if alert.tests):
        if id(alert) in rules:
            yield from _alert(alert, rules[id(alert)], recorded)


def _alert(alert: Alert, rule: Rule, recorded: dict[str, list[Rule]]) -> Iterator[Finding]:
    closure = _closure(rule, recorded)
    try:
        selectors = [selector for each in closure for selector in parse(each.expr).selectors]
    except PromQLError:  # promql-syntax reports it
        return
    fires_without = any(_WITHOUT_SERIES.search(each.expr) for each in closure)
    for test in alert.tests:
        if selectors and not (fires_without and test.fires):
            yield from _test(alert, test, selectors)


def _closure(rule: Rule, recorded: dict[str, list[Rule]]) -> list[Rule]:
    """The rule, and the recording rules that it reads."""
    rules, names = [rule], set[str]()
    for each in rules:
        try:
            metrics = {selector.metric for selector in parse(each.expr).selectors}
        except PromQLError:
            continue
        for name in sorted(metrics - names):
            names.add(name)
            rules += recorded.get(name, ())
    return rules


def _test(alert: Alert, test: AlertTest, selectors: Sequence[Selector]) -> Iterator[Finding]:
    try:
        series = [parse_selector(text) for text in test.series]
    except PromQLError:  # unknown-test-series reports it
        return
    if series and not any(_mismatches(one, selector) == [] for one in series for selector in selectors):
        message = f"no series of the test is one that the alert {alert.name!r} reads"
        yield test.finding(unmatched_test_series, message, _hint(series, selectors), at="series")


def _mismatches(series: Selector, selector: Selector) -> list[Matcher] | None:
    """The matchers of a selector that a series does not satisfy; None for another metric."""
    labels = {matcher.label: matcher.value for matcher in series.matchers}
    if selector.metric not in ("", series.metric):
        return None
    values = {**labels, "__name__": series.metric}
    return [matcher for matcher in selector.matchers if matcher.matches(values.get(matcher.label, "")) is False]


def _hint(series: Sequence[Selector], selectors: Sequence[Selector]) -> str:
    """The series that is nearest to a selector, and what to write in it."""
    pairs = [
        (mismatches, one, selector)
        for one in series
        for selector in selectors
        if (mismatches := _mismatches(one, selector)) is not None
    ]
    if not pairs:
        return f"the alert reads {', '.join(sorted({str(selector) for selector in selectors}))}"
    mismatches, one, selector = min(pairs, key=lambda pair: len(pair[0]))
    matcher = mismatches[0]
    values = {each.label: each.value for each in one.matchers}
    actual = f'{matcher.label}="{values[matcher.label]}"' if matcher.label in values else f"no label {matcher.label}"
    return f"the alert reads {selector}, and {one} has {actual}: write a value for {matcher}"
