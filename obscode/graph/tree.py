"""One node with everything that it is computed from and that depends on it, as trees: `obscode why`."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.graph.graph import Graph, Node

_INDENT = "  "


def render(graph: Graph, node: Node) -> str:
    """The node, what it is computed from, and what depends on it."""
    return "\n".join([_line(node), *_part(graph, node, "computed from", True), *_part(graph, node, "used by", False)])


def _part(graph: Graph, node: Node, title: str, upwards: bool) -> Iterator[str]:
    if lines := list(_below(graph, node, 2, upwards, {node})):
        yield f"{_INDENT}{title}:"
        yield from lines
    elif not (upwards and node.kind == "metric") and node.kind not in ("receiver", "dashboard", "panel"):
        yield f"{_INDENT}{title}: nothing"


def _below(graph: Graph, node: Node, depth: int, upwards: bool, seen: set[Node]) -> Iterator[str]:
    """A line for each neighbour and, the first time, those behind it."""
    for edge in graph.inputs(node) if upwards else graph.readers(node):
        other = edge.start if upwards else edge.end
        is_new = other not in seen
        has_more = bool(graph.inputs(other) if upwards else graph.readers(other))
        notes = "" if edge.is_certain else " (perhaps)"
        notes += " (see above)" if has_more and not is_new else ""
        yield f"{_INDENT * depth}{_line(other)}{notes}"
        seen.add(other)
        if is_new:
            yield from _below(graph, other, depth + 1, upwards, seen)


def _line(node: Node) -> str:
    return f"{node}  {node.place}".rstrip()
