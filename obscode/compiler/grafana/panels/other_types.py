"""The options of panel types without a definition in obscode, at their defaults, as in @grafana/schema 13.2.3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from obscode.compiler.grafana.writer import LEGEND, TOOLTIP

OTHER_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "candlestick": {
        "mode": "candles+volume",
        "candleStyle": "candles",
        "colorStrategy": "open-close",
        "colors": {"up": "green", "down": "red", "flat": "gray"},
        "fields": {},
        "includeAllFields": False,
        "legend": LEGEND,
        "tooltip": TOOLTIP,
    },
    "trend": {"legend": LEGEND, "tooltip": TOOLTIP},
    "annolist": {
        "limit": 10,
        "tags": [],
        "onlyFromThisDashboard": False,
        "onlyInTimeRange": False,
        "navigateToPanel": True,
        "navigateBefore": "10m",
        "navigateAfter": "10m",
        "showTags": True,
        "showTime": True,
        "showUser": True,
    },
    "news": {"showImage": True},
}
