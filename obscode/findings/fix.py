"""The certain remedy of a finding: one replacement of text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fix:
    """What `obscode check --fix` writes.

    Attributes:
        before: the text with which the span of the finding begins; one line.
        after: what replaces it; without quotes and backslashes, so that it means the same in YAML, JSON and Python.
    """

    before: str
    after: str

    @property
    def is_plain(self) -> bool:
        """Whether the replacement means the same in every kind of file."""
        return bool(self.before) and "\n" not in self.before and not any(c in self.after for c in "\"'\\\r\n")

    def applies_to(self, text: str) -> bool:
        """Whether a text begins with what is replaced, and no word goes on behind it."""
        behind = text[len(self.before) : len(self.before) + 1]
        goes_on = _is_word(self.before[-1:]) and _is_word(behind)
        return self.is_plain and text.startswith(self.before) and not goes_on


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"
