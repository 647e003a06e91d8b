"""A series is recorded by one rule.

Why: two rules with the same name and labels write different values to the same series, and sums over it count it twice.
Rules whose matchers exclude each other, such as `code=~"2.."` and `code=~"5.."`, yield different series and are not
reported. In files that obscode did not write, it is a warning if both expressions read the same series, else a note.

Bad:
    RecordingRule("job:up:sum", "sum by (job) (up)")
    RecordingRule("job:up:sum", "sum by (job) (up == 1)")

Good:
    RecordingRule("job:up:sum", "sum by (job) (up)")
    RecordingRule("job:up:sum", "sum by (job) (up == 1)", labels={"state": "healthy"})
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import TypeVar

from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import RecordingRule, Rule, RuleFile
from obscode.checks.as_written import rules_as_written
from obscode.checks.check import Context, check
from obscode.findings.code import Severity
from obscode.findings.finding import Finding
from obscode.model.definition import Definition
from obscode.promql.disjoint import select_different_values
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse
from obscode.promql.selector import Selector

_Rule = TypeVar("_Rule", bound=Rule)


@check((Artifacts, RuleFile))
def duplicate_record(value: Artifacts | RuleFile, context: Context) -> Iterator[Finding]:
    """Recording rules with the name and the labels of another."""
    for rule, first in repeated_rules(value, RecordingRule):
        message = f"{rule.name!r} is recorded twice with the same labels{first_at(first)}"
        hint = "rename one, or add different labels"
        level = severity(value, rule, first, certain=_selectors(rule) == _selectors(first))
        yield rule.source.finding(duplicate_record, message, hint, at="record", severity=level)


def severity(value: Artifacts | RuleFile, *rules: Rule, certain: bool) -> Severity:
    """The severity in a project, and of rules as they were written: Prometheus accepts duplicates, some on purpose."""
    if isinstance(value, Artifacts):
        as_written = {id(rule) for rule in rules_as_written(value)}
        if not all(id(rule) in as_written for rule in rules):
            return "error"
    return "warning" if certain else "note"


def repeated_rules(value: Artifacts | RuleFile, kind: type[_Rule]) -> Iterator[tuple[_Rule, _Rule]]:
    """Rules with the name and the labels of an earlier rule, each with that rule, in the order of the source.

    All rules of a compiled project are compared; of rule files that were read, those of each file.
    """
    if not value.is_compiled if isinstance(value, Artifacts) else isinstance(value.source, Definition):
        return
    by_series: dict[tuple[str, frozenset[tuple[str, str]]], list[_Rule]] = {}
    for rule in value.rules():
        if isinstance(rule, kind):
            by_series.setdefault((rule.name, frozenset(rule.labels.items())), []).append(rule)
    for rules in by_series.values():
        first, *others = sorted(rules, key=_position) if len(rules) > 1 else rules
        yield from ((rule, first) for rule in others if not are_disjoint(rule, first))


def are_disjoint(one: Rule, other: Rule) -> bool:
    """True if matchers show that two rules yield different series: `{verb="GET"}` and `{verb="POST"}`.

    A label of the result comes from one of the selectors, so that all selectors of one rule must differ in it from all
    selectors of the other.
    """
    try:
        queries = [parse(rule.expr) for rule in (one, other)]
    except PromQLError:
        return False
    pairs = [(a, b) for a in queries[0].selectors for b in queries[1].selectors]
    labels = {matcher.label for query in queries for selector in query.selectors for matcher in selector.matchers}
    for query in queries:
        labels &= labels if query.labels is None else query.labels
    return bool(pairs) and any(all(select_different_values(a, b, label) for a, b in pairs) for label in labels)


def _selectors(rule: Rule) -> Set[Selector]:
    """What an expression reads."""
    try:
        return {Selector(s.metric, s.matchers) for s in parse(rule.expr).selectors}
    except PromQLError:
        return set()


def first_at(rule: Rule) -> str:
    """Where the first of two rules is, as the end of a message."""
    span = rule.source.span()
    return f", the first at {span}" if span else ""


def _position(rule: Rule) -> tuple[str, int, int]:
    span = rule.source.span()
    return (span.file, span.line, span.column) if span else ("", 0, 0)
