"""Panels and their parts: the namespace `obscode.panels`.

A new kind of panel is a module here with a line below, and its writer: the module of the same name in
`obscode/compiler/grafana/panels/`.
"""

from obscode.model.dashboard.display import Override as Override
from obscode.model.dashboard.display import RangeMap as RangeMap
from obscode.model.dashboard.display import RegexMap as RegexMap
from obscode.model.dashboard.display import SpecialMap as SpecialMap
from obscode.model.dashboard.display import Threshold as Threshold
from obscode.model.dashboard.display import ValueMap as ValueMap
from obscode.model.dashboard.panel import Panel as Panel
from obscode.model.dashboard.query import DataQuery as DataQuery
from obscode.model.dashboard.query import Query as Query
from obscode.model.panels.alert_list import AlertList as AlertList
from obscode.model.panels.bar_chart import BarChart as BarChart
from obscode.model.panels.bar_gauge import BarGauge as BarGauge
from obscode.model.panels.canvas import Canvas as Canvas
from obscode.model.panels.dashboard_list import DashboardList as DashboardList
from obscode.model.panels.flame_graph import FlameGraph as FlameGraph
from obscode.model.panels.gauge import Gauge as Gauge
from obscode.model.panels.geomap import Geomap as Geomap
from obscode.model.panels.heatmap import Heatmap as Heatmap
from obscode.model.panels.histogram import Histogram as Histogram
from obscode.model.panels.library import Library as Library
from obscode.model.panels.logs import Logs as Logs
from obscode.model.panels.node_graph import NodeGraph as NodeGraph
from obscode.model.panels.pie_chart import PieChart as PieChart
from obscode.model.panels.raw import Raw as Raw
from obscode.model.panels.stat import Stat as Stat
from obscode.model.panels.state_timeline import StateTimeline as StateTimeline
from obscode.model.panels.status_history import StatusHistory as StatusHistory
from obscode.model.panels.table import Table as Table
from obscode.model.panels.text import Text as Text
from obscode.model.panels.time_series import TimeSeries as TimeSeries
from obscode.model.panels.traces import Traces as Traces
from obscode.model.panels.xy_chart import XYChart as XYChart
