"""A library panel: a reference to a panel that is stored in Grafana."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from obscode.model import constraints
from obscode.model.dashboard import grafana_values
from obscode.model.dashboard.panel import Panel
from obscode.model.dashboard.panel_kind import PanelKind


@dataclass(frozen=True)
class Library(Panel):
    """A library panel, which is stored in Grafana: `panels.Library("Requests", uid="requests")`.

    Grafana creates no library panels from files. A panel that dashboards of obscode share is a Python value.

    Attributes:
        uid: the uid of the library panel.
        name: its name; by default the title.
    """

    _: KW_ONLY
    uid: str = ""
    name: str = ""

    arguments = constraints.constraints(Panel.arguments, uid=grafana_values.library_uid)

    kind = PanelKind("library-panel-ref", "Library panel", "content", has_fields=False)
