"""A series is recorded by one rule.

Why: two rules with the same name and labels write different values to the same series, and sums over it count it twice.
Ignore this where the expressions have disjoint matchers, so that each rule yields other series.

Bad:
    RecordingRule("job:up:sum", "sum by (job) (up)")
    RecordingRule("job:up:sum", "sum by (job) (up == 1)")

Good:
    RecordingRule("job:up:sum", "sum by (job) (up)")
    RecordingRule("job:up:sum", "sum by (job) (up == 1)", labels={"state": "healthy"})
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import RecordingRule, Rule, RuleFile
from obscode.checks.check import Context, check
from obscode.findings.code import Severity
from obscode.findings.finding import Finding
from obscode.model.definition import Definition
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse

_Rule = TypeVar("_Rule", bound=Rule)


@check((Artifacts, RuleFile))
def duplicate_record(value: Artifacts | RuleFile, context: Context) -> Iterator[Finding]:
    """Recording rules with the name and the labels of another."""
    for rule, first in repeated_rules(value, RecordingRule):
        message = f"{rule.name!r} is recorded twice with the same labels{first_at(first)}"
        hint = "rename one, or add different labels"
        yield rule.source.finding(duplicate_record, message, hint, at="record", severity=severity(value))


def severity(value: Artifacts | RuleFile) -> Severity:
    """A warning in files: Prometheus accepts them, and expressions of existing rules are often disjoint."""
    return "warning" if isinstance(value, RuleFile) else "error"


def repeated_rules(value: Artifacts | RuleFile, kind: type[_Rule]) -> Iterator[tuple[_Rule, _Rule]]:
    """Rules with the name and the labels of an earlier rule, each with that rule, in the order of the source.

    All rules of a compiled project are compared; of rule files that were read, those of each file.
    """
    if isinstance(value, RuleFile) and isinstance(value.source, Definition):
        return
    first_by_series: dict[tuple[str, frozenset[tuple[str, str]]], _Rule] = {}
    for rule in sorted((rule for rule in value.rules() if isinstance(rule, kind)), key=_position):
        first = first_by_series.setdefault((rule.name, frozenset(rule.labels.items())), rule)
        if first is not rule and not are_disjoint(rule, first):
            yield rule, first


def are_disjoint(one: Rule, other: Rule) -> bool:
    """True if matchers show that two rules of a file yield different series: `{verb="GET"}` and `{verb="POST"}`."""
    pinned = [_pinned_labels(rule) for rule in (one, other)]
    return any(label in pinned[1] and pinned[1][label] != value for label, value in pinned[0].items())


def _pinned_labels(rule: Rule) -> dict[str, str]:
    """Labels of the result that the only selector of an expression pins to one value."""
    try:
        query = parse(rule.expr)
    except PromQLError:
        return {}
    if len(query.selectors) != 1:
        return {}
    labels, matchers = query.labels, query.selectors[0].matchers
    return {m.label: m.value for m in matchers if m.op == "=" and (labels is None or m.label in labels)}


def first_at(rule: Rule) -> str:
    """Where the first of two rules is, as the end of a message."""
    span = rule.source.span()
    return f", the first at {span}" if span else ""


def _position(rule: Rule) -> tuple[str, int, int]:
    span = rule.source.span()
    return (span.file, span.line, span.column) if span else ("", 0, 0)
