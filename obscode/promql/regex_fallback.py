r"""Regular expressions without google-re2: Rust's engine, within promql-parser, checks them, and Python's matches.

Both differ from Go's engine. What Go accepts and Rust does not is rewritten; what Rust accepts and Go does not is
rejected here.
"""

from __future__ import annotations

import re
import warnings

import promql_parser as pp

from obscode.promql.tokens import quote

_MAX_REPEAT = 1000

# A class without closing bracket ends with the text: one search, not one for each further bracket.
_CLASS = re.compile(r"\[\^?\]?(?:\[:\^?\w+:\]|\\(?:.|\Z)|[^\]\\])*(?P<end>\]|\Z)", re.DOTALL)
_CLASS_ITEM = re.compile(r"\[:\^?\w+:\]|\\(?:[pP]\{\^?\w+\}|x\{\w+\}|x\w\w|[0-7]{2,3}|.)|.", re.DOTALL)
_QUOTED = re.compile(r"(\\[^Q])|\\Q(.*?)(?:\\E|$)", re.DOTALL)
_ESCAPE = re.compile(r"\\[^uC]", re.DOTALL)
_COUNT = r"\{\d+(?:,\d*)?\}"
_NOT_GO = (
    (re.compile(rf"(?:[*+?]|{_COUNT})(?:\?(?:[*+?]|{_COUNT})|[*+]|{_COUNT})"), "bad repetition operator"),
    (re.compile(r"\(\?[a-zA-Z-]*[xuR]"), "unknown flag"),
    (re.compile(r"\\[uC]"), "invalid escape sequence"),
)
_REPEAT_TOKEN = re.compile(r"[()]|\{(\d+)(?:,(\d*))?\}|.", re.DOTALL)

# Python has no classes by name.
_POSIX = {
    "[:alnum:]": "0-9A-Za-z",
    "[:alpha:]": "A-Za-z",
    "[:digit:]": "0-9",
    "[:lower:]": "a-z",
    "[:space:]": r"\t\n\v\f\r ",
    "[:upper:]": "A-Z",
    "[:word:]": "0-9A-Za-z_",
    "[:xdigit:]": "0-9A-Fa-f",
}


def syntax_error(regex: str) -> str | None:
    """Why Go's engine rejects a regular expression, as far as Rust's engine and a few rules tell."""
    bare = without_literals(regex)
    for pattern, message in _NOT_GO:
        if match := pattern.search(bare):
            return f"{message}: {match[0]}"
    if _largest_repeat(bare) > _MAX_REPEAT:
        return "invalid repetition size: more than 1000 times"
    try:
        pp.parse(f"x{{x=~{quote(_for_rust(regex))}}}")
    except ValueError:
        return "invalid syntax"
    return None


def full_match(regex: str, value: str, *, dot_matches_newline: bool = True) -> bool | None:
    """Whether the whole value matches; None where Python cannot compile the regular expression."""
    pattern = compiled(regex, dot_matches_newline=dot_matches_newline)
    return pattern and pattern.fullmatch(value) is not None


def full_match_groups(regex: str, value: str, *, dot_matches_newline: bool = True) -> re.Match[str] | None:
    """The match of the whole value; None if it does not match, or where Python cannot compile the expression."""
    pattern = compiled(regex, dot_matches_newline=dot_matches_newline)
    return pattern.fullmatch(value) if pattern else None


def compiled(regex: str, *, dot_matches_newline: bool = True) -> re.Pattern[str] | None:
    """The regular expression for Python's engine; None where it cannot compile it."""
    pattern = _CLASS.sub(_with_posix_classes, _without_quotes(regex))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of nested classes, which neither engine has
            return re.compile(pattern, re.ASCII | re.DOTALL if dot_matches_newline else re.ASCII)
    except (re.error, OverflowError, RecursionError):
        return None


def without_literals(regex: str) -> str:
    r"""The regular expression with `x` for each class, escape and quoted character; \C and \u stay."""
    return _ESCAPE.sub("x", _CLASS.sub(_class_placeholder, _without_quotes(regex)))


def has_open_quote(regex: str) -> bool:
    r"""Whether a \Q has no \E."""
    return any(match[1] is None and not match[0].endswith(r"\E") for match in _QUOTED.finditer(regex))


def nesting(bare: str) -> tuple[int, int]:
    """The smallest and the largest depth of groups in a regular expression without literals."""
    depth = lowest = deepest = 0
    for parenthesis in re.findall("[()]", bare):
        depth += 1 if parenthesis == "(" else -1
        lowest, deepest = min(lowest, depth), max(deepest, depth)
    return lowest, deepest


def _without_quotes(regex: str) -> str:
    return _QUOTED.sub(lambda match: match[1] or re.sub(r"(\W)", r"\\\1", match[2]), regex)


def _largest_repeat(bare: str) -> int:
    """The largest product of nested counts: 1500 for `(?:a{500}){3}`."""
    groups, last = [1], 1
    for token in _REPEAT_TOKEN.finditer(bare):
        if token[0] == "(":
            groups.append(1)
        elif token[0] == ")" and len(groups) > 1:
            last = groups.pop()
        elif token[1]:
            last *= max(int(token[1]), int(token[2] or 0))
        else:
            last = 1
        groups[-1] = max(groups[-1], last)
    return max(groups)


def _for_rust(regex: str) -> str:
    r"""The same for both engines: without \Q...\E, and without Rust's operators and nested classes in classes."""
    return _CLASS.sub(_plain_class, _without_quotes(regex))


def _class_placeholder(match: re.Match[str]) -> str:
    return "x" if match["end"] else match[0]


def _plain_class(match: re.Match[str]) -> str:
    if not match["end"]:
        return match[0]
    opening = "[^" if match[0].startswith("[^") else "["
    items = _CLASS_ITEM.findall(match[0][len(opening) : -1])
    written = []
    while items:
        written.append(_class_item(items.pop(0)))
        if len(items) > 1 and items[0] == "-":
            written += ["-", _class_item(items[1])]
            del items[:2]
    return f"{opening}{''.join(written)}]"


def _class_item(item: str) -> str:
    return "\\" + item if item in "[]&~-^" else item


def _with_posix_classes(match: re.Match[str]) -> str:
    if not match["end"]:
        return match[0]
    return re.sub(r"\[:\w+:\]|(?<!\\)\[(?!\^)", lambda name: _POSIX.get(name[0], name[0]), match[0])
