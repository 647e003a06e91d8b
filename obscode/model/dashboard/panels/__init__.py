"""The kinds of panels, one module each. A new kind is a module here, its line below, and its writer.

The writer, a module of the same name in `obscode/compiler/grafana/panels/`, turns the definition into JSON.
"""

from obscode.model.dashboard.panel_kind import OTHER_KINDS, PanelKind
from obscode.model.dashboard.panels.alert_list import AlertList
from obscode.model.dashboard.panels.bar_gauge import BarGauge
from obscode.model.dashboard.panels.dashboard_list import DashboardList
from obscode.model.dashboard.panels.gauge import GaugePanel
from obscode.model.dashboard.panels.heatmap import Heatmap
from obscode.model.dashboard.panels.histogram import HistogramPanel
from obscode.model.dashboard.panels.logs import Logs
from obscode.model.dashboard.panels.raw import RawPanel
from obscode.model.dashboard.panels.stat import Stat
from obscode.model.dashboard.panels.state_timeline import StateTimeline
from obscode.model.dashboard.panels.status_history import StatusHistory
from obscode.model.dashboard.panels.table import Table
from obscode.model.dashboard.panels.text import Text
from obscode.model.dashboard.panels.time_series import TimeSeries

__all__ = [
    "AlertList",
    "BarGauge",
    "DashboardList",
    "GaugePanel",
    "Heatmap",
    "HistogramPanel",
    "Logs",
    "RawPanel",
    "Stat",
    "StateTimeline",
    "StatusHistory",
    "Table",
    "Text",
    "TimeSeries",
]

_DEFINITIONS = [globals()[name] for name in __all__]

#: Every panel type of Grafana, by its name in JSON: those with a definition here, and the others.
KINDS: dict[str, PanelKind] = {
    kind.type: kind for kind in (*(cls.kind for cls in _DEFINITIONS if hasattr(cls, "kind")), *OTHER_KINDS)
}
