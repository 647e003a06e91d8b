"""Suggestions for names that are close to a known one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

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
    return min(len(word), len(other)) >= shortest and _distance(word.casefold(), other.casefold()) == 1


def _closest(word: str, known: Iterable[str]) -> list[str]:
    if not word or len(word) > _LONGEST:
        return []
    most = max(1, len(word) // 4)
    distances = {}
    for name in sorted(set(known)):
        if name and name != word and abs(len(name) - len(word)) <= most and len(name) > 1:
            distances[name] = _distance(word.casefold(), name.casefold())
    least = min(distances.values(), default=most + 1)
    return [name for name, distance in distances.items() if distance == least <= most]


def _distance(one: str, other: str) -> int:
    """How many letters are added, left out, changed or swapped with their neighbour between two texts."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, another in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != another))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == another:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]


def closest_typo(word: str, known: Iterable[str]) -> str:
    """The known name that `word` is a likely typo of, as in `reqests_total`, or an empty string."""
    from difflib import get_close_matches

    own = _letters(word)
    near = [name for name in set(known) if 10 * (own ^ _letters(name)).bit_count() <= len(word) + len(name)]
    return next(iter(get_close_matches(word, sorted(near), n=1, cutoff=0.9)), "") if near else ""


@lru_cache(maxsize=1 << 16)
def _letters(name: str) -> int:
    """A number with a bit for each letter of a name, in any order: the first `a`, the second `a`, and so on.

    The bits that differ between two names are at most the letters that only one of them has. Names that are nine tenths
    alike differ in one letter of ten at most, so most others need no comparison.
    """
    bits = 0
    for letter in set(name):
        bits |= ((1 << min(name.count(letter), 8)) - 1) << ord(letter) % 128 * 8
    return bits
