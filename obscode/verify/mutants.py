"""Mutants: rules with one change, of a factor, a window, a label or an operator."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from obscode.artifacts.rules import Rule, RuleGroup
from obscode.promql import duration
from obscode.promql.tokens import BLANK, Token, tokenize, unquote

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
_NO_LABELS: Mapping[str, str] = MappingProxyType({})
_LONGEST_OPERATOR = len("unless")
_DURATION = re.compile(r"(?:\d+(?:ms|[smhdwy]))+")


@dataclass(frozen=True)
class Mutant:
    """A rule with one change.

    Attributes:
        original: the rule of the groups that are tested.
        mutated: the same rule with the change.
        change: what changed, such as `shop:errors:rate5m: 5m becomes 10m`.
        line: the line of the expression with the change, or the label.
    """

    original: Rule
    mutated: Rule
    change: str
    line: str


def mutants(
    groups: Sequence[RuleGroup], under_test: Collection[str] = (), own_labels: Mapping[str, str] = _NO_LABELS
) -> Iterator[Mutant]:
    """A mutant for each change of one token or one label of the rules under test, by default of all rules.

    ``own_labels`` and matchers for them are not changed: obscode adds them to every rule.
    """
    for rule in (rule for group in groups for rule in group.rules if not under_test or rule.name in under_test):
        for change, mutated, line in _mutations(rule, own_labels):
            yield Mutant(rule, mutated, f"{rule.name}: {change}", line)


def _mutations(rule: Rule, own_labels: Mapping[str, str]) -> Iterator[tuple[str, Rule, str]]:
    tokens = [token for token in tokenize(rule.expr) if token.kind not in BLANK]
    before: tuple[str, str] = ("", "")
    for token in tokens:
        for other in () if _is_fixed(token, *before, own_labels) else _replacements(token):
            expr = rule.expr[: token.start] + other + rule.expr[token.end :]
            yield f"{token.text} becomes {other}", replace(rule, expr=expr), _line(expr, token.start)
        before = before[1], token.text
    for label, value in rule.labels.items():
        if own_labels.get(label) == value:
            continue
        mutated = f"{value}-mutated"
        changed = replace(rule, labels={**rule.labels, label: mutated})
        yield f"label {label} becomes mutated", changed, f"{label}: {mutated}"


def _is_fixed(token: Token, name: str, operator: str, own_labels: Mapping[str, str]) -> bool:
    """Whether a change of a token, after two others, is no mutant: it changes no result, or a label of obscode's."""
    is_own = operator == "=" and token.kind == "string" and own_labels.get(name) == unquote(token.text)
    is_step = operator == ":"  # of a subquery
    is_zero = operator == "0" and token.text == "*"  # 0 * x and 0 / x
    return is_own or is_step or is_zero


def _line(expr: str, position: int) -> str:
    """The line of an expression that holds a position; with its neighbours if it is an operator alone."""
    lines = [line.strip() for line in expr.split("\n")]
    number = expr.count("\n", 0, position)
    if len(lines[number]) > _LONGEST_OPERATOR:
        return lines[number]
    return " ".join(lines[max(0, number - 1) : number + 2])


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
