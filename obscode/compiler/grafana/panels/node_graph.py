"""Writes the panel type `nodeGraph`."""

from __future__ import annotations

from obscode.compiler.grafana.json_parts import Json
from obscode.compiler.grafana.writer import PanelWriter, record_panel
from obscode.model.panels.node_graph import NodeGraph

OPTIONS: Json = {"nodes": {}, "edges": {}, "layoutAlgorithm": "layered", "zoomMode": "cooperative"}


def write(panel: NodeGraph) -> Json:
    arcs = [{"field": name, "color": color} for name, color in panel.arcs.items()]
    nodes = {"mainStatUnit": panel.node_unit, "secondaryStatUnit": panel.node_second_unit, "arcs": arcs}
    edges = {"mainStatUnit": panel.edge_unit, "secondaryStatUnit": panel.edge_second_unit}
    options = {
        "nodes": {name: value for name, value in nodes.items() if value},
        "edges": {name: value for name, value in edges.items() if value},
        "layoutAlgorithm": panel.layout,
        "zoomMode": panel.zoom,
    }
    return record_panel(panel, options, instant_tables=True)


WRITER = PanelWriter(NodeGraph, OPTIONS, write)
