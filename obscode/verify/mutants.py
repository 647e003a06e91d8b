"""Mutants: rule groups with one change, of a factor, a window, a label or an operator."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from obscode.artifacts.rules import Rule, RuleGroup
from obscode.promql import duration
from obscode.promql.tokens import Token, tokenize

_OPERATORS = {
    ">": "<",
    "<": ">",
    ">=": "<",
    "<=": ">",
    "/": "*",
    "*": "/",
    "-": "+",
    "+": "-",
    "and": "or",
    "or": "and",
}
_DURATION = re.compile(r"(?:\d+(?:ms|[smhdwy]))+")


@dataclass(frozen=True)
class Mutant:
    """Rule groups with one change; ``change`` describes it: `shop:errors:rate5m: 5m becomes 10m`."""

    change: str
    groups: Sequence[RuleGroup]


def mutants(groups: Sequence[RuleGroup]) -> Iterator[Mutant]:
    """A mutant for each change of one token or one label of one rule."""
    for g, group in enumerate(groups):
        for r, rule in enumerate(group.rules):
            for change, mutated in _mutations(rule):
                rules = [*group.rules[:r], mutated, *group.rules[r + 1 :]]
                changed = [*groups[:g], replace(group, rules=rules), *groups[g + 1 :]]
                yield Mutant(f"{rule.name}: {change}", changed)


def _mutations(rule: Rule) -> Iterator[tuple[str, Rule]]:
    tokens = list(tokenize(rule.expr))
    steps = {token.start for before, token in pairwise(tokens) if before.text == ":"}  # of subqueries
    for token in (token for token in tokens if token.start not in steps):
        for other in _replacements(token):
            expr = rule.expr[: token.start] + other + rule.expr[token.end :]
            yield f"{token.text} becomes {other}", replace(rule, expr=expr)
    for label, value in rule.labels.items():
        yield f"label {label} becomes mutated", replace(rule, labels={**rule.labels, label: f"{value}-mutated"})


def _replacements(token: Token) -> Iterator[str]:
    if token.kind == "string" and len(token.text) > 2:
        yield f"{token.text[:-1]}-mutated{token.text[-1]}"
    elif token.kind == "number":
        yield from _durations(token.text) if _DURATION.fullmatch(token.text) else _numbers(token.text)
    elif token.text in _OPERATORS:
        yield _OPERATORS[token.text]


def _durations(text: str) -> Iterator[str]:
    length = duration.milliseconds(text)
    yield duration.format_duration(length // 2)
    yield duration.format_duration(length * 2)


def _numbers(text: str) -> Iterator[str]:
    """10 % less and more; 50 % for small integers, where 10 % may not change any result (a count, a threshold)."""
    value = float(int(text, 16) if text.lower().startswith("0x") else text)
    if value:
        factors = (0.5, 1.5) if value == int(value) and value <= 100 else (0.9, 1.1)
        yield from (f"{value * factor:.10g}" for factor in factors)
