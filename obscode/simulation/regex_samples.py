"""Texts that match a regular expression: `web-.*` matches `web-1`, `5..` matches `500`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from obscode.promql import go_regex

# An escape, a class, any character, or a literal.
_ATOM = re.compile(
    r"\\(?P<escaped>.)|\[(?P<negated>\^?)(?P<class>\]?(?:\\.|[^\]\\])*)\]|(?P<any>\.)|(?P<literal>.)", re.DOTALL
)
_TIMES = re.compile(r"(?P<times>[*+?]|\{(?P<least>\d+)(?:,\d*)?\})\??")
_GROUP = re.compile(r"\(\?(?:P?<\w+>|[imsU-]*:|:)|\((?!\?)")
_FLAGS = re.compile(r"\(\?[imsU-]+\)")
_CLASSES = {"d": "0123456789", "w": "abcdefghij", "s": " ", "D": "abc", "W": "-", "S": "abc"}
_ANY = {"b", "B", "A", "z", "Z"}
_MOST = 12


@lru_cache(maxsize=4096)
def samples(pattern: str) -> tuple[str, ...]:
    """Some texts that match, different ones first; none where no text is known to match."""
    texts = dict.fromkeys(text for n in range(_MOST) for text in _attempt(pattern, n))
    return tuple(text for text in texts if go_regex.full_match(pattern, text))


def _attempt(pattern: str, number: int) -> Iterator[str]:
    try:
        yield _Sampler(_FLAGS.sub("", pattern), number).alternatives()
    except (IndexError, RecursionError):
        return


class _Sampler:
    """One text of a pattern; ``number`` chooses among alternatives and characters."""

    def __init__(self, pattern: str, number: int) -> None:
        self.pattern, self.number, self.at = pattern, number, 0

    def alternatives(self) -> str:
        """Up to the end of the pattern or of the group."""
        choices = [self._sequence()]
        while self.at < len(self.pattern) and self.pattern[self.at] == "|":
            self.at += 1
            choices.append(self._sequence())
        return choices[self.number % len(choices)]

    def _sequence(self) -> str:
        pieces = []
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            pieces.append(self._piece())
        return "".join(pieces)

    def _piece(self) -> str:
        if group := _GROUP.match(self.pattern, self.at):
            self.at = group.end()
            text, is_any = self.alternatives(), False
            self.at += 1
        else:
            text, is_any = self._atom()
        times = _TIMES.match(self.pattern, self.at)
        if times is None:
            return text
        self.at = times.end()
        if is_any and times["times"] in "*+":
            return str(self.number + 1)
        return text * (int(times["least"]) if times["least"] else times["times"] != "?" or 1)

    def _atom(self) -> tuple[str, bool]:
        """A character, and whether it can be any."""
        atom = _ATOM.match(self.pattern, self.at)
        assert atom
        self.at = atom.end()
        if atom["any"]:
            return str(self.number % 10), True
        if atom["literal"]:
            return ("", False) if atom["literal"] in "^$" else (atom["literal"], False)
        if atom["escaped"]:
            if atom["escaped"] in _ANY:
                return "", False
            letters = _CLASSES.get(atom["escaped"], atom["escaped"])
            return letters[self.number % len(letters)], False
        letters = _letters(atom["class"])
        if atom["negated"]:
            letters = "".join(c for c in "abcdefgh1234567890-" if c not in letters)
        return letters[self.number % len(letters)], bool(atom["negated"])


def _letters(text: str) -> str:
    """The characters of a class, such as `a-z0-9_`."""
    text = re.sub(r"\\([dws])", lambda match: _CLASSES[match[1]], text).replace("\\", "")
    text = text.replace("[:alnum:]", "a-z0-9").replace("[:alpha:]", "a-z").replace("[:digit:]", "0-9")
    ranges = re.sub(r"(.)-(.)", lambda m: "".join(map(chr, range(ord(m[1]), min(ord(m[2]), ord(m[1]) + 30) + 1))), text)
    return ranges or "a"
