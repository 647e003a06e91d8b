"""Groups of many rules as several groups, for rulers that limit the rules of a group."""

from __future__ import annotations

from collections.abc import Sequence

from obscode.artifacts.evaluation_order import rules_read_before
from obscode.artifacts.rules import Rule, RuleGroup


def group_parts(group: RuleGroup, most: int) -> list[Sequence[Rule]]:
    """The rules of a group in parts of at most ``most`` rules; one part if they are no more, or without a limit.

    Rules that read each other stay in one part, in their order. Where they are too many for one, the later parts read
    values of the previous evaluation (`late_reads`).
    """
    if not most or len(group.rules) <= most:
        return [group.rules]
    parts: list[list[int]] = []
    for connected in _connected(group):
        for start in range(0, len(connected), most):
            some = connected[start : start + most]
            room = next((part for part in parts if len(part) + len(some) <= most), None)
            if room is None:
                parts.append(room := [])
            room += some
    return [[group.rules[place] for place in sorted(part)] for part in sorted(parts, key=min)]


def late_reads(group: RuleGroup, most: int) -> list[tuple[Rule, Rule]]:
    """The rules that read a rule of another part, with that rule."""
    part_of = {id(rule): number for number, part in enumerate(group_parts(group, most)) for rule in part}
    read = rules_read_before(group)
    pairs = [(group.rules[place], group.rules[other]) for place in range(len(read)) for other in sorted(read[place])]
    return [(rule, other) for rule, other in pairs if part_of[id(rule)] != part_of[id(other)]]


def _connected(group: RuleGroup) -> list[list[int]]:
    """The places of the rules, together with those that they read directly or through others."""
    own = list(range(len(group.rules)))
    for place, others in enumerate(rules_read_before(group)):
        for other in others:
            old, new = own[place], own[other]
            own = [new if each == old else each for each in own]
    return [[place for place, each in enumerate(own) if each == first] for first in dict.fromkeys(own)]
