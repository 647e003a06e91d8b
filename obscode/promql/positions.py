"""Where the parts of an expression stand in its text.

The parser gives no positions. The tree and the tokens of its text have the same order, so that a walk over both gives
each node its tokens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from obscode.promql.syntax_tree import (
    Aggregation,
    BinaryOperation,
    Call,
    Negation,
    Node,
    NumberLiteral,
    StringLiteral,
    Subquery,
    VectorSelector,
)
from obscode.promql.tokens import Token, code_tokens, unquote

#: Positions of characters, and indexes of tokens.
Span = tuple[int, int]
Range = tuple[int, int]

_MODIFIERS = frozenset({"on", "ignoring", "group_left", "group_right", "fill", "fill_left", "fill_right"})
_OPENING, _CLOSING = frozenset("({["), frozenset(")}]")


@dataclass(frozen=True)
class Position:
    """Where a node stands.

    Attributes:
        span: all of it, without parentheses around it.
        keyword: the name of a function or an aggregation, the operator of an operation, the metric of a selector.
        labels: the labels of the grouping of an aggregation, of the matching of an operation, of the matchers of a
            selector, each with the name of its clause: `by`, `without`, `on`, `ignoring`, `group_left`, `group_right`,
            or `matcher`.
    """

    span: Span
    keyword: Span
    labels: Mapping[tuple[str, str], Span] = field(default_factory=dict)


@dataclass(frozen=True)
class Positions:
    """The positions of the nodes of one tree."""

    by_node: Mapping[int, Position]

    def of(self, node: Node) -> Position | None:
        """Where a node of the tree stands; None where the text and the tree do not agree."""
        return self.by_node.get(id(node))

    def label(self, node: Node, label: str, *clauses: str) -> Span | None:
        """Where a label stands in one of some clauses of a node."""
        position = self.of(node)
        if position is None:
            return None
        return next((span for clause in clauses if (span := position.labels.get((clause, label)))), None)


def locate(expr: str, tree: Node) -> Positions:
    """The positions of the nodes of a tree in the text that it was parsed from."""
    walk = _Walk(code_tokens(expr))
    with suppress(_MismatchError):
        walk.node(tree)
    return Positions(walk.positions)


class _MismatchError(Exception):
    """The tokens are not those of the tree."""


class _Walk:
    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.ends_of_arguments: set[int] = set()
        self.positions: dict[int, Position] = {}

    def node(self, node: Node) -> Range:
        span = self._node(node)
        self._close_parentheses()
        return span

    def _node(self, node: Node) -> Range:
        match node:
            case BinaryOperation():
                return self._operation(node)
            case Subquery():
                return self._subquery(node)
            case Negation():
                return self._negation(node)
        self._open_parentheses()
        match node:
            case Aggregation():
                return self._aggregation(node)
            case Call():
                return self._call(node)
            case VectorSelector():
                return self._selector(node)
            case NumberLiteral() | StringLiteral():
                self._take()
                return self._place(node, self.at - 1, self.at, self.at - 1)
        raise _MismatchError

    # --- forms ---------------------------------------------------------------------------------------------------

    def _operation(self, node: BinaryOperation) -> Range:
        start, _ = self.node(node.left)
        operator = self._keyword(node.operator)
        labels: dict[tuple[str, str], Span] = {}
        if self._next() == "bool":
            self._take()
        while self._next() in _MODIFIERS:
            clause = self._take().text.lower()
            if self._next() == "(":
                labels |= self._labels(clause)
        _, end = self.node(node.right)
        return self._place(node, *self._balanced(start, end), operator, labels)

    def _negation(self, node: Negation) -> Range:
        while self._next() == "(":
            self._take()
        self._take()
        start = self.at - 1
        _, end = self.node(node.expr)
        return self._place(node, *self._balanced(start, end), start)

    def _subquery(self, node: Subquery) -> Range:
        start, _ = self.node(node.expr)
        if self._next() != "[":
            raise _MismatchError
        opening = self.at
        self._skip_brackets()
        self._skip_offset()
        return self._place(node, *self._balanced(start, self.at), opening)

    def _aggregation(self, node: Aggregation) -> Range:
        keyword = self._keyword(node.operator)
        labels = self._grouping()
        self._open_arguments()
        for child in node.children:
            self.node(child)
            if self._next() == ",":
                self._take()
        self._close_arguments()
        labels |= self._grouping()
        return self._place(node, keyword, self.at, keyword, labels)

    def _grouping(self) -> dict[tuple[str, str], Span]:
        return self._labels(self._take().text.lower()) if self._next() in ("by", "without") else {}

    def _call(self, node: Call) -> Range:
        keyword = self._keyword(node.function)
        self._open_arguments()
        for argument in node.arguments:
            self.node(argument)
            if self._next() == ",":
                self._take()
        self._close_arguments()
        return self._place(node, keyword, self.at, keyword)

    def _selector(self, node: VectorSelector) -> Range:
        first = self.at
        if self._next() != "{" and self._take().kind != "name":
            raise _MismatchError
        labels: dict[tuple[str, str], Span] = {}
        if self._next() == "{":
            labels = self._matchers()
        if node.selector.window:
            if self._next() != "[":
                raise _MismatchError
            self._skip_brackets()
        self._skip_offset()
        return self._place(node, first, self.at, first, labels)

    def _matchers(self) -> dict[tuple[str, str], Span]:
        start = self.at
        self._skip_brackets()
        inside = self.tokens[start + 1 : self.at - 1]
        result: dict[tuple[str, str], Span] = {}
        for i, token in enumerate(inside):
            if token.kind in ("name", "string") and i + 2 < len(inside) and inside[i + 1].kind == "operator":
                result[("matcher", _name(token))] = (token.start, inside[i + 2].end)
        return result

    # --- tokens --------------------------------------------------------------------------------------------------

    def _labels(self, clause: str) -> dict[tuple[str, str], Span]:
        start = self.at
        if self._next() != "(":
            raise _MismatchError
        self._skip_brackets()
        inside = self.tokens[start + 1 : self.at - 1]
        return {(clause, _name(token)): (token.start, token.end) for token in inside if token.text != ","}

    def _skip_brackets(self) -> None:
        depth = 0
        while self.at < len(self.tokens):
            text = self._take().text
            depth += (text in _OPENING) - (text in _CLOSING)
            if depth == 0:
                return
        raise _MismatchError

    def _skip_offset(self) -> None:
        while self._next() in ("offset", "@"):
            self._take()
            if self._next() in ("-", "+"):
                self._take()
            self._take()
            if self._next() == "(":  # @ end()
                self._skip_brackets()

    def _open_parentheses(self) -> None:
        while self._next() in ("(", "-", "+"):
            self._take()

    def _close_parentheses(self) -> None:
        """Go behind the parentheses around a node, up to the end of the arguments that it is one of."""
        while self._next() == ")" and self.at not in self.ends_of_arguments:
            self._take()

    def _next(self) -> str:
        return self.tokens[self.at].text.lower() if self.at < len(self.tokens) else ""

    def _take(self) -> Token:
        if self.at >= len(self.tokens):
            raise _MismatchError
        self.at += 1
        return self.tokens[self.at - 1]

    def _open_arguments(self) -> None:
        if self._next() != "(":
            raise _MismatchError
        start = self.at
        self._skip_brackets()
        self.ends_of_arguments.add(self.at - 1)
        self.at = start + 1

    def _close_arguments(self) -> None:
        if self.at not in self.ends_of_arguments:
            raise _MismatchError
        self._take()

    def _keyword(self, text: str) -> int:
        if self._take().text.lower() != text:
            raise _MismatchError
        return self.at - 1

    def _balanced(self, start: int, end: int) -> Range:
        """A range of tokens with the parentheses around its first and its last operand."""
        depth = lowest = 0
        for token in self.tokens[start:end]:
            depth += (token.text == "(") - (token.text == ")")
            lowest = min(lowest, depth)
        return start + lowest, end + depth - lowest

    def _place(
        self, node: Node, start: int, end: int, keyword: int, labels: Mapping[tuple[str, str], Span] | None = None
    ) -> Range:
        tokens = self.tokens
        span = (tokens[start].start, tokens[end - 1].end)
        self.positions[id(node)] = Position(span, (tokens[keyword].start, tokens[keyword].end), labels or {})
        return start, end


def _name(token: Token) -> str:
    return unquote(token.text) if token.kind == "string" else token.text
