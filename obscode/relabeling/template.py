"""Replacements of relabeling: text with `$1`, `${1}` and `${name}` for the groups of a regular expression.

Go's rules: https://pkg.go.dev/regexp#Regexp.Expand. A name is as long as possible, so that `$1x` is `${1x}`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_REFERENCE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<braced>\w+)\}|(?P<bare>\w+))")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,7}")


def references(template: str) -> list[str]:
    """The names and numbers of the groups that a replacement reads."""
    names = (match["braced"] or match["bare"] for match in _REFERENCE.finditer(template))
    return [name for name in names if name]


def group_number(name: str, names: Mapping[str, int]) -> int | None:
    """The number of a group by its name or number; None for an unknown name."""
    return int(name) if _NUMBER.fullmatch(name) else names.get(name)


def expand(template: str, groups: Sequence[str | None], names: Mapping[str, int]) -> str:
    """The text of a replacement; ``groups`` are those of the match, the whole of it first."""

    def text(match: re.Match[str]) -> str:
        if match["dollar"]:
            return "$"
        number = group_number(match["braced"] or match["bare"], names)
        return (groups[number] or "") if number is not None and number < len(groups) else ""

    return _REFERENCE.sub(text, template)
