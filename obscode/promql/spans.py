"""Where in a panel's PromQL each selector stands: the functions around it, its window, its matchers, as written.

`$__rate_interval` is still to be seen here. It is meant for expressions that parse, and takes others as far as it can.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from obscode.promql.tokens import LITERAL, STRING, VARIABLE

_CHOOSING = frozenset(("topk", "bottomk", "limitk", "limit_ratio"))
_AGGREGATIONS = _CHOOSING | {
    "sum",
    "avg",
    "min",
    "max",
    "count",
    "group",
    "stddev",
    "stdvar",
    "quantile",
    "count_values",
}
_GROUPING = frozenset(("by", "without", "on", "ignoring", "group_left", "group_right"))
_WORDS = frozenset(("and", "or", "unless", "atan2", "bool", "offset", "start", "end", "inf", "nan"))

_TOKEN = re.compile(
    rf"""(?P<string>{STRING.pattern})|(?P<comment>{LITERAL.pattern})|(?P<space>\s+)
    |(?P<number>(?:0x[0-9a-fA-F]+|\d[\w.]*)(?:{VARIABLE}|\w)*)|(?P<name>(?:{VARIABLE}|[A-Za-z_:])(?:{VARIABLE}|[\w:])*)
    |(?P<mark>=~|!~|!=|==|>=|<=|.)""",
    re.VERBOSE | re.DOTALL,
)

Span = tuple[int, int]


@dataclass(frozen=True)
class MatcherSpan:
    """One label matcher as written; the span is that of the whole."""

    label: str
    op: str
    value: str
    span: Span


@dataclass
class Call:
    """A function, an aggregation, or only parentheses, and what is around it."""

    name: str
    outer: Call | None
    start: int
    subquery: str = ""  # the range that follows it: `5m:` of `rate((sum(x))[5m:])`


@dataclass
class SelectorSpan:
    """A selector as written."""

    metric: str
    span: Span
    call: Call | None
    matchers: tuple[MatcherSpan, ...] = ()
    window: str = ""
    window_span: Span = (0, 0)
    subquery: str = ""
    has_offset: bool = False

    @property
    def inside(self) -> list[str]:
        """The names of the calls around it, from the nearest; parentheses have none."""
        names, call = [], self.call
        while call:
            names += [call.name] if call.name else []
            call = call.outer
        return names

    @property
    def in_subquery(self) -> bool:
        """Whether a subquery evaluates it, so that the panel's own step does not reach it."""
        call = self.call
        while call:
            if call.subquery:
                return True
            call = call.outer
        return bool(self.subquery)


@dataclass(frozen=True)
class SelectorScan:
    """All selectors and calls of an expression, from left to right."""

    selectors: tuple[SelectorSpan, ...]
    calls: tuple[Call, ...]


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


@lru_cache(maxsize=4096)
def scan(expr: str) -> SelectorScan:
    """Read an expression; never raises."""
    return _Reader(expr).read()


class _Reader:
    def __init__(self, expr: str) -> None:
        found = (match for match in _TOKEN.finditer(expr) if match.lastgroup not in ("space", "comment"))
        self.tokens = [_Token(match.lastgroup or "", match[0], *match.span()) for match in found]
        self.expr = expr
        self.at = 0
        self.call: Call | None = None
        self.selectors: list[SelectorSpan] = []
        self.calls: list[Call] = []
        self.last: SelectorSpan | Call | None = None  # what a window or an offset here belongs to

    def read(self) -> SelectorScan:
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            if token.kind == "name":
                self._name(token)
            elif token.kind == "mark":
                self._mark(token)
            else:
                self.last = None
        return SelectorScan(tuple(self.selectors), tuple(self.calls))

    def _next(self) -> str:
        return self.tokens[self.at].text if self.at < len(self.tokens) else ""

    def _name(self, token: _Token) -> None:
        word = token.text.lower()
        if word in _GROUPING:
            if self._next() == "(":
                self._over(")")
        elif word in _AGGREGATIONS and self._next().lower() in ("by", "without", "("):
            if self._next() != "(":
                self.at += 1
                self._over(")")
            if self._next() == "(":
                self._open(token)
        elif self._next() == "(" and word not in _WORDS:
            self._open(token)
        elif word == "offset":
            if isinstance(self.last, SelectorSpan):
                self.last.has_offset = True
        elif word not in _WORDS:
            self._selector(token.text, token)

    def _open(self, token: _Token) -> None:
        self.at += 1
        self.call = Call(token.text.lower(), self.call, token.start)
        self.calls.append(self.call)
        self.last = None

    def _mark(self, token: _Token) -> None:
        if token.text == "(":
            self.call = Call("", self.call, token.start)
            self.calls.append(self.call)
        elif token.text == ")":
            self.last, self.call = self.call, self.call.outer if self.call else None
            return
        elif token.text == "{":
            self.at -= 1
            self._selector("", token)
            return
        elif token.text == "[":
            self._window(token)
            return
        elif token.text in ("@", "-"):  # x offset -5m, x @ end()
            return
        self.last = None

    def _selector(self, metric: str, token: _Token) -> None:
        found = SelectorSpan(metric, (token.start, token.end), self.call)
        if self._next() == "{":
            found.matchers = self._matchers()
            found.span = (token.start, self.tokens[self.at - 1].end)
        self.selectors.append(found)
        self.last = found

    def _matchers(self) -> tuple[MatcherSpan, ...]:
        start = self.at
        self._over("}")
        inside = self.tokens[start + 1 : self.at - 1]
        found = [
            MatcherSpan(label.text, op.text, value.text[1:-1], (label.start, value.end))
            for label, op, value in zip(inside, inside[1:], inside[2:], strict=False)
            if label.kind in ("name", "string") and op.text in ("=", "!=", "=~", "!~") and value.kind == "string"
        ]
        return tuple(found)

    def _window(self, token: _Token) -> None:
        self._over("]", opened=True)
        end = self.tokens[self.at - 1].start if self.at <= len(self.tokens) else len(self.expr)
        text = self.expr[token.end : end].strip()
        owner = self.last
        if owner is not None and (isinstance(owner, Call) or ":" in _plain(text)):
            owner.subquery = text
        elif isinstance(owner, SelectorSpan):
            owner.window, owner.window_span = text, (token.end, end)

    def _over(self, closing: str, *, opened: bool = False) -> None:
        """To behind the closing mark; the opening one is next, or is behind already."""
        self.at += 0 if opened else 1
        while self.at < len(self.tokens):
            self.at += 1
            if self.tokens[self.at - 1].text == closing:
                return


def _plain(window: str) -> str:
    """A window without its variables, whose formats have colons of their own."""
    return re.sub(VARIABLE, "", window)
