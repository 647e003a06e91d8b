"""Whether two matchers of a label can match the same value: `code=~"2.."` and `code=~"5.."` cannot.

Decided for strings, and for regular expressions of strings, `.` and a final `.*` or `.+`, with `|` between them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from obscode.promql.selector import VARIABLE_MARK, Matcher, Selector

_PART = re.compile(r"(?:\\[.\-/:+*?|(){}^$\[\]\\]|[^\\.+*?|(){}^$\[\]]|\.)*(?:\.[*+])?", re.DOTALL)
_CHARACTER = re.compile(r"\\(.)|(.)", re.DOTALL)


@dataclass(frozen=True)
class _Pattern:
    """Characters, of which None is any; ``is_prefix`` if more characters may follow."""

    characters: tuple[str | None, ...]
    is_prefix: bool = False

    @property
    def text(self) -> str | None:
        """The only string that it matches, if there is only one."""
        return None if self.is_prefix or None in self.characters else "".join(filter(None, self.characters))

    def is_disjoint(self, other: _Pattern) -> bool:
        """True if no string matches both."""
        lengths = len(self.characters), len(other.characters)
        if (lengths[0] < lengths[1] and not self.is_prefix) or (lengths[1] < lengths[0] and not other.is_prefix):
            return True
        pairs = zip(self.characters, other.characters, strict=False)
        return any(one is not None and two is not None and one != two for one, two in pairs)


def are_disjoint(one: Matcher, other: Matcher) -> bool:
    """True if no value of the label matches both; False if one does, or where it is not decided."""
    if one.label != other.label or VARIABLE_MARK in one.value or VARIABLE_MARK in other.value:
        return False
    if {one.op, other.op} in ({"=", "!="}, {"=~", "!~"}) and one.value == other.value:
        return True
    patterns = [_patterns(matcher) for matcher in (one, other)]
    if patterns[0] is not None and patterns[1] is not None:
        return all(a.is_disjoint(b) for a in patterns[0] for b in patterns[1])
    for known, matcher in ((patterns[0], other), (patterns[1], one)):
        texts = [pattern.text for pattern in known or ()]
        if texts and all(text is not None and matcher.matches(text) is False for text in texts):
            return True
    return False


def select_different_values(one: Selector, other: Selector, label: str) -> bool:
    """True if no series of one selector has the same value of the label as one of the other."""
    pairs = ((a, b) for a in one.matchers for b in other.matchers if a.label == b.label == label)
    return any(are_disjoint(a, b) for a, b in pairs)


def _patterns(matcher: Matcher) -> list[_Pattern] | None:
    """The patterns of which a value matches one; None for negative matchers, and for other regular expressions."""
    if matcher.op == "=":
        return [_Pattern(tuple(matcher.value))]
    if matcher.op != "=~":
        return None
    regex = matcher.value
    if regex.startswith("(") and regex.endswith(")") and regex.count("(") == 1:
        regex = regex[1:-1]
    parts = re.split(r"(?<!\\)\|", regex)
    if not all(_PART.fullmatch(part) for part in parts):
        return None
    return [_pattern(part) for part in parts]


def _pattern(part: str) -> _Pattern:
    is_prefix = part.endswith((".*", ".+")) and not part.endswith(("\\.*", "\\.+"))
    body = part[:-2] if is_prefix else part
    characters = [None if match[2] == "." else match[1] or match[2] for match in _CHARACTER.finditer(body)]
    if part.endswith(".+") and is_prefix:
        characters.append(None)
    return _Pattern(tuple(characters), is_prefix)
