"""The panel type `canvas`: elements at fixed places, with values of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from obscode.model import constraints
from obscode.model.dashboard.panel import QueryPanel
from obscode.model.dashboard.panel_kind import PanelKind
from obscode.model.dashboard.query import DataQuery, Query


@dataclass(frozen=True)
class Canvas(QueryPanel):
    """Elements at fixed places, such as texts, icons and rectangles, with the current values of queries.

    Attributes:
        elements: the elements as in the JSON of the panel: `{"type": "rectangle", "name": "Database", ...}`.
        pan_zoom: let readers pan and zoom.
        fit: zoom to the elements.
    """

    queries: str | Query | DataQuery | Sequence[str | Query | DataQuery] = ()
    _: KW_ONLY
    elements: Sequence[Mapping[str, Any]] = ()
    pan_zoom: bool = False
    fit: bool = False

    arguments = constraints.constraints(QueryPanel.arguments, elements=constraints.json_serialisable)

    kind = PanelKind("canvas", "Canvas", "records", thresholds="color")
    size = (24, 12)
    needs_query = False
    has_unit = False
