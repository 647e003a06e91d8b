"""Every panel type of Grafana: those with a definition in this package, and the others."""

from __future__ import annotations

from collections.abc import Mapping

from obscode.model import panels
from obscode.model.dashboard.panel_kind import PanelKind

#: Types without a definition in obscode. The reader knows them, and a Raw may have them.
OTHER_KINDS = (
    PanelKind("candlestick", "Candlestick", "numbers"),
    PanelKind("trend", "Trend", "numbers"),
    # Angular panels, which Grafana 12 removed; dashboards still have them.
    PanelKind("grafana-piechart-panel", "Pie chart (old)", "numbers"),
    PanelKind("graph", "Graph (old)", "numbers"),
    PanelKind("singlestat", "Singlestat (old)", "numbers"),
    PanelKind("table-old", "Table (old)", "numbers"),
    PanelKind("annolist", "Annotations list", "content", has_fields=False),
    PanelKind("datagrid", "Datagrid", "content"),
    PanelKind("debug", "Debug", "content"),
    PanelKind("gettingstarted", "Getting started", "content"),
    PanelKind("live", "Live", "content"),
    PanelKind("news", "News", "content", has_fields=False),
    PanelKind("row", "Row", "content"),
    PanelKind("welcome", "Welcome", "content"),
)

#: Every panel type, by its name in JSON.
KINDS: Mapping[str, PanelKind] = {
    kind.type: kind
    for kind in (*(value.kind for value in vars(panels).values() if hasattr(value, "kind")), *OTHER_KINDS)
}
