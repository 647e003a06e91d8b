"""The shape of an expression: its text with numbers in place of metrics and of the values of matchers.

The rules and panels of many services differ in these only. A shape is parsed once, and each expression gets the result
with its own metrics and values, which takes a tenth of the time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from obscode.promql import go_regex
from obscode.promql.errors import PromQLError
from obscode.promql.selector import Matcher, Selector
from obscode.promql.syntax_tree import Node, VectorSelector

_METRIC = "obscode:metric:"
_NUMBERED = re.compile(rf"{_METRIC}(\d+)")
# Without these, every double quote begins or ends a string, whose value is what stands between them. A matcher of
# `__name__` stands for a metric.
_UNUSUAL = ("'", "`", "\\", "#", "__name__", _METRIC)
# A name before a brace, with an underscore or a colon, which few keywords have.
_KEYWORD = r"(?:group|fill)_(?:left|right)\b|count_values\b|limit_ratio\b"
_NAME = re.compile(rf"(?<![\w:$}}\]])(?!{_KEYWORD})[A-Za-z]*[_:][\w:]*(?=\{{)", re.ASCII)


class Shape(NamedTuple):
    """The text of a shape; ``names`` and ``values`` are the metrics and the values of an expression, by number."""

    text: str
    names: Sequence[str] = ()
    values: Sequence[str] = ()


@lru_cache(maxsize=4096)
def shape_of(expr: str) -> Shape:
    """The shape of an expression.

    It is the expression itself where strings are not plain, and where a value is empty, which decides what labels a
    result has.
    """
    parts = expr.split('"')
    if len(parts) % 2 == 0 or any(text in expr for text in _UNUSUAL):
        return Shape(expr)
    names: list[str] = []
    values: list[str] = []

    def numbered(name: re.Match[str]) -> str:
        names.append(name[0])
        return f"{_METRIC}{len(names) - 1}"

    for i, part in enumerate(parts):
        if i % 2 == 0:
            parts[i] = _NAME.sub(numbered, part)
        elif _is_before_value(parts[i - 1]):
            parts[i] = str(len(values))
            values.append(part)
    if not (names or values) or "" in values or "\n" in "".join(values):
        return Shape(expr)
    return Shape('"'.join(parts), names, values)


def _is_before_value(code: str) -> bool:
    return code.rstrip().endswith(("=", "~"))


def filled_text(shape: Shape) -> str:
    """The text of a shape with its metrics and values."""
    parts = shape.text.split('"')
    values = iter(shape.values)
    for i, part in enumerate(parts):
        if i % 2 == 0:
            parts[i] = _NUMBERED.sub(lambda metric: shape.names[int(metric[1])], part)
        elif _is_before_value(parts[i - 1]):
            parts[i] = next(values)
    return '"'.join(parts)


def fill_tree(tree: Node, shape: Shape) -> Node:
    """The tree of a shape with the metrics and values of an expression; raises PromQLError as ``fill_selector``."""
    if isinstance(tree, VectorSelector):
        return VectorSelector(fill_selector(tree.selector, shape), tree.offset, tree.at)
    return tree.with_children(*[fill_tree(child, shape) for child in tree.children]) if tree.children else tree


def fill_selector(selector: Selector, shape: Shape) -> Selector:
    """A selector of a shape with the metric and the values of an expression.

    Raises PromQLError for an invalid regular expression, and for a selector without a metric: Prometheus requires a
    matcher there that does not match an empty value.
    """
    if not selector.metric:
        raise PromQLError("a selector without a metric")
    name, matchers = selector.metric, []
    if name.startswith(_METRIC):
        name = shape.names[int(name.removeprefix(_METRIC))]
    for matcher in selector.matchers:
        value = shape.values[int(matcher.value)]
        if matcher.op in ("=~", "!~") and go_regex.syntax_error(value):
            raise PromQLError("an invalid regular expression")
        matchers.append(Matcher(matcher.label, matcher.op, value))
    return Selector(name, tuple(matchers), selector.window)
