"""Inhibition rules, by the alerts that they mute and those that mute."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.artifacts.alertmanager import InhibitRule
from obscode.diff.change import Change, Edit
from obscode.diff.pairs import pairs
from obscode.diff.sentences import edit, listed, sentence
from obscode.promql.selector import Matcher
from obscode.routing.tree import matchers_in


def inhibition_changes(before: Sequence[InhibitRule], after: Sequence[InhibitRule], place: str) -> Iterator[Change]:
    """The changes of inhibition rules."""
    same = pairs(
        before,
        after,
        [
            lambda each: (_sides(each), tuple(sorted(each.equal))),
            _sides,
            lambda each: each.name or None,
            lambda each: _sides(each)[0],
            lambda each: _sides(each)[1],
        ],
    )
    for old, new in same.both:
        if edits := list(_edits(old, new)):
            text = sentence(f"Inhibition of {_text(old)}{place}", edits)
            yield Change("inhibition", _text(new), text, "changed", edits=edits, source=new.source)
    for old in same.removed:
        text = f"{_who(_sides(old)[0])} no longer mute {_who(_sides(old)[1])}{_equal(old)}{place}."
        yield Change("inhibition", _text(old), _upper(text), "stricter", "removed", source=old.source)
    for new in same.added:
        text = f"{_who(_sides(new)[0])} mute {_who(_sides(new)[1])}{_equal(new)}{place}."
        yield Change("inhibition", _text(new), _upper(text), "weaker", "added", source=new.source)


def _sides(rule: InhibitRule) -> tuple[tuple[Matcher, ...], tuple[Matcher, ...]]:
    source, target = (matchers_in(texts) for texts in (rule.source_matchers, rule.target_matchers))
    return tuple(sorted(source, key=str)), tuple(sorted(target, key=str))


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _who(matchers: Sequence[Matcher]) -> str:
    return f"alerts with {listed(map(str, matchers))}" if matchers else "all alerts"


def _equal(rule: InhibitRule) -> str:
    return f" that have the same {listed(sorted(rule.equal))}" if rule.equal else ""


def _text(rule: InhibitRule) -> str:
    source, target = _sides(rule)
    return f"{_who(target)} by {_who(source)}"


def _edits(old: InhibitRule, new: InhibitRule) -> Iterator[Edit]:
    for what, index in (("source", 0), ("target", 1)):
        sides = _sides(old)[index], _sides(new)[index]
        if sides[0] != sides[1]:
            yield edit(what, (listed(map(str, side)) or "all alerts" for side in sides))
    labels = [tuple(sorted(each.equal)) for each in (old, new)]
    if labels[0] != labels[1]:
        yield edit("equal", (listed(names) or "no label" for names in labels))
