"""Changes that are one: copies of a thing, and the same edit of several things."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
    for change in without_copies(changes):
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
