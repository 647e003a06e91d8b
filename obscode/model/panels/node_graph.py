"""The panel type `nodeGraph`: nodes and the edges between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Literal

from obscode.model import constraints
from obscode.model.dashboard import grafana_values
from obscode.model.dashboard.panel_kind import PanelKind
from obscode.model.dashboard.query import DataQuery, Query
from obscode.model.dashboard.record_panel import RecordPanel
from obscode.model.dashboard.units import validate_unit


@dataclass(frozen=True)
class NodeGraph(RecordPanel):
    """Nodes and the edges between them: by default the service graph of Tempo.

    A query that is a text filters the service graph: `{client="shop"}`. Other queries return two tables, the nodes with
    `id` and `title`, the edges with `id`, `source` and `target`.

    Attributes:
        arcs: colors of the circle around a node, by the field with its share: `{"arc__failed": "red"}`.
        node_unit: the unit of the main number of a node.
        node_second_unit: the unit of its second number.
        edge_unit: the unit of the main number of an edge.
        edge_second_unit: the unit of its second number.
        layout: "layered", "force" or "grid".
        zoom: "cooperative" zooms with a modifier key, "greedy" always.
    """

    queries: str | Query | DataQuery | Sequence[str | Query | DataQuery] = "{}"
    _: KW_ONLY
    arcs: Mapping[str, str] = field(default_factory=dict)
    node_unit: str = ""
    node_second_unit: str = ""
    edge_unit: str = ""
    edge_second_unit: str = ""
    layout: Literal["layered", "force", "grid"] = "layered"
    zoom: Literal["cooperative", "greedy"] = "cooperative"

    arguments = constraints.constraints(
        RecordPanel.arguments,
        node_unit=validate_unit,
        node_second_unit=validate_unit,
        edge_unit=validate_unit,
        edge_second_unit=validate_unit,
        arcs=grafana_values.colors_by_name,
    )

    kind = PanelKind("nodeGraph", "Node graph", "records")
    size = (24, 14)
    language = "a filter such as '{client=\"shop\"}'"

    def query_of(self, text: str) -> DataQuery:
        settings = {"queryType": "serviceMap", "serviceMapQuery": text.strip()}
        return DataQuery("tempo", settings, datasource=self.datasource)
