"""A graph in the language of Graphviz: https://graphviz.org/doc/info/lang.html"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from obscode.graph.graph import Graph, Kind, groups

_SHAPES: Mapping[Kind, str] = {
    "metric": "ellipse",
    "recording rule": "box",
    "slo": "box3d",
    "alert": "hexagon",
    "receiver": "house",
    "panel": "note",
    "dashboard": "folder",
}


def render(graph: Graph) -> str:
    """Nodes in a cluster for each service or file, from left to right; what is not certain is dashed."""
    return "\n".join(["digraph obscode {", "  rankdir=LR", *_lines(graph), "}"])


def _lines(graph: Graph) -> Iterator[str]:
    numbers = {node: f"n{number}" for number, node in enumerate(graph.nodes)}
    for number, (group, nodes) in enumerate(groups(graph.nodes)):
        indent = "  "
        if group:
            yield f"  subgraph cluster_{number} {{"
            yield f"    label={_quoted(group)}"
            indent = "    "
        for node in nodes:
            yield f"{indent}{numbers[node]} [label={_quoted(node.label)} shape={_SHAPES[node.kind]}]"
        if group:
            yield "  }"
    for start, end, is_certain in graph.edges:
        yield f"  {numbers[start]} -> {numbers[end]}{'' if is_certain else ' [style=dashed]'}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
