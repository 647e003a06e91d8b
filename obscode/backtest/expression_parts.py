"""Expressions that read computed and stored series: the parts that read only stored ones are evaluated by the server.

`slo:burn > 14 and on (job) rate(requests_total[5m]) > 1` becomes `slo:burn > 14 and on (job) obscode_part_1`, where
`obscode_part_1` has the results of the part at the times of the evaluations, and ends where the part has none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse, parse_tree
from obscode.promql.positions import locate
from obscode.promql.selector import Selector
from obscode.promql.syntax_tree import Node, Subquery, VectorSelector, value_type

PREFIX = "obscode_part_"
IsComputed = Callable[[Selector], bool]


@dataclass(frozen=True)
class Parts:
    """An expression over computed series and parts, and the expressions of the parts by their names."""

    text: str
    parts: Sequence[tuple[str, str]]


class UnsupportedError(Exception):
    """An expression that reads computed and stored series and cannot be divided; the message says why."""


def selectors(expr: str) -> Sequence[Selector]:
    """The selectors of an expression; none if it is not PromQL, which the server reports."""
    try:
        return parse(expr).selectors
    except PromQLError:
        return []


def divided(expr: str, is_computed: IsComputed, first: int) -> Parts:
    """The expression with a name in place of each part that reads stored series only; ``first`` numbers the names."""
    try:
        tree = parse_tree(expr)
    except PromQLError:
        raise UnsupportedError("its syntax is newer than obscode's parser") from None
    positions = locate(expr, tree)
    spans: dict[str, tuple[int, int]] = {}
    for number, node in enumerate(_parts(tree, is_computed), first):
        if (position := positions.of(node)) is None:
            raise UnsupportedError("its parts are not located in the text")
        spans[f"{PREFIX}{number}"] = position.span
    if spans and "__name__" in expr:
        raise UnsupportedError("it reads __name__")
    text = expr
    for name, (start, end) in sorted(spans.items(), key=lambda each: each[1], reverse=True):
        text = f"{text[:start]}{name}{text[end:]}"
    return Parts(text, [(name, expr[start:end]) for name, (start, end) in spans.items()])


def _parts(node: Node, is_computed: IsComputed) -> Iterator[Node]:
    """The largest vectors that read stored series and no computed ones."""
    read = [each.selector for each in node.descendants() if isinstance(each, VectorSelector)]
    computed = [selector for selector in read if is_computed(selector)]
    if read and not computed and value_type(node) == "vector":
        yield node
    elif len(computed) < len(read):
        if isinstance(node, Subquery) and computed:
            raise UnsupportedError("a subquery of it reads both recorded and other series")
        for child in node.children:
            yield from _parts(child, is_computed)
