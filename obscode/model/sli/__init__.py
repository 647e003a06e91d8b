"""Service level indicators: the namespace `obscode.sli`. A new kind is one file and one line here."""

from obscode.model.sli.base import SLI as SLI
from obscode.model.sli.base import Events as Events
from obscode.model.sli.errors_and_latency import ErrorsAndLatency as ErrorsAndLatency
from obscode.model.sli.free_query import FreeQuery as FreeQuery
from obscode.model.sli.freshness import Freshness as Freshness
from obscode.model.sli.latency import Latency as Latency
from obscode.model.sli.native_latency import NativeLatency as NativeLatency
from obscode.model.sli.ratio import Ratio as Ratio
from obscode.model.sli.raw_ratio import RawRatio as RawRatio
from obscode.model.sli.time_slice import TimeSlice as TimeSlice
from obscode.model.sli.uptime import Uptime as Uptime
