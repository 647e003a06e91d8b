"""Suggestions for names that are close to a known one."""

from __future__ import annotations

import re
from collections.abc import Iterable

# The longest name that is compared; the time grows with the product of the lengths.
_LONGEST = 200
# Words and numbers of a value, and what is between them.
_WORD = re.compile(r"[^\W\d_]+|\d+|[\W_]+")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint with the closest known name, or two that are equally close, or an empty string.

    A name is close if it has the same letters in another case, or if few letters are added, left out, changed or
    swapped: one in four, at least one. `honor_labels` is not close to `labels`.
    """
    near = _closest(word, known)
    return f"did you mean {' or '.join(repr(name) for name in near[:2])}?" if near else ""


def likely_typo(value: str, known: Iterable[str]) -> str:
    """The known label value or name that another one is a likely typo of, or an empty string.

    Values often differ on purpose in a digit or in a short word: `eu-1` and `eu-2`, `team-a` and `team-b`, `dev` and
    `dew`. So they must have the same letters in another case, or one letter of a longer word must be added, left out,
    changed or swapped with its neighbour.
    """
    return next((name for name in sorted(set(known)) if name != value and _is_typo(value, name)), "")


def _is_typo(value: str, name: str) -> bool:
    if value.casefold() == name.casefold():
        return True
    parts, others = (_WORD.findall(text) for text in (value, name))
    if len(parts) != len(others):
        return False
    differing = [(part, other) for part, other in zip(parts, others, strict=True) if part != other]
    return len(differing) == 1 and _are_similar(*differing[0])


def _are_similar(word: str, other: str) -> bool:
    if not (word.isalpha() and other.isalpha()) or max(len(word), len(other)) > _LONGEST:
        return False
    doubled = re.sub(r"(.)\1", r"\1", word) == other or re.sub(r"(.)\1", r"\1", other) == word
    shortest = 3 if doubled else 4
    return min(len(word), len(other)) >= shortest and edit_distance(word.casefold(), other.casefold(), 1) == 1


def _closest(word: str, known: Iterable[str]) -> list[str]:
    if not word or len(word) > _LONGEST:
        return []
    most = max(1, len(word) // 4)
    distances = {}
    for name in sorted(set(known)):
        if name and name != word and abs(len(name) - len(word)) <= most and len(name) > 1:
            distances[name] = edit_distance(word.casefold(), name.casefold(), most)
    least = min(distances.values(), default=most + 1)
    return [name for name, distance in distances.items() if distance == least <= most]


def edit_distance(one: str, other: str, most: int = _LONGEST) -> int:
    """How many letters are added, left out, changed or swapped with their neighbour between two texts.

    Where they are more than ``most``, the result is any number above it.
    """
    one, other = _without_shared_ends(one, other)
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, another in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != another))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == another:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most and min(before) > most:  # two rows, since letters can be swapped
            return most + 1
    return row[-1]


def _without_shared_ends(one: str, other: str) -> tuple[str, str]:
    """Two texts without the letters that both begin and end with."""
    shortest = min(len(one), len(other))
    start = next((i for i in range(shortest) if one[i] != other[i]), shortest)
    one, other = one[start:], other[start:]
    shortest -= start
    end = next((i for i in range(shortest) if one[-1 - i] != other[-1 - i]), shortest)
    return one[: len(one) - end], other[: len(other) - end]
