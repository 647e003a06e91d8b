"""Which known series a name is a likely typo of.

Names of one exporter often differ in few letters and are both real: `rx_bytes` and `tx_bytes`, `load1` and `load5`,
`active` and `inactive`, `mongod` and `mongos`. So a name within two letters of a known one is a typo only if it differs
in something that is no word of a metric name, or in the ending of a plural: public rules have no pair such as
`request_total` and `requests_total`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from itertools import chain

from obscode.checks.metric_words import METRIC_WORDS
from obscode.findings.suggestions import edit_distance

_MOST_LETTERS = 2
# Of a word of three letters, one that differs in two is another word.
_SHORT = 3
# The longest name that is compared; the time grows with the product of the lengths.
_LONGEST = 200
# Each difference changes two letters at most: one is gone, another is there.
_MOST_BITS = 2 * _MOST_LETTERS
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")
# Words that are both real where they stand for each other, also within a word: `online` and `offline`.
_OPPOSITES = (
    ("", "un"), ("", "in"), ("", "re"), ("", "de"), ("in", "un"), ("on", "off"), ("in", "e"),
    ("im", "ex"), ("en", "de"), ("min", "max"), ("get", "set"), ("get", "put"), ("put", "set"), ("get", "del"),
    ("rx", "tx"), ("cpu", "gpu"), ("in", "out"), ("up", "down"), ("hit", "miss"), ("tcp", "udp"), ("tcp", "http"),
    ("read", "write"), ("user", "sys"), ("max", "mean"), ("min", "mean"), ("local", "total"), ("doh", "doq"),
)  # fmt: skip


class KnownNames:
    """Names of series, and the words in them."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = frozenset(names)
        self._typos: dict[str, str] = {}  # many expressions read one name
        self._by_length: dict[int, list[str]] = {}
        for name in self.names:
            self._by_length.setdefault(len(name), []).append(name)

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        return METRIC_WORDS.union(word.casefold() for name in self.names for word in _words_of(name))

    def typo_of(self, name: str) -> str:
        """The known name that a name is a likely typo of, or an empty string."""
        if name not in self._typos:
            self._typos[name] = self._typo_of(name) if 0 < len(name) <= _LONGEST else ""
        return self._typos[name]

    def _typo_of(self, name: str) -> str:
        letters = _letters(name)
        lengths = range(len(name) - _MOST_LETTERS, len(name) + _MOST_LETTERS + 1)
        similar = chain.from_iterable(self._by_length.get(length, ()) for length in lengths)
        near = (other for other in similar if (letters ^ _letters(other)).bit_count() <= _MOST_BITS)
        typos = [
            (edit_distance(name.casefold(), other.casefold(), _MOST_LETTERS), other) for other in near if other != name
        ]
        close = sorted(pair for pair in typos if pair[0] <= _MOST_LETTERS)
        if any(self._is_other_metric(name, other) for _, other in close):
            return ""
        return close[0][1] if close else ""

    def _is_other_metric(self, name: str, known: str) -> bool:
        """True if both names can be real."""
        ours, theirs = _difference(_words_of(name), _words_of(known))
        if name.casefold() == known.casefold():
            return all(len(word) == 1 for word in ours)
        if len(ours) == len(theirs):
            return all(self._is_other_word(a.casefold(), b.casefold()) for a, b in zip(ours, theirs, strict=True))
        is_split = "".join(ours).casefold() == "".join(theirs).casefold()
        return not is_split and all(word.isdigit() or word.casefold() in self._vocabulary for word in ours)

    def _is_other_word(self, word: str, known: str) -> bool:
        if word == known or word.isdigit() or len(word) == 1:
            return True
        if word in (f"{known}s", f"{known}es") or known in (f"{word}s", f"{word}es"):
            return False
        is_short = min(len(word), len(known)) <= _SHORT
        return (is_short and edit_distance(word, known) > 1) or word in self._vocabulary or _are_opposites(word, known)


def _words_of(name: str) -> list[str]:
    """`node_memory_MemFree_bytes` has the words node, memory, Mem, Free and bytes."""
    return _WORD.findall(name)


def _difference(ours: Sequence[str], theirs: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Both lists without the words that they share at the start and at the end."""
    while ours and theirs and ours[0] == theirs[0]:
        ours, theirs = ours[1:], theirs[1:]
    while ours and theirs and ours[-1] == theirs[-1]:
        ours, theirs = ours[:-1], theirs[:-1]
    return ours, theirs


def _are_opposites(word: str, other: str) -> bool:
    return any(_replaces(word, other, *pair) or _replaces(other, word, *pair) for pair in _OPPOSITES)


def _replaces(word: str, other: str, old: str, new: str) -> bool:
    """True if the first word is the other with one text in place of another; what is added stands before the word."""
    if not old:
        return word == new + other
    start = word.find(old)
    return start >= 0 and word[:start] + new + word[start + len(old) :] == other


@lru_cache(maxsize=1 << 16)
def _letters(name: str) -> int:
    """A number with a bit for each letter of a name, in any order: the first `a`, the second `a`, and so on.

    The bits that differ between two names are at most the letters that only one of them has.
    """
    bits = 0
    for letter in set(name := name.casefold()):
        bits |= ((1 << min(name.count(letter), 8)) - 1) << ord(letter) % 128 * 8
    return bits
