"""The panel type `dashlist`: links to dashboards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from obscode.model import constraints
from obscode.model.dashboard.panel import Panel
from obscode.model.dashboard.panel_kind import PanelKind


@dataclass(frozen=True)
class DashboardList(Panel):
    """Links to the dashboards that have all of the tags.

    Attributes:
        tags: the tags; all dashboards by default.
        query: a part of the dashboard's title.
        limit: the greatest number of dashboards, 1 to 1000.
        starred: list the reader's starred dashboards, too.
        keep_time: keep the time range in the links.
        keep_variables: keep the variables in the links.
    """

    tags: Sequence[str] = ()
    _: KW_ONLY
    query: str = ""
    limit: int = 10
    starred: bool = False
    keep_time: bool = True
    keep_variables: bool = True

    arguments = constraints.constraints(Panel.arguments, limit=constraints.int_between(1, 1000))
    items = constraints.constraints(Panel.items, tags=constraints.non_empty)

    kind = PanelKind("dashlist", "Dashboard list", "content", has_fields=False)
