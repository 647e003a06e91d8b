"""The rules that can change the result of a unit test; promtool evaluates all others for nothing.

A test of one alert over a day evaluates all rules of its SLO 1,440 times, where two of them decide. The result is the
same: a rule is left out only if no expression of the test reads what it records, directly or through other rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import replace

from obscode.artifacts.rules import AlertingRule, Rule, RuleGroup
from obscode.artifacts.unit_tests import UnitTest
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse, parse_selector
from obscode.promql.selector import Selector

# `hour()` and others without an argument are of the time.
_WITHOUT_SERIES = re.compile(r"\b(?:(?:absent|absent_over_time|vector)\s*\(|\w+\s*\(\s*\))")
_OF_ALERTS = ("ALERTS", "ALERTS_FOR_STATE")


def relevant_groups(groups: Sequence[RuleGroup], test: UnitTest) -> list[RuleGroup]:
    """The groups with the rules that the expectations depend on, in the same order."""
    return groups_with(groups, relevant_rules(groups, test), test)


def relevant_rules(groups: Sequence[RuleGroup], test: UnitTest) -> set[int]:
    """The rules that the expectations depend on, by identity.

    A rule that records a series which the test supplies is left out if it reads none of the input series, and so is one
    that has no result, since nothing that it reads is supplied or recorded.
    """
    rules = [rule for group in groups for rule in group.rules]
    try:
        read = [selector for expectation in test.expectations for selector in parse(expectation.expr).selectors]
        series = [parse_selector(text) for text, _ in test.series]
    except PromQLError:  # promtool reports it
        return {id(rule) for rule in rules}
    supplied = {one.metric for one in series}
    rules = _live([rule for rule in rules if not _is_supplied(rule, supplied)], series)
    # A template of an annotation may query any series.
    return {id(rule) for rule in rules} if test.alerts else _closure(rules, read)


def groups_with(
    groups: Sequence[RuleGroup], rules: Set[int], test: UnitTest, instead: tuple[Rule, Rule] | None = None
) -> list[RuleGroup]:
    """The groups with some of their rules; with ``instead``, the second rule stands in place of the first.

    Annotations stay only where the test expects some: their templates run queries.
    """
    annotated = {expected.alert for expected in test.alerts}
    result = []
    for group in groups:
        chosen = [instead[1] if instead and rule is instead[0] else rule for rule in group.rules if id(rule) in rules]
        if chosen:
            result.append(replace(group, rules=[_without_annotations(rule, annotated) for rule in chosen]))
    return result


def _live(rules: Sequence[Rule], series: Sequence[Selector]) -> list[Rule]:
    """The rules that can have a result: of an input series, of a rule that can have one, or of no series at all."""
    live: list[Rule] = []
    waiting = list(rules)
    while waiting:
        new = [rule for rule in waiting if _has_input(rule, series, live)]
        if not new:
            break
        live += new
        waiting = [rule for rule in waiting if not any(rule is other for other in new)]
    return live


def _has_input(rule: Rule, series: Sequence[Selector], live: Sequence[Rule]) -> bool:
    selectors = selectors_of(rule)
    if not selectors or _WITHOUT_SERIES.search(rule.expr):
        return True
    return any(
        not selector.metric
        or any(_may_select(selector, one) for one in series)
        or any(_may_read(selector, other) for other in live)
        for selector in selectors
    )


def _may_select(selector: Selector, series: Selector) -> bool:
    labels = {matcher.label: matcher.value for matcher in series.matchers}
    return selector.metric == series.metric and not any(
        matcher.matches(labels.get(matcher.label, "")) is False for matcher in selector.matchers
    )


def _closure(rules: Sequence[Rule], read: Iterable[Selector]) -> set[int]:
    """The rules that one of the selectors reads, and those that these read; by identity."""
    open_selectors, retained = list(dict.fromkeys(read)), set[int]()
    while open_selectors:
        selector = open_selectors.pop()
        for rule in rules:
            if id(rule) not in retained and _may_read(selector, rule):
                retained.add(id(rule))
                open_selectors += selectors_of(rule)
    return retained


def selectors_of(rule: Rule) -> Sequence[Selector]:
    """The selectors of a rule's expression; one that reads everything if it does not parse."""
    try:
        return parse(rule.expr).selectors
    except PromQLError:
        return [Selector("")]


def _may_read(selector: Selector, rule: Rule) -> bool:
    """Whether a selector can match what a rule writes."""
    if isinstance(rule, AlertingRule):
        labels = {**rule.labels, "alertname": rule.name}
        named = not selector.metric or selector.metric in _OF_ALERTS
    else:
        labels = dict(rule.labels)
        named = not selector.metric or selector.metric == rule.name
    return named and not any(
        matcher.matches(labels[matcher.label]) is False
        for matcher in selector.matchers
        if "{{" not in labels.get(matcher.label, "{{")
    )


def _is_supplied(rule: Rule, supplied: set[str]) -> bool:
    return rule.name in supplied and not any(s.metric in supplied or not s.metric for s in selectors_of(rule))


def _without_annotations(rule: Rule, retained: set[str]) -> Rule:
    if not isinstance(rule, AlertingRule) or rule.name in retained:
        return rule
    return replace(rule, annotations={})
