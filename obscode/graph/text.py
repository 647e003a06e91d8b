"""A graph as text: by service or file, what each node reads and which receivers it notifies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from obscode.graph.graph import Edge, Graph, Node, groups


def render(graph: Graph) -> str:
    """A section for each service or file, then the dashboards."""
    readers = [node for node in graph.nodes if node.kind not in ("metric", "receiver")]
    sections = ["\n".join(_section(group, nodes, graph)) for group, nodes in groups(readers)]
    return "\n\n".join(sections)


def _section(group: str, nodes: Iterable[Node], graph: Graph) -> Iterator[str]:
    yield group or "dashboards"
    for node in nodes:
        yield f"  {node.kind} {node.label}  {node.place}".rstrip()
        if inputs := graph.inputs(node):
            yield f"    reads {_listed(edge.start.label for edge in inputs)}"
        notified = [edge for edge in graph.readers(node) if edge.end.kind == "receiver"]
        if notified:
            yield f"    notifies {_listed(_receiver(edge) for edge in notified)}"


def _receiver(edge: Edge) -> str:
    return edge.end.name if edge.is_certain else f"{edge.end.name} (perhaps)"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(set(names)))
