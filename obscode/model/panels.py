"""Panels and their parts: the namespace `obscode.panels`."""

from obscode.model.dashboard import AlertList as AlertList
from obscode.model.dashboard import BarGauge as BarGauge
from obscode.model.dashboard import DashboardList as DashboardList
from obscode.model.dashboard import GaugePanel as _GaugePanel
from obscode.model.dashboard import Heatmap as Heatmap
from obscode.model.dashboard import HistogramPanel as _HistogramPanel
from obscode.model.dashboard import Logs as Logs
from obscode.model.dashboard import Override as Override
from obscode.model.dashboard import Panel as Panel
from obscode.model.dashboard import Query as Query
from obscode.model.dashboard import RangeMap as RangeMap
from obscode.model.dashboard import RawPanel as _RawPanel
from obscode.model.dashboard import RegexMap as RegexMap
from obscode.model.dashboard import SpecialMap as SpecialMap
from obscode.model.dashboard import Stat as Stat
from obscode.model.dashboard import StateTimeline as StateTimeline
from obscode.model.dashboard import StatusHistory as StatusHistory
from obscode.model.dashboard import Table as Table
from obscode.model.dashboard import Text as Text
from obscode.model.dashboard import Threshold as Threshold
from obscode.model.dashboard import TimeSeries as TimeSeries
from obscode.model.dashboard import ValueMap as ValueMap

Gauge = _GaugePanel
Histogram = _HistogramPanel
Raw = _RawPanel
