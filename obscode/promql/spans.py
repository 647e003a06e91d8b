"""The selectors and calls of a panel's PromQL with their positions, found without a parser.

Grafana variables stay: the window of `rate(up[$__rate_interval])` is `$__rate_interval`. The scan is meant for
expressions that parse; of others it finds what it can.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from obscode.promql.errors import PromQLError
from obscode.promql.limits import check_length, check_size
from obscode.promql.selector import Matcher, MatchOperator
from obscode.promql.tokens import VARIABLE, Token, code_tokens, unquote

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
_GROUPING = frozenset(
    ("by", "without", "on", "ignoring", "group_left", "group_right", "fill", "fill_left", "fill_right")
)
# Behind a selector; elsewhere they are metrics.
_MODIFIERS = ("anchored", "smoothed")
_KEYWORDS = frozenset(("and", "or", "unless", "atan2", "bool", "offset", "start", "end", "inf", "nan"))

Span = tuple[int, int]


@dataclass(frozen=True)
class MatcherSpan(Matcher):
    """A label matcher, whose value may hold Grafana variables, and where it stands."""

    span: Span


@dataclass
class CallSpan:
    """A function or an aggregation, or parentheses where the name is empty; ``outer`` is the call around it."""

    name: str
    outer: CallSpan | None
    start: int
    subquery: str = ""  # the range that follows it: `5m:` of `rate((sum(x))[5m:])`


@dataclass
class SelectorSpan:
    """A selector; ``window`` is the text in its square brackets, without a subquery's."""

    metric: str
    span: Span
    call: CallSpan | None
    matchers: tuple[MatcherSpan, ...] = ()
    window: str = ""
    window_span: Span = (0, 0)
    subquery: str = ""
    has_offset: bool = False

    @property
    def enclosing_calls(self) -> list[str]:
        """The names of the calls around it, innermost first, without parentheses."""
        names, call = [], self.call
        while call:
            names += [call.name] if call.name else []
            call = call.outer
        return names

    @property
    def in_subquery(self) -> bool:
        """Whether a subquery evaluates it, so that the step of the panel does not apply."""
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
    calls: tuple[CallSpan, ...]


@lru_cache(maxsize=4096)
def scan(expr: str) -> SelectorScan:
    """Find the selectors and calls of any text; none if it is too long or too deep to be parsed. Never raises."""
    try:
        check_length(expr)
        scanner = _Scanner(expr)
        check_size(scanner.tokens)
    except PromQLError:
        return SelectorScan((), ())
    return scanner.scan()


class _Scanner:
    def __init__(self, expr: str) -> None:
        self.tokens = code_tokens(expr)
        self.expr = expr
        self.at = 0
        self.call: CallSpan | None = None
        self.selectors: list[SelectorSpan] = []
        self.calls: list[CallSpan] = []
        self.last: SelectorSpan | CallSpan | None = None  # what a window or an offset belongs to

    def scan(self) -> SelectorScan:
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            if token.kind == "name":
                if token.text.lower() not in _MODIFIERS or self.last is None:
                    self._name(token)
            elif token.kind in ("operator", "bracket", "other"):
                self._punctuation(token)
            else:
                self.last = None
        return SelectorScan(tuple(self.selectors), tuple(self.calls))

    def _next(self) -> str:
        return self.tokens[self.at].text if self.at < len(self.tokens) else ""

    def _name(self, token: Token) -> None:
        word = token.text.lower()
        if word in _GROUPING and (self._next() == "(" or not word.startswith("fill")):
            if self._next() == "(":
                self._skip_to(")")
        elif word in _AGGREGATIONS and self._next().lower() in ("by", "without", "("):
            if self._next() != "(":
                self.at += 1
                self._skip_to(")")
            if self._next() == "(":
                self._open(token)
        elif self._next() == "(" and word not in _KEYWORDS:
            self._open(token)
        elif word == "offset":
            if isinstance(self.last, SelectorSpan):
                self.last.has_offset = True
        elif word not in _KEYWORDS:
            self._selector(token.text, token)

    def _open(self, token: Token) -> None:
        self.at += 1
        self.call = CallSpan(token.text.lower(), self.call, token.start)
        self.calls.append(self.call)
        self.last = None

    def _punctuation(self, token: Token) -> None:
        if token.text == "(":
            self.call = CallSpan("", self.call, token.start)
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

    def _selector(self, metric: str, token: Token) -> None:
        selector = SelectorSpan(metric, (token.start, token.end), self.call)
        if self._next() == "{":
            selector.metric = selector.metric or self._quoted_metric()
            selector.matchers = self._matchers()
            selector.span = (token.start, self.tokens[self.at - 1].end)
        self.selectors.append(selector)
        self.last = selector

    def _quoted_metric(self) -> str:
        """The name that stands first in the braces of `{"http.server.count", job="shop"}`."""
        first, follower = (*self.tokens[self.at + 1 : self.at + 3], None, None)[:2]
        is_name = first and first.kind == "string" and follower and follower.text in (",", "}")
        return unquote(first.text) if first and is_name else ""

    def _matchers(self) -> tuple[MatcherSpan, ...]:
        start = self.at
        self._skip_to("}")
        inside = self.tokens[start + 1 : self.at - 1]
        triples = zip(inside, inside[1:], inside[2:], strict=False)
        return tuple(matcher for label, op, value in triples if (matcher := _matcher(label, op, value)))

    def _window(self, token: Token) -> None:
        self._skip_to("]", opened=True)
        end = self.tokens[self.at - 1].start if self.at <= len(self.tokens) else len(self.expr)
        text = self.expr[token.end : end].strip()
        owner = self.last
        if owner is not None and (isinstance(owner, CallSpan) or ":" in _without_variables(text)):
            owner.subquery = text
        elif isinstance(owner, SelectorSpan):
            owner.window, owner.window_span = text, (token.end, end)

    def _skip_to(self, closing: str, *, opened: bool = False) -> None:
        """Go behind the closing bracket; the opening one is the next token, or was the last where ``opened``."""
        self.at += 0 if opened else 1
        while self.at < len(self.tokens):
            self.at += 1
            if self.tokens[self.at - 1].text == closing:
                return


def _matcher(label: Token, op: Token, value: Token) -> MatcherSpan | None:
    operators: Mapping[str, MatchOperator] = {"=": "=", "!=": "!=", "=~": "=~", "!~": "!~"}
    if label.kind not in ("name", "string") or op.text not in operators or value.kind != "string":
        return None
    name = unquote(label.text) if label.kind == "string" else label.text
    return MatcherSpan(name, operators[op.text], unquote(value.text), (label.start, value.end))


def _without_variables(window: str) -> str:
    """A window without its variables, whose formats may have colons."""
    return re.sub(VARIABLE, "", window)
