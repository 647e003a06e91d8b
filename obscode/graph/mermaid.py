"""A graph as a flowchart of Mermaid, which GitHub and GitLab draw: https://mermaid.js.org/syntax/flowchart.html"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from obscode.graph.graph import Graph, Kind, Node, groups

_SHAPES: Mapping[Kind, tuple[str, str]] = {
    "metric": ("([", "])"),
    "recording rule": ("[", "]"),
    "slo": ("[[", "]]"),
    "alert": ("{{", "}}"),
    "receiver": ("(", ")"),
    "panel": ("[/", "/]"),
    "dashboard": ("[/", "/]"),
}


def render(graph: Graph) -> str:
    """Nodes in a box for each service or file, from left to right; what is not certain is dotted."""
    return "\n".join(["flowchart LR", *_lines(graph)])


def _lines(graph: Graph) -> Iterator[str]:
    numbers = {node: f"n{number}" for number, node in enumerate(graph.nodes)}
    for number, (group, nodes) in enumerate(groups(graph.nodes)):
        indent = "  "
        if group:
            yield f'  subgraph g{number}["{_escaped(group)}"]'
            indent = "    "
        yield from (f"{indent}{numbers[node]}{_shape(node)}" for node in nodes)
        if group:
            yield "  end"
    for start, end, is_certain in graph.edges:
        yield f"  {numbers[start]} {'-->' if is_certain else '-.->'} {numbers[end]}"


def _shape(node: Node) -> str:
    opening, closing = _SHAPES[node.kind]
    return f'{opening}"{_escaped(node.label)}"{closing}'


def _escaped(text: str) -> str:
    """The text inside quotes: https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters"""
    escaped = text.replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
    return " ".join(escaped.split())
