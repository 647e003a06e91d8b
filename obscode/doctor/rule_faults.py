"""Rules that Prometheus does not have, that fail, or that take too long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import Rule, RuleGroup
from obscode.doctor.observations import Observations, RunningGroup
from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.findings.source import Source

FAILING_RULE = Code(
    "failing-rule",
    "Prometheus evaluates each rule without an error.",
    why="A rule that fails records nothing and does not alert; only the page of rules and the log say so.",
    bad="a join with several series on each side",
    good="a join with on(...) that leaves one series on one side",
)
MISSING_GROUP = Code(
    "missing-group",
    "The running Prometheus has the groups of rules of the project.",
    why="The alerts of a group that is not loaded cannot fire.",
    bad="a new rule file that no pattern of rule_files matches",
    good="rule_files: [rules/*.yml], and a reload of Prometheus",
)
SLOW_GROUP = Code(
    "slow-group",
    "Prometheus evaluates a group of rules within its interval.",
    severity="warning",
    why="Prometheus skips evaluations, so recorded series have gaps and alerts are late.",
    bad="a group with an interval of 15s whose evaluation takes 20 s",
    good="an interval of 1m, or recording rules for the expensive parts",
)


def rule_faults(observations: Observations, artifacts: Artifacts) -> Iterator[Finding]:
    """Groups of the project that Prometheus lacks; rules that fail and groups that are slow."""
    state = observations.prometheus
    if state is None:
        return
    groups = {group.name: group for file in artifacts.rule_files for group in file.groups if group.rules}
    running = {group.name for group in state.groups}
    for name, group in groups.items():
        if name not in running:
            hint = "copy the built rules to a path that rule_files names, and reload Prometheus"
            yield _source(group).finding(MISSING_GROUP, f"{state.url} has no group of rules {name!r}", hint)
    for each in state.groups:
        yield from _of_group(each, groups)


def _source(group: RuleGroup) -> Source:
    return group.source or group.rules[0].source


def _of_group(group: RunningGroup, groups: Mapping[str, RuleGroup]) -> Iterator[Finding]:
    own = groups.get(group.name)
    rules: Mapping[str, Rule] = {rule.name: rule for rule in own.rules} if own else {}
    for rule in group.rules:
        if rule.health == "err":
            message = f"the rule {rule.name} of the group {group.name!r} fails: {rule.error}"
            source = rules[rule.name].source if rule.name in rules else None
            yield _at(source, FAILING_RULE, message, _remedy(rule.error), "expr")
    if group.duration > group.interval:
        message = f"the group {group.name!r} takes {group.duration:.1f} s, its interval is {group.interval:g} s"
        hint = "raise the interval, or record expensive parts once; `obscode cost --by rule` lists them"
        yield _at(_source(own) if own else None, SLOW_GROUP, message, hint)


def _at(source: Source | None, code: Code, message: str, hint: str, part: str = "") -> Finding:
    return source.finding(code, message, hint, at=part) if source else Finding(code, message, hint, None, code.severity)


def _remedy(error: str) -> str:
    if "many-to-many" in error or "multiple matches" in error or "duplicate series" in error:
        return "aggregate both sides with `by` to the labels of on(...), so that one series of one side matches"
    if "labelset" in error or "duplicate" in error:
        return "keep a label that tells the results apart: two series would have the same labels"
    if "too many samples" in error or "timed out" in error or "timeout" in error:
        return "record expensive parts in a rule of their own, or read a shorter window"
    return "run the expression in the Prometheus UI"
