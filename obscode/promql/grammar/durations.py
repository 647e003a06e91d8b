"""The items of an expression one by one, and its durations, which may be expressions since Prometheus 3.14."""

from __future__ import annotations

import re
from typing import NamedTuple, NoReturn

from obscode.promql.grammar import features as known
from obscode.promql.grammar.features import Feature
from obscode.promql.grammar.lexer import GrammarError, Item, Kind, Lexer

_SUM, _PRODUCT, _POWER = 1, 2, 3
_PRECEDENCE = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "%": _PRODUCT, "^": _POWER}
_UNIT = re.compile(r"(\d+)(ms|[smhdwy])")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}
_LENGTHS = "number, duration, step(), or range()"


class Duration(NamedTuple):
    """A duration in seconds; None, if it is known at run time only. ``is_literal`` is false for an expression."""

    seconds: float | None
    is_literal: bool


class DurationParser:
    """Reads items; ``item`` is the next one, ``last`` the one before it."""

    def __init__(self, text: str) -> None:
        self._items = Lexer(text).items()
        self.item = self.last = next(self._items)
        self.features: list[Feature] = []

    def advance(self) -> Item:
        """Take the next item."""
        self.last = self.item
        self.item = next(self._items)
        return self.last

    def is_at_end(self) -> bool:
        """Whether all items are taken."""
        return self.is_kind("end")

    def is_kind(self, *kinds: Kind) -> bool:
        """Whether the next item is of one of these kinds."""
        return self.item.kind in kinds

    def is_punctuation(self, text: str) -> bool:
        """Whether the next item is this bracket or comma."""
        return self.item.kind == "punctuation" and self.item.text == text

    def expect(self, text: str, context: str, expected: str) -> Item:
        """Take this bracket; GrammarError for another item."""
        if not self.is_punctuation(text):
            self.fail(context, expected or f'"{text}"')
        return self.advance()

    def fail(self, context: str, expected: str = "") -> NoReturn:
        """Raise GrammarError for the next item."""
        if self.item.kind == "error":
            raise GrammarError(self.item.text, self.item.start, self.item.end)
        message = f"unexpected {self.item.described()}"
        message += f" in {context}" if context else ""
        message += f", expected {expected}" if expected else ""
        raise GrammarError(message, self.item.start, self.item.end)

    def positive_duration(self, context: str, *, or_end: bool = False) -> None:
        """A range or a step in brackets."""
        start = self.item.start
        if not self._begins_duration():
            self.fail(context, _LENGTHS + (', or "]"' if or_end else ""))
        is_signed = self.is_kind("operator")
        duration = self._duration(_SUM)
        if duration.seconds is not None and duration.seconds <= 0 and duration.is_literal:
            raise GrammarError("duration must be greater than 0", start, self.last.end)
        self._report(duration._replace(is_literal=duration.is_literal and not is_signed), start)

    def offset_duration(self) -> None:
        """The length of an offset: an expression only in parentheses."""
        start = self.item.start
        if not self._begins_duration():
            self.fail("offset", _LENGTHS)
        self._report(self._duration(_POWER + 1), start)

    def _report(self, duration: Duration, start: int) -> None:
        if not duration.is_literal:
            self.features.append(Feature(*known.DURATION_EXPRESSION, (start, self.last.end)))

    def _begins_duration(self) -> bool:
        item = self.item
        return (
            item.kind in ("number", "duration")
            or (item.kind == "operator" and item.text in "+-")
            or (item.kind == "keyword" and item.text.lower() in ("step", "range", "max_of", "min_of"))
            or self.is_punctuation("(")
        )

    def _duration(self, lowest: int) -> Duration:
        left = self._signed_duration()
        while self.item.kind == "operator" and _PRECEDENCE.get(self.item.text, 0) >= lowest:
            precedence = _PRECEDENCE[self.advance().text]
            if not self._begins_duration():
                self.fail("", _LENGTHS)
            self._duration(precedence + (precedence != _POWER))
            left = Duration(None, False)
        return left

    def _signed_duration(self) -> Duration:
        sign = 1
        while self.item.kind == "operator" and self.item.text in "+-":
            sign *= -1 if self.advance().text == "-" else 1
            if not self._begins_duration():
                self.fail("", _LENGTHS)
        duration = self._duration_operand()
        return duration if duration.seconds is None else duration._replace(seconds=sign * duration.seconds)

    def _duration_operand(self) -> Duration:
        item = self.advance()
        if item.kind == "number":
            return Duration(_number(item.text), True)
        if item.kind == "duration":
            return Duration(sum(int(n) * _SECONDS[unit] for n, unit in _UNIT.findall(item.text)), True)
        if item.kind == "punctuation":
            self._inner()
            self.expect(")", "", '")"')
        else:
            self.expect("(", "", "")
            if item.text.lower() in ("max_of", "min_of"):
                self._inner()
                self.expect(",", "", '","')
                self._inner()
            self.expect(")", "", '")"')
        return Duration(None, False)

    def _inner(self) -> None:
        if not self._begins_duration():
            self.fail("", _LENGTHS)
        self._duration(_SUM)


def _number(text: str) -> float | None:
    try:
        return float(int(text, 0)) if text.lower().startswith("0x") else float(text)
    except ValueError:
        return None
