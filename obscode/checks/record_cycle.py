"""Recording rules do not read each other in a circle, and a rule reads what is recorded before it.

Why: rules of a group are evaluated in their order. A rule that reads a later one gets the value of the previous
evaluation, and nothing at first. In a circle, each value depends on an old value of itself.

Bad:
    RecordingRule("job:x:a", "max by (job) (job:x:b)")
    RecordingRule("job:x:b", "max by (job) (job:x:a)")

Good:
    RecordingRule("job:x:a", "max by (job) (x)")
    RecordingRule("job:x:b", "max by (job) (job:x:a)")
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from obscode.artifacts.rules import RecordingRule, Rule, RuleFile, RuleGroup
from obscode.checks.check import Context, check
from obscode.findings.finding import Finding
from obscode.model.slo import SLO
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse_tree
from obscode.promql.syntax_tree import Node, Subquery, VectorSelector


@check(RuleFile)
def record_cycle(file: RuleFile, context: Context) -> Iterator[Finding]:
    """Recording rules of a file that read each other."""
    written = (rule for rule in file.rules() if isinstance(rule, RecordingRule) and not isinstance(rule.source, SLO))
    rules = {rule.name: rule for rule in written}
    read = {name: [each for each in _names(rule) if each in rules and each != name] for name, rule in rules.items()}
    reported: set[str] = set()
    for name in read:
        path = [] if name in reported else _circle(name, read)
        if path:
            reported |= set(path)
            message = f"recording rules read each other in a circle: {' -> '.join([*path, path[0]])}"
            yield rules[name].source.finding(record_cycle, message, "record one of them from other series", at="expr")


@check(RuleGroup, severity="warning", docstring=__doc__ or "")
def record_order(group: RuleGroup, context: Context) -> Iterator[Finding]:
    """Rules that read a series that a later rule of their group records."""
    later = {rule.name: i for i, rule in enumerate(group.rules) if isinstance(rule, RecordingRule)}
    for i, rule in enumerate(group.rules):
        if isinstance(rule.source, SLO):
            continue
        for name in _names(rule):
            if later.get(name, -1) > i and name != rule.name:
                message = f"{rule.name} reads {name!r}, which a later rule of the group {group.name} records"
                hint = f"move {name} before it; it reads the value of the previous evaluation"
                yield rule.source.finding(record_order, message, hint, at="expr")


def _names(rule: Rule) -> Sequence[str]:
    """The names of the series whose present values a rule reads, each once.

    Earlier values are read with a window or an offset: a rule that adds to its own value of an hour ago is no mistake.
    """
    try:
        return list(dict.fromkeys(_present(parse_tree(rule.expr))))
    except PromQLError:
        return []


def _present(node: Node) -> Iterator[str]:
    if isinstance(node, VectorSelector):
        yield from [] if node.selector.window or node.offset or node.at is not None else [node.selector.metric]
    elif not isinstance(node, Subquery):
        for child in node.children:
            yield from _present(child)


def _circle(start: str, read: Mapping[str, Sequence[str]]) -> list[str]:
    """The names from ``start`` back to it; empty if no path leads there."""
    paths, seen = [[start]], {start}
    while paths:
        path = paths.pop()
        for name in read[path[-1]]:
            if name == start:
                return path
            if name not in seen:
                seen.add(name)
                paths.append([*path, name])
    return []
