"""A graph as a value: its nodes, and edges from what is read to what reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

Kind = Literal["metric", "recording rule", "slo", "alert", "receiver", "panel", "dashboard"]


@dataclass(frozen=True)
class Node:
    """A part of the monitoring.

    Attributes:
        group: the service or the file of a rule, the dashboard of a panel, the SLO of one of its rules.
        labels: `{team="a"}`, of recording rules that have the name of another one.
        place: `file:line`; empty for what is written nowhere.
        parent: what stands for this node in an overview: the SLO of a recording rule, the dashboard of a panel.
    """

    kind: Kind
    name: str
    group: str = ""
    labels: str = ""
    place: str = field(default="", compare=False)
    parent: Node | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        where = f" in dashboard {self.group}" if self.kind == "panel" else ""
        return f"{self.kind} {self.label}{where}"

    @property
    def label(self) -> str:
        """The name, and the labels if others have the same name."""
        return f"{self.name}{self.labels}"


class Edge(NamedTuple):
    """``end`` reads ``start``, or receives its notifications; perhaps, if that depends on labels that are not known."""

    start: Node
    end: Node
    is_certain: bool = True


@dataclass(frozen=True)
class Graph:
    """Nodes in the order of the artifacts, and edges without repetitions."""

    nodes: Sequence[Node] = ()
    edges: Sequence[Edge] = ()

    @cached_property
    def _below(self) -> dict[Node, list[Edge]]:
        return _by_node(self.edges, lambda edge: edge.start)

    @cached_property
    def _above(self) -> dict[Node, list[Edge]]:
        return _by_node(self.edges, lambda edge: edge.end)

    def inputs(self, node: Node) -> Sequence[Edge]:
        """The edges from what a node reads."""
        return self._above.get(node, ())

    def readers(self, node: Node) -> Sequence[Edge]:
        """The edges to what reads a node."""
        return self._below.get(node, ())

    def named(self, name: str) -> list[Node]:
        """The nodes with a name; of an SLO, also without the name of its service."""
        return [node for node in self.nodes if name in names_of(node)]

    def overview(self, kinds: Iterable[Kind] = ("recording rule", "panel")) -> Graph:
        """The graph with parents in place of nodes of these kinds, if they have one."""
        hidden = {*kinds}

        def displayed(node: Node) -> Node:
            return node.parent if node.parent and node.kind in hidden else node

        ends = (edge._replace(start=displayed(edge.start), end=displayed(edge.end)) for edge in self.edges)
        return graph_of(map(displayed, self.nodes), (edge for edge in ends if edge.start != edge.end))


def graph_of(nodes: Iterable[Node], edges: Iterable[Edge]) -> Graph:
    """A graph without repetitions; of two edges, the certain one."""
    certain: dict[tuple[Node, Node], bool] = {}
    for start, end, is_certain in edges:
        certain[start, end] = certain.get((start, end), False) or is_certain
    unique = (Edge(*ends, is_certain) for ends, is_certain in certain.items())
    return Graph(tuple(dict.fromkeys(nodes)), tuple(unique))


def names_of(node: Node) -> tuple[str, ...]:
    """The names by which a node is found."""
    return (node.name, node.name.rpartition("/")[2]) if node.kind == "slo" else (node.name,)


def groups(nodes: Iterable[Node]) -> Iterator[tuple[str, list[Node]]]:
    """The nodes by group; those without one are in a group with an empty name."""
    by_group: dict[str, list[Node]] = {}
    for node in nodes:
        by_group.setdefault(node.group, []).append(node)
    yield from by_group.items()


def _by_node(edges: Iterable[Edge], end: Callable[[Edge], Node]) -> dict[Node, list[Edge]]:
    result: dict[Node, list[Edge]] = {}
    for edge in edges:
        result.setdefault(end(edge), []).append(edge)
    return result
