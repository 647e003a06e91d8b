"""Sample documents of the preview page: one panel of each type, with deterministic data."""

from __future__ import annotations

import math
from typing import Any

Json = dict[str, Any]

START = 1_772_000_000_000  # ms; the sample data are the same on every day
STEP = 60_000
COUNT = 240
END = START + STEP * (COUNT - 1)
TIMES = [START + STEP * index for index in range(COUNT)]


def wave(base: float, swing: float, phase: float = 0.0) -> list[float]:
    """A smooth curve with a bump in its second half, as an incident has."""
    bump = [math.exp(-(((index - 160) / 12) ** 2)) for index in range(COUNT)]
    return [round(base + swing * math.sin(index / 30 + phase) + 2 * swing * bump[index], 6) for index in range(COUNT)]


def series(name: str, values: list[Any], ref: str = "A", labels: Json | None = None) -> Json:
    """A frame of format time_series."""
    value = {"name": "Value", "type": "number", "labels": labels or {"name": name}, "values": values}
    value["config"] = {"displayNameFromDS": name}
    time = {"name": "Time", "type": "time", "values": {"from": START, "step": STEP, "count": COUNT}}
    return {"refId": ref, "name": "", "fields": [time, value], "meta": {"type": "timeseries-multi"}}


def table(columns: Json, ref: str = "A") -> Json:
    """A frame of format table: columns by name."""
    fields = [{"name": name, "type": _type(values), "config": {}, "values": values} for name, values in columns.items()]
    return {"refId": ref, "name": "", "fields": fields, "meta": {"type": "table"}}


def _type(values: list[Any]) -> str:
    return "number" if all(isinstance(value, int | float) or value is None for value in values) else "string"


def panel(key: str, type_: str, title: str, frames: list[Json], **settings: Any) -> Json:
    """A panel of a view. Settings: options, defaults, overrides, transformations, grid, and keys of the entry."""
    entry = settings.pop("entry", {})
    content = {
        "id": int(key),
        "type": type_,
        "title": title,
        "gridPos": settings.pop("grid", {"x": 0, "y": 0, "w": 12, "h": 8}),
        "options": settings.pop("options", {}),
        "fieldConfig": {"defaults": settings.pop("defaults", {}), "overrides": settings.pop("overrides", [])},
        **settings,
    }
    return {
        "key": key, "panel": content, "from": START, "to": END, "interval": STEP, "scopedVars": {}, "frames": frames,
        "errors": [], "undrawable": None, **entry,
    }  # fmt: skip


def document(panels: list[Json], **more: Any) -> Json:
    view = {
        "label": "normal day", "scenario": "normal day", "variables": [], "time": {"from": START, "to": END},
        "panels": panels, "alerts": [], "selects": {}, **more.pop("view", {}),
    }  # fmt: skip
    dashboard = {"title": "Samples", "uid": "samples", "description": "", "tags": [], "timezone": "utc"}
    return {
        "dashboard": dashboard,
        "href": "samples.html",
        "index": "index.html",
        "views": [view],
        "before": None,
        **more,
    }


SERIES = [series("checkout", wave(120, 30)), series("cart", wave(80, 20, 1)), series("search", wave(40, 10, 2))]
STATES = [series("a", [0 if 60 < index < 90 else 1 for index in range(COUNT)]), series("b", [1] * COUNT)]
COUNTS = table({"service": ["checkout", "cart", "search"], "errors": [3, 5, 1], "warnings": [1, 2, 3]})
POINTS = table({"x": [1, 2, 3, 4], "y": [3, 1, 4, 1], "z": [2, 7, 1, 8]})
BUCKETS = {
    "refId": "A", "name": "", "meta": {"type": "heatmap-rows"},
    "fields": [
        {"name": "Time", "type": "time", "values": {"from": START, "step": STEP, "count": COUNT}},
        *({"name": le, "type": "number", "values": wave(20, 10)} for le in ("0.1", "1", "+Inf")),
    ],
}  # fmt: skip
LINES = {
    "refId": "A", "name": "", "meta": {"type": "log-lines"},
    "fields": [
        {"name": "Time", "type": "time", "values": TIMES[:2]},
        {"name": "Line", "type": "string", "values": ["level=info msg=started", "level=error msg=failed"]},
    ],
}  # fmt: skip

# Each type of panel with data that it can draw.
DRAWABLE: dict[str, list[Json]] = {
    "timeseries": SERIES,
    "stat": SERIES,
    "gauge": SERIES,
    "bargauge": SERIES,
    "table": [COUNTS],
    "heatmap": [BUCKETS],
    "histogram": SERIES,
    "state-timeline": STATES,
    "status-history": STATES,
    "piechart": SERIES,
    "barchart": [COUNTS],
    "xychart": [POINTS],
    "logs": [LINES],
    "text": [],
    "trend": SERIES,
    "candlestick": SERIES,
}
# Types that the page names with a reason.
NAMED = [
    "geomap",
    "nodeGraph",
    "traces",
    "flamegraph",
    "canvas",
    "dashlist",
    "news",
    "annolist",
    "grafana-polystat-panel",
]


def every_panel() -> list[Json]:
    """A panel of each type, three in a line, the named ones in a row that is open."""
    panels = []
    for index, (type_, frames) in enumerate(DRAWABLE.items()):
        grid = {"x": index % 3 * 8, "y": index // 3 * 8, "w": 8, "h": 8}
        options = {"content": "# Heading"} if type_ == "text" else {}
        panels.append(panel(str(index + 1), type_, type_, frames, grid=grid, options=options))
    bottom = (len(DRAWABLE) + 2) // 3 * 8
    panels.append(panel("100", "row", "Not drawable", [], grid={"x": 0, "y": bottom, "w": 24, "h": 1}))
    for index, type_ in enumerate(NAMED):
        grid = {"x": index % 6 * 4, "y": bottom + 1 + index // 6 * 5, "w": 4, "h": 5}
        panels.append(panel(str(101 + index), type_, type_, [], grid=grid))
    return panels
