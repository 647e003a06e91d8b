r"""Label matchers as Alertmanager reads them: `severity="page"`, `{team=~"a|b", env!="test"}`.

Alertmanager has two parsers. The classic one wins where it accepts a text; the one of version 0.27 reads the rest,
such as quoted label names:
https://github.com/prometheus/alertmanager/blob/main/matcher/compat/parse.go (FallbackMatchersParser)
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import get_args

from obscode.promql import go_regex
from obscode.promql.selector import Matcher, MatchOperator
from obscode.promql.tokens import is_plain_label, quote, unquote

_OPERATORS = {op: op for op in get_args(MatchOperator)}
_SPACE = r"[\t\n\f\r ]*"
_CLASSIC = re.compile(rf"{_SPACE}([a-zA-Z_:][a-zA-Z0-9_:]*){_SPACE}(=~|=|!=|!~){_SPACE}(.*?){_SPACE}\Z", re.DOTALL)
# A string without closing quote ends with the text: one search, not one for each further quote.
_CLASSIC_PARTS = re.compile(r'(?:"(?:\\(?:.|\Z)|[^"\\])*(?:"|\Z)|\\(?:.|\Z)|[^,"\\])+', re.DOTALL)
_ESCAPE = re.compile(r'\\([n"\\])')
_ESCAPED = {"n": "\n", '"': '"', "\\": "\\"}
_WORD = r"""(?:"(?:\\.|[^"\\])*"|[^\s{}!=~,\\"'`]+)"""
_QUOTABLE = re.compile(rf"\s*({_WORD})\s*(=~|=|!=|!~)\s*({_WORD})\s*", re.DOTALL)


class MatcherError(ValueError):
    """A text that is not a list of matchers."""


@lru_cache(maxsize=2**14)
def parse_matchers(text: str) -> tuple[Matcher, ...]:
    """The matchers of a text, which commas separate, with or without braces. Raises MatcherError."""
    try:
        return tuple(_classic(text))
    except MatcherError:
        return tuple(_quotable(text))


def matcher_text(label: str, op: MatchOperator, value: str) -> str:
    """A matcher that both parsers read alike. The classic one has these three escapes, so a tab stays a tab."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'{label if is_plain_label(label) else quote(label)}{op}"{escaped}"'


@lru_cache(maxsize=2**16)
def accepts(matcher: Matcher, value: str) -> bool | None:
    """Whether a matcher accepts a value; an alert without the label has the empty one.

    None where the regular expression cannot be evaluated. In Alertmanager, `.` matches no line end.
    """
    if matcher.op in ("=", "!="):
        return (value == matcher.value) == (matcher.op == "=")
    matched = go_regex.full_match(matcher.value, value, dot_matches_newline=False)
    return None if matched is None else matched == (matcher.op == "=~")


def _classic(text: str) -> list[Matcher]:
    inner = text.removeprefix("{").removesuffix("}")
    parts = _CLASSIC_PARTS.findall(inner)
    if inner.count(",") and _has_empty_part(inner):
        raise MatcherError(text)
    return [_classic_matcher(part) for part in parts if part.strip()]


def _has_empty_part(inner: str) -> bool:
    """Whether nothing is between two commas, or before the first one. After the last one may be nothing."""
    rest = _CLASSIC_PARTS.sub(lambda part: "x" if part[0].strip() else " ", inner)
    return any("x" not in part for part in rest.split(",")[:-1])


def _classic_matcher(part: str) -> Matcher:
    match = _CLASSIC.match(part)
    if match is None:
        raise MatcherError(part)
    value = match[3]
    is_quoted = value.startswith('"')
    if is_quoted:
        value = value[1:]
        if not re.fullmatch(r'(?:\\.|[^"\\])*"', value, re.DOTALL):
            raise MatcherError(part)
        value = value[:-1]
    elif re.search(r'(?:^|[^\\])(?:\\\\)*"', value):
        raise MatcherError(part)
    return Matcher(match[1], _OPERATORS[match[2]], _ESCAPE.sub(lambda escape: _ESCAPED[escape[1]], value))


def _quotable(text: str) -> list[Matcher]:
    inner = text.strip()
    if inner.startswith("{") != inner.endswith("}"):
        raise MatcherError(text)
    inner = inner.removeprefix("{").removesuffix("}").strip()
    matchers, at = [], 0
    while at < len(inner):
        match = _QUOTABLE.match(inner, at)
        if match is None or inner[match.end() : match.end() + 1] not in ("", ","):
            raise MatcherError(text)
        matchers.append(Matcher(_word(match[1]), _OPERATORS[match[2]], _word(match[3])))
        at = match.end() + 1
    return matchers


def _word(text: str) -> str:
    return unquote(text) if text.startswith('"') else text
