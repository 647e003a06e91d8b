"""Split PromQL source at its outermost operator, and find its ranges and comparisons, without changing the text.

Importers put the pieces into definitions as they are in the document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from obscode.promql.tokens import Token, blank_literals, code_tokens

#: Stands in a range for a window that is filled in later. A private-use character, which no query contains.
WINDOW_PLACEHOLDER = "\ue000"

_OPERATORS = ("==", "!=", ">=", "<=", "<", ">", "+", "-", "*", "/", "%", "^", "@")
_OPERATOR_WORDS = ("and", "or", "unless", "atan2", "bool", "on", "ignoring", "group_left", "group_right", "offset")
_OPEN, _CLOSE = "([{", ")]}"
_BY = r"(?:by\s*\(\s*(?P<{}>[\w\s,]*)\)\s*)?"
_GROUPED = "by "
_BRACES = re.compile(r"\{[^{}]*\}")
_COMPARISON = re.compile(r"(?!(?:>=?|!=)\s*0(?![\w.]))(?:[<>]=?|[=!]=)\s*(?:bool\b)?\s*[\w.]*")
_OR_ZERO = re.compile(r"(?<!\s)\s+or\s+(?:on\s*\(\s*\)\s*)?vector\s*\(\s*0\s*\)\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Range:
    """A range in square brackets. ``start`` is the position of the window, ``call`` of the function's parenthesis."""

    function: str  # whose argument has the range
    enclosing_functions: tuple[str, ...]  # outermost first
    window: str
    start: int
    call: int


@dataclass(frozen=True)
class AggregationText:
    """The parts of `sum by (model) (rate(selector[window]))`; ``function`` is empty for `sum(selector)`."""

    function: str
    selector: str
    by: tuple[str, ...]


def strip_parentheses(text: str) -> str:
    """The text without parentheses that enclose all of it."""
    text = text.strip()
    while text.startswith("(") and _closing_bracket(text) == len(text) - 1:
        text = text[1:-1].strip()
    return text


def strip_or_zero(text: str) -> str:
    """The text without a trailing `or vector(0)`, which obscode adds itself where it is needed."""
    text = strip_parentheses(text)
    match = _OR_ZERO.search(blank_literals(text))
    return strip_parentheses(text[: match.start()]) if match else text


def split_binary(text: str) -> tuple[str, str, str] | None:
    """Left side, operator and right side of the only operator outside of parentheses; also of `1 - a / b`."""
    text = strip_parentheses(text)
    operators = _outer_operators(text)
    if [token.text for token in operators] == ["-", "/"] and text[: operators[0].start].strip() == "1":
        operators = operators[:1]
    if len(operators) != 1:
        return None
    (operator,) = operators
    left, right = text[: operator.start].strip(), text[operator.end :].strip()
    return (left, operator.text.lower(), right) if left and right else None


def parse_range_aggregation(text: str, aggregation: str, functions: str) -> AggregationText | None:
    """The parts of a text that is `<aggregation> by (...) (<function>(selector[window]))` and nothing else."""
    inside = rf"(?P<function>{functions})\s*\((?P<selector>.+)\[\s*{WINDOW_PLACEHOLDER}\s*\]\s*\)"
    return _parts(text, rf"{aggregation}\s*{_BY.format('before')}\(\s*{inside}\s*\)\s*{_BY.format('after')}")


def parse_sum(text: str) -> AggregationText | None:
    """The parts of a text that is `sum by (...) (selector)` and nothing else."""
    return _parts(text, rf"sum\s*{_BY.format('before')}\((?P<selector>.+)\)\s*{_BY.format('after')}")


def _parts(text: str, pattern: str) -> AggregationText | None:
    match = re.fullmatch(pattern, strip_parentheses(text), re.DOTALL | re.IGNORECASE)
    if match is None:
        return None
    groups = match.groupdict()
    by = tuple(label.strip() for label in (groups["before"] or groups["after"] or "").split(",") if label.strip())
    return AggregationText(groups.get("function") or "", strip_parentheses(groups["selector"]), by)


@lru_cache(maxsize=64)  # several questions in a row are about the same text
def find_ranges(text: str) -> tuple[Range, ...]:
    """All ranges, from left to right."""
    return tuple(_ranges(text))


def _ranges(text: str) -> Iterator[Range]:
    calls: list[tuple[str, int]] = []  # the functions around a token, with the position of their parentheses
    name = ""
    tokens = code_tokens(text)
    for number, token in enumerate(tokens):
        if token.text == "[":
            end = next((other.start for other in tokens[number:] if other.text == "]"), len(text))
            yield _range(blank_literals(text)[token.end : end], token.end, calls)
        elif token.text == "(":
            calls.append((name, token.start))
        elif token.text == ")" and calls:
            closed, _ = calls.pop()
            # `sum by (model) (...)` is a call of sum.
            name = closed.removeprefix(_GROUPED) if closed.startswith(_GROUPED) else ""
            continue
        if token.text.lower() in ("by", "without") and name:
            name = _GROUPED + name
        else:
            name = token.text if token.kind == "name" else ""


def _range(inside: str, start: int, calls: list[tuple[str, int]]) -> Range:
    start += len(inside) - len(inside.lstrip())
    functions = [call for call in calls if call[0]]
    function, call = functions[-1] if functions else ("", 0)
    enclosing = tuple(name for name, _ in functions[:-1])
    return Range(function, enclosing, inside.partition(":")[0].strip(), start, call)


def find_comparisons(text: str) -> list[str]:
    """The comparisons outside of the functions whose range is the placeholder, except those that only drop zeros."""
    blank = blank_literals(text)
    for call in {r.call for r in find_ranges(text) if r.window == WINDOW_PLACEHOLDER}:
        end = call + _closing_bracket(blank[call:])
        blank = blank[:call] + " " * (end - call) + blank[end:]
    return [match[0].strip() for match in _COMPARISON.finditer(_BRACES.sub(" ", blank))]


def _closing_bracket(text: str) -> int:
    """The position of the bracket that closes the first one, or -1."""
    depth = 0
    for token in code_tokens(text):
        depth += (token.text in _OPEN) - (token.text in _CLOSE)
        if not depth:
            return token.start
    return -1


def _outer_operators(text: str) -> list[Token]:
    depth, operators = 0, []
    for token in code_tokens(text):
        depth += (token.text in _OPEN) - (token.text in _CLOSE)
        if not depth and (token.text in _OPERATORS or token.text.lower() in _OPERATOR_WORDS):
            operators.append(token)
    return operators
