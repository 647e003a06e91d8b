"""Mutants: rule groups with one change, of a factor, a window, a label or an operator."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from obscode.artifacts.rules import Rule, RuleGroup
from obscode.promql import duration

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
_TOKEN = re.compile(
    r"""(?P<string>"(?:\\.|[^"\\])*")"""
    r"""|(?P<window>\[[^\]]+\])"""
    r"""|(?P<name>[A-Za-z_:][A-Za-z0-9_:.]*)"""
    r"""|(?P<number>\d+(?:\.\d+)?)"""
    r"""|(?P<operator>>=|<=|==|!=|=~|!~|[-+*/<>])"""
    r"""|(?P<rest>\s+|.)"""
)


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
    tokens = [(m.lastgroup or "", m[0]) for m in _TOKEN.finditer(rule.expr)]
    for i, (kind, text) in enumerate(tokens):
        for other in _replacements(kind, text):
            expr = "".join(t for _, t in [*tokens[:i], (kind, other), *tokens[i + 1 :]])
            yield f"{text} becomes {other}", replace(rule, expr=expr)
    for label, value in rule.labels.items():
        yield f"label {label} becomes mutated", replace(rule, labels={**rule.labels, label: f"{value}-mutated"})


def _replacements(kind: str, text: str) -> Iterator[str]:
    if kind == "string" and len(text) > 2:
        yield f'{text[:-1]}-mutated"'
    elif kind == "window":
        yield from _windows(text)
    elif kind == "number":
        yield from _numbers(text)
    elif text in _OPERATORS:
        yield _OPERATORS[text]


def _windows(text: str) -> Iterator[str]:
    window, colon, step = text[1:-1].partition(":")
    length = duration.milliseconds(window)
    yield f"[{duration.format_duration(length // 2)}{colon}{step}]"
    yield f"[{duration.format_duration(length * 2)}{colon}{step}]"


def _numbers(text: str) -> Iterator[str]:
    """10 % less and more; 50 % for small integers, where 10 % may not change any result (a count, a threshold)."""
    value = float(text)
    if value:
        times = (0.5, 1.5) if value == int(value) and value <= 100 else (0.9, 1.1)
        yield from (f"{value * t:.10g}" for t in times)
