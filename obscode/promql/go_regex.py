r"""Regular expressions as Prometheus reads them, which uses Go's engine, RE2.

The package google-re2 is the same engine in C++. It is optional, since it has no wheels for some systems: without it,
`regex_fallback` checks with Rust's engine and matches with Python's. Rules of this module hold for both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from obscode.promql import regex_fallback

try:
    import re2
except ImportError:
    re2 = None

# More than any pattern that people write needs, and less than a second of compiling.
_MEMORY = 64 * 2**20
# Go limits the height of the syntax tree to 1000, Rust to 250, where groups are some of the levels.
_MAX_NESTING = 200

_BYTE = re.compile(r"\\C")
_NAMED = re.compile(r"\(\?<(?![=!])")


@lru_cache(maxsize=4096)
def syntax_error(regex: str) -> str | None:
    """Why a supported version of Prometheus rejects a regular expression; None for a valid one."""
    bare = regex_fallback.without_literals(regex)
    if _BYTE.search(bare):
        return r"invalid escape sequence: \C"
    if _NAMED.search(bare):
        return "(?<name>...) needs Prometheus 3; write (?P<name>...)"
    if regex_fallback.has_open_quote(regex):
        return r"\Q without \E needs Prometheus 3"
    lowest, deepest = regex_fallback.nesting(bare)
    if lowest < 0:
        return "unexpected )"
    if deepest > _MAX_NESTING:
        return f"{deepest} nested groups, at most {_MAX_NESTING}"
    return regex_fallback.syntax_error(regex) if re2 is None else _re2_error(regex)


def full_match(regex: str, value: str, *, dot_matches_newline: bool = True) -> bool | None:
    """Whether a regular expression matches the whole of a label value; None where it cannot be evaluated.

    For Prometheus 3, `.` matches a newline as well; for Alertmanager it does not.
    """
    if re2 is None:
        return regex_fallback.full_match(regex, value, dot_matches_newline=dot_matches_newline)
    try:
        return _compile(f"(?s:{regex})" if dot_matches_newline else regex).fullmatch(value) is not None
    except (re2.error, UnicodeEncodeError):
        return None


class Groups(NamedTuple):
    """The groups of a match, the whole of it first, and the numbers of those with a name."""

    groups: Sequence[str | None]
    names: Mapping[str, int]


def full_match_groups(regex: str, value: str, *, dot_matches_newline: bool = True) -> Groups | None:
    """The groups of a match of the whole value; None if it does not match, or cannot be evaluated."""
    if re2 is None:
        match = regex_fallback.full_match_groups(regex, value, dot_matches_newline=dot_matches_newline)
    else:
        try:
            match = _compile(f"(?s:{regex})" if dot_matches_newline else regex).fullmatch(value)
        except (re2.error, UnicodeEncodeError):
            return None
    return Groups((match.group(0), *match.groups()), match.re.groupindex) if match else None


def group_count(regex: str) -> int | None:
    """The number of groups of a regular expression; None where it is unknown."""
    compiled = _compiled(regex)
    return compiled.groups if compiled else None


def group_names(regex: str) -> Mapping[str, int]:
    """The numbers of the groups with a name."""
    compiled = _compiled(regex)
    return compiled.groupindex if compiled else {}


def _compiled(regex: str) -> re.Pattern[str] | re2._Regexp | None:
    if re2 is None:
        return regex_fallback.compiled(regex)
    try:
        return _compile(regex)
    except (re2.error, UnicodeEncodeError):
        return None


def _re2_error(regex: str) -> str | None:
    try:
        _compile(regex)
    except re2.error as error:
        (message,) = error.args
        return message.decode(errors="replace") if isinstance(message, bytes) else str(message)
    except UnicodeEncodeError:
        return "a lone surrogate is not text"
    return None


@lru_cache(maxsize=64)
def _compile(regex: str) -> re2._Regexp:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    return re2.compile(regex, options)
