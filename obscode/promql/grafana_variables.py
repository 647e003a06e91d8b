"""Grafana variables in PromQL: their names, and expressions in which values replace them."""

from __future__ import annotations

import itertools
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from obscode.promql.selector import VARIABLE_MARK
from obscode.promql.tokens import LITERAL, VARIABLE, blank_literals

_VARIABLE = re.compile(VARIABLE)
_IN_TEXT = re.compile(rf"(?<!\\)(?:{VARIABLE})")  # `\$x` is a dollar sign in a regular expression
_LITERAL_OR_VARIABLE = re.compile(rf"{LITERAL}|{VARIABLE}", re.DOTALL)
_NAME = re.compile(r"\w+")
_NAMED = re.compile(r"\W+")
_DURATIONS = {"__interval": "1m", "__rate_interval": "5m", "__range": "6h"}
_NUMBERS = ("__interval_ms", "__range_s", "__range_ms", "__from", "__to")
_FIXED = {**_DURATIONS, **dict.fromkeys(_NUMBERS, "1")}
# Other variables may stand for a label, a number or a duration. With more than four of them, all get the same value:
# the number of combinations grows exponentially.
_VALUES = _NAME_VALUE, _DURATION_VALUE, _NUMBER_VALUE = "x", "5m", "1"
_MAX_COMBINED = 4
_OFFSET = re.compile(r"\boffset\s+-?\s*$", re.IGNORECASE)
_PARAMETER = re.compile(
    r"\b(?:topk|bottomk|quantile|histogram_quantile|quantile_over_time|limitk)"
    r"(?:\s*(?:by|without)\s*\([^()]*\))?\s*\(\s*$",
    re.IGNORECASE,
)
_OPERATOR = re.compile(r"[-+*/%^<>]=?\s*$|[=!]=\s*$")
_NAME_CONTINUES = re.compile(r"\s*[\w:({\[]")


@dataclass(frozen=True)
class Substitution:
    """An expression with values for its variables.

    Attributes:
        edits: the first and the last character of each variable, and the length of its value.
    """

    text: str
    edits: tuple[tuple[int, int, int], ...] = ()

    def original(self, span: tuple[int, int]) -> tuple[int, int]:
        """The position in the expression of some characters of the text."""
        return self._original(span[0], last=False), self._original(span[1], last=True)

    def _original(self, position: int, *, last: bool) -> int:
        shift = 0  # of the text behind an edit
        for start, end, length in self.edits:
            if position <= start + shift:
                break
            if position < start + shift + length:
                return end if last else start
            shift += length - (end - start)
        return position - shift


def names(text: str) -> set[str]:
    """The names of the variables in a text."""
    return {_name(match) for match in _VARIABLE.finditer(text)}


def names_in_code(expr: str) -> set[str]:
    """The variables for a label, a metric or a number: those that decide which labels the result has."""
    return names(blank_literals(expr)) - {*_DURATIONS, *_NUMBERS}


def substitutions(expr: str) -> Iterator[Substitution]:
    """The expression with values for its variables, in every combination of a name, a duration and a number.

    The first one has the most likely value of each variable, by the text around it: a duration between brackets.
    """
    if "$" not in expr and "[[" not in expr:
        yield Substitution(expr)
        return
    variables = sorted(names_in_code(expr))
    roles = _roles(expr)
    likely = [tuple(sorted(_VALUES, key=roles.get(name, _NAME_VALUE).__ne__)) for name in variables]
    if len(variables) > _MAX_COMBINED:
        first = tuple(values[0] for values in likely)
        same = ((value,) * len(variables) for value in _VALUES)
        combinations: Iterator[tuple[str, ...]] = itertools.chain([first], same)
    else:
        combinations = itertools.product(*likely)
    for combination in combinations:
        yield _filled(expr, {**dict(zip(variables, combination, strict=True)), **_FIXED})


def with_distinct_values(expr: str) -> str:
    """The expression with another value for each variable, whatever its notation: `$job` has that of `${job}`.

    Two expressions mean the same if they do with these values.
    """
    roles = _roles(expr)

    def value(match: re.Match[str], *, in_text: bool) -> str:
        name = _NAMED.sub("_", match[0]).strip("_")
        role = _NAME_VALUE if in_text else roles.get(_name(match), _FIXED.get(_name(match), _NAME_VALUE))
        if role == _NAME_VALUE:
            return f"variable_{name}"
        number = str(1_000_000 + zlib.crc32(name.encode()) % 1_000_000)
        return number if role[-1].isdigit() else f"{number}s"

    def part(match: re.Match[str]) -> str:
        is_text = match[0][0] in "\"'`#"
        if not is_text:
            return value(match, in_text=False)
        return _IN_TEXT.sub(lambda inner: value(inner, in_text=True), match[0])

    return _LITERAL_OR_VARIABLE.sub(part, expr)


def without_variables(string: str) -> str:
    """The content of a string with an x for each variable."""
    return _IN_TEXT.sub("x", string) if "$" in string or "[[" in string else string


def _filled(expr: str, values: Mapping[str, str]) -> Substitution:
    """The expression with values for its variables; each variable in a string or a comment is an x."""
    parts, edits, end = [], [], 0
    for part in _LITERAL_OR_VARIABLE.finditer(expr):
        is_text = part[0][0] in "\"'`#"
        for match in (_IN_TEXT if is_text else _VARIABLE).finditer(expr, *part.span()):
            value = "x" if is_text else values.get(_name(match), "x")
            parts += [expr[end : match.start()], value]
            edits.append((*match.span(), len(value)))
            end = match.end()
    return Substitution("".join([*parts, expr[end:]]), tuple(edits))


def _roles(expr: str) -> dict[str, str]:
    """A likely value of each variable that stands for a duration or a number."""
    code = blank_literals(expr)
    plain = _VARIABLE.sub(lambda match: "v" * len(match[0]), code)
    roles: dict[str, str] = {}
    for match in _VARIABLE.finditer(code):
        before, after = plain[: match.start()], plain[match.end() :]
        if before.rfind("[") > before.rfind("]") or _OFFSET.search(before):
            roles[_name(match)] = _DURATION_VALUE
        elif _PARAMETER.search(before) or (_OPERATOR.search(before) and not _NAME_CONTINUES.match(after)):
            roles.setdefault(_name(match), _NUMBER_VALUE)
    return roles


def are_in_place(expr: str) -> bool:
    """False if a variable stands for a label, a metric, a number, or a duration that is no interval."""
    return names(blank_literals(expr)) <= _DURATIONS.keys()


def in_place(expr: str) -> str:
    """The expression with a mark for each variable in a string, and a duration for each interval.

    Each character keeps its position.
    """
    return _LITERAL_OR_VARIABLE.sub(lambda part: _marked(part[0]), expr)


def _marked(part: str) -> str:
    if part[0] in "\"'`":
        return _VARIABLE.sub(lambda match: VARIABLE_MARK * len(match[0]), part)
    return part if part[0] == "#" else "5m".ljust(len(part))


def _name(match: re.Match[str]) -> str:
    name = _NAME.search(match[0])
    return name[0] if name else ""
