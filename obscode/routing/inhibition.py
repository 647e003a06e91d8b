"""Inhibition: whether an alert mutes another.

As https://github.com/prometheus/alertmanager/blob/main/inhibit/inhibit.go: the source and the target match the
matchers of their side, and have the same value of each label of `equal`, where no label is a value, too. An alert that
matches both sides is not muted by another one that does.
"""

from __future__ import annotations

from obscode.artifacts.alertmanager import InhibitRule
from obscode.routing.alert_labels import AlertLabels, every
from obscode.routing.tree import matchers_in


def is_source(rule: InhibitRule, labels: AlertLabels) -> bool | None:
    """Whether alerts match the source side."""
    return labels.matches(matchers_in(rule.source_matchers))


def is_target(rule: InhibitRule, labels: AlertLabels) -> bool | None:
    """Whether alerts match the target side."""
    return labels.matches(matchers_in(rule.target_matchers))


def mutes(rule: InhibitRule, source: AlertLabels, target: AlertLabels) -> bool | None:
    """Whether alerts of one rule mute those of another while both fire: all of them, none, or some (None)."""
    sides = every([is_source(rule, source), is_target(rule, target)])
    if sides is False:
        return False
    both = every([is_source(rule, target), is_target(rule, source)])
    if both is True:
        return False
    return every([sides, *(have_equal(label, source, target) for label in rule.equal), True if both is False else None])


def have_equal(label: str, one: AlertLabels, other: AlertLabels) -> bool | None:
    """Whether alerts have the same value of a label, or both lack it."""
    values, others = one.values_of(label), other.values_of(label)
    if values is None or others is None:
        lacks = next((each for each in (values, others) if each is not None), None)
        exists = one.exists(label) if values is None else other.exists(label)
        return False if lacks == frozenset({""}) and exists else None
    if len(values) == len(others) == 1:
        return values == others
    return None if values & others else False
