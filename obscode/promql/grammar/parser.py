"""A recursive descent parser of PromQL that stops at the token that Prometheus' parser stops at.

https://github.com/prometheus/prometheus/blob/main/promql/parser/generated_parser.y
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from obscode.promql.go_regex import full_match
from obscode.promql.grammar import features as known
from obscode.promql.grammar.durations import DurationParser
from obscode.promql.grammar.features import Feature
from obscode.promql.grammar.functions import FUNCTIONS
from obscode.promql.grammar.lexer import GrammarError, Item
from obscode.promql.grammar.parts import WITH_PARAMETER, Modifiers, Part, check_types
from obscode.promql.syntax_tree import ValueType
from obscode.promql.tokens import unquote

_PRECEDENCE = {
    "or": 1,
    **dict.fromkeys(("and", "unless"), 2),
    **dict.fromkeys(("==", "!=", "<=", "<", ">=", ">", "</", ">/"), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/", "%", "atan2"), 5),
    "^": 6,
}
_POWER = 6
# Words that cannot be the name of a metric.
_RESERVED = ("on", "ignoring", "bool", "group_left", "group_right", "atan2")
_CALLED_KEYWORDS = ("start", "end", "step", "range", "max_of", "min_of")
_EXTENDED = ("anchored", "smoothed")


class Analysis(NamedTuple):
    """The type of an expression's result, and the features that not every Prometheus has."""

    type: ValueType
    features: Sequence[Feature]


def analyse(text: str) -> Analysis:
    """What an expression is. Raises GrammarError where every Prometheus rejects it, RecursionError if it is deep."""
    parser = _Parser(text)
    if parser.is_at_end():
        raise GrammarError("no expression found in input", 0, len(text))
    part = parser.expression()
    if not parser.is_at_end():
        parser.fail("", "an operator")
    check_types(part)
    return Analysis(part.type, parser.features)


