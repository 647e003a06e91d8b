"""The shape of an SLO's rules: the rules with placeholders for what is the SLO's own.

SLOs of one shape have the same rules except for names, so the tests of one SLO are the tests of all. The shape is
computed from the rules that are written, not from the arguments of the SLO: whatever differs and has no placeholder
gives another shape. A placeholder stands for

- the labels `service` and `slo`, also in selectors, and the names of groups and alerts;
- the values of other labels, such as `owner`, and annotations, which no generated test reads;
- the expressions that count events of raw series alone: they are the SLI's, and have tests of their own for each SLO;
- selectors of raw series in other expressions, numbered, so that equal ones stay equal;
- the error budget where it is a divisor, and the objective: the rules are linear in it. The tests of one objective
  prove the factors, and the text that stands for the budget is compared for each SLO.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256

from obscode.artifacts.rules import AlertingRule, Rule, RuleGroup
from obscode.compiler.slo_plan import SloPlan
from obscode.model import naming
from obscode.model.numbers import format_decimal

_MARK = "\0"  # in no rule: YAML and PromQL reject it
_SELECTOR = re.compile(r"([A-Za-z_:][A-Za-z0-9_:]*\{[^{}]*\})")
_COUNTS = "slo:events_"
_SHARED_LABELS = ("severity", "period")
"""Labels whose values belong to the shape."""


def shape(plan: SloPlan, groups: Sequence[RuleGroup]) -> str:
    """A digest that SLOs with the same rules, except for names, share."""
    if any(_MARK in text for group in groups for rule in group.rules for text in (rule.expr, *rule.labels.values())):
        return plan.name
    canonical = _Placeholders(plan)
    text = [",".join(plan.slo.sli.by), plan.interval, plan.slow_interval]
    for group in groups:
        text += canonical.group(group)
    return sha256("\x01".join(text).encode()).hexdigest()


class _Placeholders:
    """Replaces what is an SLO's own by texts that occur nowhere else, so that equal results have equal rules."""

    def __init__(self, plan: SloPlan) -> None:
        self._prefix = naming.camel(plan.service.name) + naming.camel(plan.slo.name)
        self._group = naming.slo_group(plan.service.name, plan.slo.name)
        self._identity = plan.identity
        self._plan, self._matchers = plan, _identity_matchers(plan)
        self._budget, self._target = format_decimal(plan.slo.budget()), format_decimal(plan.slo.target())
        self._selectors: dict[str, str] = {}

    def group(self, group: RuleGroup) -> list[str]:
        """The texts of a group: its name, its interval and settings, and those of its rules."""
        head = [_replace_prefix(group.name, self._group), group.interval, repr(dict(group.settings))]
        return [*head, *(text for rule in group.rules for text in self._rule(rule))]

    def _rule(self, rule: Rule) -> list[str]:
        expr = f"{_MARK}events" if counts_raw_events(self._plan, rule) else self._expr(rule.expr)
        labels = [f"{name}={self._label(name, value)}" for name, value in rule.labels.items()]
        if isinstance(rule, AlertingRule):
            return [_replace_prefix(rule.name, self._prefix), expr, *labels, rule.for_, rule.keep_firing_for]
        return [rule.name, expr, *labels]

    def _expr(self, expr: str) -> str:
        parts = list(_split(expr.replace(self._matchers, f"{_MARK}slo"), self._budget, self._target))
        for i in range(1, len(parts), 2):
            parts[i] = self._selector(parts[i])
        return "".join(parts)

    def _selector(self, text: str) -> str:
        return text if _MARK in text else self._selectors.setdefault(text, f"{_MARK}series{len(self._selectors)}")

    def _label(self, name: str, value: str) -> str:
        if name in _SHARED_LABELS or "{{" in value:
            return value
        is_identity = self._identity.get(name, value) == value
        return f"{_MARK}{name}" if is_identity else value


@lru_cache(maxsize=4096)  # with a placeholder for the SLO, most expressions of SLOs are the same
def _split(expr: str, budget: str, target: str) -> Sequence[str]:
    """The expression with placeholders for its numbers: texts, and the selectors between them."""
    number = re.escape(budget)
    numbers = rf"(?<=/ ){number}(?![\w.])|(?<=/\n){number}(?![\w.])|(?<=vector\(){number}(?=\))"
    expr = re.sub(numbers, f"{_MARK}budget", expr).replace(f"vector({target})", f"vector({_MARK}objective)")
    return _SELECTOR.split(expr)


def counts_raw_events(plan: SloPlan, rule: Rule) -> bool:
    """Whether a rule counts the events of the SLI, and reads no recorded series of the SLO."""
    return rule.name.startswith(_COUNTS) and _identity_matchers(plan) not in rule.expr


def _identity_matchers(plan: SloPlan) -> str:
    """`service="shop",slo="latency"`, as in the selectors of all rules."""
    return str(plan.series("")).strip("{}")


def _replace_prefix(name: str, prefix: str) -> str:
    return f"{_MARK}name{name.removeprefix(prefix)}" if name.startswith(prefix) else name
