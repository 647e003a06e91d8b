"""The outside of a PromQL text: its parentheses, its operators, its ranges.

What an expression is made of is told from the text, since the pieces go into definitions as they were written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from obscode.promql.tokens import blank_literals

#: Stands in a range where the window goes. A private character, which no query holds.
WINDOW_PLACEHOLDER = "\ue000"

_TOKEN = re.compile(
    r"(?P<number>\d+(?:\.\d*)?(?:[eE][-+]?\d+|\w*)) | (?P<word>[A-Za-z_:][\w:]*) | (?P<open>[(\[{]) | (?P<close>[)\]}])"
    r"| (?P<operator>==|!=|>=|<=|[-+*/%^<>@])",
    re.VERBOSE,
)
_OPERATOR_WORDS = ("and", "or", "unless", "atan2", "bool", "on", "ignoring", "group_left", "group_right", "offset")
_BY = r"(?:by\s*\(\s*(?P<{}>[\w\s,]*)\)\s*)?"
_GROUPED = "by "
_BRACES = re.compile(r"\{[^{}]*\}")
_COMPARISON = re.compile(r"(?!(?:>=?|!=)\s*0(?![\w.]))(?:[<>]=?|[=!]=)\s*(?:bool\b)?\s*[\w.]*")
_ZERO = re.compile(r"\s+or\s+(?:on\s*\(\s*\)\s*)?vector\s*\(\s*0\s*\)\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Range:
    """A range in square brackets: its window, the function that it is given to, and those around that one."""

    function: str
    around: tuple[str, ...]
    window: str
    start: int  # of the window
    call: int  # of the function's parentheses


@dataclass(frozen=True)
class Aggregation:
    """`sum by (model) (rate(selector[window]))`, in its parts; without a function for `sum(selector)`."""

    function: str
    selector: str
    by: tuple[str, ...]


def strip_parentheses(text: str) -> str:
    """The text without parentheses around the whole of it."""
    text = text.strip()
    while text.startswith("(") and _end_of_first(text) == len(text) - 1:
        text = text[1:-1].strip()
    return text


def strip_or_zero(text: str) -> str:
    """The text without `or vector(0)` at its end: obscode itself counts zero bad events where there are events."""
    text = strip_parentheses(text)
    match = _ZERO.search(blank_literals(text))
    return strip_parentheses(text[: match.start()]) if match else text


def split_binary(text: str) -> tuple[str, str, str] | None:
    """Both sides of the only operator that stands in no parentheses, and the operator; also of `1 - a / b`."""
    text = strip_parentheses(text)
    operators = list(_operators(text))
    words = [word for word, _ in operators]
    if words == ["-", "/"] and text[: operators[0][1]].strip() == "1":
        operators = operators[:1]
    if len(operators) != 1:
        return None
    [(word, start)] = operators
    left, right = text[:start].strip(), text[start + len(word) :].strip()
    return (left, word, right) if left and right else None


def parse_range_aggregation(text: str, aggregation: str, functions: str) -> Aggregation | None:
    """The parts of a text that is nothing but `<aggregation> by (...) (<function>(selector[window]))`."""
    inside = rf"(?P<function>{functions})\s*\((?P<selector>.+)\[\s*{WINDOW_PLACEHOLDER}\s*\]\s*\)"
    return _parts(text, rf"{aggregation}\s*{_BY.format('before')}\(\s*{inside}\s*\)\s*{_BY.format('after')}")


def parse_sum(text: str) -> Aggregation | None:
    """The parts of a text that is nothing but `sum by (...) (selector)`."""
    return _parts(text, rf"sum\s*{_BY.format('before')}\((?P<selector>.+)\)\s*{_BY.format('after')}")


def _parts(text: str, pattern: str) -> Aggregation | None:
    match = re.fullmatch(pattern, strip_parentheses(text), re.DOTALL | re.IGNORECASE)
    if match is None:
        return None
    found = match.groupdict()
    by = (found["before"] or found["after"] or "").split(",")
    return Aggregation(
        found.get("function") or "", strip_parentheses(found["selector"]), tuple(b.strip() for b in by if b.strip())
    )


def find_ranges(text: str) -> Iterator[Range]:
    """All ranges, from left to right."""
    blank = blank_literals(text)
    calls: list[tuple[str, int]] = []
    word, end = "", 0
    for token in _TOKEN.finditer(blank):
        adjacent = not blank[end : token.start()].strip()
        if token[0] == "[":
            inside = blank[token.end() : blank.find("]", token.end())]
            start = token.end() + len(inside) - len(inside.lstrip())
            named = [call for call in calls if call[0]]
            function, at = named[-1] if named else ("", 0)
            yield Range(function, tuple(name for name, _ in named[:-1]), inside.partition(":")[0].strip(), start, at)
        elif token[0] == "(":
            calls.append((word if adjacent else "", token.start()))
        elif token[0] == ")" and calls:
            closed, _ = calls.pop()
            # `sum by (model) (...)` is a call of sum.
            word, end = (closed.removeprefix(_GROUPED) if closed.startswith(_GROUPED) else "", token.end())
            continue
        if (token["word"] or "").lower() in ("by", "without") and adjacent and word:
            word, end = _GROUPED + word, token.end()
            continue
        word, end = token["word"] or "", token.end()


def find_comparisons(text: str) -> list[str]:
    """The comparisons outside of the functions that are given the window, but for those that only drop zeros."""
    blank = blank_literals(text)
    for call in {r.call for r in find_ranges(text) if r.window == WINDOW_PLACEHOLDER}:
        end = call + _end_of_first(blank[call:])
        blank = blank[:call] + " " * (end - call) + blank[end:]
    return [found[0].strip() for found in _COMPARISON.finditer(_BRACES.sub(" ", blank))]


def _end_of_first(text: str) -> int:
    depth = 0
    for at, character in enumerate(blank_literals(text)):
        depth += (character in "([{") - (character in ")]}")
        if not depth:
            return at
    return -1


def _operators(text: str) -> Iterator[tuple[str, int]]:
    depth = 0
    for token in _TOKEN.finditer(blank_literals(text)):
        depth += bool(token["open"]) - bool(token["close"])
        if not depth and (token["operator"] or (token["word"] or "").lower() in _OPERATOR_WORDS):
            yield token[0].lower(), token.start()
