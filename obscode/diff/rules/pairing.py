"""The same rule on both sides: by name and labels, else by the meaning of its expression."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from obscode.artifacts.rules import AlertingRule
from obscode.diff.expressions.differences import differences
from obscode.diff.expressions.normal_form import size
from obscode.diff.expressions.places import VALUES
from obscode.diff.pairs import Pairs, pairs
from obscode.diff.rules.located import LocatedRule

#: More comparisons of removed with added rules would take minutes.
_MOST = 200_000
_RENAMED = 0.7


def pair_rules(before: Sequence[LocatedRule], after: Sequence[LocatedRule]) -> Pairs[LocatedRule]:
    """Rules of one name and the same labels, then of one name, then renamed ones."""
    exact = pairs(
        before,
        after,
        [
            lambda each: (each.identity, each.rule.expr, each.group.name, each.file, each.details),
            lambda each: (each.identity, each.rule.expr, each.group.name, each.details),
            lambda each: (each.identity, each.meaning, each.group.name, each.details),
            lambda each: (each.identity, each.meaning, each.details),
            lambda each: (each.identity, each.meaning, each.group.name),
            lambda each: (each.identity, each.meaning),
            lambda each: (each.identity, each.group.name, each.file),
            lambda each: (each.identity, each.group.name),
            lambda each: each.identity,
            lambda each: (each.kind, each.rule.name, each.meaning, each.file),
        ],
    )
    named = _similar(exact.removed, exact.added, 0.0, by_name=True)
    renamed = _similar(named.removed, named.added, _RENAMED, by_name=False)
    return Pairs([*exact.both, *named.renamed], renamed.renamed, renamed.removed, renamed.added)


def _similar(
    before: Sequence[LocatedRule], after: Sequence[LocatedRule], at_least: float, *, by_name: bool
) -> Pairs[LocatedRule]:
    if not by_name and len(before) * len(after) > _MOST:
        return pairs(before, after, [])

    def features(rule: LocatedRule) -> Sequence[object]:
        if by_name:
            return [(rule.kind, rule.rule.name)]
        return [(rule.kind, metric) for metric in rule.metrics] or [(rule.kind, rule.meaning)]

    return pairs(before, after, [], similarity, at_least, features)


def similarity(before: LocatedRule, after: LocatedRule) -> float:
    """From 0 to 1: how much two rules are alike, in expression, labels, annotations and name."""
    expression = _of_expressions(before, after)
    labels = _of_sets(set(before.labels), set(after.labels))
    names = SequenceMatcher(None, before.rule.name, after.rule.name).ratio()
    old, new = before.rule, after.rule
    if isinstance(old, AlertingRule) and isinstance(new, AlertingRule):
        texts = _of_sets(set(old.annotations.items()), set(new.annotations.items()))
        return 0.5 * expression + 0.15 * labels + 0.2 * texts + 0.15 * names
    return 0.7 * expression + 0.1 * labels + 0.2 * names


def _of_expressions(before: LocatedRule, after: LocatedRule) -> float:
    if before.meaning == after.meaning:
        return 1.0
    if before.tree is None or after.tree is None:
        return SequenceMatcher(None, before.rule.expr, after.rule.expr).quick_ratio() / 2
    weight = sum(each.weight for each in differences(before.tree, after.tree, VALUES))
    return max(0.0, 1 - weight / max(size(before.tree), size(after.tree)))


def _of_sets(before: set[tuple[str, str]], after: set[tuple[str, str]]) -> float:
    return len(before & after) / len(before | after) if before | after else 1.0
