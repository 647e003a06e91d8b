"""The syntax tree of an expression."""

from __future__ import annotations

from dataclasses import dataclass

from obscode.promql.selector import Selector


@dataclass(frozen=True)
class Node:
    """A part of an expression: what it is, and what it is made of.

    ``name`` is that of a function, an aggregation or an operator. ``parts`` are in the order of the text, the
    parameter of an aggregation before what it aggregates. ``grouping`` is `("by", "job", "path")`, and
    ``modifiers`` what else tells two nodes apart: offset, @, bool, how series are matched. Two expressions are
    the same when their nodes are equal, whatever their spaces and parentheses.
    """

    kind: str
    name: str = ""
    parts: tuple[Node, ...] = ()
    selector: Selector | None = None
    value: float = 0
    grouping: tuple[str, ...] = ()
    modifiers: tuple[str, ...] = ()