class _Parser(DurationParser):
    def expression(self, lowest: int = 1) -> Part:
        """An expression of operators that bind at least as tightly as ``lowest``."""
        left = self._signed()
        while True:
            operator, precedence = self.item, _PRECEDENCE.get(self.item.text.lower(), 0)
            if operator.kind != "operator" or precedence < lowest:
                return left
            self.advance()
            if operator.text in ("</", ">/"):
                self._feature(known.TRIM, operator)
            modifiers = self._modifiers()
            right = self.expression(precedence + (precedence != _POWER))
            scalars = left.type == right.type == "scalar"
            left = Part(
                "operation",
                "scalar" if scalars else "vector",
                left.start,
                right.end,
                operator.text.lower(),
                (operator.start, operator.end),
                (left, right),
                modifiers=modifiers,
            )

    def _signed(self) -> Part:
        start, signs = self.item.start, 0
        while self.item.kind == "operator" and self.item.text in "+-":
            signs += 1
            self.advance()
        if not signs:
            return self._with_suffixes(self._primary())
        inner = self.expression(_POWER)
        kind = inner.kind if inner.kind == "number" else "sign"
        return Part(kind, inner.type, start, inner.end, children=(inner,))

    # --- suffixes ------------------------------------------------------------------------------------------------

    def _with_suffixes(self, part: Part) -> Part:
        while True:
            text = self.item.text.lower()
            if self.is_punctuation("["):
                part = self._range(part)
            elif self.item.kind == "keyword" and text == "offset":
                part = self._offset(part)
            elif self.is_punctuation("@"):
                part = self._at(part)
            elif self.item.kind == "keyword" and text in _EXTENDED:
                part = self._extended(part, text)
            else:
                return part

    def _range(self, part: Part) -> Part:
        opening = self.advance()
        self.positive_duration("subquery or range selector")
        if self.is_punctuation(":"):
            self.advance()
            if not self.is_punctuation("]"):
                self.positive_duration("subquery selector", or_end=True)
            end = self.expect("]", "subquery selector", '"]"').end
            return Part("subquery", "matrix", part.start, end, children=(part,))
        closing = self.expect("]", "subquery or range", '":" or "]"')
        problem = ""
        if part.kind != "selector":
            problem = "ranges only allowed for vector selectors"
        elif part.has_offset:
            problem = "no offset modifiers allowed before range"
        elif part.has_at:
            problem = "no @ modifiers allowed before range"
        if problem:
            raise GrammarError(problem, opening.start, closing.end)
        return Part("range", "matrix", part.start, closing.end, children=(part,))

    def _offset(self, part: Part) -> Part:
        self.advance()
        self.offset_duration()
        self._require_series(part, "offset modifier")
        if part.has_offset:
            raise GrammarError("offset may not be set multiple times", *part.span)
        return replace(part, end=self.last.end, has_offset=True)

    def _at(self, part: Part) -> Part:
        self.advance()
        if self.item.kind == "keyword" and self.item.text.lower() in ("start", "end"):
            self.advance()
            self.expect("(", "", "")
            self.expect(")", "", "")
        else:
            self._timestamp(part)
        self._require_series(part, "@ modifier")
        if part.has_at:
            raise GrammarError("@ <timestamp> may not be set multiple times", *part.span)
        return replace(part, end=self.last.end, has_at=True)

    def _timestamp(self, part: Part) -> None:
        if self.item.kind == "operator" and self.item.text in "+-":
            self.advance()
        if not self.is_kind("number", "duration"):
            self.fail("@", "timestamp")
        number = self.advance()
        if number.kind == "duration":
            self._feature(known.TIMESTAMP, number, is_parsed=True)
        value = float(number.text) if re.fullmatch(r"[\d.eE+-]+|(?i:inf|nan)", number.text) else 0.0
        if not abs(value) < 2**63 / 1e3:
            raise GrammarError(f"timestamp out of bounds for @ modifier: {number.text}", number.start, number.end)

    def _extended(self, part: Part, modifier: str) -> Part:
        item = self.advance()
        if part.kind == "subquery":
            raise GrammarError(f"{modifier} modifier is not supported for subqueries", *part.span)
        if part.kind not in ("selector", "range"):
            raise GrammarError(f"{modifier} modifier must be preceded by a selector", *part.span)
        self._feature(known.EXTENDED_RANGE, item)
        return replace(part, end=item.end)

    def _require_series(self, part: Part, modifier: str) -> None:
        if part.kind not in ("selector", "range", "subquery"):
            message = "must be preceded by a selector, a range vector or a subquery"
            raise GrammarError(f"{modifier} {message}", *part.span)

    # --- operands ------------------------------------------------------------------------------------------------

    def _primary(self) -> Part:
        item = self.item
        if item.kind in ("number", "duration"):
            self.advance()
            self._number_features(item)
            return Part("number", "scalar", item.start, item.end)
        if item.kind == "string":
            self.advance()
            return Part("string", "string", item.start, item.end)
        if self.is_punctuation("("):
            return self._parentheses()
        if self.is_punctuation("{"):
            return self._selector(None)
        if item.text.lower() in _RESERVED or not _is_word(item):
            self.fail("", "an expression")
        self.advance()
        return self._named(item)

    def _number_features(self, item: Item) -> None:
        if "_" in item.text:
            self._feature(known.SEPARATORS, item, is_parsed=not item.text.lower().startswith("0x"))
        if item.kind == "duration":
            self._feature(known.DURATION, item, is_parsed=True)

    def _named(self, name: Item) -> Part:
        word = name.text.lower()
        if name.kind == "aggregation" and (self.is_punctuation("(") or self._is_grouping()):
            return self._aggregation(name)
        is_callable = name.kind == "identifier" or word in _CALLED_KEYWORDS
        if is_callable and self.is_punctuation("("):
            return self._call(name)
        if word in _EXTENDED:
            self._feature(known.METRIC_NAME, name)
        return self._selector(name)

    def _parentheses(self) -> Part:
        opening = self.advance()
        inner = self.expression()
        closing = self.expect(")", "", '")" or an operator')
        return Part("parentheses", inner.type, opening.start, closing.end, children=(inner,))

    def _arguments(self) -> tuple[Sequence[Part], int]:
        """The arguments in parentheses, and where they end."""
        self.expect("(", "", "")
        arguments: list[Part] = []
        while not (self.is_punctuation(")") and not arguments):
            arguments.append(self.expression())
            if not self.is_punctuation(","):
                break
            comma = self.advance()
            if not self._begins_expression():
                raise GrammarError("trailing commas not allowed in function call args", comma.start, comma.end)
        return arguments, self.expect(")", "", '"," or ")"').end

    def _begins_expression(self) -> bool:
        item = self.item
        if item.kind == "punctuation":
            return item.text in "({"
        if item.kind in ("number", "duration", "string", "error"):
            return True
        return item.text in "+-" or (_is_word(item) and item.text.lower() not in _RESERVED)

    def _call(self, name: Item) -> Part:
        arguments, end = self._arguments()
        function = FUNCTIONS.get(name.text)
        if function is None:
            raise GrammarError(f'unknown function with name "{name.text}"', name.start, name.end)
        if name.text == "holt_winters":
            self._feature(known.HOLT_WINTERS, name)
        if name.text == "info" and len(arguments) > 1 and arguments[1].has_empty_matchers:
            self._feature(known.INFO, name)
        self._function_feature(name)
        return Part("call", function.returns, name.start, end, name.text, (name.start, name.end), arguments)

    def _aggregation(self, operator: Item) -> Part:
        if is_grouped := self._is_grouping():
            self.advance()
            self._grouping()
            if not self.is_punctuation("("):
                self.fail("aggregation", '"("')
        arguments, end = self._arguments()
        if not is_grouped and self._is_grouping():
            self.advance()
            self._grouping()
            end = self.last.end
        self._function_feature(operator)
        name = operator.text.lower()
        expected = 2 if name in WITH_PARAMETER else 1
        if not arguments:
            raise GrammarError("no arguments for aggregate expression provided", operator.start, end)
        if len(arguments) != expected:
            message = f"wrong number of arguments for aggregate expression provided, expected {expected}"
            raise GrammarError(f"{message}, got {len(arguments)}", operator.start, end)
        return Part("aggregation", "vector", operator.start, end, name, (operator.start, operator.end), arguments)

    def _is_grouping(self) -> bool:
        return self.item.kind == "keyword" and self.item.text.lower() in ("by", "without")

    # --- labels --------------------------------------------------------------------------------------------------

    def _grouping(self) -> list[str]:
        if not self.is_punctuation("("):
            self.fail("grouping opts", '"("')
        self.advance()
        labels: list[str] = []
        while not self.is_punctuation(")"):
            labels.append(self._label())
            if not self.is_punctuation(","):
                break
            self.advance()
        self.expect(")", "grouping opts", '"," or ")"')
        return labels

    def _label(self) -> str:
        item = self.item
        if not (item.kind == "string" or _is_word(item)) or item.text.lower() == "without":
            self.fail("grouping opts", "label")
        self.advance()
        if item.kind == "string":
            self._feature(known.UTF8_NAME, item, is_parsed=True)
            return unquote(item.text)
        if item.kind == "metric identifier":
            self._feature(known.GROUPING, item)
        if item.text.lower() in _EXTENDED:
            self._feature(known.METRIC_NAME, item)
        return item.text

    def _modifiers(self) -> Modifiers:
        modifiers = Modifiers()
        if self._keyword("bool"):
            self.advance()
            modifiers.returns_bool = True
        if self._keyword("on") or self._keyword("ignoring"):
            modifiers.on = self.advance().text.lower() == "on"
            modifiers.labels = self._grouping()
            if self._keyword("group_left") or self._keyword("group_right"):
                self.advance()
                modifiers.is_grouped = True
                modifiers.include = self._grouping() if self.is_punctuation("(") else ()
        if self._keyword("fill"):
            self._fill(modifiers)
        elif self._keyword("fill_left") or self._keyword("fill_right"):
            other = {"fill_left": "fill_right", "fill_right": "fill_left"}[self.item.text.lower()]
            self._fill(modifiers)
            if self._keyword(other):
                self._fill(modifiers)
        return modifiers

    def _fill(self, modifiers: Modifiers) -> None:
        keyword = self.advance()
        self._feature(known.FILL, keyword, is_parsed=True)
        self.expect("(", "", "")
        if self.item.kind == "operator" and self.item.text in "+-":
            self.advance()
        if not self.is_kind("number", "duration"):
            self.fail("", "a number")
        self.advance()
        self.expect(")", "", '")"')
        modifiers.fills = True

    def _keyword(self, name: str) -> bool:
        return self.item.kind == "keyword" and self.item.text.lower() == name

    def _selector(self, name: Item | None) -> Part:
        start = name.start if name else self.item.start
        part = Part("selector", "vector", start, self.last.end, name.text if name else "")
        if not self.is_punctuation("{"):
            return part
        self.advance()
        matchers: list[tuple[str, str, str]] = []
        while not self.is_punctuation("}"):
            matchers.append(self._matcher())
            if not self.is_punctuation(","):
                break
            self.advance()
        part.end = self.expect("}", "label matching", '"," or "}"').end
        part.sets_name = any(label == "__name__" for label, _, _ in matchers)
        part.has_empty_matchers = all(_matches_empty(operator, value) for _, operator, value in matchers)
        return part

    def _matcher(self) -> tuple[str, str, str]:
        label = self.item
        if label.kind not in ("identifier", "string"):
            self.fail("label matching", 'identifier or "}"')
        self.advance()
        if label.kind == "string":
            self._feature(known.UTF8_NAME, label, is_parsed=True)
        if label.kind == "string" and not self.is_kind("operator"):
            return "__name__", "=", unquote(label.text)
        if not self.is_kind("operator"):
            self.fail("label matching", "label matching operator")
        operator = self.advance()
        if not self.is_kind("string"):
            self.fail("label matching", "string")
        value = self.advance()
        name = unquote(label.text) if label.kind == "string" else label.text
        return name, operator.text, unquote(value.text)

    # --- features ------------------------------------------------------------------------------------------------

    def _feature(self, feature: tuple[str, str], item: Item, *, is_parsed: bool = False) -> None:
        name, since = feature
        self.features.append(Feature(name.format(item.text), since, (item.start, item.end), is_parsed))

    def _function_feature(self, name: Item) -> None:
        if since := known.FUNCTIONS.get(name.text.lower()):
            self._feature((known.FUNCTION, since), name, is_parsed=True)


def _is_word(item: Item) -> bool:
    """Whether it may be a name: also a keyword, and an operator such as `and`."""
    if item.kind == "operator":
        return item.text[:1].isalpha()
    return item.kind in ("identifier", "metric identifier", "keyword", "aggregation")


def _matches_empty(operator: str, value: str) -> bool:
    matches = full_match(value, "") is not False if "~" in operator else not value
    return matches if operator[0] == "=" else not matches
