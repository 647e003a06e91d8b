"""A part of an expression that differs."""

from __future__ import annotations

from typing import NamedTuple

from obscode.diff.change import Risk


class Difference(NamedTuple):
    """A part that differs; None where it is absent.

    Attributes:
        what: the kind of the part: `threshold`, `window`, `matcher`.
        before: its text before.
        after: its text after.
        of: the selector that it belongs to, without its window, or empty.
        risk: what it means for an alert.
        weight: how much of the expression it is, in parts of a tree.
    """

    what: str
    before: str | None
    after: str | None
    of: str = ""
    risk: Risk = "changed"
    weight: float = 1
