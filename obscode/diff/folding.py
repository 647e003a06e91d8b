"""Changes that are one: copies of a thing, the same edit of several things, and what follows from another change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from obscode.diff.change import Change
from obscode.diff.sentences import listed

#: The kinds whose equal edits are one change, with their plural.
_PLURALS = {"SLO": "SLOs", "alert": "alerts", "record": "records"}
_MOST_NAMES = 8


def folded(changes: Iterable[Change]) -> list[Change]:
    """The changes, with one for each edit that several alerts, records and SLOs have."""
    result: list[Change] = []
    same: dict[object, list[Change]] = {}
    for change in without_consequences(list(without_copies(changes))):
        if change.kind in _PLURALS and change.action == "changed":
            same.setdefault(change.edits, []).append(change)
        else:
            result.append(change)
    result += (_one(group) if len(group) > 1 else group[0] for group in same.values())
    return result


def without_copies(changes: Iterable[Change]) -> Iterable[Change]:
    """One change for equal ones: a build has the same rules as files of Prometheus and in Kubernetes objects."""
    unique: dict[tuple[str, str, str], Change] = {}
    for change in changes:
        key = change.kind, change.name, change.sentence
        known = unique.get(key)
        effects = dict.fromkeys([*(known.effects if known else ()), *change.effects])
        unique[key] = replace(known or change, effects=tuple(effects))
    return unique.values()


# --- consequences ------------------------------------------------------------------------------------------------

_WORD = re.compile(r"[A-Za-z_:][\w:-]*|\d[\d.]*(?:e[+-]?\d+)?")
_CUT = '..."'
_DISPLAYS = frozenset(("panel", "variable", "dashboard", "annotation", "link"))


def without_consequences(changes: Sequence[Change]) -> list[Change]:
    """The changes without those that only follow a new name or a new number; their causes have them as an effect."""
    causes = [change for change in changes if change.names or change.numbers]
    following: dict[int, list[str]] = {}
    result = []
    for change in changes:
        cause = next((each for each in causes if each is not change and _follows(change, each)), None)
        if cause is None:
            result.append(change)
        else:
            following.setdefault(id(cause), []).append(change.sentence.partition(": ")[0])
    return [_with_followers(change, following.get(id(change), ())) for change in result]


def _follows(change: Change, cause: Change) -> bool:
    """Whether all edits of a change are the new names and numbers of another."""
    if change.action != "changed" or not change.edits or change.names or (change.numbers and not cause.names):
        return False
    values = dict(cause.names)
    if change.kind in _DISPLAYS:
        values |= cause.numbers

    return all(edit.before and edit.after and _is_same(edit.before, edit.after, values) for edit in change.edits)


def _is_same(before: str, after: str, values: Mapping[str, str]) -> bool:
    """Whether two texts differ in some words only; shortened ones, in the words that both have."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    is_cut = before.endswith(_CUT) or after.endswith(_CUT)
    if not is_cut and (len(old) != len(new) or _WORD.split(before) != _WORD.split(after)):
        return False
    *whole, last = list(zip(old, new, strict=False)) or [("", "")]
    if all(left == right for left, right in (*whole, last)):
        return False  # the words that differ are cut
    if not all(left == right or values.get(left) == right for left, right in whole):
        return False
    first, second = last
    parts = ((name[: len(first)], value[: len(second)]) for name, value in values.items())
    return first == second or values.get(first) == second or (is_cut and (first, second) in parts)


def _with_followers(change: Change, followers: Sequence[str]) -> Change:
    if not followers:
        return change
    verb = "follows" if len(followers) == 1 else "follow"
    subjects = listed([followers[0], *(each[0].lower() + each[1:] for each in followers[1:])], _MOST_NAMES)
    return replace(change, effects=(*change.effects, f"{subjects} {verb}."))


# --- the same edit -----------------------------------------------------------------------------------------------


def _one(changes: Sequence[Change]) -> Change:
    subjects = listed(_subjects(changes))
    first = min(changes, key=lambda change: change.rank)
    sentence = f"{subjects[0].upper()}{subjects[1:]}: {listed(map(str, first.edits))}."
    effects = tuple(dict.fromkeys(effect for change in changes for effect in change.effects))
    names = ", ".join(change.name for change in changes)
    return replace(first, name=names, sentence=sentence, effects=effects, count=sum(each.count for each in changes))


def _subjects(changes: Sequence[Change]) -> Iterator[str]:
    """`SLO shop/latency`, `3 alerts A, B and C`."""
    for kind, plural in _PLURALS.items():
        names = [change.name for change in changes if change.kind == kind]
        if len(names) == 1:
            yield f"{kind} {names[0]}"
        elif names:
            yield f"the {len(names)} {plural} {listed(names, _MOST_NAMES)}"
