"""A change of one thing: a rule, an SLO, a panel, a receiver, a scrape job, an object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from obscode.findings.secret_text import masked
from obscode.findings.source import Source

Action = Literal["added", "removed", "renamed", "changed"]
Risk = Literal["lost", "weaker", "broken", "history", "changed", "stricter", "text", "layout"]

#: The classes of changes, the riskiest first, with what they mean.
RISKS: Mapping[Risk, str] = {
    "lost": "no longer detected, or nobody is notified: an alert, a receiver or a target is removed or muted",
    "weaker": "detected later or not always: an alert is slower or less sensitive, an objective is lower",
    "broken": "something reads what no longer exists: a panel, an alert, a record, a link",
    "history": "data or silences stay with an old name: recorded series, labels or uids are renamed",
    "changed": "the behaviour differs in no certain direction: another expression, route or query",
    "stricter": "more is detected or displayed: an alert, a panel or a target is added, an objective is higher",
    "text": "only what people read differs: annotations, titles, descriptions, units, colours",
    "layout": "only the place of panels differs; reported on request",
}


@dataclass(frozen=True)
class Edit:
    """One value of a thing before and after; None where it is absent. Both are short texts for people.

    Attributes:
        what: the name of the value: `threshold`, `for`, `label team`.
        before: the value before.
        after: the value after.
        risk: what this means by itself.
        of: the part of the thing that has the value, where several have one: a metric of an expression.
    """

    what: str
    before: str | None
    after: str | None
    risk: Risk = "changed"
    of: str = ""

    def __str__(self) -> str:
        place = f" in {self.of}" if self.of else ""
        if self.before is None or self.after is None:
            verb = "added" if self.before is None else "removed"
            return " ".join(filter(None, [self.what, self.before, self.after, verb])) + place
        return f"{self.what} {self.before} -> {self.after}{place}"


@dataclass(frozen=True)
class Change:
    """What happens to one thing.

    Attributes:
        kind: the kind of the thing: `alert`, `record`, `SLO`, `panel`, `receiver`, `scrape job`.
        name: the thing, as people name it; with what contains it where the name alone is ambiguous.
        sentence: the whole change in one sentence, which ends with a full stop.
        risk: its class, one of ``RISKS``.
        action: what happens to the thing.
        edits: the values that change; empty for a thing that is added or removed.
        source: the thing after, or before if it is removed.
        effects: what follows elsewhere, one sentence each: what reads a removed thing, which history is lost.
        count: how many generated things the change stands for, such as the rules of an SLO.
        names: names before and after by which other things refer to it; what differs in them only is no own change.
        numbers: the same for numbers that panels display.
    """

    kind: str
    name: str
    sentence: str
    risk: Risk
    action: Action = "changed"
    edits: Sequence[Edit] = ()
    source: Source | None = field(default=None, compare=False, repr=False)
    effects: Sequence[str] = ()
    count: int = 1
    names: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # A sentence may quote a value, and it is published in a pull request.
        object.__setattr__(self, "sentence", masked(self.sentence))
        object.__setattr__(self, "edits", tuple(map(_masked, self.edits)))

    @property
    def rank(self) -> int:
        """The place of its class in ``RISKS``: 0 is the riskiest."""
        return list(RISKS).index(self.risk)

    @property
    def place(self) -> str:
        """`rules.yml:12`, or empty if the thing was not written in a file."""
        span = self.source.span() if self.source else None
        return f"{span.file}:{span.line}" if span else ""


def _masked(edit: Edit) -> Edit:
    before, after = (text and masked(text) for text in (edit.before, edit.after))
    return replace(edit, before=before, after=after)
