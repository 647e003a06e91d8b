"""Definitions for well-known programs: the namespace `obscode.presets`. A new one is one file and one line here."""

from obscode.presets.alertmanager import alertmanager as alertmanager
from obscode.presets.prometheus import prometheus as prometheus
from obscode.presets.prometheus import watchdog as watchdog
